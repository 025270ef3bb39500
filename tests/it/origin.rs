//! Forms are taken from this site only (cross-site request forgery), and nothing but a form changes anything.

use portico::routes::{RouteInfo, table};
use portico::web::OriginPolicy;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use crate::support::{
    Answer, Browser, Portal, on_both,
    places::Places,
    state::{assert_unchanged, stored},
};

fn forms() -> Vec<RouteInfo> {
    let forms: Vec<RouteInfo> = table(true, true).list().into_iter().filter(|route| route.method == "POST").collect();
    assert!(forms.len() > 15);
    forms
}

/// Sends the form of a route with these headers about where it comes from, and nothing else about it.
fn send(browser: &Browser, places: &Places, route: &RouteInfo, about: &[(&str, &str)]) -> Answer {
    let (content_type, body) = places.sample(route).request();
    let mut headers = vec![("Content-Type", content_type.as_str())];
    headers.extend_from_slice(about);
    browser.send(Method::POST, &places.path(&route.path), &headers, body)
}

fn assert_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 403, "{what}");
    assert_eq!(answer.html().text("h1"), "That form came from somewhere else", "{what}");
    assert_eq!(answer.header("set-cookie"), "", "{what}");
}

/// Somebody who may do everything: an Owner with an invitation to another Organization.
fn somebody(portal: &Portal, number: usize) -> (Browser, Places) {
    let email = format!("somebody-{number}@example.com");
    portal.add_person(&email, portico::access::Role::Owner);
    let browser = portal.signed_in_as(&email);
    (browser, portal.places(number, &email))
}

#[apply(on_both)]
fn a_form_of_another_site_changes_nothing(#[case] portal: &Portal) {
    let (browser, places) = somebody(portal, 0);
    let before = stored(portal);
    let evil_port = format!("{}1", portal.url);
    let as_https = portal.url.replace("http://", "https://");
    let beside = portal.url.replace("127.0.0.1", "127.0.0.1.evil.example");
    let elsewhere: [&[(&str, &str)]; 12] = [
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "same-site"), ("Origin", &portal.url)],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", &portal.url)],
        &[("Sec-Fetch-Site", "")],
        &[("Sec-Fetch-Site", "nonsense")],
        &[("Origin", "https://evil.example")],
        &[("Origin", &evil_port)],
        &[("Origin", &beside)],
        &[("Origin", "null")],
        &[("Origin", "")],
        &[("Referer", &as_https)],
    ];
    for route in forms().into_iter().filter(|route| route.origin != OriginPolicy::OneClick) {
        for about in elsewhere {
            let what = format!("{} with {about:?}", route.path);
            assert_refused(&send(&browser, &places, &route, about), &what);
        }
        assert_refused(
            &send(&browser, &places, &route, &[]),
            &format!("{} with a cookie and nothing else", route.path),
        );
    }
    assert_unchanged(&before, &stored(portal), "forms of another site");
    assert_eq!(browser.get("/home").status, 200, "still signed in");
}

#[apply(on_both)]
fn a_form_of_this_site_is_taken(#[case] portal: &Portal) {
    let own: [&[(&str, &str)]; 4] = [
        &[("Sec-Fetch-Site", "same-origin")],
        &[("Sec-Fetch-Site", "none")],
        &[("Origin", &portal.url)],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", "https://a.proxy.changed.this")],
    ];
    for (number, route) in forms().into_iter().enumerate() {
        for (way, about) in own.into_iter().enumerate() {
            let number = number * own.len() + way;
            let (browser, places) = if route.path.ends_with("/sign-up") {
                (portal.browser(), portal.places(number, &format!("stranger-{number}@example.net")))
            } else {
                somebody(portal, number)
            };
            let answer = send(&browser, &places, &route, about);
            let is_page = matches!(
                route.path.as_str(),
                "/sign-up"
                    | "/sign-up/again"
                    | "/forgot-password"
                    | "/password-advice"
                    | "/not-me/{token}"
                    | "/account/security/two-factor/app"
                    | "/account/security/two-factor/passkeys"
            ) || route.path.ends_with("/people/{id}/link")
                || route.path.contains("/buy/")
                || route.path.ends_with("/block")
                || route.path.starts_with("/notifications/")
                || route.path.ends_with("/allow");
            // The number of sign-ups and resets from one network is limited, but these are fewer.
            let expected = match route.path.as_str() {
                // An order is not paid.
                "/organizations/{slug}/close" => 409,
                _ if is_page => 200,
                _ => 303,
            };
            assert_eq!(answer.status, expected, "{} with {about:?}: {}", route.path, answer.text());
        }
    }
}

/// Of all forms one is taken from anywhere, and what that one does has to do with the secret in its address, and with nobody's session.
#[test]
fn one_form_is_taken_from_anywhere() {
    let is_open = |route: &RouteInfo| route.method == "POST" && route.origin != OriginPolicy::OwnPages;
    let open: Vec<String> = table(true, true).list().into_iter().filter(is_open).map(|route| route.path).collect();
    assert_eq!(open, ["/notifications/unsubscribe/{token}"]);
}

#[apply(on_both)]
fn a_program_without_a_cookie_may_leave_both_headers_out(#[case] portal: &Portal) {
    let answer = send_bare(portal, "/sign-in", b"email=olga%40example.com&password=wrong");
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("The e-mail address or the password is not right, or"));
}

#[apply(on_both)]
fn opening_an_address_never_changes_anything(#[case] portal: &Portal) {
    let (browser, places) = somebody(portal, 0);
    let before = stored(portal);
    for route in table(true, true).list() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let sample = as_query(&places, &route);
            let path = format!("{}?{sample}", places.path(&route.path));
            let answer = browser.send(method.clone(), &path, &[], Vec::new());
            assert!(answer.status < 500, "{method} {path}: {}", answer.status);
            if route.method == "POST"
                && !table(true, true).list().iter().any(|r| r.path == route.path && r.method == "GET")
            {
                assert_eq!(answer.status, 405, "{method} {path}");
            }
        }
    }
    // A scanner opens the links of a mail without being signed in.
    let scanner = portal.browser();
    for link in [
        format!("/invitations/{}", places.token),
        format!("/verify-email?token={}", places.sign_up_token),
        format!("/reset-password?token={}", places.reset_token),
    ] {
        assert_eq!(scanner.get(&link).status, 200, "{link}");
        assert_eq!(scanner.get(&link).status, 200, "{link} a second time");
    }
    assert_unchanged(&before, &stored(portal), "opening every address");
}

/// The fields of a form as a query, which must not do what the form does.
fn as_query(places: &Places, route: &RouteInfo) -> String {
    if route.method != "POST" {
        return String::new();
    }
    String::from_utf8(places.sample(route).encoded()).expect("encoded text is ASCII")
}

fn send_bare(portal: &Portal, path: &str, body: &[u8]) -> Answer {
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    portal.browser().send(Method::POST, path, &headers, body.to_vec())
}

#[test]
fn behind_a_proxy_the_public_address_counts() {
    let public = "https://portal.example.com";
    let portal = Portal::on_sqlite_with(|config| public.clone_into(&mut config.public_url));
    let browser = portal.browser();
    browser.set_cookie("__Host-portico", "anything");
    let post = |origin: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", origin)];
        browser.send(Method::POST, "/sign-in", &headers, b"email=a".to_vec()).status
    };
    assert_eq!(post(public), 422);
    assert_eq!(post("http://portal.example.com"), 403);
    assert_eq!(post("https://portal.example.com.evil.example"), 403);
}

#[apply(on_both)]
fn a_name_that_others_let_point_here_is_not_answered(#[case] portal: &Portal) {
    let browser = portal.signed_in(crate::support::Persona::Owner);
    let ask = |path: &str, host: &str| browser.send(Method::GET, path, &[("Host", host)], Vec::new());
    for path in ["/home", "/sign-in", "/dev/mailbox", "/organizations/acme", "/nowhere"] {
        let answer = ask(path, "rebound.evil.example");
        assert_eq!((answer.status, answer.html().text("h1").as_str()), (421, "There is no such site here"), "{path}");
        assert_ne!(ask(path, "localhost:1").status, 421, "{path}");
        assert_ne!(ask(path, "192.0.2.7").status, 421, "{path}");
    }
    // Whoever watches over the process asks by whatever name.
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ask(path, "10.0.0.7.internal").status, 200, "{path}");
    }
}

#[test]
fn production_takes_forms_of_its_public_address_alone() {
    let public = "https://portal.example.com";
    let portal = Portal::on_sqlite_with(|config| {
        public.clone_into(&mut config.public_url);
        config.demo = false;
    });
    let browser = portal.browser();
    browser.set_cookie("__Host-portico", "anything");
    let post = |host: &str, origin: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Host", host), ("Origin", origin)];
        browser.send(Method::POST, "/sign-in", &headers, b"email=a".to_vec()).status
    };
    assert_eq!(post("portal.example.com", public), 422);
    let here = portal.url.trim_start_matches("http://");
    for origin in ["http://portal.example.com", "ftp://portal.example.com", &portal.url] {
        assert_eq!(post("portal.example.com", origin), 403, "{origin}");
        assert_eq!(post(here, origin), 403, "{origin}");
    }
    assert_eq!(post("portal.example.com.evil.example", public), 421);
}
