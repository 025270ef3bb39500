//! What an invoice says, and that it says the same for ever.

use portico::db::DbError;
use portico::ids::{InvoiceId, OrderId};
use portico::invoices::invoice::{self, Kind};
use portico::invoices::listing;
use rstest::rstest;
use rstest_reuse::apply;

use super::{bill, buyer, issue_in, seller};
use crate::support::{Persona, Portal, on_both, sources};

#[apply(on_both)]
fn an_invoice_is_a_copy_of_what_it_was_made_of(#[case] portal: &Portal) {
    let bill = bill(&[("Mapper, Yearly", 2, 99_000), ("500 credits", 1, 12_345)]);
    let rows = portal.recorded(|| {
        let issued = portal.invoice(&bill);
        assert_eq!(portal.stored_invoice(&issued.id), Some(issued.clone()));
        assert_eq!((issued.kind, issued.number.as_str(), &issued.bill), (Kind::Invoice, "I-2026-000001", &bill));
        assert_eq!((issued.seller, issued.buyer), (seller(), buyer()));
        assert_eq!((issued.issued_at, issued.paid_by.as_str()), (portal.app.now(), "Visa ending in 4242"));
        assert_eq!((issued.invoice_id, issued.reason.as_str()), (None, ""));
    });
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((row.action.as_str(), row.subject_name.as_str()), ("invoice.issued", "I-2026-000001"));
    assert!(row.after.contains("CHF 2,273.83"), "{}", row.after);
}

#[apply(on_both)]
fn an_order_has_one_invoice(#[case] portal: &Portal) {
    let (organization, order) = (portal.organization_id(), OrderId::new(portal.app.now()));
    let bill = bill(&[("Mapper, Yearly", 1, 99_000)]);
    let issue = || portal.app.write_now(|tx| issue_in(tx, &organization, &order, &bill));
    issue().expect("the first one is issued");
    issue().expect_err("the second one is not");
    assert_eq!(portal.numbers_of(Kind::Invoice), ["I-2026-000001"]);
    assert_eq!(portal.invoice(&bill).number, "I-2026-000002", "the number of what was refused is taken by the next");
}

#[apply(on_both)]
fn what_belongs_to_another_organization_is_not_there(#[case] portal: &Portal) {
    let issued = portal.invoice(&bill(&[("Mapper, Yearly", 1, 99_000)]));
    let outsider = portal.scope_of(&Persona::Outsider.email(), "elsewhere");
    let (found, listed) = portal
        .app
        .db
        .read::<_, DbError>(|connection| {
            let found = invoice::find(connection, &outsider, &issued.id)?;
            Ok((found, listing::of_order(connection, &outsider, &issued.order_id)?))
        })
        .expect("an answer");
    assert_eq!((found, listed), (None, Vec::new()));
    assert_eq!(portal.stored_invoice(&InvoiceId::new(portal.app.now())), None);
}

#[apply(on_both)]
fn an_order_finds_its_documents(#[case] portal: &Portal) {
    let bill = bill(&[("Mapper, Yearly", 1, 99_000)]);
    let [one, two] = std::array::from_fn(|_| portal.invoice(&bill));
    let note = portal.credit_note(&one.id, Some(100));
    let scope = portal.scope(Persona::Owner);
    let of = |order: &OrderId| portal.app.db.read(|connection| listing::of_order(connection, &scope, order));
    let listed = of(&one.order_id).expect("an answer");
    let found: Vec<_> = listed.iter().map(|row| (&row.order_id, row.number.as_str(), row.kind, row.total)).collect();
    let expected = [
        (&one.order_id, one.number.as_str(), Kind::Invoice, one.bill.total),
        (&one.order_id, note.number.as_str(), Kind::CreditNote, -100),
    ];
    assert_eq!(found, expected);
    assert_eq!(of(&two.order_id).expect("an answer").len(), 1);
    assert_eq!(of(&OrderId::new(portal.app.now())).expect("an answer"), []);
}

/// Nothing in the program can: there is neither an update nor a removal of these rows.
#[test]
fn what_was_issued_is_never_changed() {
    let mut seen = 0;
    for (path, text) in sources("src", "rs") {
        let squeezed: String = text.split_whitespace().collect();
        seen += usize::from(squeezed.contains("insert_into(invoices::table)"));
        for change in ["update(invoices", "delete(invoices", "UPDATEinvoices", "DELETEFROMinvoices"] {
            assert!(!squeezed.contains(change), "{path}: {change}");
        }
        assert!(!squeezed.contains("table_name=invoices") || !squeezed.contains("AsChangeset"), "{path}");
    }
    assert_eq!(seen, 1, "one place writes them");
}
