//! Every route, for every role, for outsiders and for people who are not signed in, against the table of permissions. The table
//! is written down here once more by hand: a route or a permission that is not in it fails the first two tests.

use portico::access::{Permission, Role};
use portico::audit::By;
use portico::db::DbError;
use portico::guard::Guard;
use portico::licences::issue::issue;
use portico::licences::terms::Term;
use portico::routes::{RouteInfo, table};
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use crate::support::{
    Answer, Browser, Persona, Portal, SLUG, given, on_both,
    places::{ELSEWHERE, Places},
    state::{assert_unchanged, stored},
};

/// The table of roles and permissions, as far as there are pages for it: the lowest role that has each.
const LOWEST: [(Permission, Role); 20] = [
    (Permission::ViewDashboard, Role::Member),
    (Permission::Leave, Role::Member),
    (Permission::ViewPeople, Role::Manager),
    (Permission::ManagePeople, Role::Manager),
    (Permission::ViewCreditHistory, Role::Manager),
    (Permission::ViewSettings, Role::Manager),
    (Permission::ViewActivity, Role::Manager),
    (Permission::EditSettings, Role::Owner),
    (Permission::TransferOwnership, Role::Owner),
    (Permission::UseLicences, Role::Member),
    (Permission::ViewLicences, Role::Editor),
    (Permission::ManageLicences, Role::Manager),
    (Permission::RedeemVouchers, Role::Manager),
    (Permission::CancelLicences, Role::Owner),
    // Where the policy allows it: see organizations/policies.rs.
    (Permission::Purchase, Role::Manager),
    (Permission::PurchaseSupport, Role::Manager),
    (Permission::ViewOrders, Role::Manager),
    (Permission::ManagePaymentMethod, Role::Owner),
    (Permission::ManageTopUp, Role::Owner),
    (Permission::ManageNotifications, Role::Manager),
];

/// Who may use an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Anybody, signed in or not: no session is read.
    Anonymous,
    Anybody,
    SignedIn,
    With(Permission),
}

use Permission::{
    CancelLicences, EditSettings, Leave, ManageLicences, ManageNotifications, ManagePaymentMethod, ManagePeople,
    ManageTopUp, Purchase, PurchaseSupport, RedeemVouchers, TransferOwnership, UseLicences, ViewActivity,
    ViewCreditHistory, ViewDashboard, ViewLicences, ViewOrders, ViewPeople, ViewSettings,
};
use Who::{Anonymous, Anybody, SignedIn, With};

const EXPECTED: &[(&str, &str, Who)] = &[
    ("GET", "/", Anonymous),
    ("GET", "/healthz", Anonymous),
    ("GET", "/metrics", Anonymous),
    ("GET", "/readyz", Anonymous),
    ("GET", "/static/{name}", Anonymous),
    ("GET", "/favicon.ico", Anonymous),
    ("GET", "/apple-touch-icon.png", Anonymous),
    ("GET", "/manifest.webmanifest", Anonymous),
    ("GET", "/robots.txt", Anonymous),
    ("GET", "/.well-known/change-password", Anonymous),
    ("GET", "/sign-in", Anybody),
    ("POST", "/sign-in", Anybody),
    ("POST", "/sign-in/passkey", Anybody),
    ("GET", "/sign-in/passkey/question", Anybody),
    ("GET", "/sign-in/confirm", Anybody),
    ("POST", "/sign-in/confirm", Anybody),
    ("POST", "/sign-in/confirm/passkey", Anybody),
    ("GET", "/sign-in/confirm/passkey/question", Anybody),
    ("POST", "/sign-in/two-factor/passkey", Anybody),
    ("GET", "/sign-in/two-factor/passkey/question", Anybody),
    ("GET", "/sign-in/two-factor", Anybody),
    ("POST", "/sign-in/two-factor", Anybody),
    ("GET", "/sign-in/recovery-code", Anybody),
    ("POST", "/sign-in/recovery-code", Anybody),
    ("GET", "/sign-up", Anybody),
    ("POST", "/sign-up", Anybody),
    ("GET", "/dev/terms", Anybody),
    ("GET", "/dev/privacy", Anybody),
    ("GET", "/sign-up/again", Anybody),
    ("POST", "/sign-up/again", Anybody),
    ("GET", "/verify-email", Anybody),
    ("POST", "/verify-email", Anybody),
    ("GET", "/forgot-password", Anybody),
    ("POST", "/forgot-password", Anybody),
    ("GET", "/reset-password", Anybody),
    ("POST", "/reset-password", Anybody),
    ("GET", "/invitations/{token}", Anybody),
    ("GET", "/invitations/{token}/block", Anybody),
    ("POST", "/invitations/{token}/block", Anybody),
    ("POST", "/invitations/{token}/allow", Anybody),
    ("POST", "/invitations/{token}/decline", Anybody),
    ("GET", "/invitations/{token}/logo", Anybody),
    ("POST", "/invitations/{token}/sign-up", Anybody),
    ("GET", "/notifications/confirm/{token}", Anybody),
    ("POST", "/notifications/confirm/{token}", Anybody),
    ("GET", "/notifications/unsubscribe/{token}", Anybody),
    ("POST", "/notifications/unsubscribe/{token}", Anybody),
    ("GET", "/not-me/{token}", Anybody),
    ("POST", "/not-me/{token}", Anybody),
    ("POST", "/password-advice", Anybody),
    ("GET", "/account/security", SignedIn),
    ("GET", "/account/security/events", SignedIn),
    ("GET", "/account/security/password", SignedIn),
    ("POST", "/account/security/password", SignedIn),
    ("GET", "/account/security/email", SignedIn),
    ("POST", "/account/security/email", SignedIn),
    ("POST", "/account/security/email/cancel", SignedIn),
    ("GET", "/account/security/email/confirm/{token}", SignedIn),
    ("POST", "/account/security/email/confirm/{token}", SignedIn),
    ("GET", "/account/security/passkeys", SignedIn),
    ("GET", "/account/security/passkeys/new", SignedIn),
    ("POST", "/account/security/passkeys/new", SignedIn),
    ("GET", "/account/security/passkeys/question", SignedIn),
    ("GET", "/account/security/passkeys/{id}", SignedIn),
    ("POST", "/account/security/passkeys/{id}", SignedIn),
    ("GET", "/account/security/passkeys/{id}/remove", SignedIn),
    ("POST", "/account/security/passkeys/{id}/remove", SignedIn),
    ("GET", "/account/security/two-factor", SignedIn),
    ("POST", "/account/security/two-factor/passkeys", SignedIn),
    ("GET", "/account/security/two-factor/app", SignedIn),
    ("POST", "/account/security/two-factor/app", SignedIn),
    ("GET", "/account/security/two-factor/app/remove", SignedIn),
    ("POST", "/account/security/two-factor/app/remove", SignedIn),
    ("GET", "/account/security/two-factor/codes", SignedIn),
    ("POST", "/account/security/two-factor/codes", SignedIn),
    ("POST", "/account/security/two-factor/codes/file", SignedIn),
    ("GET", "/account/security/two-factor/off", SignedIn),
    ("POST", "/account/security/two-factor/off", SignedIn),
    ("POST", "/account/security/sessions/{id}/end", SignedIn),
    ("POST", "/account/security/sessions/end-others", SignedIn),
    ("POST", "/sign-out", SignedIn),
    ("GET", "/home", SignedIn),
    ("POST", "/home/invitations/{id}/accept", SignedIn),
    ("POST", "/home/invitations/{id}/decline", SignedIn),
    ("GET", "/home/ownership/{id}", SignedIn),
    ("POST", "/home/ownership/{id}/accept", SignedIn),
    ("POST", "/home/ownership/{id}/decline", SignedIn),
    ("POST", "/invitations/{token}/accept", SignedIn),
    ("POST", "/invitations/{token}/switch", SignedIn),
    ("GET", "/organizations/new", SignedIn),
    ("POST", "/organizations/new", SignedIn),
    ("GET", "/account/details", SignedIn),
    ("POST", "/account/details", SignedIn),
    ("POST", "/account/details/picture", SignedIn),
    ("POST", "/account/details/picture/remove", SignedIn),
    ("GET", "/account/preferences", SignedIn),
    ("GET", "/account/preferences/edit", SignedIn),
    ("POST", "/account/preferences/edit", SignedIn),
    ("GET", "/account/privacy", SignedIn),
    ("GET", "/account/privacy/edit", SignedIn),
    ("POST", "/account/privacy/edit", SignedIn),
    ("GET", "/account/privacy/deletion", SignedIn),
    ("POST", "/account/privacy/deletion", SignedIn),
    ("GET", "/account/privacy/deletion/confirm/{token}", SignedIn),
    ("POST", "/account/privacy/deletion/confirm/{token}", SignedIn),
    ("POST", "/account/privacy/deletion/keep", SignedIn),
    ("POST", "/account/privacy/export", SignedIn),
    ("GET", "/account/privacy/export/{token}", SignedIn),
    ("GET", "/account/privacy/export/{token}/file", SignedIn),
    ("GET", "/account/picture", SignedIn),
    ("GET", "/organizations/{slug}", With(ViewDashboard)),
    ("GET", "/organizations/{slug}/logo", With(ViewDashboard)),
    ("GET", "/organizations/{slug}/close", With(EditSettings)),
    ("POST", "/organizations/{slug}/close", With(EditSettings)),
    ("GET", "/organizations/{slug}/ownership", With(TransferOwnership)),
    ("POST", "/organizations/{slug}/ownership", With(TransferOwnership)),
    ("POST", "/organizations/{slug}/ownership/withdraw", With(TransferOwnership)),
    ("GET", "/organizations/{slug}/leave", With(Leave)),
    ("POST", "/organizations/{slug}/leave", With(Leave)),
    ("GET", "/organizations/{slug}/two-factor", With(ViewDashboard)),
    ("GET", "/organizations/{slug}/credits", With(ViewCreditHistory)),
    ("GET", "/organizations/{slug}/credits/export.csv", With(ViewCreditHistory)),
    ("GET", "/organizations/{slug}/credits/top-up", With(ViewCreditHistory)),
    ("POST", "/organizations/{slug}/credits/top-up/on", With(ManageTopUp)),
    ("POST", "/organizations/{slug}/credits/top-up/off", With(ManageTopUp)),
    ("GET", "/organizations/{slug}/notifications", With(ManageNotifications)),
    ("GET", "/organizations/{slug}/notifications/add", With(ManageNotifications)),
    ("POST", "/organizations/{slug}/notifications/add", With(ManageNotifications)),
    ("GET", "/organizations/{slug}/notifications/own", With(EditSettings)),
    ("POST", "/organizations/{slug}/notifications/own", With(EditSettings)),
    ("POST", "/organizations/{slug}/notifications/threshold", With(ManageNotifications)),
    ("POST", "/organizations/{slug}/notifications/test", With(ManageNotifications)),
    ("GET", "/organizations/{slug}/notifications/log", With(ManageNotifications)),
    ("GET", "/organizations/{slug}/notifications/recipients/{id}", With(ManageNotifications)),
    ("POST", "/organizations/{slug}/notifications/recipients/{id}", With(ManageNotifications)),
    ("POST", "/organizations/{slug}/notifications/recipients/{id}/ask", With(ManageNotifications)),
    ("POST", "/organizations/{slug}/notifications/recipients/{id}/remove", With(ManageNotifications)),
    ("GET", "/organizations/{slug}/activity", With(ViewActivity)),
    ("GET", "/organizations/{slug}/activity/export.csv", With(ViewActivity)),
    ("GET", "/organizations/{slug}/settings", With(ViewSettings)),
    ("GET", "/organizations/{slug}/settings/edit", With(EditSettings)),
    ("POST", "/organizations/{slug}/settings/edit", With(EditSettings)),
    ("GET", "/organizations/{slug}/settings/complete", With(EditSettings)),
    ("POST", "/organizations/{slug}/settings/complete", With(EditSettings)),
    ("POST", "/organizations/{slug}/settings/logo", With(EditSettings)),
    ("POST", "/organizations/{slug}/settings/logo/remove", With(EditSettings)),
    ("POST", "/organizations/{slug}/settings/news", With(EditSettings)),
    ("GET", "/organizations/{slug}/settings/two-factor", With(EditSettings)),
    ("POST", "/organizations/{slug}/settings/two-factor", With(EditSettings)),
    ("GET", "/organizations/{slug}/settings/session-length", With(EditSettings)),
    ("POST", "/organizations/{slug}/settings/session-length", With(EditSettings)),
    ("GET", "/organizations/{slug}/people", With(ViewPeople)),
    ("GET", "/organizations/{slug}/people/export.csv", With(ViewPeople)),
    ("GET", "/organizations/{slug}/people/invite", With(ManagePeople)),
    ("POST", "/organizations/{slug}/people/invite", With(ManagePeople)),
    ("GET", "/organizations/{slug}/people/remove", With(ManagePeople)),
    ("POST", "/organizations/{slug}/people/remove", With(ManagePeople)),
    ("GET", "/organizations/{slug}/people/roles", With(ManagePeople)),
    ("POST", "/organizations/{slug}/people/roles", With(ManagePeople)),
    ("GET", "/organizations/{slug}/people/resend", With(ManagePeople)),
    ("POST", "/organizations/{slug}/people/resend", With(ManagePeople)),
    ("POST", "/organizations/{slug}/people/undo/{batch}", With(ManagePeople)),
    ("GET", "/organizations/{slug}/people/without-two-factor", With(ViewPeople)),
    ("GET", "/organizations/{slug}/people/{id}", With(ViewPeople)),
    ("POST", "/organizations/{slug}/people/{id}/role", With(ManagePeople)),
    ("POST", "/organizations/{slug}/people/{id}/resend", With(ManagePeople)),
    ("POST", "/organizations/{slug}/people/{id}/link", With(ManagePeople)),
    ("POST", "/organizations/{slug}/people/{id}/withdraw", With(ManagePeople)),
    ("GET", "/organizations/{slug}/plans", With(UseLicences)),
    ("GET", "/organizations/{slug}/plans/shop", With(ViewLicences)),
    ("GET", "/organizations/{slug}/plans/shop/{product}", With(ViewLicences)),
    ("GET", "/organizations/{slug}/plans/shop/{product}/buy/{plan}", With(Purchase)),
    ("POST", "/organizations/{slug}/plans/shop/{product}/buy/{plan}", With(Purchase)),
    ("GET", "/organizations/{slug}/credits/buy", With(Purchase)),
    ("GET", "/organizations/{slug}/credits/buy/{package}", With(Purchase)),
    ("POST", "/organizations/{slug}/credits/buy/{package}", With(Purchase)),
    ("GET", "/organizations/{slug}/plans/orders", With(ViewOrders)),
    ("GET", "/organizations/{slug}/plans/orders/export.csv", With(ViewOrders)),
    ("GET", "/organizations/{slug}/plans/orders/{id}", With(ViewOrders)),
    ("GET", "/organizations/{slug}/plans/orders/{id}/return", With(ViewOrders)),
    ("POST", "/organizations/{slug}/plans/orders/{id}/pay", With(PurchaseSupport)),
    ("POST", "/organizations/{slug}/plans/orders/{id}/end", With(PurchaseSupport)),
    ("GET", "/organizations/{slug}/plans/redeem", With(RedeemVouchers)),
    ("POST", "/organizations/{slug}/plans/redeem", With(RedeemVouchers)),
    ("GET", "/organizations/{slug}/plans/invoices/export.csv", With(ViewOrders)),
    ("GET", "/organizations/{slug}/plans/invoices/{id}", With(ViewOrders)),
    ("GET", "/organizations/{slug}/plans/invoices/{id}/pdf", With(ViewOrders)),
    ("GET", "/organizations/{slug}/plans/payment-method", With(ManagePaymentMethod)),
    ("POST", "/organizations/{slug}/plans/payment-method/open", With(ManagePaymentMethod)),
    ("GET", "/organizations/{slug}/plans/payment-method/return", With(ManagePaymentMethod)),
    ("GET", "/organizations/{slug}/plans/payment-method/remove", With(ManagePaymentMethod)),
    ("POST", "/organizations/{slug}/plans/payment-method/remove", With(ManagePaymentMethod)),
    ("GET", "/organizations/{slug}/plans/{id}", With(UseLicences)),
    ("POST", "/organizations/{slug}/plans/{id}/occupy", With(UseLicences)),
    ("POST", "/organizations/{slug}/plans/{id}/release", With(UseLicences)),
    ("POST", "/organizations/{slug}/plans/{id}/seats/{person}/release", With(ManageLicences)),
    ("POST", "/organizations/{slug}/plans/{id}/access", With(ManageLicences)),
    ("POST", "/organizations/{slug}/plans/{id}/access/{person}/revoke", With(ManageLicences)),
    ("GET", "/organizations/{slug}/plans/{id}/seats", With(Purchase)),
    ("POST", "/organizations/{slug}/plans/{id}/seats", With(Purchase)),
    ("GET", "/organizations/{slug}/plans/{id}/plan", With(Purchase)),
    ("POST", "/organizations/{slug}/plans/{id}/plan", With(Purchase)),
    ("POST", "/organizations/{slug}/plans/{id}/keep", With(Purchase)),
    ("GET", "/organizations/{slug}/plans/{id}/renew", With(Purchase)),
    ("POST", "/organizations/{slug}/plans/{id}/renew", With(Purchase)),
    ("GET", "/organizations/{slug}/plans/{id}/support", With(PurchaseSupport)),
    ("POST", "/organizations/{slug}/plans/{id}/support", With(PurchaseSupport)),
    ("GET", "/organizations/{slug}/plans/{id}/cancel", With(CancelLicences)),
    ("POST", "/organizations/{slug}/plans/{id}/cancel", With(CancelLicences)),
    ("POST", "/organizations/{slug}/plans/{id}/resume", With(CancelLicences)),
    ("GET", "/sandbox/checkout/{token}", Anybody),
    ("POST", "/sandbox/checkout/{token}", Anybody),
    ("GET", "/dev/mailbox", Anybody),
    ("GET", "/dev/mailbox/{id}", Anybody),
    ("GET", "/dev/mailbox/{id}/html", Anybody),
];

/// What asks for a fresh sign-in, too.
const FRESH: &[&str] = &[
    "/account/privacy/deletion",
    "/account/security/email",
    "/account/security/passkeys/new",
    "/account/security/passkeys/{id}/remove",
    "/home/ownership/{id}/accept",
    "/account/security/two-factor/passkeys",
    "/account/security/two-factor/app",
    "/account/security/two-factor/app/remove",
    "/account/security/two-factor/codes",
    "/account/security/two-factor/off",
    "/account/privacy/export",
    "/organizations/{slug}/close",
    "/organizations/{slug}/ownership",
    "/organizations/{slug}/settings/two-factor",
    "/organizations/{slug}/settings/session-length",
];

fn who(route: &RouteInfo) -> Who {
    EXPECTED
        .iter()
        .find(|(method, path, _)| *method == route.method.as_str() && *path == route.path)
        .unwrap_or_else(|| panic!("{} {} is not in the table of this test", route.method, route.path))
        .2
}

#[test]
fn the_route_table_is_exactly_the_expected_one() {
    for route in table(true, true).list() {
        let declared = match route.guard {
            Guard::Anonymous => Anonymous,
            Guard::Public => Anybody,
            Guard::SignedIn => SignedIn,
            Guard::Organization(permission) => With(permission),
        };
        assert_eq!(declared, who(&route), "{} {}", route.method, route.path);
        assert_eq!(route.is_fresh, FRESH.contains(&route.path.as_str()), "{} {}", route.method, route.path);
        assert_eq!(route.path.starts_with("/organizations/{slug}"), matches!(declared, With(_)), "{}", route.path);
    }
    for (method, path, _) in EXPECTED {
        let count = table(true, true).list().iter().filter(|r| r.method.as_str() == *method && r.path == *path).count();
        assert_eq!(count, 1, "{method} {path} is declared once");
    }
}

/// Otherwise the tests that send every form would leave it out.
#[test]
fn every_form_has_a_sample() {
    let places = Portal::on_sqlite().places(0, "invited@example.net");
    let forms = table(true, true).list().into_iter().filter(|route| route.method == "POST");
    let without: Vec<String> =
        forms.map(|route| route.path).filter(|path| places.find_sample(path).is_none()).collect();
    assert_eq!(without, Vec::<String>::new(), "say in tests/it/support/places.rs what is posted there");
}

#[test]
fn production_has_the_same_routes_without_the_mailbox_and_the_sandbox() {
    let production = table(false, false).list();
    let is_apart = |route: &RouteInfo| route.path.starts_with("/dev") || route.path.starts_with("/sandbox");
    assert!(!production.iter().any(is_apart));
    let rest: Vec<RouteInfo> = table(true, true).list().into_iter().filter(|route| !is_apart(route)).collect();
    assert_eq!(production, rest);
}

#[test]
fn the_permissions_are_those_of_the_table_and_roles_are_a_ladder() {
    let table: Vec<_> = Permission::ALL.iter().map(|permission| (*permission, permission.minimum_role())).collect();
    assert_eq!(table, LOWEST);
    let ladder = [Role::Member, Role::Reader, Role::Editor, Role::Manager, Role::Owner];
    assert_eq!(Role::ALL, ladder);
    for (permission, lowest) in LOWEST {
        for (rank, role) in ladder.into_iter().enumerate() {
            let is_enough = rank >= ladder.iter().position(|other| *other == lowest).unwrap();
            assert_eq!(role >= permission.minimum_role(), is_enough, "{role} {permission:?}");
        }
    }
    for giver in ladder {
        for given in ladder {
            let may = giver >= Role::Manager && given <= giver;
            assert_eq!(giver.may_give(given), may, "{giver} gives {given}");
        }
    }
}

fn method(route: &RouteInfo) -> Method {
    Method::from_bytes(route.method.as_str().as_bytes()).expect("a method")
}

/// Sends a route a request that would be accepted from somebody with the permission.
fn ask(browser: &Browser, places: &Places, route: &RouteInfo) -> Answer {
    let path = places.path(&route.path);
    if route.method == "GET" {
        return browser.get(&path);
    }
    places.sample(route).post(browser, &path)
}

/// The routes that ask for anything at all.
fn guarded() -> Vec<RouteInfo> {
    table(true, true).list().into_iter().filter(|route| !matches!(who(route), Anonymous | Anybody)).collect()
}

#[apply(on_both)]
fn nobody_who_is_not_signed_in_gets_anywhere(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    let before = stored(portal);
    for route in guarded() {
        let (browser, path) = (portal.browser(), format!("{}?a=b", places.path(&route.path)));
        let headers = [("Sec-Fetch-Site", "same-origin")];
        let answer = browser.send(method(&route), &path, &headers, Vec::new());
        assert_eq!(answer.status, 303, "{} {}", route.method, route.path);
        let next: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", &path).finish();
        let expected = match answer.location() {
            // A form leads to the page that it stands on, and signing out leads nowhere.
            form if route.method == "POST" && form.ends_with("undone=true") => form.to_owned(),
            _ if route.path == "/sign-out" => "/sign-in".to_owned(),
            _ => format!("/sign-in?{next}"),
        };
        assert_eq!(answer.location(), expected, "{} {}", route.method, route.path);
        assert_eq!(answer.body, "", "{} {}", route.method, route.path);
        // A cookie that names no session is nobody's either, and neither is one that was made up.
        browser.set_cookie("portico", "bm90aGluZw");
        assert_eq!(browser.send(method(&route), &path, &headers, Vec::new()).location(), expected);
    }
    assert_unchanged(&before, &stored(portal), "requests without a session");
}

#[apply(on_both)]
fn what_is_sensitive_asks_whoever_signed_in_a_while_ago_who_they_are(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    let owner = portal.signed_in(Persona::Owner);
    portal.later(chrono::Duration::minutes(10));
    // That they were here is noted.
    assert_eq!(owner.get("/home").status, 200);
    let before = stored(portal);
    let mut asked = 0;
    for route in guarded().into_iter().filter(|route| route.is_fresh) {
        asked += 1;
        let answer = ask(&owner, &places, &route);
        let what = format!("{} {}: {} {}", route.method, route.path, answer.status, answer.location());
        if route.method == "GET" {
            assert!(answer.location().starts_with("/sign-in/confirm?next=%2F"), "{what}");
        } else {
            let heading = answer.html().text("h1");
            assert_eq!((answer.status, heading.as_str()), (403, "Confirm that it is you"), "{what}");
        }
    }
    assert!(asked >= FRESH.len());
    assert_unchanged(&before, &stored(portal), "requests that were not confirmed");
}

#[apply(on_both)]
fn outsiders_see_no_difference_to_an_organization_that_does_not_exist(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    let outsider = portal.signed_in(Persona::Outsider);
    let before = stored(portal);
    for route in guarded() {
        let With(_) = who(&route) else { continue };
        let there = ask(&outsider, &places, &route);
        let path = places.path(&route.path).replace(SLUG, "no-such-place");
        let nowhere =
            if route.method == "GET" { outsider.get(&path) } else { places.sample(&route).post(&outsider, &path) };
        assert_eq!(there.status, 404, "{} {}", route.method, route.path);
        assert!(there.text().contains("Page not found"), "{}", there.text());
        assert!(there.comparable() == nowhere.comparable(), "{} {}", route.method, route.path);
    }
    assert_unchanged(&before, &stored(portal), "requests of an outsider");
}

#[apply(on_both)]
fn a_weak_role_is_told_which_one_is_needed_and_who_can_help(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    let mut refused = 0;
    for persona in Persona::ALL {
        let Some(role) = persona.role() else { continue };
        let browser = portal.signed_in(persona);
        let before = stored(portal);
        for route in guarded() {
            let With(permission) = who(&route) else { continue };
            let needed = LOWEST.iter().find(|(one, _)| *one == permission).unwrap().1;
            if role >= needed {
                continue;
            }
            refused += 1;
            let answer = ask(&browser, &places, &route);
            let what = format!("{} {} as {role}", route.method, route.path);
            assert_eq!(answer.status, 403, "{what}");
            assert_eq!(answer.html().text("h1"), "You cannot open this page", "{what}");
            assert_eq!(answer.html().text(".lead"), format!("It needs the role {needed} or higher."), "{what}");
            assert_eq!(answer.html().texts(".helpers li"), ["Olga Tester Owner olga@example.com"], "{what}");
            assert_eq!(answer.html().attributes(".helpers a", "href"), ["mailto:olga@example.com"], "{what}");
            let ways = answer.html().attributes(".actions a", "href");
            assert_eq!(ways, [format!("/organizations/{SLUG}"), "/home".to_owned()], "{what}");
        }
        assert_unchanged(&before, &stored(portal), &format!("refused requests of {persona:?}"));
    }
    // As many as there are rungs of the ladder below what each route needs.
    let rungs_below = |permission: Permission| {
        let needed = LOWEST.iter().find(|(one, _)| *one == permission).expect("it is in the table").1;
        Role::ALL.iter().filter(|role| **role < needed).count()
    };
    let expected: usize =
        EXPECTED.iter().map(|(.., who)| if let With(permission) = who { rungs_below(*permission) } else { 0 }).sum();
    assert_eq!(refused, expected);
}

#[apply(on_both)]
fn a_strong_enough_role_passes_every_guard(#[case] portal: &Portal) {
    // Nothing of this is used up by being looked at.
    let shared = portal.places(0, "invited@example.net");
    let mut number = 0;
    for persona in Persona::ALL {
        let reader = portal.signed_in(persona);
        for route in guarded() {
            let is_enough = match (who(&route), persona.role()) {
                (With(permission), Some(role)) => role >= permission.minimum_role(),
                (With(_), None) => false,
                _ => true,
            };
            if !is_enough {
                continue;
            }
            let answer = if route.method == "GET" {
                ask(&reader, &shared, &route)
            } else {
                // Somebody new for each: many of these requests change what the person may do.
                number += 1;
                let email = format!("{number}-{persona:?}@example.com").to_lowercase();
                match persona.role() {
                    Some(role) => portal.add_person(&email, role),
                    None => portal.add_user(&email),
                };
                let browser = portal.signed_in_as(&email);
                ask(&browser, &portal.places(number, &email), &route)
            };
            let what =
                format!("{} {} as {persona:?}: {} {}", route.method, route.path, answer.status, answer.location());
            let is_done = if route.method == "GET" { answer.status == 200 } else { answer.status == 303 };
            match route.path.as_str() {
                // There is none, and then there is one for whoever may set it.
                "/organizations/{slug}/logo" | "/account/picture" => assert_eq!(answer.status, 404, "{what}"),
                // The passkey is somebody else's.
                "/account/security/passkeys/{id}" | "/account/security/passkeys/{id}/remove"
                    if route.method == "GET" =>
                {
                    assert_eq!(answer.status, 404, "{what}");
                }
                // It is off, and then it is turned on, which shows codes.
                "/account/security/two-factor/app/remove"
                | "/account/security/two-factor/codes"
                | "/account/security/two-factor/off"
                    if route.method == "GET" =>
                {
                    assert_eq!(answer.status, 404, "{what}");
                }
                "/account/security/two-factor/app" | "/account/security/two-factor/passkeys" => {
                    assert_eq!(answer.status, 200, "{what}");
                }
                // The link is somebody else's.
                "/account/security/email/confirm/{token}" if route.method == "GET" => {
                    assert_eq!(answer.status, 404, "{what}");
                }
                // So is this one.
                "/account/privacy/deletion/confirm/{token}" if route.method == "GET" => {
                    assert_eq!(answer.status, 404, "{what}");
                }
                "/account/privacy/export/{token}" | "/account/privacy/export/{token}/file" => {
                    assert_eq!(answer.status, 404, "{what}");
                }
                // It was made to somebody else.
                "/home/ownership/{id}" => assert_eq!(answer.status, 404, "{what}"),
                // Nothing is required, so nobody is shut out, and only Owners ask who would be.
                "/organizations/{slug}/two-factor" => {
                    assert_eq!(answer.location(), format!("/organizations/{SLUG}"), "{what}");
                }
                "/organizations/{slug}/people/without-two-factor" if persona == Persona::Manager => {
                    assert_eq!(answer.status, 404, "{what}");
                }
                // An order is not paid.
                "/organizations/{slug}/close" if route.method == "POST" => assert_eq!(answer.status, 409, "{what}"),
                // Nobody is selected.
                "/organizations/{slug}/people/remove"
                | "/organizations/{slug}/people/resend"
                | "/organizations/{slug}/people/roles"
                    if route.method == "GET" =>
                {
                    assert_eq!(answer.location(), format!("/organizations/{SLUG}/people"), "{what}");
                }
                // Nothing was kept there; it leads to the page that says so.
                "/organizations/{slug}/plans/payment-method/return" => {
                    assert_eq!(answer.location(), format!("/organizations/{SLUG}/plans/payment-method"), "{what}");
                }
                // It is shown at once, and stands in no address.
                "/organizations/{slug}/people/{id}/link" => assert_eq!(answer.status, 200, "{what}"),
                // A coupon is applied, and nothing is ordered.
                "/organizations/{slug}/plans/shop/{product}/buy/{plan}"
                | "/organizations/{slug}/credits/buy/{package}" => assert_eq!(answer.status, 200, "{what}"),
                // Whoever comes back from the provider is led to the order.
                "/organizations/{slug}/plans/orders/{id}/return" => {
                    assert!(answer.location().contains("/plans/orders/ord_"), "{what}");
                }
                // Signing out leads there too, and says that it was done.
                "/sign-out" => assert_eq!(answer.header("clear-site-data"), "\"cache\"", "{what}"),
                _ => assert!(is_done && !answer.location().starts_with("/sign-in"), "{what}"),
            }
        }
    }
}

#[apply(on_both)]
fn people_of_the_organization_see_its_logo(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let logo = format!("/organizations/{SLUG}/logo");
    owner.upload(
        &format!("/organizations/{SLUG}/settings/logo"),
        &[],
        &[("logo", "a.png", &crate::support::places::picture())],
    );
    for persona in Persona::ALL {
        let answer = portal.signed_in(persona).get(&logo);
        let expected = if persona.role().is_some() { (200, "image/png") } else { (404, "text/html; charset=utf-8") };
        assert_eq!((answer.status, answer.header("content-type")), expected, "{persona:?}");
    }
    assert_eq!(portal.browser().get(&logo).status, 303);
}

#[apply(on_both)]
fn a_page_can_be_asked_for_its_head(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    let owner = portal.signed_in(Persona::Owner);
    for route in table(true, true).list().into_iter().filter(|route| route.method == "GET") {
        let path = places.path(&route.path);
        let (head, get) = (owner.send(Method::HEAD, &path, &[], Vec::new()), owner.get(&path));
        assert_eq!((head.status, head.location()), (get.status, get.location()), "{}", route.path);
        assert_eq!(head.body, "", "{}", route.path);
        if get.status == 200 {
            assert_eq!(head.header("content-type"), get.header("content-type"), "{}", route.path);
        }
    }
}

#[apply(on_both)]
fn a_wrong_method_gets_a_page_and_the_right_ones(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    let owner = portal.signed_in(Persona::Owner);
    let before = stored(portal);
    let routes = table(true, true).list();
    for route in &routes {
        let has = |method: &str| routes.iter().any(|other| other.path == route.path && other.method == method);
        let path = places.path(&route.path);
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].into_iter().filter(|method| !has(method)) {
            let sent = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = owner.send(sent, &path, &[("Sec-Fetch-Site", "same-origin")], Vec::new());
            assert_eq!(answer.status, 405, "{method} {}", route.path);
            assert_eq!(answer.html().text("h1"), "That does not work here", "{method} {}", route.path);
            let mut allowed = Vec::new();
            if has("GET") {
                allowed.extend(["GET", "HEAD"]);
            }
            if has("POST") {
                allowed.push("POST");
            }
            assert_eq!(answer.header("allow"), allowed.join(", "), "{method} {}", route.path);
        }
    }
    assert_unchanged(&before, &stored(portal), "wrong methods");
}

#[apply(on_both)]
fn ids_of_another_organization_name_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let stranger = portal.scope_of(&Persona::Outsider.email(), ELSEWHERE);
    let (invitation, _) = portal.invite(&stranger, "guest@example.net", Role::Member);
    let person = stranger.membership.id.to_string();
    let licence = portal.app.write_now::<_, DbError>(|tx| {
        issue(tx, By::member(&stranger), stranger.organization_id(), &given(Term::Yearly, 3))
    });
    let licence = licence.expect("a licence of theirs").to_string();
    let before = stored(portal);
    for route in guarded() {
        let (With(_), true) = (who(&route), route.path.contains("{id}")) else { continue };
        for id in
            [person.as_str(), &invitation, &licence, "mem_01kb1b1b1be1ea1b1b1b1b1b1b", "nonsense", "%00", "mem_", "%FF"]
        {
            let path = route.path.replace("{slug}", SLUG).replace("{id}", id).replace("{person}", &person);
            let answer = match route.method.as_str() {
                "GET" => owner.get(&path),
                _ => {
                    let fields =
                        [("current", "owner"), ("role", "member"), ("email", "rita@example.com"), ("expired", "true")];
                    owner.post(&path, &fields)
                }
            };
            assert_eq!(answer.status, 404, "{} {path}", route.method);
            assert_eq!(answer.html().text("h1"), "Page not found");
        }
    }
    // Nor are they removed, or even named, together with others.
    let both = [("selected", person.as_str()), ("selected", invitation.as_str())];
    assert_eq!(owner.post(&format!("/organizations/{SLUG}/people/remove"), &both).status, 303);
    let page = owner.get(&format!("/organizations/{SLUG}/people/remove?selected={person}&selected={invitation}"));
    assert_eq!(page.status, 404);
    assert_unchanged(&before, &stored(portal), "ids of another Organization");
}

/// What operators read about permissions is what the code says.
#[test]
fn the_table_of_permissions_for_operators_is_the_one_of_the_code() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let text = std::fs::read_to_string(path).expect("docs/security.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ") && line.contains(": ")).collect();
    for permission in Permission::ALL {
        let (name, role) = (format!("| {permission:?}: "), format!(" | {} |", permission.minimum_role()));
        assert!(rows.iter().any(|row| row.starts_with(&name) && row.ends_with(&role)), "{permission:?}");
    }
}
