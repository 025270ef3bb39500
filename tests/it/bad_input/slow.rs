//! Bodies that trickle, and never end.

use portico::config::Config;
use rstest::rstest;
use rstest_reuse::apply;

use super::raw::{Raw, split};
use crate::support::{Database, on_each_database};

const HEAD: &str = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nemail=";

#[apply(on_each_database)]
fn a_form_that_trickles_is_cut_after_its_time(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| config.protection.form_seconds = 1);
    let mut raw = Raw::new(portal);
    raw.write(HEAD.as_bytes());
    let (status, text) = split(&raw.trickle(b'a'));
    assert_eq!(status, 408, "{text}");
    assert!(text.contains("That took too long"), "{text}");
}

#[apply(on_each_database)]
fn an_upload_has_a_time_of_its_own(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| config.protection.upload_seconds = 1);
    let cookie = portal.signed_in(crate::support::Persona::Owner).cookie("portico").expect("a session");
    let mut raw = Raw::new(portal);
    raw.write(
        format!(
            "POST /organizations/acme/people/invite HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: portico={cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 60000\r\n\r\n\
             --x\r\nContent-Disposition: form-data; name=\"emails\"\r\n\r\n"
        )
        .as_bytes(),
    );
    let (status, text) = split(&raw.trickle(b'a'));
    assert_eq!(status, 408, "{text}");
}

#[apply(on_each_database)]
fn a_network_has_only_so_many_forms_under_way(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| config.protection.forms_per_network = 2);
    let browser = portal.browser();
    let sign_in = || browser.post("/sign-in", &[("email", "nobody@example.com"), ("password", "wrong")]);
    let mut begun: Vec<Raw> = (0..2).map(|_| Raw::new(portal)).collect();
    for raw in &mut begun {
        raw.write(HEAD.as_bytes());
    }
    let refused = crate::support::lines::poll("the begun forms are noticed", || {
        let answer = sign_in();
        (answer.status == 429).then_some(answer)
    });
    assert_eq!(refused.header("retry-after"), "10");
    assert!(refused.text().contains("Too much at once"), "{}", refused.text());
    assert_eq!(portal.browser().get("/sign-in").status, 200, "pages are served meanwhile");
    // A refused form is not waited for: its connection ends.
    let mut third = Raw::new(portal);
    third.write(HEAD.as_bytes());
    assert_eq!(split(&third.read_what_there_is()).0, 429);
    drop(begun);
    crate::support::lines::poll("the places are free again", || (sign_in().status == 422).then_some(()));
}
