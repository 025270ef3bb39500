//! What every answer carries, whatever it is: pages, refusals, redirects, files.

use portico::access::Role;
use portico::routes::table;
use portico::web::OriginPolicy;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use crate::support::{Answer, PASSWORD, Persona, Portal, invite, on_both};

#[apply(on_both)]
fn every_answer_has_the_security_headers(#[case] portal: &Portal) {
    let places = portal.places(0, "invited@example.net");
    let mut browsers = vec![portal.browser()];
    browsers.extend(Persona::ALL.map(|persona| portal.signed_in(persona)));
    for browser in &browsers {
        for route in table(true, true).list() {
            let path = places.path(&route.path);
            for method in ["GET", "HEAD", "PUT"] {
                let headers = [("Sec-Fetch-Site", "same-origin")];
                let answer = browser.send(Method::from_bytes(method.as_bytes()).unwrap(), &path, &headers, Vec::new());
                check_headers(&answer, &format!("{method} {path}"), &route.path);
            }
            if route.method == "POST" {
                let refused = browser.send(Method::POST, &path, &[("Sec-Fetch-Site", "cross-site")], Vec::new());
                assert!(route.origin != OriginPolicy::OwnPages || refused.status == 403, "{path}: {}", refused.status);
                check_headers(&refused, &path, &route.path);
                let bad = browser.post_raw(&path, b"a=%FF".to_vec());
                check_headers(&bad, &path, &route.path);
            }
        }
        for path in ["/nowhere", "/organizations/nowhere", "/static/nowhere.css", "/%00", "/favicon.png"] {
            let answer = browser.get(path);
            assert!(matches!(answer.status, 303 | 404), "{path}: {}", answer.status);
            check_headers(&answer, path, "");
        }
    }
}

fn check_headers(answer: &Answer, what: &str, pattern: &str) {
    let what = format!("{what}: {}", answer.status);
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    let referrer = if pattern.contains("{token}") { "strict-origin" } else { "same-origin" };
    assert_eq!(answer.header("referrer-policy"), referrer, "{what}");
    assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{what}");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{what}");
    assert!(answer.header("x-request-id").starts_with("req_"), "{what}");
    assert_eq!(answer.header("server"), "", "{what}");
    let policy = answer.header("content-security-policy");
    // The mailbox of the demo shows a mail in a frame.
    let is_mail = pattern == "/dev/mailbox/{id}/html" && answer.status == 200;
    let ancestors = if is_mail { "frame-ancestors 'self'" } else { "frame-ancestors 'none'" };
    for part in ["default-src 'none'", ancestors, "base-uri 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    // A mail brings its own style, and is shown without anything else.
    if is_mail {
        assert!(!policy.contains("script-src") && policy.contains("form-action 'none'"), "{what}: {policy}");
    } else {
        assert!(!policy.contains("unsafe") && policy.contains("form-action 'self'"), "{what}: {policy}");
    }
    let caching = match pattern {
        "/static/{name}" if answer.status == 200 => "public, max-age=31536000, immutable",
        "/favicon.ico" | "/apple-touch-icon.png" | "/manifest.webmanifest" | "/robots.txt" if answer.status == 200 => {
            "public, max-age=86400"
        }
        "/organizations/{slug}/logo" | "/account/picture" if answer.status == 200 => "private, no-cache",
        _ => "no-store",
    };
    assert_eq!(answer.header("cache-control"), caching, "{what}");
    if answer.status >= 400 && !answer.body.is_empty() {
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{what}");
        assert!(!answer.html().text("h1").is_empty(), "{what}");
    }
    for cookie in answer.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap_or_default();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
            "{what}: {cookie}"
        );
    }
}

/// The cookie that a portal behind TLS gives.
fn with_tls(config: &mut portico::config::Config) {
    "https://portal.example.com".clone_into(&mut config.public_url);
}

#[test]
fn behind_tls_cookies_are_secure_and_browsers_are_told_to_stay_with_tls() {
    let portal = Portal::on_sqlite_with(with_tls);
    let answer = portal.browser().post("/sign-in", &[("email", &Persona::Owner.email()), ("password", PASSWORD)]);
    assert_eq!((answer.status, answer.location()), (303, "/home"));
    for name in ["__Host-portico", "__Host-portico-known"] {
        let cookie = answer.set_cookie(name);
        assert!(cookie.contains("; Secure") && cookie.contains("; HttpOnly") && !cookie.contains("Domain"), "{cookie}");
    }
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
    assert_eq!(Portal::on_sqlite().browser().get("/sign-in").header("strict-transport-security"), "");
}

#[test]
fn a_page_sets_no_cookie_where_there_is_nothing_new_to_keep() {
    let portal = Portal::on_sqlite();
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(manager.get("/home").header("set-cookie"), "");
    assert_eq!(portal.browser().get("/sign-in").header("set-cookie"), "");
    // A message for the next page is kept in it, and taken out of it there.
    assert_eq!(invite(&manager, "ada@example.com", Role::Reader).status, 303);
    let list = manager.get("/organizations/acme/people");
    assert!(list.text().contains("An invitation is on its way") && !list.set_cookie("portico").is_empty());
    assert_eq!(manager.get("/organizations/acme/people").header("set-cookie"), "");
}

#[apply(on_both)]
fn a_page_is_sent_in_what_the_client_likes_best(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let path = "/organizations/acme/settings";
    let plain = owner.send(Method::GET, path, &[("Accept-Encoding", "identity")], Vec::new());
    assert!(plain.body.contains("Organization settings"));
    for (accepted, sent) in [("gzip, deflate, br, zstd", "zstd"), ("gzip;q=1, zstd;q=0.1", "gzip"), ("br", "")] {
        let answer = owner.send(Method::GET, path, &[("Accept-Encoding", accepted)], Vec::new());
        assert_eq!((answer.status, answer.header("content-encoding")), (200, sent), "{accepted}");
        assert_eq!(answer.header("vary"), "Accept-Encoding", "{accepted}");
        let length: usize = answer.header("content-length").parse().expect("a length");
        assert_eq!(length < plain.body.len(), !sent.is_empty(), "{accepted}: {length} of {}", plain.body.len());
    }
}
