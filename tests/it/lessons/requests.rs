//! Lessons about requests: what a header or a field may say, where a redirect leads, and many of them at once.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{NEW_PASSWORD, invite};
use crate::accounts::{NINA, OLGA, mail_count, sign_up_fields};
use crate::count;
use crate::support::{Answer, Browser, PASSWORD, Persona, Portal, SLUG, mails, on_both};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Headers with which others claim that this site has another name.
const OTHER_NAMES: [(&str, &str); 8] = [
    ("Host", "evil.example"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Server", "evil.example"),
    ("X-Host", "evil.example"),
    ("X-Forwarded-Proto", "gopher"),
    ("X-Original-Host", "evil.example"),
    ("Forwarded", "for=192.0.2.1;host=evil.example;proto=https"),
    ("X-Forwarded-Prefix", "//evil.example"),
];

fn post_with(browser: &Browser, path: &str, extra: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
    let mut headers = vec![FORM, ("Sec-Fetch-Site", "same-origin")];
    headers.extend(extra);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    browser.send(Method::POST, path, &headers, body.into_bytes())
}

/// Neither a mail nor the answer names another site.
fn assert_own_links(portal: &Portal, answer: &Answer) {
    assert!(!format!("{:?}{}", answer.headers, answer.body).contains("evil.example"), "{answer:?}");
    for (to, mail) in mails(&portal.app) {
        let everything = format!("{} {} {}", mail.subject, mail.text, mail.html);
        assert!(!everything.contains("evil") && !everything.contains("gopher"), "the mail to {to}: {everything}");
        assert!(everything.contains(&portal.app.config.public_url), "the mail to {to}: {everything}");
    }
}

/// Row 17, CVE-2023-7028 (GitLab): two addresses in one request, and the link of the first went to the second.
#[apply(on_both)]
fn lesson_17_a_field_that_comes_twice_is_refused_and_mails_nobody(#[case] portal: &Portal) {
    let browser = portal.browser();
    let key = sign_up_fields(&browser, NINA).pop().expect("the key of the form").1;
    let rest = format!(
        "first_name=Nina&last_name=New&password={}&country=CH&terms=true&form_key={key}",
        NEW_PASSWORD.replace(' ', "+")
    );
    for twice in [
        "email=olga%40example.com&email=eve%40example.com",
        "email=olga%40example.com&%65mail=eve%40example.com",
        "email[]=olga%40example.com&email[]=eve%40example.com",
        "email%5B%5D=olga%40example.com&email%5B%5D=eve%40example.com",
        "email%5B0%5D=olga%40example.com&email%5B1%5D=eve%40example.com",
        "email=olga%40example.com&email%5B%5D=eve%40example.com",
        "email%5B%5D=eve%40example.com",
        "user%5Bemail%5D=eve%40example.com&email=olga%40example.com",
    ] {
        assert_eq!(browser.post_raw("/forgot-password", twice.into()).status, 400, "{twice}");
        assert_eq!(browser.post_raw("/sign-up", format!("{twice}&{rest}").into_bytes()).status, 400, "{twice}");
        let password = PASSWORD.replace(' ', "+");
        assert_eq!(
            browser.post_raw("/sign-in", format!("{twice}&password={password}").into_bytes()).status,
            400,
            "{twice}"
        );
    }
    assert_eq!((mail_count(portal), count!(portal, user_sessions)), (0, 0));

    let owner = portal.signed_in(OLGA);
    let path = format!("/organizations/{SLUG}/people/invite");
    let twice = [("emails", "ines@example.com"), ("emails", "eve@example.com"), ("role", "reader")];
    assert_eq!(owner.upload(&path, &twice, &[]).status, 400);
    let twice = [("emails", "ines@example.com"), ("role", "reader"), ("role", "owner")];
    assert_eq!(owner.upload(&path, &twice, &[]).status, 400);
    let role = format!("/organizations/{SLUG}/people/{}/role", portal.membership(Persona::Member));
    assert_eq!(owner.post(&role, &[("role", "reader"), ("role", "owner"), ("current", "member")]).status, 400);
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Member));
    assert_eq!(mail_count(portal), 0);
}

/// Row 17 again: one address is what the form takes, and the mail goes to the one that is stored.
#[apply(on_both)]
fn lesson_17_a_reset_link_goes_to_the_stored_address_only(#[case] portal: &Portal) {
    for typed in [
        "OLGA@EXAMPLE.COM",
        "olga@example.com,eve@example.com",
        "olga@example.com eve@example.com",
        "olga@example.com\neve@example.com",
        "olga@example.com%0aeve@example.com",
        "\"olga@example.com\" <eve@example.com>",
        "olga@example.com;eve@example.com",
        "o\u{131}ga@example.com",
        "ＯLGA@example.com",
    ] {
        portal.browser().post("/forgot-password", &[("email", typed)]);
    }
    let to: Vec<String> = mails(&portal.app).into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, ["olga@example.com"]);
}

/// Row 18, CVE-2026-28699 and CVE-2026-28744 (Gitea): one way to authenticate was checked less than another. Here there is
/// one.
#[apply(on_both)]
fn lesson_18_nothing_but_the_cookie_signs_anybody_in(#[case] portal: &Portal) {
    let cookie = portal.signed_in(OLGA).cookie("portico").expect("signed in");
    let bearer = format!("Bearer {cookie}");
    // olga@example.com with her password, in base64.
    let basic = "Basic b2xnYUBleGFtcGxlLmNvbTphIHF1aWV0IGhhcmJvdXIgYXQgZGF3bg==";
    for (name, value) in [
        ("Authorization", basic),
        ("Authorization", &bearer),
        ("X-Auth-Token", &cookie),
        ("X-Api-Key", &cookie),
        ("X-User", "olga@example.com"),
        ("X-Remote-User", "olga@example.com"),
        ("X-Forwarded-User", "olga@example.com"),
    ] {
        let answer = portal.browser().send(Method::GET, "/home", &[(name, value)], Vec::new());
        assert_eq!((answer.status, answer.location()), (303, "/sign-in"), "{name}");
    }
    assert_eq!(portal.browser().get(&format!("/home?portico={cookie}")).status, 303);
}

/// Row 22, CVE-2022-39328 (Grafana): under load, the identity of one request leaked into another.
#[apply(on_both)]
fn lesson_22_under_load_everybody_stays_who_they_are(#[case] portal: &Portal) {
    let people: Vec<(Persona, String)> = Persona::ALL
        .into_iter()
        .map(|persona| (persona, portal.signed_in(persona).cookie("portico").expect("signed in")))
        .collect();
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let people = &people;
            scope.spawn(move || {
                // One connection, on which people take turns: nothing may stay behind on it.
                let browser = portal.browser();
                for turn in 0..40 {
                    let (persona, cookie) = &people[(thread + turn * (thread + 1)) % people.len()];
                    browser.set_cookie("portico", cookie);
                    if turn % 4 == 3 {
                        let dashboard = browser.get(&format!("/organizations/{SLUG}"));
                        let expected = if *persona == Persona::Outsider { 404 } else { 200 };
                        assert_eq!(dashboard.status, expected, "{persona:?}");
                        continue;
                    }
                    let home = browser.get("/home");
                    assert_eq!(home.status, 200, "{persona:?}");
                    for other in Persona::ALL {
                        assert_eq!(home.body.contains(&other.email()), other == *persona, "{persona:?} sees {other:?}");
                    }
                }
            });
        }
        // Others sign in and out meanwhile, and nobody without a cookie gets in.
        scope.spawn(move || {
            for _ in 0..15 {
                let browser = portal.signed_in(Persona::Editor);
                assert_eq!(browser.post("/sign-out", &[]).status, 303);
                assert_eq!(browser.get("/home").status, 303);
            }
        });
        scope.spawn(move || {
            let nobody = portal.browser();
            for _ in 0..60 {
                assert_eq!(nobody.get("/home").status, 303);
            }
        });
    });
}

/// Row 25, CVE-2026-27812 (Sub2API): the link of a reset mail was made from the Host header.
#[apply(on_both)]
fn lesson_25_no_header_reaches_a_link_or_a_redirect(#[case] portal: &Portal) {
    for header in OTHER_NAMES {
        portal.later(chrono::Duration::minutes(61));
        let browser = portal.browser();
        let extra = [header];
        let answer = post_with(&browser, "/forgot-password", &extra, &[("email", "olga@example.com")]);
        assert_own_links(portal, &answer);
        let fields = sign_up_fields(&browser, NINA);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_own_links(portal, &post_with(&browser, "/sign-up", &extra, &fields));

        let answer = post_with(&browser, "/sign-in", &extra, &[("email", "olga@example.com"), ("password", PASSWORD)]);
        assert!(["/home", ""].contains(&answer.location()), "{header:?}: {}", answer.location());
        assert_own_links(portal, &answer);
        for path in ["/", "/home", "/sign-in", "/organizations/acme", "/nowhere", "/organizations/elsewhere"] {
            for browser in [&browser, &portal.browser()] {
                let answer = browser.send(Method::GET, path, &extra, Vec::new());
                let location = answer.location();
                assert!(location.is_empty() || location.starts_with('/') && !location.starts_with("//"), "{location}");
                assert_own_links(portal, &answer);
            }
        }
    }
    // Also where a signed-in person causes the mail.
    let owner = portal.signed_in(OLGA);
    for (number, header) in OTHER_NAMES.into_iter().enumerate() {
        let email = format!("guest{number}@example.com");
        invite(portal, &email, Role::Reader);
        let id = portal.invitation_id(&email).expect("it is open");
        let resend = format!("/organizations/{SLUG}/people/{id}/resend");
        assert_own_links(portal, &post_with(&owner, &resend, &[header], &[]));
    }
}

/// Row 27, CVE-2026-4799 (Search Guard): the page behind the sign-in was somebody else's. The long list of payloads is
/// with the tests of signing in.
#[apply(on_both)]
fn lesson_27_redirects_stay_on_this_site(#[case] portal: &Portal) {
    let stays = |answer: &Answer, what: &str| {
        let location = answer.location();
        assert!(
            location.is_empty() || (location.starts_with('/') && !location[1..].starts_with(['/', '\\'])),
            "{what}: {location}"
        );
    };
    let owner = portal.signed_in(OLGA);
    let token = invite(portal, "ines@example.com", Role::Reader);
    for target in ["//evil.example", "https://evil.example", "/\\evil.example", "/%2f/evil.example"] {
        let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        for path in [
            format!("/sign-in?next={encoded}"),
            format!("/?next={encoded}"),
            format!("/home?next={encoded}&return_to={encoded}"),
            format!("/sign-up?next={encoded}"),
            format!("/organizations/acme/people/remove?next={encoded}"),
        ] {
            stays(&owner.get(&path), &path);
            stays(&portal.browser().get(&path), &path);
        }
        let answer = portal
            .browser()
            .post("/sign-in", &[("email", "olga@example.com"), ("password", PASSWORD), ("next", target)]);
        assert_eq!((answer.status, answer.location()), (303, "/home"));
        let extra = [("next", target), ("return_to", target), ("redirect", target), ("url", target)];
        let switching = portal.signed_in(Persona::Outsider);
        let answer = switching.post(&format!("/invitations/{token}/switch"), &extra);
        assert_eq!(answer.location(), format!("/invitations/{token}"));
        let switching = portal.signed_in(Persona::Outsider);
        stays(&switching.post(&format!("/invitations/{encoded}/switch"), &extra), "switch");
        let leaving = portal.signed_in(Persona::Outsider);
        assert_eq!(leaving.post("/sign-out", &extra).location(), "/sign-in?signed_out=true");
    }
}
