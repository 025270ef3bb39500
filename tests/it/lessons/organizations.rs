//! Lessons about Organizations: who sees and changes what, by whatever way.

use portico::access::{Permission, Role};
use portico::guard::Guard;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{invite, organization_routes, send};
use crate::accounts::{is_signed_in, sign_in};
use crate::count;
use crate::organizations::domains;
use crate::support::state::{State, stored};
use crate::support::{self, Answer, PASSWORD, Persona, Portal, SLUG, all_at_once, on_both};
use crate::vouchers;

/// What only people of [`SLUG`] may read.
const FOREIGN: [&str; 9] = ["Acme", "Olga", "olga@", "Manuel", "manuel@", "Edith", "Rita", "Milo", "ines@example.com"];

fn assert_nothing_foreign(answer: &Answer, what: &str) {
    let everything = format!("{:?} {}", answer.headers, answer.body);
    for word in FOREIGN {
        assert!(!everything.contains(word), "{what} tells {word}");
    }
}

/// The routes below an Organization with the ids of things that are there.
fn filled(portal: &Portal, slug: &str) -> Vec<(portico::routes::RouteInfo, String)> {
    let (member, invitation) =
        (portal.membership(Persona::Member), portal.invitation_id("ines@example.com").expect("it is open"));
    let fill = |route: portico::routes::RouteInfo| {
        let is_of_invitation = ["/resend", "/link", "/withdraw"].iter().any(|end| route.path.ends_with(end));
        let id = if is_of_invitation { &invitation } else { &member };
        let path = route.path.replace("{slug}", slug).replace("{id}", id);
        (route, path)
    };
    organization_routes().into_iter().map(fill).collect()
}

/// The rows that matter, without sessions and counters.
fn organizations_and_people(portal: &Portal) -> State {
    let mut stored = stored(portal);
    stored.remove("user_sessions").expect("the table is there");
    stored
}

/// Row 2, CVE-2026-27803 (Vaultwarden): whoever could see a thing could manage it, the right check stood unused.
#[apply(on_both)]
fn lesson_02_seeing_settings_is_not_changing_them(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(manager.get(&format!("/organizations/{SLUG}/settings")).status, 200);
    invite(portal, "ines@example.com", Role::Reader);
    let before = organizations_and_people(portal);
    let mut tried = 0;
    for (route, path) in filled(portal, SLUG) {
        if route.guard == Guard::Organization(Permission::EditSettings) {
            tried += 1;
            let fields = [("name", "Taken over"), ("version", "1")];
            assert_eq!(send(&manager, &route, &path, &fields).status, 403, "{} {path}", route.method);
        }
    }
    assert!(tried >= 4);
    assert_eq!(organizations_and_people(portal), before);
}

/// Row 3, CVE-2026-27898 (Vaultwarden): a sub-route took the id of somebody else, and answered with their data.
#[apply(on_both)]
fn lesson_03_a_denied_answer_tells_nothing(#[case] portal: &Portal) {
    invite(portal, "ines@example.com", Role::Reader);
    let outsider = portal.signed_in(Persona::Outsider);
    let before = organizations_and_people(portal);
    for (route, path) in filled(portal, SLUG) {
        let fields = [
            ("selected", portal.membership(Persona::Member)),
            ("role", "owner".to_owned()),
            ("current", "member".to_owned()),
        ];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = send(&outsider, &route, &path, &fields);
        assert_eq!(answer.status, 404, "{} {path}", route.method);
        assert_nothing_foreign(&answer, &path);
        let answer = send(&portal.browser(), &route, &path, &fields);
        assert_eq!(answer.status, 303, "{} {path} signed out", route.method);
        assert_nothing_foreign(&answer, &path);
    }
    assert_eq!(organizations_and_people(portal), before);

    // A weak role learns who can help, and nothing about anybody else.
    let member = portal.signed_in(Persona::Member);
    let answer = member.get(&format!("/organizations/{SLUG}/people/{}", portal.membership(Persona::Editor)));
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("Olga"), "the Owner can help");
    assert!(!answer.body.contains("Edith") && !answer.body.contains("edith@"));
}

/// Row 9, emergency access of Vaultwarden up to 1.30.3: somebody could edit the limits that were set for them.
#[apply(on_both)]
fn lesson_09_fields_that_a_form_does_not_have_change_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let edit = format!("/organizations/{SLUG}/settings/edit");
    let form = owner.get(&edit);
    let otto = portal.scope_of("otto@example.com", "elsewhere");
    let organization = portal.scope(Persona::Owner).membership.organization_id;
    let id = otto.membership.organization_id.to_string();
    let fields = [
        ("version", form.html().value("version")),
        ("name", "Acme".to_owned()),
        ("legal_name", "Acme AG".to_owned()),
        ("country", "CH".to_owned()),
        ("city", "Basel".to_owned()),
        ("id", id.clone()),
        ("organization_id", id),
        ("slug", "elsewhere".to_owned()),
        ("kind", "individual".to_owned()),
        ("role", "member".to_owned()),
        ("owner", "otto@example.com".to_owned()),
        ("created_by", otto.person().user_id.to_string()),
        ("logo_hash", "x".to_owned()),
    ];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let elsewhere_before = portal.signed_in(Persona::Outsider).get("/organizations/elsewhere").body;
    let answer = owner.post(&edit, &fields);
    assert_eq!((answer.status, answer.location()), (303, "/organizations/acme/settings"), "{}", answer.text());
    let settings = owner.follow(answer).text();
    assert!(settings.contains("Basel") && settings.contains("Business"), "{settings}");
    assert_eq!(portal.scope(Persona::Owner).membership.organization_id, organization);
    assert_eq!(portal.role_of("olga@example.com"), Some(Role::Owner));
    assert_eq!(portal.signed_in(Persona::Outsider).get("/organizations/elsewhere").body, elsewhere_before);
    assert_eq!(owner.get("/organizations/elsewhere").status, 404);
}

/// Row 9 again: a role is nothing that its holder edits.
#[apply(on_both)]
fn lesson_09_nobody_raises_themselves(#[case] portal: &Portal) {
    for persona in [Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
        let browser = portal.signed_in(persona);
        let role = persona.role().expect("all of these have one");
        let path = format!("/organizations/{SLUG}/people/{}/role", portal.membership(persona));
        for current in [role.key(), "owner"] {
            assert_eq!(browser.post(&path, &[("role", "owner"), ("current", current)]).status, 403, "{persona:?}");
        }
        assert_eq!(portal.role_of(&persona.email()), Some(role));
    }
}

/// Row 19, CVE-2026-24791 (Gitea): a restriction held on the canonical route and not on its siblings. Found by walking the
/// routes, not by remembering them.
#[apply(on_both)]
fn lesson_19_no_spelling_of_an_address_is_a_way_around(#[case] portal: &Portal) {
    invite(portal, "ines@example.com", Role::Reader);
    let outsider = portal.signed_in(Persona::Outsider);
    for (route, path) in filled(portal, SLUG) {
        if route.method != "GET" {
            continue;
        }
        for spelling in [
            format!("{path}/"),
            format!("{path}?slug=elsewhere"),
            format!("{path};slug=elsewhere"),
            format!("/{path}"),
            path.replace("/acme", "//acme"),
            path.replace("/acme", "/./acme"),
            path.replace("/acme", "/elsewhere/../acme"),
            path.replace("/acme", "/elsewhere/%2e%2e/acme"),
            path.replace("/acme", "/elsewhere%2f..%2facme"),
            path.replace("/acme", "/%61cme"),
            path.replace("/acme", "/ACME"),
            path.replace("/acme", "/acme%20"),
            path.replace("/acme", "/acme%00"),
            path.replace("/organizations", "/Organizations"),
            path.replace("/organizations", "/%6frganizations"),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let answer = outsider.send(method, &spelling, &[], Vec::new());
                assert!([400, 404].contains(&answer.status), "{spelling} answers {}", answer.status);
                assert_nothing_foreign(&answer, &spelling);
            }
        }
        let override_headers = [
            ("X-HTTP-Method-Override", "POST"),
            ("X-Original-URL", "/organizations/elsewhere"),
            ("X-Rewrite-URL", "/home"),
        ];
        assert_eq!(outsider.send(Method::GET, &path, &override_headers, Vec::new()).status, 404, "{path}");
    }
}

/// Row 20, CVE-2026-22640 (Grafana): an administrator of one organization could delete somebody's account.
#[apply(on_both)]
fn lesson_20_removing_a_person_leaves_their_account(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    let owner = portal.signed_in(Persona::Owner);
    let users = count!(portal, users);
    let selected = portal.membership(Persona::Reader);
    let answer = owner.post(&format!("/organizations/{SLUG}/people/remove"), &[("selected", &selected)]);
    assert_eq!(answer.status, 303);
    assert_eq!(portal.role_of("rita@example.com"), None);
    assert_eq!(count!(portal, users), users);
    assert!(is_signed_in(&reader), "also the session is theirs");
    assert_eq!(reader.get(&format!("/organizations/{SLUG}")).status, 404, "the Organization is gone for them at once");
    assert_eq!(sign_in(&portal.browser(), "rita@example.com", PASSWORD).status, 303);
}

/// Row 21, CVE-2024-1313 and CVE-2026-28380 (Grafana): a thing of another organization could be deleted by its key.
#[apply(on_both)]
fn lesson_21_the_id_of_another_organization_names_nothing(#[case] portal: &Portal) {
    invite(portal, "ines@example.com", Role::Reader);
    let otto = portal.signed_in(Persona::Outsider);
    let (member, invitation) =
        (portal.membership(Persona::Member), portal.invitation_id("ines@example.com").expect("it is open"));
    let before = organizations_and_people(portal);
    let mut tried = 0;
    // The Owner of one Organization, at the addresses of that Organization, with ids of another.
    for (route, path) in filled(portal, "elsewhere") {
        if route.path.contains("{id}") {
            tried += 1;
            let fields = [("role", "owner"), ("current", "member")];
            let answer = send(&otto, &route, &path, &fields);
            assert_eq!(answer.status, 404, "{} {path}", route.method);
            assert_nothing_foreign(&answer, &path);
        }
    }
    assert!(tried >= 4);
    let remove = "/organizations/elsewhere/people/remove";
    for id in [&member, &invitation] {
        let answer = otto.get(&format!("{remove}?selected={id}"));
        assert_eq!(answer.status, 404);
        assert_nothing_foreign(&answer, remove);
        let answer = otto.post(remove, &[("selected", id)]);
        let page = otto.follow(answer);
        assert!(page.text().contains("Nothing was changed"), "{}", page.text());
        assert_nothing_foreign(&page, remove);
        for act in ["accept", "decline"] {
            let answer = otto.post(&format!("/home/invitations/{id}/{act}"), &[]);
            assert_eq!(answer.status, 404);
            assert_nothing_foreign(&answer, act);
        }
    }
    assert_eq!(organizations_and_people(portal), before);
}

/// Row 23, CVE-2026-5600 and CVE-2026-9712 (pretix): a new list showed the rows of everybody.
#[apply(on_both)]
fn lesson_23_no_list_and_no_export_has_a_foreign_row(#[case] portal: &Portal) {
    invite(portal, "ines@example.com", Role::Reader);
    let otto = portal.signed_in(Persona::Outsider);
    for path in [
        "/home",
        "/organizations/elsewhere",
        "/organizations/elsewhere/people",
        "/organizations/elsewhere/people?search=o",
        "/organizations/elsewhere/people?search=olga",
        "/organizations/elsewhere/people?role=manager",
        "/organizations/elsewhere/people?status=pending",
        "/organizations/elsewhere/people?status=active",
        "/organizations/elsewhere/people/export.csv",
        "/organizations/elsewhere/people/export.csv?search=example.com",
        "/organizations/elsewhere/settings",
    ] {
        let answer = otto.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_nothing_foreign(&answer, path);
    }
    let owner = portal.signed_in(Persona::Owner);
    for path in ["/people", "/people?search=example.com", "/people/export.csv", "/people/export.csv?status=active"] {
        let answer = owner.get(&format!("/organizations/{SLUG}{path}"));
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("edith@example.com"), "{path}");
        assert!(!answer.body.contains("otto@example.com") && !answer.body.contains("Elsewhere"), "{path}");
    }
    assert!(!owner.get("/home").text().contains("Elsewhere"));
}

/// Row 28, CVE-2026-33393 (Discourse): an allowed domain let in every domain that ends like it.
#[apply(on_both)]
fn lesson_28_an_allowed_domain_allows_no_other_that_only_looks_like_it(#[case] portal: &Portal) {
    domains::narrow(portal, "acme.example");
    let owner = portal.signed_in(Persona::Owner);
    for email in ["eve@notacme.example", "eve@acme.example.net", "eve@evil.acme.example", "eve@acme.examples"] {
        support::invite(&owner, email, Role::Reader);
        assert!(portal.invitation_id(email).is_none() && portal.mails_to(email).is_empty(), "{email}");
    }
    support::invite(&owner, "ada@ACME.example", Role::Reader);
    assert!(portal.invitation_id("ada@acme.example").is_some());
}

/// Row 29 (coupons used more than once): whether something was left was looked at before it was taken.
#[apply(on_both)]
fn lesson_29_the_last_use_is_taken_once_however_many_want_it(#[case] portal: &Portal) {
    let code = vouchers::code(portal, &vouchers::credits(portal, 100));
    let tabs = portal.signed_in(Persona::Owner);
    let statuses = all_at_once(8, |_| vouchers::validate(&tabs.copy(), &code).status);
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
    assert_eq!((portal.credits(), count!(portal, voucher_redemptions)), (100, 1));
}
