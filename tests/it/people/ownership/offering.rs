//! The page of the Owners.

use chrono::Duration;
use portico::access::Role;
use portico::people::suspension;
use portico::rates::{Limit, Limits, Rate};
use rstest::rstest;
use rstest_reuse::apply;

use super::{EDITH, OLGA, SECOND, assert_gone, post_offer};
use crate::support::{
    Database, Persona, Portal, acme, on_both, on_each_database,
    state::{assert_unchanged, stored},
};

#[apply(on_both)]
fn an_owner_comes_from_the_settings_or_a_person_and_offers(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let settings = owner.get(&acme("/settings")).html().attributes("main a", "href");
    assert!(settings.contains(&acme("/ownership")), "{settings:?}");
    let person = owner.get(&acme(&format!("/people/{}", portal.membership(Persona::Editor))));
    let begun = acme(&format!("/ownership?member={}", portal.membership(Persona::Editor)));
    assert!(person.html().attributes("main a", "href").contains(&begun));
    assert!(person.text().contains("Transfer ownership to Edith Tester"));
    let own = owner.get(&acme(&format!("/people/{}", portal.membership(Persona::Owner))));
    assert!(!own.text().contains("Transfer ownership"), "nobody offers it to themselves");

    let page = owner.get(&begun);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Transfer ownership"));
    assert_eq!(page.html().value("email"), EDITH);
    assert_eq!(page.html().attributes("input[name=role][checked]", "value"), ["manager"]);
    let roles = page.html().attributes("input[name=role]", "value");
    assert_eq!(roles, ["manager", "editor", "reader", "member"], "not Owner");
    for unknown in ["mem_01kb1b1b1be1ea1b1b1b1b1b1b", "nonsense"] {
        let page = owner.get(&acme(&format!("/ownership?member={unknown}")));
        assert_eq!((page.status, page.html().value("email").as_str()), (200, ""), "{unknown}");
    }
    assert_eq!(portal.ownership_offers(), 0, "looking offers nothing");

    let recorded = portal.recorded(|| {
        let answer = post_offer(&owner, "  Edith@Example.com ", "reader");
        assert_eq!((answer.status, answer.location()), (303, acme("/ownership").as_str()));
        assert!(owner.follow(answer).text().contains("Edith Tester is asked by mail."));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_role.as_str()), ("ownership.offered", "owner"));
    assert_eq!((row.subject_name.as_str(), row.before.as_str()), ("Edith Tester", ""));
    assert_eq!(row.after, r#"{"email":"edith@example.com","role":"reader"}"#);
    assert_eq!((portal.role_of(OLGA), portal.role_of(EDITH)), (Some(Role::Owner), Some(Role::Editor)));
    let open = owner.get(&acme("/ownership"));
    assert!(open.text().contains("Once Edith Tester accepts, they become Owner and Olga Tester becomes Reader"));
    assert!(open.text().contains("30 November 2026") && !open.html().has("input[name=email]"), "{}", open.text());
    assert_eq!(portal.mails_to(EDITH).len(), 1);
}

#[apply(on_both)]
fn what_cannot_be_offered_is_refused_with_a_reason(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    let owner = portal.signed_in(Persona::Owner);
    let operator = portal.operator();
    portal.app.write_now(|tx| suspension::suspend(tx, &operator, "rita@example.com")).expect("she is suspended");
    let before = stored(portal);
    for (email, role, why) in [
        ("", "manager", "Enter an e-mail address."),
        ("edith", "manager", "like name@example.com"),
        (EDITH, "", "Choose one of the roles."),
        (EDITH, "owner", "Choose one of the roles."),
        (EDITH, "king", "Choose one of the roles."),
        ("nobody@example.com", "manager", "Nobody with this address is in Acme."),
        ("otto@example.com", "manager", "Nobody with this address is in Acme."),
        (OLGA, "manager", "This is your own address."),
        (SECOND, "manager", "second Tester is an Owner already."),
        ("rita@example.com", "manager", "The account of Rita Tester is suspended"),
    ] {
        let answer = post_offer(&owner, email, role);
        assert_eq!(answer.status, 422, "{email} {role}");
        assert!(answer.text().contains(why), "{email} {role}: {}", answer.text());
        assert_eq!(answer.html().value("email"), email, "what was typed stays");
    }
    assert_unchanged(&before, &stored(portal), "offers that were refused");
}

#[apply(on_both)]
fn only_owners_see_the_page_and_only_who_is_asked_sees_the_offer(#[case] portal: &Portal) {
    let path = portal.offer_ownership();
    for persona in Persona::ALL {
        let browser = portal.signed_in(persona);
        let expected = match persona.role() {
            Some(Role::Owner) => 200,
            Some(_) => 403,
            None => 404,
        };
        assert_eq!(browser.get(&acme("/ownership")).status, expected, "{persona:?}");
        if expected != 200 {
            assert_eq!(post_offer(&browser, EDITH, "manager").status, expected, "{persona:?}");
            assert_eq!(browser.post(&acme("/ownership/withdraw"), &[]).status, expected, "{persona:?}");
        }
        let is_asked = persona == Persona::Editor;
        assert_eq!(browser.get(&path).status, if is_asked { 200 } else { 404 }, "{persona:?}");
        assert_eq!(browser.get("/home").text().contains("You are asked to become Owner."), is_asked, "{persona:?}");
        if !is_asked {
            for below in ["accept", "decline"] {
                assert_eq!(browser.post(&format!("{path}/{below}"), &[]).status, 404, "{persona:?} {below}");
            }
        }
    }
    let manager = portal.signed_in(Persona::Manager);
    assert!(!manager.get(&acme("/settings")).text().contains("Transfer ownership"));
    let person = acme(&format!("/people/{}", portal.membership(Persona::Reader)));
    assert!(!manager.get(&person).text().contains("Transfer ownership"));
    assert_eq!((portal.ownership_offers(), portal.owners()), (1, vec![OLGA.to_owned()]));
}

#[apply(on_both)]
fn one_offer_is_open_at_a_time_and_any_owner_withdraws_it(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    let path = portal.offer_ownership();
    let second = portal.signed_in_as(SECOND);
    let refused = post_offer(&second, "rita@example.com", "editor");
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("An offer to Edith Tester is open. Withdraw it before you make another one."));
    assert!(portal.mails_to("rita@example.com").is_empty());
    assert_eq!(second.post(&acme("/ownership/withdraw"), &[]).status, 422);
    let page = second.get(&acme("/ownership"));
    let id = page.html().value("offer");
    let withdraw = || second.post(&acme("/ownership/withdraw"), &[("offer", &id)]);
    let recorded = portal.recorded(|| {
        let said = second.follow(withdraw()).text();
        assert!(said.contains("The offer to Edith Tester is withdrawn."), "{said}");
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_name.as_str()), ("ownership.offer.ended", "second Tester"));
    assert_eq!(row.subject_name, "Edith Tester");
    assert_gone(portal, &path);
    assert!(portal.recorded(|| assert!(second.follow(withdraw()).text().contains("Nothing was changed."))).is_empty());
    // Another one is not withdrawn by the page that showed the first.
    assert_eq!(post_offer(&second, "rita@example.com", "editor").status, 303);
    assert!(second.follow(withdraw()).text().contains("That offer is not open any more."));
    assert_eq!(portal.ownership_offers(), 1);
}

#[apply(on_each_database)]
fn who_offers_again_and_again_has_to_wait(#[case] database: Database) {
    let portal = &database.portal_with(|config| {
        config.limits = Limits::default().with(Limit::OwnershipOffers, Rate::new(2, 60));
    });
    for _ in 0..2 {
        let id = portal.offered();
        portal.withdraw_ownership(&id);
    }
    let owner = portal.signed_in(Persona::Owner);
    let refused = post_offer(&owner, EDITH, "manager");
    assert_eq!((refused.status, refused.header("retry-after")), (429, "3600"));
    assert!(refused.text().contains("Too many attempts."));
    assert_eq!((portal.ownership_offers(), portal.mails_to(EDITH).len()), (0, 2));
    portal.later(Duration::hours(1));
    portal.offered();
}
