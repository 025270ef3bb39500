//! The table of permissions, as the pages show it: what each role sees of licences and can do there.

use portico::access::Role;
use portico::db::DbError;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::page_of;
use crate::support::{Persona, Portal, acme, lines::poll, on_both};

#[apply(on_both)]
fn each_role_sees_what_it_may_and_nothing_more(#[case] portal: &Portal) {
    let (given, other) = (portal.licence(Term::Yearly, 9), portal.licence(Term::Yearly, 9));
    portal.grant_everybody(&given);
    portal.occupy(&given, Persona::Owner);
    for (persona, sees_all, manages, cancels) in [
        (Persona::Member, false, false, false),
        (Persona::Reader, false, false, false),
        (Persona::Editor, true, false, false),
        (Persona::Manager, true, true, false),
        (Persona::Owner, true, true, true),
    ] {
        let browser = portal.signed_in(persona);
        let what = format!("{persona:?}");
        let navigation = browser.get(&acme("")).html().attributes("nav.side a", "href");
        assert!(navigation.contains(&acme("/plans")), "{what}");
        let list = browser.get(&acme("/plans")).html();
        assert_eq!(list.texts(".plan").len(), if sees_all { 2 } else { 1 }, "{what}");
        assert_eq!(browser.get(&page_of(&other, "")).status, if sees_all { 200 } else { 404 }, "{what}");
        let page = browser.get(&page_of(&given, ""));
        assert_eq!(page.status, 200, "{what}");
        let own = if persona == Persona::Owner { "Release my seat" } else { "Occupy a seat" };
        assert!(page.html().has_button(own), "{what}");
        assert_eq!(page.text().contains("olga@example.com Olga") || page.text().contains("Who has a seat"), manages);
        assert_eq!(page.html().has_button("Give access"), manages, "{what}");
        assert_eq!(page.html().has_button("Cancel licence"), cancels, "{what}");
    }
}

#[apply(on_both)]
fn an_outsider_sees_no_licence(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    let outsider = portal.signed_in(Persona::Outsider);
    for path in [acme("/plans"), page_of(&licence, ""), page_of(&licence, "/cancel")] {
        assert_eq!(outsider.get(&path).status, 404, "{path}");
    }
    // Not even through their own Organization.
    let path = format!("/organizations/elsewhere/plans/{licence}");
    assert_eq!(outsider.get(&path).status, 404);
    for below in ["occupy", "release", "access", "cancel", "resume"] {
        assert_eq!(outsider.post(&format!("{path}/{below}"), &[("email", "otto@example.com")]).status, 404, "{below}");
    }
    assert!(portal.seats_of(&licence).is_empty());
}

/// Who lost the role between the guard and the transaction is answered as the guard would answer now: nothing of the page is shown.
#[apply(on_both)]
fn who_lost_the_role_meanwhile_sees_nothing_of_the_licence(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 3);
    portal.occupy(&licence, Persona::Owner);
    let (member, holder) = (portal.membership(Persona::Manager), portal.membership(Persona::Owner));
    for (below, needed) in [
        ("/access".to_owned(), "Manager"),
        (format!("/access/{holder}/revoke"), "Manager"),
        (format!("/seats/{holder}/release"), "Manager"),
    ] {
        portal.set_role("manuel@example.com", Role::Manager);
        let manager = portal.signed_in(Persona::Manager);
        assert!(manager.get(&page_of(&licence, "")).text().contains("Who has a seat"));
        let ask = || manager.post(&page_of(&licence, &below), &[("email", "rita@example.com")]);
        let answer = std::thread::scope(|threads| {
            let asked = portal.app.write_now::<_, DbError>(|tx| {
                tx.lock_row("organizations", portal.organization_id().as_str())?;
                use diesel::prelude::*;
                use portico::schema::memberships;
                diesel::update(memberships::table.filter(memberships::id.eq(&member)))
                    .set(memberships::role.eq(Role::Reader))
                    .execute(tx.connection)?;
                let asked = threads.spawn(ask);
                poll("the form is past the guard", || {
                    let [_, writers, _] = portal.app.db.state();
                    (writers.lane.busy > 0).then_some(())
                });
                Ok(asked)
            });
            asked.expect("the role is stored").join().expect("an answer")
        });
        assert_eq!(answer.status, 403, "{below}");
        assert_eq!(answer.html().text(".lead"), format!("It needs the role {needed} or higher."), "{below}");
        assert!(!answer.text().contains("Who has a seat"), "{below}: {}", answer.text());
    }
    assert_eq!(portal.seats_of(&licence), ["olga@example.com"]);
}
