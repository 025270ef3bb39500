//! Closing an Organization, restoring it and erasing it.

mod erasing;
mod restoring;

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Role;
use portico::closing::close::{self, Close};
use portico::db::{DbError, WriteTx};
use portico::licences::terms::Term;
use portico::orders::ending;
use portico::orders::place::{Place, Refusal, place};
use portico::schema::{orders, organizations, top_up_settings};
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use crate::credits::Given;
use crate::orders::{plan, with_key};
use crate::support::{Answer, Browser, Persona, Portal, acme, at_once, invite, on_both, outbox::run_due_jobs};

const NAME: &str = "Acme";

fn close(browser: &Browser) -> Answer {
    browser.post(&acme("/close"), &[("name", NAME)])
}

fn closed_at(portal: &Portal) -> Option<Timestamp> {
    let id = portal.organization_id();
    portal.query(|connection| organizations::table.find(&id).select(organizations::closed_at).first(connection))
}

#[apply(on_both)]
fn an_owner_closes_it_and_access_ends_at_once(#[case] portal: &Portal) {
    portal.licence(Term::Yearly, 5);
    let owner = portal.signed_in(Persona::Owner);
    let manager = portal.signed_in(Persona::Manager);
    invite(&owner, "late@example.com", Role::Reader);
    let invitation = portal.link_to("late@example.com");
    let settings = owner.get(&acme("/settings"));
    assert!(settings.html().attributes("a", "href").contains(&acme("/close")));
    assert!(!manager.get(&acme("/settings")).html().attributes("a", "href").contains(&acme("/close")));
    let page = owner.get(&acme("/close"));
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Close organization"));
    let text = page.text();
    assert!(text.contains("All 5 people lose access.") && text.contains("1 licence ends"), "{text}");
    assert!(text.contains("Until 23 December 2026"), "{text}");
    assert_eq!(closed_at(portal), None, "looking changes nothing");
    let recorded = portal.recorded(|| {
        let answer = close(&owner);
        assert_eq!((answer.status, answer.location()), (303, "/home"));
        let home = owner.follow(answer).text();
        assert!(home.contains("Acme is closed. Until 23 December 2026"), "{home}");
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_role.as_str()), ("organization.closed", "owner"));
    for browser in [&owner, &manager] {
        for below in ["", "/people", "/close", "/settings", "/plans"] {
            assert_eq!(browser.get(&acme(below)).status, 404, "{below}");
        }
    }
    assert!(!manager.get("/home").text().contains("Acme"));
    let unknown = portal.browser().get("/invitations/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let known = portal.browser().get(&invitation);
    assert_eq!((known.status, known.html().text("h1")), (unknown.status, unknown.html().text("h1")));
    for (persona, is_told) in [(Persona::Owner, true), (Persona::Manager, true), (Persona::Editor, false)] {
        let told = portal.mails_to(&persona.email()).iter().any(|mail| mail.subject.contains("Acme was closed"));
        assert_eq!(told, is_told, "{persona:?}");
    }
}

#[apply(on_both)]
fn only_its_name_closes_it(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for typed in ["", "acme", "Acme Ltd"] {
        let answer = owner.post(&acme("/close"), &[("name", typed)]);
        assert_eq!(answer.status, 422, "{typed}");
        assert!(answer.text().contains("Type the name as it stands above."));
        assert_eq!(answer.html().value("name"), typed);
    }
    assert_eq!(portal.signed_in(Persona::Manager).post(&acme("/close"), &[("name", NAME)]).status, 403);
    assert_eq!(portal.signed_in(Persona::Outsider).post(&acme("/close"), &[("name", NAME)]).status, 404);
    assert_eq!(closed_at(portal), None);
}

#[apply(on_both)]
fn it_stays_open_while_it_is_topped_up_or_an_order_is_not_paid(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.organization_id();
    portal.buy_once();
    let pending = |is_pending: bool| {
        let (status, paid_at) = if is_pending { ("pending", None) } else { ("paid", Some(portal.app.now())) };
        let as_it_is = (orders::status.eq(status), orders::paid_at.eq(paid_at));
        portal.rewrite(|connection| diesel::update(orders::table).set(as_it_is).execute(connection));
    };
    pending(true);
    let (order, number): (String, String) =
        portal.query(|connection| orders::table.select((orders::id, orders::number)).first(connection));
    let refused = close(&owner);
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains(&format!("The order {number} is not paid.")));
    assert!(refused.html().attributes("a", "href").contains(&acme(&format!("/plans/orders/{order}"))));
    assert!(!refused.html().has_button("Close organization"));
    pending(false);
    let now = portal.app.now();
    portal.rewrite(|connection| {
        diesel::insert_into(top_up_settings::table)
            .values((
                top_up_settings::organization_id.eq(&id),
                top_up_settings::package.eq("credits-100"),
                top_up_settings::threshold.eq(10),
                top_up_settings::monthly_cap.eq(10_000),
                top_up_settings::currency.eq("CHF"),
                top_up_settings::switched_on_at.eq(Some(now)),
                top_up_settings::declines.eq(0),
                top_up_settings::updated_at.eq(now),
            ))
            .execute(connection)
    });
    let refused = close(&owner);
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("Automatic top-up is on."));
    assert_eq!(closed_at(portal), None);
    let off = top_up_settings::switched_on_at.eq(None::<Timestamp>);
    portal.rewrite(|connection| diesel::update(top_up_settings::table).set(off).execute(connection));
    assert_eq!(close(&owner).status, 303);
}

#[apply(on_both)]
fn of_two_who_close_it_at_once_one_does(#[case] portal: &Portal) {
    let (one, other) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Owner));
    let recorded = portal.recorded_actions(|| {
        let (a, b) = at_once(|| close(&one).status, || close(&other).status);
        assert!([a, b].contains(&303) && [a, b].iter().all(|status| [303, 404].contains(status)), "{a} {b}");
    });
    assert_eq!(recorded, ["organization.closed"]);
}

#[apply(on_both)]
fn who_accepts_an_invitation_meanwhile_is_in_before_or_not_at_all(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, &Persona::Outsider.email(), Role::Reader);
    let outsider = portal.signed_in(Persona::Outsider);
    let id = portal.invitation_id(&Persona::Outsider.email()).unwrap();
    let accept = || outsider.post(&format!("/home/invitations/{id}/accept"), &[]).status;
    let actions = portal.recorded_actions(|| _ = at_once(|| close(&owner).status, accept));
    assert!(closed_at(portal).is_some());
    let joined = portal.role_of(&Persona::Outsider.email()).is_some();
    assert_eq!(actions.contains(&"invitation.accepted".to_owned()), joined, "{actions:?}");
    assert_eq!(actions.last().map(String::as_str), Some("organization.closed"), "nothing after it");
    assert_eq!(outsider.get(&acme("")).status, 404);
}

#[apply(on_both)]
fn of_closing_it_and_an_order_that_is_placed_meanwhile_one_is_done(#[case] portal: &Portal) {
    portal.shop();
    let scope = portal.scope(Persona::Owner);
    let closing = |tx: &mut WriteTx| close::close(tx, &scope, NAME, Duration::days(30));
    let ordering = |tx: &mut WriteTx| place(tx, &scope, &plan("mapper-yearly", 1));
    let (placed, closed) = portal.overlapping(ordering, closing);
    let Place::Placed(order) = placed else { panic!("{placed:?}") };
    assert!(matches!(closed, Close::Refused), "{closed:?}");
    portal.app.write_now::<_, DbError>(|tx| ending::end(tx, &scope, &order.id)).expect("it is ended");
    let again = with_key("again", plan("mapper-yearly", 1));
    let (closed, placed) = portal.overlapping(closing, |tx| place(tx, &scope, &again));
    assert!(matches!(closed, Close::Closed { .. }), "{closed:?}");
    assert_eq!(placed, Place::Refused(Refusal::NotAllowed));
    let pending = orders::table.filter(orders::status.eq("pending"));
    assert_eq!(portal.query(|connection| pending.count().get_result::<i64>(connection)), 0);
}

/// The same where neither waits for the other to begin.
#[apply(on_both)]
fn an_order_and_closing_at_the_same_moment_are_never_both_done(#[case] portal: &Portal) {
    portal.shop();
    let scope = portal.scope(Persona::Owner);
    let asked = plan("mapper-yearly", 1);
    let (closed, placed) = at_once(
        || portal.app.write_now::<_, DbError>(|tx| close::close(tx, &scope, NAME, Duration::days(30))).unwrap(),
        || portal.order_as(&scope, &asked),
    );
    let (is_closed, is_placed) = (matches!(closed, Close::Closed { .. }), matches!(placed, Place::Placed(_)));
    assert!(is_closed != is_placed, "{closed:?} {placed:?}");
    assert_eq!(closed_at(portal).is_some(), is_closed);
}

#[apply(on_both)]
fn what_is_lost_is_said_in_numbers_that_can_be_read(#[case] portal: &Portal) {
    portal.grant(Given::new(1_234_567, "welcome"));
    let owner = portal.signed_in(Persona::Owner);
    let text = owner.get(&acme("/close")).text();
    assert!(text.contains("1,234,567 credits are lost."), "{text}");
    portal.spend(1_234_566, "job");
    let text = owner.get(&acme("/close")).text();
    assert!(text.contains("1 credit is lost."), "{text}");
}

/// What began before it was closed is decided by the lock.
#[apply(on_both)]
fn a_verb_that_comes_too_late_changes_nothing(#[case] portal: &Portal) {
    let scope = portal.scope(Persona::Owner);
    let closing = |tx: &mut WriteTx| close::close(tx, &scope, NAME, Duration::days(30));
    let first = portal.app.write_now::<_, DbError>(closing).unwrap();
    assert!(matches!(first, Close::Closed { .. }), "{first:?}");
    let second = portal.app.write_now::<_, DbError>(closing).unwrap();
    assert!(matches!(second, Close::NotAllowed), "{second:?}");
    let before = portal.dump();
    let lost = portal.app.write_now::<_, DbError>(|tx| Ok(scope.lock(tx)?.is_none())).unwrap();
    assert!(lost);
    assert_eq!(portal.dump(), before);
}

/// No mail and no charge, whatever comes to its end meanwhile.
#[apply(on_both)]
fn jobs_leave_it_alone(#[case] portal: &Portal) {
    portal.bought(Term::Monthly, 2, 10_000);
    portal.keep_method("card-1");
    assert_eq!(close(&portal.signed_in(Persona::Owner)).status, 303);
    let told = |portal: &Portal| portal.mails_to(&Persona::Owner.email()).len();
    let before = told(portal);
    for _ in 0..29 {
        portal.later(Duration::days(1));
        run_due_jobs(portal);
    }
    assert_eq!(told(portal), before);
    let placed: i64 = portal.query(|connection| orders::table.count().get_result(connection));
    assert_eq!(placed, 0);
}
