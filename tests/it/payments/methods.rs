//! What an Organization pays with: kept on a page of the provider, shown, replaced, removed.

use chrono::Duration;
use diesel::prelude::*;
use portico::background;
use portico::db::DbError;
use portico::ids::PaymentId;
use portico::licences::terms::Term;
use portico::money::{Currency, Money};
use portico::payments::method_pages::settle;
use portico::payments::methods::{self, Kept, PaymentMethod, Remove};
use portico::payments::provider::{Charge, Event, Method, NewCharge, News, ProviderKind, ShownMethod};
use portico::schema::jobs;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{
    Answer, Browser, Database, Persona, Portal, SLUG, acme, all_at_once, at_once, on_both, on_each_database,
};

fn kept(portal: &Portal) -> Option<PaymentMethod> {
    let organization = portal.organization_id();
    portal.app.db.read::<_, DbError>(|connection| methods::of(connection, &organization)).expect("it is read")
}

/// Opens the page of the sandbox, and answers its path.
fn open(browser: &Browser) -> String {
    let answer = browser.post(&acme("/plans/payment-method/open"), &[]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location().to_owned()
}

/// Keeps a card there, and comes back.
fn keep(browser: &Browser, page: &str, card: &str) -> Answer {
    let answer = browser.post(page, &[("act", "pay"), ("card", card)]);
    assert_eq!((answer.status, answer.location()), (303, acme("/plans/payment-method/return").as_str()));
    let back = browser.get(answer.location());
    assert_eq!((back.status, back.location()), (303, acme("/plans/payment-method").as_str()));
    browser.follow(back)
}

fn run_jobs(portal: &Portal) {
    background::runner(&portal.app).run_due().expect("the jobs are done");
}

/// Loses the events that were not delivered yet.
fn lose_events(portal: &Portal) {
    let events = jobs::table.filter(jobs::kind.eq("deliver sandbox event"));
    let lost = portal.app.write_now::<_, DbError>(|tx| Ok(diesel::delete(events).execute(tx.connection)?));
    assert_ne!(lost.expect("they are lost"), 0);
}

fn remove(browser: &Browser, method: &str) -> Answer {
    let answer = browser.post(&acme("/plans/payment-method/remove"), &[("method", method)]);
    assert_eq!((answer.status, answer.location()), (303, acme("/plans/payment-method").as_str()));
    browser.follow(answer)
}

fn charge(portal: &Portal, method: &PaymentMethod) -> Charge {
    let new = NewCharge {
        payment: PaymentId::new(portal.app.now()),
        customer: method.customer.clone(),
        method: method.method.clone(),
        amount: Money { minor: 1_000, currency: Currency::Chf },
        description: "Renewal".to_owned(),
    };
    portal.provider().charge(&new).expect("an answer")
}

/// A method as a provider tells of it.
fn method(id: &str) -> Method {
    let shown = ShownMethod { brand: "Visa".to_owned(), last_four: "4242".to_owned(), expires: Some((2029, 12)) };
    Method { customer: "cus_1".to_owned(), id: id.to_owned(), shown }
}

#[apply(on_both)]
fn an_owner_adds_one_and_comes_back(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    let before = browser.get(&acme("/plans/payment-method"));
    assert!(before.text().contains("No payment method") && before.text().contains("Add payment method"));
    assert!(
        browser.get(&acme("/plans")).html().attributes("a.button", "href").contains(&acme("/plans/payment-method"))
    );
    let page = open(&browser);
    // Whoever goes back without one is told so.
    let back = browser.get(&acme("/plans/payment-method/return"));
    assert!(browser.follow(back).text().contains("No payment method was kept."));
    let recorded = portal.recorded(|| {
        let after = keep(&browser, &page, "good");
        for words in ["Visa ending in 4242 is kept.", "end of December 2029", "by Olga Tester", "Replace", "Remove"] {
            assert!(after.text().contains(words), "{words}: {}", after.text());
        }
    });
    let rows: Vec<_> = recorded.iter().map(|row| (row.action.as_str(), row.subject_name.as_str())).collect();
    assert_eq!(rows, [("payment.method.kept", "Visa ending in 4242")]);
    // Coming back once more, or the job that looks: it is taken once.
    let again = portal.recorded(|| {
        browser.get(&acme("/plans/payment-method/return"));
        portal.later(Duration::minutes(11));
        run_jobs(portal);
    });
    assert_eq!(again.len(), 0);
}

#[apply(on_both)]
fn who_does_not_come_back_has_kept_it_all_the_same(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    let page = open(&browser);
    assert_eq!(browser.post(&page, &[("act", "pay"), ("card", "good")]).status, 303);
    lose_events(portal);
    run_jobs(portal);
    assert_eq!(kept(portal), None, "whoever is on the way back comes first");
    portal.later(Duration::minutes(11));
    run_jobs(portal);
    assert_eq!(kept(portal).expect("the job has looked").kept_by, "Olga Tester");
}

#[apply(on_both)]
fn what_was_removed_does_not_come_back_with_a_late_event(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    let page = open(&browser);
    keep(&browser, &page, "good");
    let session = page.rsplit('/').next().expect("a path").to_owned();
    let Some(PaymentMethod { method: id, .. }) = kept(portal) else { panic!("it is kept") };
    let text = remove(&browser, &id).text();
    assert!(text.contains("Removed. Nothing is charged any more"), "{text}");
    let event = Event { id: "evt_late".to_owned(), news: News::MethodKept { session, method: method(&id) } };
    let told = portal.app.write_now(|tx| background::receive(tx, ProviderKind::Sandbox, &event));
    told.expect("it is taken");
    assert_eq!(kept(portal), None);
}

#[apply(on_both)]
fn the_provider_forgets_what_was_replaced_or_removed(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    keep(&browser, &open(&browser), "good");
    let first = kept(portal).expect("it is kept");
    let replaced = keep(&browser, &open(&browser), "declined_later");
    assert!(replaced.text().contains("Visa ending in 0341 is kept."), "{}", replaced.text());
    let second = kept(portal).expect("it is kept");
    assert_eq!(first.customer, second.customer, "the Organization is known under one name");
    assert!(matches!(charge(portal, &first), Charge::Paid(_)), "until the provider is told");
    run_jobs(portal);
    let gone = Charge::Declined { reason: "The payment method was removed.".to_owned() };
    assert_eq!(charge(portal, &first), gone);
    // A form of before names another one than is kept now.
    assert!(remove(&browser, &first.method).text().contains("Another payment method was kept meanwhile."));
    assert_eq!(kept(portal), Some(second.clone()));
    remove(&browser, &second.method);
    assert_eq!(kept(portal), None);
    run_jobs(portal);
    assert_eq!(charge(portal, &second), gone);
    assert!(remove(&browser, &second.method).text().contains("There is no payment method."));
    let actions: Vec<String> = portal.actions().into_iter().filter(|action| action.starts_with("payment.")).collect();
    assert_eq!(actions, ["payment.method.kept", "payment.method.kept", "payment.method.removed"]);
}

#[apply(on_both)]
fn what_removing_means_is_said_before(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 5, 269_000);
    let given = portal.licence(Term::Yearly, 5);
    let browser = portal.signed_in(Persona::Owner);
    let nothing = browser.get(&acme("/plans/payment-method/remove"));
    assert!(nothing.text().contains("There is no payment method to remove."));
    keep(&browser, &open(&browser), "good");
    let page = browser.get(&acme("/plans/payment-method/remove"));
    for words in ["The licences below are not charged any more.", "Auto top-up, which is off", "is not stopped"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let links = page.html().attributes("#main section a", "href");
    assert!(links.contains(&format!("/organizations/{SLUG}/plans/{licence}")), "{links:?}");
    assert!(!links.contains(&format!("/organizations/{SLUG}/plans/{given}")), "nothing was charged for it: {links:?}");
}

#[apply(on_both)]
fn a_card_that_ends_is_said_to(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    keep(&browser, &open(&browser), "good");
    let page = |days| {
        portal.later(Duration::days(days));
        let browser = portal.signed_in(Persona::Owner);
        browser.get(&acme("/plans/payment-method")).text()
    };
    // It is good through 31 December 2029; the tests begin on 23 November 2026.
    let early = page(1_070);
    assert!(!early.contains("It expires soon") && !early.contains("It has expired"), "{early}");
    assert!(page(20).contains("It expires soon"));
    assert!(page(44).contains("It expires soon"), "on its last day");
    assert!(page(1).contains("It has expired"));
}

#[apply(on_both)]
fn eight_tell_of_one_page_and_it_is_kept_once(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    let page = open(&browser);
    let session = page.rsplit('/').next().expect("a path").to_owned();
    let outcomes = all_at_once(8, |_| {
        let settled = portal.app.write_now(|tx| settle(tx, ProviderKind::Sandbox, &session, &method("pm_1")));
        settled.expect("an answer")
    });
    assert_eq!(outcomes.iter().filter(|kept| **kept == Some(Kept::New)).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|kept| kept.is_none()).count(), 7);
}

#[apply(on_both)]
fn two_remove_it_and_one_has(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    keep(&browser, &open(&browser), "good");
    let (owner, id) = (portal.scope(Persona::Owner), kept(portal).expect("it is kept").method);
    let remove = || portal.app.write_now::<_, DbError>(|tx| methods::remove(tx, &owner, &id)).expect("an answer");
    let mut outcomes = <[Remove; 2]>::from(at_once(remove, remove));
    outcomes.sort_by_key(|outcome| *outcome == Remove::Nothing);
    assert_eq!(outcomes, [Remove::Removed, Remove::Nothing]);
    let manager = portal.scope(Persona::Manager);
    let refused = portal.app.write_now::<_, DbError>(|tx| methods::remove(tx, &manager, &id));
    assert_eq!(refused.expect("an answer"), Remove::NotAllowed);
}

#[apply(on_both)]
fn a_charge_in_flight_ends_as_the_provider_says_whenever_the_method_is_removed(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    keep(&browser, &open(&browser), "good");
    let held = kept(portal).expect("it is kept");
    let owner = portal.scope(Persona::Owner);
    let (charged, removed) = at_once(
        || charge(portal, &held),
        || {
            let removed = portal.app.write_now::<_, DbError>(|tx| methods::remove(tx, &owner, &held.method));
            run_jobs(portal);
            removed.expect("an answer")
        },
    );
    assert_eq!(removed, Remove::Removed);
    let gone = Charge::Declined { reason: "The payment method was removed.".to_owned() };
    assert!(matches!(charged, Charge::Paid(_)) || charged == gone, "{charged:?}");
    assert_eq!(charge(portal, &held), gone);
}

#[apply(on_each_database)]
fn one_account_opens_so_many_pages(#[case] database: Database) {
    let portal = database.portal_with(|_| {});
    let browser = portal.signed_in(Persona::Owner);
    for _ in 0..30 {
        open(&browser);
    }
    let answer = browser.post(&acme("/plans/payment-method/open"), &[]);
    assert_eq!(answer.status, 429);
    portal.later(Duration::hours(1));
    open(&browser);
}

#[test]
fn without_anybody_who_takes_payments_nothing_is_kept() {
    let portal = Portal::on_sqlite_with(|config| config.payments = None);
    let browser = portal.signed_in(Persona::Owner);
    let page = browser.get(&acme("/plans/payment-method"));
    assert!(page.text().contains("Nothing can be bought in this portal"), "{}", page.text());
    assert_eq!(page.html().attributes("#main form", "action"), Vec::<String>::new());
    let answer = browser.post(&acme("/plans/payment-method/open"), &[]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Nobody takes payments here"));
}

#[test]
fn a_provider_that_is_away_is_said_to_be_and_nothing_is_changed() {
    // Nobody listens there.
    let portal = Database::Sqlite.portal_with_stripe("http://127.0.0.1:1");
    let browser = portal.signed_in(Persona::Owner);
    let answer = browser.post(&acme("/plans/payment-method/open"), &[]);
    assert_eq!((answer.status, answer.header("retry-after")), (503, "10"));
    assert!(answer.text().contains("The payment provider cannot be reached"), "{}", answer.text());
    assert!(answer.text().contains("nothing is charged twice"));
    assert_eq!(kept(&portal), None);
}
