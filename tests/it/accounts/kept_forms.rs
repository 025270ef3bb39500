//! A form that arrives after its sender was signed out is not lost, and nobody else gets it.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Role;
use portico::schema::user_sessions;
use rstest::rstest;
use rstest_reuse::apply;

use crate::count;
use crate::support::{
    Answer, Browser, Database, PASSWORD, Persona, Portal, acme, change_role, invite, on_both, on_each_database, outbox,
};

const OLGA: &str = "olga@example.com";

/// As if all sessions had ended a moment ago. The browsers know nothing of it.
fn sign_everybody_out(portal: &Portal) {
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| Ok(diesel::delete(user_sessions::table).execute(tx.connection)?))
        .expect("they end");
}

/// Signs in with the form that came back in place of the page.
fn sign_in_with(browser: &Browser, answer: &Answer, email: &str) -> Answer {
    let page = answer.html();
    let (kept, next) = (page.value("kept"), page.value("next"));
    browser.post("/sign-in", &[("email", email), ("password", PASSWORD), ("kept", &kept), ("next", &next)])
}

#[apply(on_both)]
fn what_was_typed_comes_back_after_signing_in_and_is_not_sent_by_itself(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    sign_everybody_out(portal);
    let typed: Vec<String> =
        (0..500).map(|number| format!("somebody.number.{number}@some-company.example.com")).collect();
    let answer = invite(&owner, &typed.join("\n"), Role::Editor);
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("You were signed out meanwhile, so nothing was done."), "{}", answer.text());
    assert!(!answer.body.contains("somebody.number"), "it is sealed");
    // A slip of the finger loses nothing.
    let page = answer.html();
    let wrong = [("email", OLGA), ("password", "not this one"), ("kept", &page.value("kept"))];
    let answer = owner.post("/sign-in", &wrong);
    assert_eq!(answer.status, 422);
    let answer = sign_in_with(&owner, &answer, OLGA);
    assert_eq!((answer.status, answer.location()), (303, acme("/people/invite?kept=true").as_str()));
    let form = owner.follow(answer);
    assert_eq!(form.html().value("emails").trim().lines().count(), 500);
    assert_eq!(form.html().value("emails").trim(), typed.join("\n"));
    assert_eq!(form.html().value("role"), "editor");
    assert!(form.text().contains("nothing was sent yet"), "{}", form.text());
    assert_eq!(count!(portal, invitations), 0);
    // It is kept for a while, for who loads the page again, and then removed.
    assert_eq!(owner.get(&acme("/people/invite?kept=true")).html().value("role"), "editor");
    for other in ["notkept=true", "kept=trueish", "search=kept%3Dtrue", "kept=false"] {
        assert_ne!(owner.get(&acme(&format!("/people/invite?{other}"))).html().value("role"), "editor", "{other}");
    }
    assert_eq!(owner.get(&acme("/people/invite")).html().value("emails").trim(), "");
    portal.later(Duration::hours(2));
    assert_eq!(owner.get(&acme("/people/invite?kept=true")).html().value("emails").trim(), "");
    outbox::run_due_jobs(portal);
    assert_eq!(count!(portal, kept_forms), 0);
}

#[apply(on_both)]
fn every_kind_of_field_comes_back_and_passwords_do_not(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let milo = portal.membership(Persona::Member);
    sign_everybody_out(portal);
    let again = |answer: Answer| owner.follow(sign_in_with(&owner, &answer, OLGA)).html();
    let fields = [
        ("kind", "individual"),
        ("name", "Harbour \"Labs\" & <Co>"),
        ("country", "NO"),
        ("form_key", "the key of the form"),
        ("password", "a secret that is in no form here"),
    ];
    let answer = owner.post("/organizations/new", &fields);
    let page = again(answer);
    assert_eq!(page.text("h1"), "New organization");
    let values = ["name", "country", "form_key"].map(|name| page.value(name));
    assert_eq!(values, ["Harbour \"Labs\" & <Co>", "NO", "the key of the form"]);
    assert_eq!(page.attributes("input[name=kind][checked]", "value"), ["individual"]);
    // Sent as it is, it does what it would have done.
    assert_eq!(owner.post("/organizations/new", &fields[..4]).status, 303);
    assert_eq!(count!(portal, organizations), 3);

    sign_everybody_out(portal);
    let page = again(change_role(&owner, &milo, Role::Member, Role::Editor));
    assert_eq!(page.text("h1"), "Milo Tester");
    assert_eq!(page.attributes("input[name=role][checked]", "value"), ["editor"]);
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Member));

    sign_everybody_out(portal);
    let answer = owner.post(&acme("/settings/edit"), &[("version", "0"), ("name", "Acme Two"), ("tax_exempt", "")]);
    let page = again(answer);
    assert_eq!([page.value("version"), page.value("name")], ["0", "Acme Two"], "so that a change meanwhile is noticed");
    assert!(page.attributes("input[name=tax_exempt][checked]", "value").is_empty());
}

#[apply(on_both)]
fn nobody_else_gets_it_and_not_later(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let answer = |portal: &Portal| {
        sign_everybody_out(portal);
        invite(&owner, "secret@example.com", Role::Editor)
    };
    let first = answer(portal);
    let other = sign_in_with(&owner, &first, &Persona::Manager.email());
    assert_eq!(other.location(), "/home", "the page is nobody else's business either");
    assert_eq!(count!(portal, kept_forms), 0);
    // Manuel has signed in with it last now: what comes is his.
    let second = answer(portal);
    assert_eq!(sign_in_with(&owner, &second, OLGA).location(), "/home");
    let third = answer(portal);
    portal.later(Duration::hours(2));
    assert_eq!(sign_in_with(&owner, &third, OLGA).location(), "/home", "an hour later it is forgotten");
    let made_up = [("email", OLGA), ("password", PASSWORD), ("kept", "bm90aGluZw"), ("next", "/home")];
    assert_eq!(portal.browser().post("/sign-in", &made_up).location(), "/home");
    assert_eq!(count!(portal, kept_forms), 0);
}

#[apply(on_both)]
fn a_form_without_fields_or_from_an_unknown_browser_leads_to_its_page(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "ines@example.com", Role::Editor);
    let id = portal.invitation_id("ines@example.com").expect("an invitation");
    sign_everybody_out(portal);
    let answer = owner.post(&acme(&format!("/people/{id}/resend")), &[]);
    let page = url::form_urlencoded::byte_serialize(acme(&format!("/people/{id}")).as_bytes()).collect::<String>();
    assert_eq!((answer.status, answer.location()), (303, format!("/sign-in?next={page}&undone=true").as_str()));
    assert!(owner.follow(answer).text().contains("so nothing was done. Sign in and do it again."));
    let stranger = portal.browser().post("/organizations/new", &[("name", "Typed")]);
    assert_eq!((stranger.status, stranger.location()), (303, "/sign-in?next=%2Forganizations%2Fnew&undone=true"));
    let large = "x".repeat(45_000);
    assert_eq!(owner.post("/organizations/new", &[("name", &large)]).status, 303, "too large to be kept");
}

#[apply(on_both)]
fn whom_a_form_is_about_and_the_place_in_the_list_come_back(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let [milo, rita] = [Persona::Member, Persona::Reader].map(|persona| portal.membership(persona));
    invite(&owner, "ines@example.com", Role::Editor);
    let ines = portal.invitation_id("ines@example.com").expect("an invitation");
    let place = "search=tester&sort=joined";
    let again = |answer: Answer| owner.follow(sign_in_with(&owner, &answer, OLGA)).html();
    let everybody = ["Manuel Tester", "Milo Tester", "Rita Tester"];

    sign_everybody_out(portal);
    let ticked = [("selected", milo.as_str()), ("selected", rita.as_str()), ("role", "editor")];
    let page = again(owner.post(&acme(&format!("/people/roles?{place}")), &ticked));
    assert_eq!(page.text("h1"), "Change role");
    assert_eq!(page.texts(".people-list strong"), everybody[1..]);
    assert_eq!(page.attributes("input[name=role][checked]", "value"), ["editor"]);
    assert_eq!(page.attributes("form.card", "action"), [acme(&format!("/people/roles?{place}"))]);

    sign_everybody_out(portal);
    let answer =
        owner.post(&acme(&format!("/people/remove?{place}")), &[("all", "yes"), ("seen", "what the page showed")]);
    let page = again(answer);
    assert!(page.has_button("Remove user"), "{}", page.text("main"));
    assert!(page.has("input[name=all][value=yes]"));
    assert!(everybody.iter().all(|name| page.texts(".people-list strong").contains(&(*name).to_owned())));

    // A form that says nothing but whom it is about needs no keeping: its page is named by its address.
    sign_everybody_out(portal);
    let answer = owner.post(&acme(&format!("/people/resend?{place}")), &[("selected", &ines)]);
    let asked = owner.follow(answer);
    assert!(asked.text().contains("so nothing was done. Sign in and do it again."), "{}", asked.text());
    let next = asked.html().attributes("input[name=next]", "value").remove(0);
    let signed_in = owner.post("/sign-in", &[("email", OLGA), ("password", PASSWORD), ("next", &next)]);
    let page = owner.follow(signed_in).html();
    assert_eq!(page.texts(".people-list strong"), ["ines@example.com"]);

    sign_everybody_out(portal);
    let change = [("current", "member"), ("role", "editor")];
    let answer = owner.post(&acme(&format!("/people/{milo}/role?{place}")), &change);
    let page = again(answer);
    assert_eq!(page.attributes(".back a", "href"), [acme(&format!("/people?{place}#{milo}"))]);
    assert_eq!(page.attributes("input[name=role][checked]", "value"), ["editor"]);
}

#[apply(on_both)]
fn an_address_that_no_page_has_leads_to_the_page_without_it(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let ids: Vec<_> = (0..200).map(|number| format!("mem_{number:026}")).collect();
    let many: Vec<_> = ids.iter().map(|id| ("selected", id.as_str())).chain([("role", "editor")]).collect();
    for (place, fields) in [("search=a%2F%2Fb", &many[199..]), ("search=tester", &many[..])] {
        sign_everybody_out(portal);
        let answer = owner.post(&acme(&format!("/people/roles?{place}")), fields);
        let expected = if place.contains("%2F") { "" } else { "search=tester&" };
        let location = sign_in_with(&owner, &answer, OLGA).location().to_owned();
        assert_eq!(location, acme(&format!("/people/roles?{expected}kept=true")));
    }
}

#[apply(on_each_database)]
fn who_gives_the_right_password_is_signed_in_also_where_nothing_can_be_kept(#[case] database: Database) {
    let portal = &database.portal_with(|_| {});
    let owner = portal.signed_in(Persona::Owner);
    sign_everybody_out(portal);
    let answer = invite(&owner, "ines@example.com", Role::Editor);
    let broken = |tx: &mut portico::db::WriteTx<'_>| {
        Ok::<_, portico::db::DbError>(
            diesel::sql_query("ALTER TABLE kept_forms RENAME TO others").execute(tx.connection)?,
        )
    };
    portal.app.write_now(broken).expect("the table is away");
    let signed_in = sign_in_with(&owner, &answer, OLGA);
    assert_eq!((signed_in.status, signed_in.location()), (303, acme("/people/invite").as_str()));
    let page = owner.follow(signed_in);
    assert!(page.text().contains("your form could not be kept. Fill it in once more."), "{}", page.text());
}
