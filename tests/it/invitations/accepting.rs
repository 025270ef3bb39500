//! Accepting and declining by the link: who may, when, and that looking never does.

use portico::access::Role;
use portico::ids::InvitationId;
use portico::people::invite;
use portico::people::offers::{Answer, Key, accept as accept_verb};
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{INVITED, invited, link};
use crate::support::{Persona, Portal, acme, at_once, batch, invite, on_both, places::picture};

#[apply(on_both)]
fn the_invited_person_accepts_with_a_button_and_lands_in_the_organization(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Manager, Role::Reader);
    let browser = portal.signed_in_as(INVITED);
    let page = browser.get(&path);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Join Acme"));
    let text = page.text();
    assert!(text.contains("Manuel Tester invites you to Acme as Reader"), "{text}");
    assert!(text.contains("Reader") && text.contains("8 December 2026"));
    assert!(page.html().has_button("Accept invitation") && page.html().has_button("Decline"));
    assert_eq!(page.html().attributes("main form", "action"), [format!("{path}/accept"), format!("{path}/decline")]);
    let recorded = portal.recorded(|| {
        let answer = browser.post(&format!("{path}/accept"), &[]);
        assert_eq!((answer.status, answer.location()), (303, acme("").as_str()));
        assert!(browser.follow(answer).text().contains("Welcome to Acme."));
    });
    assert_eq!(portal.role_of(INVITED), Some(Role::Reader));
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_name.as_str()), ("invitation.accepted", "ines Tester"));
    assert_eq!((row.actor_role.as_str(), row.ip.as_str()), ("reader", "127.0.0.1"));
    assert_eq!(portal.invitation_outcomes(INVITED), [Some("accepted".to_owned())]);
    let owner = portal.signed_in(Persona::Owner);
    let person = owner.get(&acme(&format!("/people/{}", portal.member_id(INVITED).unwrap())));
    assert!(person.text().contains("Invited by Manuel Tester"));
    let found = owner.get(&acme("/people?search=ines"));
    assert_eq!(found.html().text("tbody option[selected]"), "Reader");
    assert!(found.html().text("tbody").contains("Active"), "{}", found.text());
}

#[apply(on_both)]
fn opening_the_link_never_accepts(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Owner, Role::Reader);
    let (scanner, invited) = (portal.browser(), portal.signed_in_as(INVITED));
    let recorded = portal.recorded(|| {
        for browser in [&scanner, &invited] {
            for method in [Method::GET, Method::HEAD] {
                assert_eq!(browser.send(method, &path, &[], Vec::new()).status, 200);
            }
            for verb in ["accept", "decline", "switch", "sign-up"] {
                let status = browser.get(&format!("{path}/{verb}")).status;
                assert!([404, 405].contains(&status), "GET {verb}: {status}");
            }
        }
    });
    assert!(recorded.is_empty());
    assert_eq!((portal.role_of(INVITED), portal.invitation_outcomes(INVITED)), (None, vec![None]));
}

#[apply(on_both)]
fn a_form_of_another_site_never_accepts(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Owner, Role::Reader);
    let browser = portal.signed_in_as(INVITED);
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let foreign = [form, ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")];
    assert_eq!(browser.send(Method::POST, &format!("{path}/accept"), &foreign, Vec::new()).status, 403);
    assert_eq!(portal.role_of(INVITED), None);
}

#[apply(on_both)]
fn accepting_needs_a_sign_in(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Owner, Role::Reader);
    let browser = portal.browser();
    for verb in ["accept", "switch"] {
        let answer = browser.post(&format!("{path}/{verb}"), &[]);
        let next = format!("/sign-in?next={}&undone=true", path.replace('/', "%2F"));
        assert_eq!((answer.status, answer.location()), (303, next.as_str()), "{verb}");
    }
    let page = browser.get(&path);
    assert!(page.text().contains("Sign in as ines@example.com to accept."));
    let sign_in = page.html().attributes("main a.button-primary", "href").remove(0);
    assert_eq!(sign_in, format!("/sign-in?next={path}&email=ines%40example.com"));
    assert_eq!(browser.get(&sign_in).html().attributes("#email", "value"), [INVITED]);
    let form = [("email", INVITED), ("password", crate::support::PASSWORD), ("next", path.as_str())];
    assert_eq!(browser.post("/sign-in", &form).location(), path);
    assert!(browser.get(&path).html().has_button("Accept invitation"));
    assert_eq!(portal.invitation_outcomes(INVITED), [None]);
}

#[apply(on_both)]
fn somebody_else_is_told_so_and_can_switch_and_the_invitation_stays(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Owner, Role::Reader);
    let browser = portal.signed_in(Persona::Outsider);
    let sentence = "You are signed in as otto@example.com; this invitation is for ines@example.com.";
    let page = browser.get(&path);
    assert_eq!(page.status, 200);
    assert!(page.text().contains(sentence), "{}", page.text());
    assert!(page.html().has_button("Sign out and switch account"));
    assert!(!page.html().has_button("Accept invitation") && !page.html().has_button("Decline"));
    let recorded = portal.recorded(|| {
        for verb in ["accept", "decline"] {
            let answer = browser.post(&format!("{path}/{verb}"), &[]);
            assert_eq!(answer.status, 403, "{verb}");
            assert!(answer.text().contains(sentence));
            assert!(answer.html().has_button("Sign out and switch account"));
        }
    });
    assert!(recorded.is_empty());
    assert_eq!(portal.invitation_outcomes(INVITED), [None]);
    // A member of the Organization is told the same.
    let member = portal.signed_in(Persona::Member);
    assert_eq!(member.post(&format!("{path}/accept"), &[]).status, 403);
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Member));

    let old = browser.copy();
    let answer = browser.post(&format!("{path}/switch"), &[]);
    assert_eq!((answer.status, answer.location()), (303, path.as_str()));
    assert_eq!(old.get("/home").status, 303, "the other account is signed out, not only forgotten");
    let page = browser.follow(answer);
    assert!(page.text().contains("Sign in as ines@example.com to accept."));
    let form = [("email", INVITED), ("password", crate::support::PASSWORD), ("next", path.as_str())];
    let answer = browser.post("/sign-in", &form);
    assert!(browser.follow(answer).html().has_button("Accept invitation"));
    assert_eq!(browser.post(&format!("{path}/accept"), &[]).location(), acme(""));
    assert_eq!(portal.role_of(INVITED), Some(Role::Reader));
}

#[apply(on_both)]
fn accepting_twice_at_once_gives_one_membership(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for round in 0..4 {
        let email = format!("round{round}@example.com");
        portal.add_user(&email);
        invite(&owner, &email, Role::Reader);
        let path = format!("{}/accept", link(portal, &email));
        let (one, other) = (portal.signed_in_as(&email), portal.signed_in_as(&email));
        let recorded = portal.recorded_actions(|| {
            let (a, b) = at_once(|| one.post(&path, &[]), || other.post(&path, &[]));
            for answer in [a, b] {
                assert_eq!((answer.status, answer.location()), (303, acme("").as_str()), "{}", answer.text());
            }
        });
        assert_eq!(recorded, ["invitation.accepted"]);
        assert_eq!(portal.role_of(&email), Some(Role::Reader));
        assert_eq!(portal.invitation_outcomes(&email), [Some("accepted".to_owned())]);
    }
}

#[apply(on_both)]
fn two_acceptances_whose_transactions_overlap_are_one(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let key = Key::Id(InvitationId::parse(&portal.invitation_id(INVITED).unwrap()).unwrap());
    let invitee = portal.add_user(INVITED);
    let accept = |tx: &mut portico::db::WriteTx| accept_verb(tx, &key, &invitee);
    let (first, second) = portal.overlapping(accept, accept);
    assert!(matches!(first, Answer::Joined { .. }));
    assert!(!matches!(second, Answer::Joined { .. }), "{second:?}");
    assert_eq!(portal.actions().iter().filter(|action| *action == "invitation.accepted").count(), 1);
}

#[apply(on_both)]
fn an_acceptance_and_a_withdrawal_that_overlap_do_not_both_count(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let (scope, id) =
        (portal.scope(Persona::Owner), InvitationId::parse(&portal.invitation_id(INVITED).unwrap()).unwrap());
    let (key, invitee) = (Key::Id(id.clone()), portal.add_user(INVITED));
    let (withdrawn, answer) =
        portal.overlapping(|tx| invite::withdraw(tx, &scope, &id, &batch()), |tx| accept_verb(tx, &key, &invitee));
    assert!(matches!(withdrawn, invite::Withdraw::Withdrawn { .. }));
    assert_eq!(answer, Answer::Unusable);
    assert_eq!(portal.role_of(INVITED), None);
}

#[apply(on_both)]
fn declining_ends_the_invitation_and_is_recorded(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Owner, Role::Reader);
    let browser = portal.signed_in_as(INVITED);
    let recorded = portal.recorded(|| {
        let answer = browser.post(&format!("{path}/decline"), &[]);
        assert_eq!((answer.status, answer.location()), (303, "/home"));
        assert!(browser.follow(answer).text().contains("You declined the invitation to Acme."));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(
        (row.action.as_str(), row.actor_name.as_str(), row.actor_role.as_str()),
        ("invitation.declined", "ines Tester", "")
    );
    assert_eq!(portal.invitation_outcomes(INVITED), [Some("declined".to_owned())]);
    assert_eq!(browser.post(&format!("{path}/accept"), &[]).status, 404);
    assert_eq!(portal.role_of(INVITED), None);
    assert_eq!(invite(&portal.signed_in(Persona::Owner), INVITED, Role::Reader).status, 303, "they can be asked again");
}

#[apply(on_both)]
fn who_is_a_member_already_uses_the_invitation_up_and_keeps_the_role(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Owner, Role::Reader);
    portal.set_role(INVITED, Role::Editor);
    let browser = portal.signed_in_as(INVITED);
    let recorded = portal.recorded(|| {
        let answer = browser.post(&format!("{path}/accept"), &[]);
        assert_eq!(answer.location(), acme(""));
        assert!(browser.follow(answer).text().contains("You are already a member of Acme."));
    });
    assert_eq!(portal.role_of(INVITED), Some(Role::Editor));
    assert_eq!(portal.invitation_outcomes(INVITED), [Some("accepted".to_owned())]);
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_role.as_str()), ("invitation.accepted", "editor"));
}

#[apply(on_both)]
fn whoever_has_the_mail_declines_without_an_account(#[case] portal: &Portal) {
    portal.add_user("known@example.com");
    for email in [INVITED, "known@example.com"] {
        invite(&portal.signed_in(Persona::Owner), email, Role::Reader);
        let (path, browser) = (link(portal, email), portal.browser());
        assert!(browser.get(&path).html().has_button("Decline"));
        let recorded = portal.recorded(|| {
            let answer = browser.post(&format!("{path}/decline"), &[]);
            assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Invitation declined"));
            let more = answer.html().attributes("main a", "href");
            assert_eq!(more, [format!("{path}/block")], "and they can have no more of them");
            assert_eq!(browser.get(&more[0]).status, 200);
        });
        let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
        assert_eq!((row.action.as_str(), row.actor_name.as_str()), ("invitation.declined", email));
        assert_eq!((row.actor_role.as_str(), row.ip.as_str()), ("", "127.0.0.1"));
        assert_eq!(portal.invitation_outcomes(email), [Some("declined".to_owned())]);
        assert_eq!(browser.post(&format!("{path}/decline"), &[]).status, 404);
    }
}

#[apply(on_both)]
fn the_logo_is_shown_to_who_has_a_link_that_works(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Owner, Role::Reader);
    let (owner, browser) = (portal.signed_in(Persona::Owner), portal.browser());
    assert_eq!(browser.get(&path).html().texts(".invited .avatar"), ["A"], "its initials where there is none");
    assert_eq!(browser.get(&format!("{path}/logo")).status, 404);
    let file = picture();
    assert_eq!(owner.upload(&acme("/settings/logo"), &[], &[("logo", "a.png", &file)]).status, 303);
    let shown = browser.get(&path).html().attributes(".invited img", "src").remove(0);
    assert_eq!(shown, format!("{path}/logo"));
    let logo = browser.get(&shown);
    assert_eq!((logo.status, logo.header("content-type")), (200, "image/png"));
    assert_eq!(logo.header("cache-control"), "private, no-cache");
    let again = browser.send(Method::GET, &shown, &[("If-None-Match", logo.header("etag"))], Vec::new());
    assert_eq!(again.status, 304);
    assert_eq!(browser.post(&format!("{path}/decline"), &[]).status, 200);
    assert_eq!(browser.get(&shown).status, 404, "the link is dead");
}
