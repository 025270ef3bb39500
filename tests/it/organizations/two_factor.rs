//! An Organization that nobody enters without two-factor authentication.

use diesel::prelude::*;
use portico::access::Role;
use portico::db::DbError;
use portico::guard::Guard;
use portico::organizations::policies::{self, RequireTwoFactor};
use portico::people::removal;
use portico::routes::{RouteInfo, table};
use portico::schema::{memberships, users};
use rstest::rstest;
use rstest_reuse::apply;

use crate::accounts::passkeys::asked_for_one;
use crate::accounts::two_factor::{APP, PATH, turn_on};
use crate::count;
use crate::database::Watched;
use crate::people;
use crate::support::{
    Answer, Authenticator, AuthenticatorApp, Browser, Html, Persona, Portal, acme, at_once, invite, on_both, outbox,
    state::{State, assert_unchanged, stored},
};

const SWITCH: &str = "/organizations/acme/settings/two-factor";
const LACKING: &str = "/organizations/acme/people/without-two-factor";
const REQUIRED: &str = "/organizations/acme/two-factor";

fn switch(browser: &Browser, required: &str) -> Answer {
    browser.post(SWITCH, &[("required", required)])
}

/// Acme requires it, by the wish of its Owner, who has it.
fn required(portal: &Portal) -> Browser {
    let owner = portal.signed_in(Persona::Owner);
    turn_on(portal, &owner);
    let answer = switch(&owner, "yes");
    assert_eq!((answer.status, answer.location()), (303, "/organizations/acme/settings"), "{}", answer.text());
    owner
}

/// Where somebody is led who asks for a page.
fn led(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path);
    assert_eq!(answer.status, 303, "{path}: {}", answer.text());
    answer.location().to_owned()
}

/// Goes on from the page of two-factor authentication to that of an app.
fn app_page(browser: &Browser, page: &str) -> Html {
    let app = browser.get(page).html().attributes("main a[href^='/account/security/two-factor/app']", "href").remove(0);
    browser.get(&app).html()
}

fn set_up_elsewhere(portal: &Portal, email: &str) {
    turn_on(portal, &portal.signed_in_as(email));
}

#[apply(on_both)]
fn it_counts_on_the_very_next_request_for_every_role(#[case] portal: &Portal) {
    let personas = [Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member];
    let mut browsers = Vec::from(personas.map(|persona| portal.signed_in(persona)));
    portal.add_person("second@example.com", Role::Owner);
    browsers.push(portal.signed_in_as("second@example.com"));
    for browser in &browsers {
        assert_eq!(browser.get(&acme("/plans?a=b")).status, 200);
    }
    let owner = required(portal);
    for browser in &browsers {
        let led = led(browser, &acme("/plans?a=b"));
        assert_eq!(led, "/organizations/acme/two-factor?next=%2Forganizations%2Facme%2Fplans%3Fa%3Db");
        let page = browser.get(&led);
        assert_eq!(page.html().text("h1"), "Two-factor authentication required");
        assert!(page.text().contains("Acme opens only to people who sign in with two-factor authentication."));
        // Whatever their role would say: what lies behind is nothing to them.
        assert!(browser.get(&acme("/settings/edit")).location().starts_with(REQUIRED));
        assert!(browser.get("/home").text().contains("Two-factor authentication required"));
    }
    assert_eq!(owner.get(&acme("/plans")).status, 200);
    assert!(!owner.get("/home").text().contains("Two-factor authentication required"), "they have it");
    // Who sets it up enters at once, and once it is off there is nothing to be asked for.
    turn_on(portal, &browsers[3]);
    assert_eq!(browsers[3].get(&acme("")).status, 200);
    assert_eq!(switch(&owner, "no").status, 303);
    for browser in &browsers {
        assert_eq!(browser.get(&acme("/plans")).status, 200);
        assert_eq!(led(browser, &format!("{REQUIRED}?next=%2Forganizations%2Facme%2Fplans")), acme("/plans"));
    }
}

/// All addresses below an Organization.
fn inside() -> Vec<RouteInfo> {
    let all = table(true, true).list().into_iter();
    all.filter(|route| matches!(route.guard, Guard::Organization(_))).collect()
}

/// Without the forms that are kept for their senders.
fn but_kept(mut state: State) -> State {
    state.remove("kept_forms").expect("the table is there");
    state
}

#[apply(on_both)]
fn no_address_of_the_organization_is_open_without_it(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    required(portal);
    portal.add_person("second@example.com", Role::Owner);
    let second = portal.signed_in_as("second@example.com");
    let before = but_kept(stored(portal));
    let mut open = Vec::new();
    for route in inside() {
        let path = places.path(&route.path);
        let is_form = route.method == "POST";
        if route.admits_without_two_factor || route.path.ends_with("/logo") && !is_form {
            open.push((route.method, route.path));
            continue;
        }
        let answer = if is_form { places.sample(&route).post(&second, &path) } else { second.get(&path) };
        let what = format!("{} {}: {}", route.method, route.path, answer.text());
        assert_eq!(answer.status, 303, "{what}");
        assert!(answer.location().starts_with("/organizations/acme/two-factor?next="), "{what}");
        assert_eq!(answer.body, "", "{what}");
    }
    assert_unchanged(&before, &but_kept(stored(portal)), "requests without two-factor authentication");
    let open: Vec<_> = open.iter().map(|(method, path)| (method.as_str(), path.as_str())).collect();
    assert_eq!(
        open,
        [
            ("GET", "/organizations/{slug}/logo"),
            ("GET", "/organizations/{slug}/leave"),
            ("POST", "/organizations/{slug}/leave"),
            ("GET", "/organizations/{slug}/two-factor"),
        ]
    );
    // To outsiders it does not exist, with a policy or without.
    assert_eq!(portal.signed_in(Persona::Outsider).get(REQUIRED).status, 404);
}

#[apply(on_both)]
fn a_form_is_kept_and_comes_back_after_setting_it_up(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    required(portal);
    let answer = invite(&manager, "ada@example.net\nbea@example.net", Role::Editor);
    assert_eq!(answer.status, 303);
    let page = manager.follow(answer);
    assert!(page.text().contains("Nothing was sent yet."), "{}", page.text());
    let set_up = page.html().attributes("main a.button", "href").remove(0);
    let form = app_page(&manager, &set_up);
    let app = AuthenticatorApp::of(&form);
    let field = |code: &str| {
        let (set_up, next) = (form.value("set_up"), form.value("next"));
        let fields = [("set_up", &*set_up), ("next", &*next), ("code", code)];
        manager.post(APP, &fields)
    };
    // A slip of the finger loses nothing.
    let wrong = field("");
    assert_eq!((wrong.status, wrong.html().value("next")), (422, acme("/people/invite?kept=true")));
    let codes = field(&app.code(portal.app.now()));
    assert_eq!((codes.status, codes.html().text("h1").as_str()), (200, "Your recovery codes"), "{}", codes.text());
    let next = codes.html().attributes(".actions a.button-primary", "href").remove(0);
    let page = manager.get(&next).html();
    assert_eq!(page.value("emails").trim(), "ada@example.net\nbea@example.net");
    assert_eq!(page.value("role"), "editor");
    assert_eq!(count!(portal, invitations), 0, "nothing is sent by itself");
    // What has no fields is told all the same.
    let member = portal.signed_in(Persona::Member);
    let answer = member.follow(member.post(&acme("/people/resend"), &[]));
    assert!(answer.text().contains("Nothing was done yet."), "{}", answer.text());
}

#[apply(on_both)]
fn setting_it_up_leads_to_no_other_site(#[case] portal: &Portal) {
    let member = portal.signed_in(Persona::Member);
    required(portal);
    for next in ["https%3A%2F%2Fevil.example%2F", "%2F%2Fevil.example", "evil"] {
        let page = member.get(&format!("{REQUIRED}?next={next}")).html();
        let set_up = page.attributes("main a.button", "href").remove(0);
        assert_eq!(set_up, "/account/security/two-factor?next=%2Forganizations%2Facme");
    }
    let form = app_page(&member, "/account/security/two-factor?next=%2F%2Fevil.example");
    let (set_up, code) = (form.value("set_up"), AuthenticatorApp::of(&form).code(portal.app.now()));
    let fields = [("set_up", &*set_up), ("next", "//evil.example"), ("code", &*code)];
    let codes = member.post(APP, &fields).html();
    assert_eq!(codes.attributes(".actions a.button-primary", "href"), [PATH]);
}

#[apply(on_both)]
fn a_passkey_that_is_added_on_the_way_leads_on(#[case] portal: &Portal) {
    const NEW: &str = "/account/security/passkeys/new";
    let member = portal.signed_in(Persona::Member);
    required(portal);
    let overview = led(&member, &acme("/plans")).replace(REQUIRED, PATH);
    let link = member.get(&overview).html().attributes(&format!("main a[href^='{NEW}']"), "href").remove(0);
    let form = member.get(&link).html();
    let added = |next: &str| {
        let (mut device, (options, question)) = (Authenticator::new(portal), asked_for_one(&member));
        let made = device.make(&options);
        let fields = [("passkey_name", "Laptop"), ("question", &*question), ("answer", &*made), ("next", next)];
        let answer = member.post(NEW, &fields);
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.location().to_owned()
    };
    let back = added(&form.value("next"));
    assert_eq!(back, overview);
    let next = member.get(&back).html().value("next");
    let codes = member.post(&format!("{PATH}/passkeys"), &[("next", &next)]).html();
    assert_eq!(codes.attributes(".actions a.button-primary", "href"), [acme("/plans")]);
    assert_eq!(member.get(&acme("/plans")).status, 200);
    assert_eq!(added("//evil.example"), "/account/security/passkeys");
}

#[apply(on_both)]
fn an_owner_who_lacks_it_sets_it_up_first(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(SWITCH);
    assert!(page.text().contains("You do not have it yourself"), "{}", page.text());
    assert!(!page.html().has_button("Require two-factor authentication"));
    let link = page.html().attributes(".notice a", "href").remove(0);
    assert_eq!(link, "/account/security/two-factor?next=/organizations/acme/settings/two-factor");
    let recorded = portal.recorded(|| {
        let answer = switch(&owner, "yes");
        assert_eq!(answer.status, 409);
        assert!(answer.text().contains("You do not have it yourself"), "{}", answer.text());
        assert_eq!(switch(&owner, "maybe").status, 422);
    });
    assert!(recorded.is_empty(), "{recorded:?}");
    assert!(!portal.scope(Persona::Owner).membership.policies.requires_two_factor);
    turn_on(portal, &owner);
    assert!(owner.get(SWITCH).html().has_button("Require two-factor authentication"));
    assert_eq!(switch(&owner, "yes").status, 303);
    // Who turns it off is told of what they shut themselves out, and may.
    let page = owner.get("/account/security/two-factor/off");
    assert!(page.text().contains("You cannot enter these Organizations without it Acme"), "{}", page.text());
    assert_eq!(owner.post("/account/security/two-factor/off", &[]).status, 303);
    assert!(led(&owner, SWITCH).starts_with(REQUIRED), "the Owner is led like everybody");
}

#[apply(on_both)]
fn it_is_recorded_and_the_other_owners_are_told(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let heard = || {
        let mails = portal.mails_to("second@example.com").into_iter();
        mails.filter(|mail| mail.subject.starts_with("Acme")).collect::<Vec<_>>()
    };
    let owner = portal.signed_in(Persona::Owner);
    turn_on(portal, &owner);
    let recorded = portal.recorded(|| {
        assert_eq!(switch(&owner, "yes").status, 303);
        assert!(owner.follow(switch(&owner, "yes")).text().contains("Nothing was changed."));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((&*row.action, &*row.actor_name), ("organization.settings.changed", "Olga Tester"));
    assert_eq!((&*row.before, &*row.after), (r#"{"requires_two_factor":false}"#, r#"{"requires_two_factor":true}"#));
    let log = owner.get(&acme("/activity?kind=settings")).html().text("table.table-activity tbody th");
    assert!(log.contains("Two-factor authentication required"), "{log}");
    let [mail] = heard().try_into().expect("one mail");
    assert_eq!(mail.subject, "Acme on Portico now requires two-factor authentication");
    let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Olga Tester switched on that everybody needs two-factor authentication"), "{text}");
    assert!(text.contains("/organizations/acme/activity"), "{text}");
    assert_eq!(portal.mails_to(&Persona::Member.email()).len(), 0);
    // Back and forth is one mail at once and the latest an hour later.
    outbox::deliver(&portal.app);
    for required in ["no", "yes", "no"] {
        assert_eq!(switch(&owner, required).status, 303);
    }
    let last = heard().pop().expect("a mail");
    assert_eq!((heard().len(), &*last.subject), (2, "Acme on Portico no longer requires two-factor authentication"));
}

#[apply(on_both)]
fn leaving_needs_nothing(#[case] portal: &Portal) {
    let member = portal.signed_in(Persona::Member);
    required(portal);
    let page = member.follow(member.get(&acme("")));
    assert!(page.html().attributes("main a", "href").contains(&acme("/leave")));
    assert_eq!(member.get(&acme("/leave")).status, 200);
    assert_eq!(member.post(&acme("/leave"), &[]).location(), "/home");
    assert_eq!(portal.role_of(&Persona::Member.email()), None);
    assert_eq!(member.get(&acme("")).status, 404);
}

#[apply(on_both)]
fn invitations_are_accepted_without_it_and_lead_to_setting_it_up(#[case] portal: &Portal) {
    let owner = required(portal);
    portal.add_user("ada@example.net");
    assert_eq!(invite(&owner, "ada@example.net", Role::Reader).status, 303);
    let id = portal.invitation_id("ada@example.net").expect("invited");
    let ada = portal.signed_in_as("ada@example.net");
    let answer = ada.post(&format!("/home/invitations/{id}/accept"), &[]);
    assert_eq!((answer.status, answer.location()), (303, acme("").as_str()));
    assert_eq!(portal.role_of("ada@example.net"), Some(Role::Reader));
    assert_eq!(ada.follow(answer).html().text("h1"), "Two-factor authentication required");
}

#[apply(on_both)]
fn who_lacks_it_is_listed_before_and_after(#[case] portal: &Portal) {
    let [owner, manager] = [Persona::Owner, Persona::Manager].map(|persona| portal.signed_in(persona));
    let names = |browser: &Browser| browser.get(LACKING).html().texts(".people-list a");
    assert_eq!(names(&owner), ["Olga Tester", "Manuel Tester", "Edith Tester", "Rita Tester", "Milo Tester"]);
    assert!(owner.get(SWITCH).text().contains("5 people of 5, the first of them here."));
    assert_eq!(manager.get(LACKING).status, 404, "before, it is no concern of Managers");
    for persona in [Persona::Manager, Persona::Editor] {
        set_up_elsewhere(portal, &persona.email());
    }
    required(portal);
    assert_eq!(names(&manager), ["Rita Tester", "Milo Tester"]);
    for page in [acme("/people"), acme("/settings")] {
        let page = manager.get(&page).html();
        assert_eq!(page.attributes(&format!("main a[href='{LACKING}']"), "href").len(), 1);
        let said = page.text(&format!("main a[href='{LACKING}']"));
        assert!(said.starts_with("2 people have not set"), "{said}");
    }
    // Who sets it up is gone from the list, who turns it off is back, who leaves takes their row along.
    let reader = portal.signed_in(Persona::Reader);
    turn_on(portal, &reader);
    assert_eq!(names(&manager), ["Milo Tester"]);
    assert!(manager.get(&acme("/settings")).text().contains("1 person has not set it up yet"));
    assert_eq!(reader.post("/account/security/two-factor/off", &[]).status, 303);
    assert_eq!(names(&manager), ["Rita Tester", "Milo Tester"]);
    let member = portal.scope(Persona::Member);
    portal.app.write_now::<_, DbError>(|tx| removal::leave(tx, &member)).expect("they leave");
    assert_eq!(names(&manager), ["Rita Tester"]);
    // Who comes with it is never on it, and neither is who cannot sign in.
    let ada = portal.add_user("ada@example.net").user_id;
    set_up_elsewhere(portal, "ada@example.net");
    let scope = portal.scope(Persona::Owner);
    let joined = portal.app.write_now::<_, DbError>(|tx| {
        portico::people::members::join(tx, scope.organization_id(), &ada, Role::Reader, "Olga Tester")
    });
    assert!(joined.expect("they join"));
    assert_eq!(names(&manager), ["Rita Tester"]);
    portal.rewrite(|connection| {
        let rita = users::table.filter(users::email.eq(Persona::Reader.email()));
        diesel::update(rita).set(users::suspended_at.eq(Some(portal.app.now()))).execute(connection)
    });
    assert!(manager.get(LACKING).text().contains("Everybody has set it up"));
}

#[apply(on_both)]
fn the_list_is_read_part_by_part_and_counted_up_to_a_thousand(#[case] portal: &Portal) {
    let owner = required(portal);
    let join = |numbers: std::ops::Range<usize>| {
        let person = |number| (format!("person-{number}@example.org"), format!("Person{number}"), "Many".to_owned());
        people::join(portal, &numbers.map(person).collect::<Vec<_>>(), Role::Member);
    };
    join(0..120);
    let mut seen = Vec::new();
    let mut page = owner.get(LACKING).html();
    assert_eq!(page.text("#lacking-title"), "124 people");
    loop {
        seen.extend(page.texts(".people-list a"));
        let next = page.attributes("a[rel=next]", "href");
        let Some(next) = next.first() else { break };
        page = owner.get(next).html();
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!((seen.len(), once.len()), (124, 124));
    let back = owner.get(&page.attributes("a[rel=prev]", "href")[0]).html();
    assert_eq!(back.texts(".people-list a"), seen[50..100]);
    join(120..1_000);
    assert_eq!(owner.get(LACKING).html().text("#lacking-title"), "More than 1,000 people");
    assert!(owner.get(SWITCH).text().contains("More than 1,000 people of 1005"));
}

/// What an older version, which does not know the copies, leaves behind.
#[apply(on_both)]
fn the_start_puts_right_what_an_older_version_did_not_note(#[case] portal: &Portal) {
    set_up_elsewhere(portal, &Persona::Reader.email());
    let stored = || -> Vec<String> {
        portal.query(|connection| {
            memberships::table
                .inner_join(users::table)
                .filter(memberships::has_two_factor.eq(true))
                .order(users::email)
                .select(users::email)
                .load(connection)
        })
    };
    assert_eq!(stored(), ["rita@example.com"]);
    portal.rewrite(|connection| {
        diesel::update(users::table.filter(users::email.eq("rita@example.com")))
            .set(users::two_factor_at.eq(None::<portico::time::Timestamp>))
            .execute(connection)
    });
    portal.rewrite(|connection| {
        diesel::update(users::table.filter(users::email.eq("milo@example.com")))
            .set(users::two_factor_at.eq(Some(portal.app.now())))
            .execute(connection)
    });
    portico::people::directory::complete(&portal.app.db, &portal.app.context).expect("it is put right");
    assert_eq!(stored(), ["milo@example.com"]);
}

#[apply(on_both)]
fn of_owners_who_choose_at_once_each_change_is_recorded_in_its_order(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    required(portal);
    let second = portal.scope_of("second@example.com", "acme");
    let owner = portal.scope(Persona::Owner);
    let choose = |scope: &portico::access::Scope, required| {
        portal
            .app
            .write_now::<_, DbError>(|tx| policies::require_two_factor(tx, scope, required))
            .expect("it is stored")
    };
    let before = portal.activity().len();
    for _ in 0..4 {
        let (one, other) = at_once(|| choose(&owner, false), || choose(&second, false));
        let mut outcomes = [one, other];
        outcomes.sort_by_key(|outcome| *outcome == RequireTwoFactor::Unchanged);
        assert_eq!(outcomes, [RequireTwoFactor::Saved, RequireTwoFactor::Unchanged]);
        assert_eq!(choose(&owner, true), RequireTwoFactor::Saved);
    }
    assert_eq!(portal.activity().len(), before + 8, "each change has a row, and what changed nothing has none");
    // Whoever switches it on has it at that moment.
    assert_eq!(choose(&owner, false), RequireTwoFactor::Saved);
    assert_eq!(choose(&second, true), RequireTwoFactor::LackIt);
    portal.set_role("second@example.com", Role::Manager);
    assert_eq!(choose(&second, true), RequireTwoFactor::NotAllowed);
}

#[apply(on_both)]
fn policies_cost_no_statement(#[case] portal: &Portal) {
    let watched = Watched::new(portal);
    let owner = portal.signed_in(Persona::Owner).at(&watched.portal.url);
    let statements = || {
        watched.take();
        assert_eq!(owner.get(&acme("/leave")).status, 200);
        assert_eq!(owner.get(&acme("")).status, 200);
        watched.take().len()
    };
    statements();
    let before = statements();
    turn_on(portal, &portal.signed_in(Persona::Owner));
    let fields = [("length", "one_hour"), ("seen_length", "portal")];
    assert_eq!(switch(&owner, "yes").status, 303);
    assert_eq!(owner.post(&acme("/settings/session-length"), &fields).status, 303);
    statements();
    assert_eq!(statements(), before);
    // Who is led away costs less than the page.
    let member = portal.signed_in(Persona::Member).at(&watched.portal.url);
    assert_eq!(member.get(&acme("")).status, 303);
    watched.take();
    assert_eq!(member.get(&acme("")).status, 303);
    assert_eq!(watched.take().len(), 2, "session and membership");
}

#[apply(on_both)]
fn an_export_without_it_is_led_away_like_a_page(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(manager.get(&acme("/people/export.csv")).header("content-type"), "text/csv; charset=utf-8");
    required(portal);
    for path in ["/people/export.csv", "/activity/export.csv", "/credits/export.csv", "/plans/invoices/export.csv"] {
        let answer = manager.get(&acme(path));
        assert_eq!((answer.status, &*answer.body), (303, ""), "{path}");
        assert!(answer.location().starts_with(REQUIRED));
    }
}
