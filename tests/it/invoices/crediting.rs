//! Taking invoices back, whole and in parts.

use portico::ids::InvoiceId;
use portico::invoices::credit::Credit;
use portico::invoices::invoice::Kind;
use rstest::rstest;
use rstest_reuse::apply;

use super::{bill, credit_in};
use crate::support::{Portal, all_at_once, on_both};

#[apply(on_both)]
fn a_credit_note_mirrors_its_invoice(#[case] portal: &Portal) {
    let invoice = portal.invoice(&bill(&[("Mapper, Yearly", 2, 99_000), ("500 credits", 1, 12_345)]));
    let rows = portal.recorded(|| {
        let note = portal.credit_note(&invoice.id, None);
        assert_eq!((note.kind, note.number.as_str()), (Kind::CreditNote, "C-2026-000001"));
        assert_eq!((note.invoice_id.as_ref(), note.reason.as_str()), (Some(&invoice.id), "Bought by mistake"));
        let (of, back) = (&invoice.bill, &note.bill);
        assert_eq!((back.net, back.tax, back.total), (-of.net, -of.tax, -of.total));
        let amounts: Vec<_> = back.lines.iter().map(|line| (line.quantity, line.unit_price, line.amount)).collect();
        assert_eq!(amounts, [(2, -99_000, -198_000), (1, -12_345, -12_345)]);
        assert_eq!((&note.order_id, &note.seller, &note.buyer), (&invoice.order_id, &invoice.seller, &invoice.buyer));
        assert_eq!(portal.stored_invoice(&note.id), Some(note));
    });
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((row.action.as_str(), row.subject_name.as_str()), ("invoice.credited", "C-2026-000001"));
    assert!(row.after.contains("I-2026-000001") && row.after.contains("Bought by mistake"), "{}", row.after);
    assert_eq!(portal.stored_invoice(&invoice.id), Some(invoice), "the invoice is as it was");
}

#[apply(on_both)]
fn parts_add_up_to_the_invoice_whatever_they_are(#[case] portal: &Portal) {
    for parts in [&[1, 1, 1][..], &[33, 33], &[107, 1], &[54, 27, 13, 7], &[108], &[]] {
        // 1.00 and 0.08 of tax.
        let invoice = portal.invoice(&bill(&[("Mapper, Monthly", 1, 100)]));
        let mut notes: Vec<_> = parts.iter().map(|part| portal.credit_note(&invoice.id, Some(*part))).collect();
        if parts.iter().sum::<i64>() < invoice.bill.total {
            notes.push(portal.credit_note(&invoice.id, None));
        }
        let sum = |amount: fn(&portico::billing::bill::Bill) -> i64| -> i64 {
            notes.iter().map(|note| amount(&note.bill)).sum()
        };
        let sums = (sum(|bill| bill.net), sum(|bill| bill.tax), sum(|bill| bill.total));
        assert_eq!(sums, (-100, -8, -108), "{parts:?}");
        for note in &notes {
            assert!(note.bill.net <= 0 && note.bill.tax <= 0, "{parts:?}: {:?}", note.bill);
            let lines: i64 = note.bill.lines.iter().map(|line| line.amount).sum();
            assert_eq!((lines, note.bill.net + note.bill.tax), (note.bill.net, note.bill.total));
        }
        assert_eq!(portal.credit(&invoice.id, Some(1)), Credit::NotSoMuch { left: 0 });
        assert_eq!(portal.credit(&invoice.id, None), Credit::NotSoMuch { left: 0 });
    }
}

#[apply(on_both)]
fn no_more_is_credited_than_was_invoiced(#[case] portal: &Portal) {
    let invoice = portal.invoice(&bill(&[("Mapper, Monthly", 1, 10_000)]));
    for total in [0, -1, 10_811, i64::MAX, i64::MIN] {
        assert_eq!(portal.credit(&invoice.id, Some(total)), Credit::NotSoMuch { left: 10_810 }, "{total}");
    }
    let note = portal.credit_note(&invoice.id, Some(10_000));
    assert_eq!(portal.credit(&invoice.id, Some(811)), Credit::NotSoMuch { left: 810 });
    assert_eq!(portal.credit(&note.id, None), Credit::Unknown, "a credit note is not taken back");
    assert_eq!(portal.credit(&InvoiceId::new(portal.app.now()), None), Credit::Unknown);
    let nothing = portal.invoice(&bill(&[("Mapper, Trial", 1, 0)]));
    assert_eq!(portal.credit(&nothing.id, None), Credit::NotSoMuch { left: 0 });
    assert_eq!(portal.numbers_of(Kind::CreditNote).len(), 1);
}

#[apply(on_both)]
fn of_many_who_take_back_what_is_left_one_does(#[case] portal: &Portal) {
    let invoice = portal.invoice(&bill(&[("Mapper, Monthly", 1, 10_000)]));
    let organization = portal.organization_id();
    let outcomes = all_at_once(50, |number| {
        let total = (number % 2 == 0).then_some(10_810);
        super::numbers::until_done(|| portal.app.write_now(|tx| credit_in(tx, &organization, &invoice.id, total)))
    });
    let credited = outcomes.iter().filter(|outcome| matches!(outcome, Credit::Credited(_))).count();
    let refused = outcomes.iter().filter(|outcome| **outcome == Credit::NotSoMuch { left: 0 }).count();
    assert_eq!((credited, refused), (1, 49));
    assert_eq!(portal.numbers_of(Kind::CreditNote), ["C-2026-000001"]);
}
