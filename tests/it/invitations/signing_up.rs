//! Somebody without an account accepts by signing up with the invited address: the link proves it.

use portico::access::Role;
use portico::config::SignUp;
use portico::rates::{Limit, Rate};
use portico::secrets::Secret;
use rstest::rstest;
use rstest_reuse::apply;

use super::{INVITED, link};
use crate::support::{Answer, Browser, Database, Persona, Portal, acme, at_once, invite, on_both, on_each_database};

const GOOD: [(&str, &str); 4] =
    [("first_name", "Ines"), ("last_name", "Invited"), ("password", "a quiet harbour at dawn"), ("terms", "true")];

fn sign_up(browser: &Browser, path: &str, form: &[(&str, &str)]) -> Answer {
    browser.post(&format!("{path}/sign-up"), form)
}

/// The good form with one field changed, or left out.
fn but(field: &str, value: Option<&'static str>) -> Vec<(&'static str, &'static str)> {
    let mut form: Vec<_> = GOOD.into_iter().filter(|(name, _)| *name != field).collect();
    if let Some(value) = value {
        let name = GOOD.iter().find(|(name, _)| *name == field).expect("a field of the form").0;
        form.push((name, value));
    }
    form
}

fn invited(portal: &Portal) -> String {
    assert_eq!(invite(&portal.signed_in(Persona::Owner), INVITED, Role::Editor).status, 303);
    link(portal, INVITED)
}

#[apply(on_both)]
fn a_new_person_signs_up_with_the_fixed_address_and_lands_in_the_organization(#[case] portal: &Portal) {
    let path = invited(portal);
    let browser = portal.browser();
    let page = browser.get(&path);
    assert_eq!(page.html().text("h1"), "Join Acme");
    assert_eq!(page.html().value("email"), INVITED);
    assert!(page.html().has("input[name=email][readonly]"));
    assert!(page.html().has_button("Create account and accept"));
    let fields = page.html().attributes("form[action$=sign-up] input", "name");
    assert_eq!(fields, ["first_name", "last_name", "email", "password", "terms"], "the rest can wait");
    let recorded = portal.recorded_actions(|| {
        // Another address in the form changes nothing: the invitation says whose account it becomes.
        let form = [&GOOD[..], &[("email", "mallory@example.com"), ("role", "owner")]].concat();
        let answer = sign_up(&browser, &path, &form);
        assert_eq!((answer.status, answer.location()), (303, acme("").as_str()), "{}", answer.text());
        assert!(browser.follow(answer).text().contains("Welcome to Acme."));
    });
    assert_eq!(recorded, ["account.created", "invitation.accepted"]);
    assert_eq!(portal.role_of(INVITED), Some(Role::Editor));
    assert_eq!(portal.role_of("mallory@example.com"), None);
    assert!(browser.get("/home").html().texts("h3").contains(&"Acme Editor".to_owned()), "signed in already");
    assert_eq!(portal.mails_to(INVITED).len(), 1, "no second proof of the address is asked for");
    portal.signed_in_as(INVITED);
}

#[apply(on_both)]
fn a_form_with_mistakes_is_kept_and_nothing_is_stored(#[case] portal: &Portal) {
    let path = invited(portal);
    let browser = portal.browser();
    let cases = [
        ("first_name", Some(" ")),
        ("last_name", None),
        ("password", Some("short")),
        ("password", Some("ines@example.com")),
        ("terms", None),
    ];
    let recorded = portal.recorded(|| {
        for (field, value) in cases {
            let answer = sign_up(&browser, &path, &but(field, value));
            assert_eq!(answer.status, 422, "{field}: {value:?}");
            assert!(!answer.html().text(&format!("#{field}-error")).is_empty(), "{field}: {value:?}");
            let other = if field == "last_name" { "first_name" } else { "last_name" };
            assert!(!answer.html().value(other).is_empty(), "what was typed is kept");
            assert!(answer.html().attributes("input[type=password]", "value").is_empty(), "but no password");
        }
    });
    assert!(recorded.is_empty());
    assert_eq!(portal.invitation_outcomes(INVITED), [None]);
    assert_eq!(sign_up(&browser, &path, &GOOD).status, 303);
}

#[apply(on_both)]
fn a_double_click_makes_one_account(#[case] portal: &Portal) {
    let path = invited(portal);
    let (one, other) = (portal.browser(), portal.browser());
    let recorded = portal.recorded_actions(|| {
        let (a, b) = at_once(|| sign_up(&one, &path, &GOOD).status, || sign_up(&other, &path, &GOOD).status);
        assert!([a, b].contains(&303) && [a, b].iter().all(|status| [303, 404, 409].contains(status)), "{a} {b}");
    });
    assert_eq!(recorded, ["account.created", "invitation.accepted"]);
}

#[apply(on_both)]
fn who_has_an_account_or_is_signed_in_cannot_sign_up_over_it(#[case] portal: &Portal) {
    let path = invited(portal);
    let signed_in = portal.signed_in(Persona::Outsider);
    let recorded = portal.recorded(|| {
        let answer = sign_up(&signed_in, &path, &GOOD);
        assert_eq!(answer.status, 409);
        assert!(
            answer.text().contains("You are signed in as otto@example.com; this invitation is for ines@example.com.")
        );
    });
    assert!(recorded.is_empty());
    portal.add_user(INVITED);
    let recorded = portal.recorded(|| {
        let answer = sign_up(&portal.browser(), &path, &GOOD);
        assert_eq!(answer.status, 409);
        assert!(answer.text().contains("Sign in as ines@example.com to accept."));
    });
    assert!(recorded.is_empty());
    assert_eq!((portal.role_of(INVITED), portal.invitation_outcomes(INVITED)), (None, vec![None]));
}

#[apply(on_both)]
fn an_inviter_without_the_rank_gives_a_new_person_an_account_but_no_membership(#[case] portal: &Portal) {
    let path = invited(portal);
    portal.add_person("second@example.com", Role::Owner);
    portal.take_out("olga@example.com");
    let browser = portal.browser();
    let recorded = portal.recorded_actions(|| {
        let answer = sign_up(&browser, &path, &GOOD);
        assert_eq!(answer.location(), "/home");
        assert!(browser.follow(answer).text().contains("This invitation can no longer be accepted."));
    });
    assert_eq!(recorded, ["account.created"], "the link did prove the address");
    assert_eq!((portal.role_of(INVITED), portal.invitation_outcomes(INVITED)), (None, vec![None]));
}

#[apply(on_both)]
fn an_unknown_link_makes_no_account(#[case] portal: &Portal) {
    let recorded = portal.recorded(|| {
        let path = format!("/invitations/{}", Secret::random().as_str());
        assert_eq!(sign_up(&portal.browser(), &path, &GOOD).status, 404);
    });
    assert!(recorded.is_empty());
}

/// With `PORTICO_SIGN_UP=invited` the invitation is the only way in.
#[apply(on_each_database)]
fn invited_people_sign_up_where_sign_up_is_closed(#[case] database: Database) {
    let portal = &database.portal_with(|config| config.sign_up = SignUp::Invited);
    let path = invited(portal);
    assert_eq!(portal.browser().get("/sign-up").status, 404);
    assert_eq!(sign_up(&portal.browser(), &path, &GOOD).location(), acme(""));
}

#[apply(on_each_database)]
fn who_can_only_be_invited_gets_no_account_by_an_offer_that_nobody_can_make_any_more(#[case] database: Database) {
    let portal = &database.portal_with(|config| config.sign_up = SignUp::Invited);
    assert_eq!(invite(&portal.signed_in(Persona::Manager), INVITED, Role::Editor).status, 303);
    let path = link(portal, INVITED);
    portal.set_role(&Persona::Manager.email(), Role::Reader);
    let browser = portal.browser();
    let answer = sign_up(&browser, &path, &GOOD);
    let said = browser.follow(answer).text();
    assert!(said.contains("This invitation can no longer be accepted. Ask an Owner of Acme for a new one."), "{said}");
    let accounts: Vec<String> = portal.query(|connection| {
        use diesel::prelude::*;
        portico::schema::users::table.select(portico::schema::users::email).load(connection)
    });
    assert!(!accounts.contains(&INVITED.to_owned()));
}

/// The path of the link that who invited copies.
fn copied(portal: &Portal) -> String {
    copied_of(portal, INVITED)
}

fn copied_of(portal: &Portal, email: &str) -> String {
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(invite(&owner, email, Role::Editor).status, 303);
    let id = portal.invitation_id(email).expect("an open invitation");
    let page = owner.post(&acme(&format!("/people/{id}/link")), &[]).html();
    let link = page.attributes("#link[readonly]", "value").pop().expect("the link is shown");
    link.strip_prefix(&portal.url).expect("a link to this portal").to_owned()
}

#[apply(on_each_database)]
fn a_copied_link_proves_no_address(#[case] database: Database, #[values(SignUp::Open, SignUp::Invited)] open: SignUp) {
    let portal = &database.portal_with(|config| config.sign_up = open);
    let (path, inviter) = (copied(portal), portal.browser());
    let page = inviter.get(&path).html();
    assert!(page.has_button("Create account") && !page.has_button("Create account and accept"));
    assert!(!page.has_button("Decline"), "nor does it answer for anybody");
    let recorded = portal.recorded(|| {
        let answer = sign_up(&inviter, &path, &GOOD);
        assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Check your inbox"));
        assert_eq!(answer.html().has_button("Send it again"), open == SignUp::Open);
        assert_eq!(inviter.post(&format!("{path}/decline"), &[]).status, 404);
        assert_eq!(inviter.post(&format!("{path}/block"), &[]).status, 404);
        assert_eq!(inviter.get(&format!("{path}/block")).status, 404);
    });
    assert!(recorded.is_empty() && portal.role_of(INVITED).is_none(), "{recorded:?}");
    assert_eq!(inviter.get("/home").status, 303, "nobody is signed in");
    // The holder of the address confirms, and accepts on Home.
    let confirm = portal.link_to(INVITED);
    let token = confirm.strip_prefix("/verify-email?token=").expect("the mail confirms the address");
    let password = GOOD[2].1;
    let invitee = portal.browser();
    let confirmed = invitee.post("/verify-email", &[("token", token), ("password", password)]);
    assert_eq!((confirmed.status, confirmed.location()), (303, "/home"), "{}", confirmed.text());
    assert!(invitee.follow(confirmed).html().has_button("Accept invitation to Acme"));
    assert_eq!(invitee.post(&format!("{path}/accept"), &[]).location(), acme(""));
    assert_eq!(portal.role_of(INVITED), Some(Role::Editor));
}

#[apply(on_each_database)]
fn a_copied_link_mails_only_so_often(#[case] database: Database) {
    let portal = &database.portal_with(|config| {
        config.limits = config.limits.clone().with(Limit::AccountMailTotal, Rate::new(1, 60));
    });
    let path = copied(portal);
    let mails = || portal.mails_to(INVITED).len();
    let answers = [&GOOD, &GOOD].map(|form| sign_up(&portal.browser(), &path, form));
    assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 429]);
    assert_eq!(answers[1].html().value("first_name"), "Ines", "what was typed is kept");
    assert_eq!(mails(), 2, "the invitation, and one that confirms");
}

#[apply(on_each_database)]
fn where_only_invited_people_sign_up_a_copied_link_needs_an_inviter_who_may_still_invite(#[case] database: Database) {
    let portal = &database.portal_with(|config| config.sign_up = SignUp::Invited);
    let path = copied(portal);
    portal.set_role(&Persona::Owner.email(), Role::Member);
    assert_eq!(sign_up(&portal.browser(), &path, &GOOD).status, 303);
    assert_eq!(portal.mails_to(INVITED).len(), 1, "nothing is mailed");
}

#[apply(on_both)]
fn a_copied_link_tells_nobody_whether_its_address_has_an_account(#[case] portal: &Portal) {
    portal.add_user("known@example.com");
    let answers = ["known@example.com", "fresh@example.com"].map(|email| {
        let path = copied_of(portal, email);
        let stranger = portal.browser();
        [stranger.get(&path), sign_up(&stranger, &path, &GOOD)].map(|answer| {
            let token = path.strip_prefix("/invitations/").expect("a link");
            let escaped: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
            // Each form has a key of its own.
            let key = answer.html().attributes("input[name=form_key]", "value").pop().unwrap_or_default();
            let body = if key.is_empty() { answer.body.clone() } else { answer.body.replace(&key, "…") };
            let text = body.replace(token, "…").replace(email, "…").replace(&escaped, "…");
            (answer.status, text)
        })
    });
    assert_eq!(answers[0], answers[1]);
    assert!(portal.mails_to("known@example.com").last().expect("a mail").subject.contains("account"));
}

#[apply(on_each_database)]
fn where_only_invited_people_sign_up_nobody_confirms_after_the_invitation_has_ended(#[case] database: Database) {
    let portal = &database.portal_with(|config| config.sign_up = SignUp::Invited);
    let (path, browser) = (copied(portal), portal.browser());
    assert_eq!(sign_up(&browser, &path, &GOOD).status, 200);
    let link = portal.link_to(INVITED);
    let token = link.strip_prefix("/verify-email?token=").expect("the mail confirms the address").to_owned();
    let id = portal.invitation_id(INVITED).expect("an open invitation");
    portal.signed_in(Persona::Owner).post(&acme(&format!("/people/{id}/withdraw")), &[]);
    assert_eq!(browser.post("/verify-email", &[("token", &token)]).status, 404);
    assert_eq!(browser.get("/home").status, 303, "there is no account");
}
