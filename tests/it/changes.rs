//! How much one account or network may change, whatever the form.

use chrono::Duration;
use ipnet::IpNet;
use portico::access::Role;
use portico::config::Config;
use portico::rates::{Limit, Limits, Rate};
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use crate::database::Watched;
use crate::support::{Browser, Database, PASSWORD, Persona, Portal, acme, change_role, invite, on_each_database};

fn portal_with(database: Database, limit: Limit, most: i32) -> Portal {
    database.portal_with(|config: &mut Config| {
        config.limits = Limits::default().with(limit, Rate::new(most, 60));
        config.trusted_proxies = vec!["127.0.0.0/8".parse::<IpNet>().expect("a network")];
    })
}

#[apply(on_each_database)]
fn an_account_makes_so_many_changes_an_hour_whatever_they_are(#[case] database: Database) {
    let portal = &portal_with(database, Limit::ChangesAccount, 4);
    let (manager, editor) = (portal.signed_in(Persona::Manager), portal.membership(Persona::Editor));
    assert_eq!(change_role(&manager, &editor, Role::Editor, Role::Reader).status, 303);
    // A long form is one change, however many transactions it takes.
    let lines: String = (0..60).map(|number| format!("guest-{number}@example.net\n")).collect();
    assert_eq!(invite(&manager, &lines, Role::Member).status, 200);
    assert_eq!(change_role(&manager, &editor, Role::Reader, Role::Editor).status, 303);
    for _ in 0..3 {
        assert_eq!(manager.get(&acme("/people")).status, 200, "looking changes nothing");
        assert_eq!(invite(&manager, "not an address", Role::Member).status, 422);
    }
    assert_eq!(invite(&manager, "last@example.net", Role::Member).status, 303);
    let before = portal.dump();
    let refused = change_role(&manager, &editor, Role::Editor, Role::Reader);
    assert_eq!((refused.status, refused.header("retry-after")), (429, "3600"));
    assert!(refused.text().contains("Wait 60 minutes and try again."), "{}", refused.text());
    assert_eq!(invite(&manager, "one-more@example.net", Role::Member).status, 429);
    assert_eq!(portal.dump(), before, "nothing is stored");
    assert_eq!(manager.get(&acme("/people")).status, 200);
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(change_role(&owner, &editor, Role::Editor, Role::Reader).status, 303, "others go on");
    portal.later(Duration::hours(1));
    assert_eq!(change_role(&manager, &editor, Role::Reader, Role::Editor).status, 303);
}

fn sign_in_from(browser: &Browser, ip: &str) -> u16 {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "same-origin"),
        ("X-Forwarded-For", ip),
    ];
    let fields = [("email", Persona::Owner.email()), ("password", PASSWORD.to_owned())];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    browser.send(Method::POST, "/sign-in", &headers, body.into_bytes()).status
}

#[apply(on_each_database)]
fn a_network_that_is_not_signed_in_makes_so_many_and_a_wide_one_too(#[case] database: Database) {
    let portal = &portal_with(database, Limit::ChangesNetwork, 3);
    let from = |ip: &str| sign_in_from(&portal.browser(), ip);
    for ip in ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:3::"] {
        assert_eq!(from(ip), 303);
    }
    assert_eq!((from("2001:db8:1:2::1"), from("2001:db8:1:3::1")), (429, 303));
    let portal = &portal_with(database, Limit::ChangesWideNetwork, 3);
    let from = |ip: &str| sign_in_from(&portal.browser(), ip);
    for ip in ["2001:db8:1:2::1", "2001:db8:1:3::2", "2001:db8:1:4::3"] {
        assert_eq!(from(ip), 303);
    }
    assert_eq!((from("2001:db8:1:5::1"), from("2001:db8:2:2::1"), from("192.0.2.7")), (429, 303, 303));
}

#[apply(on_each_database)]
fn counting_a_change_takes_one_statement(#[case] database: Database) {
    let portal = &portal_with(database, Limit::ChangesAccount, 100);
    let watched = Watched::new(portal);
    let manager = watched.portal.signed_in(Persona::Manager);
    watched.take();
    let editor = portal.membership(Persona::Editor);
    assert_eq!(change_role(&manager, &editor, Role::Editor, Role::Reader).status, 303);
    let counting = watched.take().into_iter().filter(|sql| sql.contains("rate_limits")).count();
    assert_eq!(counting, 1);
}

#[apply(on_each_database)]
fn an_account_has_so_many_sessions_and_the_oldest_ends(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| config.protection.sessions_per_account = 3);
    let browsers: Vec<Browser> = (0..5).map(|_| portal.signed_in(Persona::Reader)).collect();
    let other = portal.signed_in(Persona::Owner);
    let alive: Vec<bool> = browsers.iter().map(|browser| browser.get("/home").status == 200).collect();
    assert_eq!(alive, [false, false, true, true, true]);
    assert_eq!(other.get("/home").status, 200, "others keep theirs");
}
