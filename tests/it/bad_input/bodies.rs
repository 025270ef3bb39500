//! Bodies that are no form, or far too large.

use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::raw::Raw;
use super::{Refusals, assert_refused, forms, looks_at_fields_first};
use crate::support::{
    Persona, Portal,
    multipart::BOUNDARY,
    on_both,
    places::picture,
    state::{assert_unchanged, stored},
};

const MIB: usize = 1_024 * 1_024;

#[apply(on_both)]
fn a_body_that_is_no_form_is_refused(#[case] portal: &Portal) {
    let refusals = Refusals::new(portal);
    for route in forms() {
        let (browser, path, sample) = refusals.at(&route);
        if sample.fields.is_empty() && sample.files.is_empty() {
            continue;
        }
        let (own_type, own_body) = sample.request();
        let before = stored(portal);
        let other_type =
            if sample.is_upload { "application/x-www-form-urlencoded" } else { "multipart/form-data; boundary=x" };
        for content_type in ["application/json", "text/plain", "application/xml", "nonsense", "", other_type] {
            for body in [own_body.clone(), br#"{"email":"olga@example.com"}"#.to_vec(), Vec::new()] {
                let headers = [("Content-Type", content_type), ("Sec-Fetch-Site", "same-origin")];
                let answer = browser.send(Method::POST, &path, &headers, body);
                assert_refused(&answer, 400, &format!("{} as {content_type:?}", route.path));
            }
        }
        // The right type with the wrong content.
        for body in [br#"{"email":"olga@example.com"}"#.as_slice(), b"\x1f\x8b\x08\x00", b"&&&&", b"=", b"%"] {
            let headers = [("Content-Type", own_type.as_str()), ("Sec-Fetch-Site", "same-origin")];
            let answer = browser.send(Method::POST, &path, &headers, body.to_vec());
            let what = format!("{} {body:?}: {}", route.path, answer.status);
            // Nobody is selected: nobody is removed.
            let is_selection = route.path.ends_with("/people/remove") || route.path.ends_with("/people/resend");
            let is_nobody = is_selection && answer.status == 303;
            let is_led_on = !looks_at_fields_first(&route) && answer.status == 303;
            assert!(is_nobody || is_led_on || matches!(answer.status, 400 | 404 | 409 | 422), "{what}");
        }
        assert_unchanged(&before, &stored(portal), &route.path);
    }
}

#[apply(on_both)]
fn a_malformed_upload_is_refused(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let before = stored(portal);
    let part = |disposition: &str, content: &str| {
        format!("--{BOUNDARY}\r\n{disposition}\r\n\r\n{content}\r\n--{BOUNDARY}--\r\n")
    };
    let boundary = format!("multipart/form-data; boundary={BOUNDARY}");
    let named = "Content-Disposition: form-data; name=\"emails\"";
    let bodies: Vec<(&str, String)> = vec![
        ("multipart/form-data", part(named, "a@example.net")),
        ("multipart/form-data; boundary=", part(named, "a@example.net")),
        ("multipart/form-data; boundary=\"other\"", part(named, "a@example.net")),
        ("multipart/mixed; boundary=x", part(named, "a@example.net")),
        (&boundary, String::new()),
        (&boundary, "nothing of the kind".to_owned()),
        (&boundary, format!("--{BOUNDARY}")),
        (&boundary, format!("--{BOUNDARY}\r\n")),
        (&boundary, format!("--{BOUNDARY}\r\n{named}\r\n\r\na@example.net")),
        (&boundary, format!("--{BOUNDARY}\r\n{named}\r\n\r\na@example.net\r\n--{BOUNDARY}\r\n")),
        (&boundary, part("Content-Disposition: form-data", "a@example.net")),
        (&boundary, part("Content-Disposition: attachment; name=\"emails\"", "a@example.net")),
        (&boundary, part("Content-Type: text/plain", "a@example.net")),
        (&boundary, part("no header at all", "a@example.net")),
        (&boundary, part(&format!("{named}; filename=\"{}\"", "x".repeat(20_000)), "a@example.net")),
        (&boundary, part(&format!("{named}\r\n{named}"), "a@example.net")),
        (&boundary, format!("--{BOUNDARY}--\r\n")),
    ];
    for path in ["/organizations/acme/people/invite", "/organizations/acme/settings/logo"] {
        for (content_type, body) in &bodies {
            let headers = [("Content-Type", *content_type), ("Sec-Fetch-Site", "same-origin")];
            let answer = owner.send(Method::POST, path, &headers, body.clone().into_bytes());
            let shown: String = body.chars().take(120).collect();
            assert!(matches!(answer.status, 400 | 422), "{path} {content_type} {shown:?}: {}", answer.status);
            assert_refused(&answer, answer.status, path);
        }
        // Thousands of tiny parts are no form of ours.
        let mut many = String::new();
        for number in 0..20_000 {
            many.push_str(&format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"f{number}\"\r\n\r\n\r\n"));
        }
        many.push_str(&format!("--{BOUNDARY}--\r\n"));
        let headers = [("Content-Type", boundary.as_str()), ("Sec-Fetch-Site", "same-origin")];
        let answer = owner.send(Method::POST, path, &headers, many.into_bytes());
        assert_refused(&answer, 400, "20,000 parts");
        assert!(answer.text().contains("more parts"), "{}", answer.text());
    }
    assert_unchanged(&before, &stored(portal), "malformed uploads");
}

#[apply(on_both)]
fn a_logo_that_is_no_picture_is_refused(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let before = stored(portal);
    let broken = picture()[..40].to_vec();
    let mut huge = picture();
    // A picture that claims to be 100,000 pixels wide and high, in 70 bytes.
    huge[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    let files: [(&str, &[u8], u16); 8] = [
        ("logo.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>", 422),
        ("logo.png", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", 422),
        ("logo.png", b"%PDF-1.7", 422),
        ("logo.png", b"\x89PNG\r\n\x1a\n", 422),
        ("logo.png", &broken, 422),
        ("logo.png", &huge, 422),
        ("", b"", 422),
        ("../../etc/passwd", b"root", 422),
    ];
    for (name, content, status) in files {
        let answer = owner.upload("/organizations/acme/settings/logo", &[], &[("logo", name, content)]);
        assert_refused(&answer, status, name);
        assert!(!answer.html().text("#logo-error").is_empty(), "{name} {content:?}: {}", answer.text());
    }
    for size in [2 * MIB + 1, 3 * MIB, 10 * MIB] {
        let answer = owner.upload("/organizations/acme/settings/logo", &[], &[("logo", "logo.png", &vec![0x89; size])]);
        assert_refused(&answer, 413, "a large file");
    }
    assert_unchanged(&before, &stored(portal), "bad logos");
    // The name that a file brings is not looked at.
    let good = owner.upload("/organizations/acme/settings/logo", &[], &[("logo", "../../../evil.svg", &picture())]);
    assert_eq!(good.status, 303);
}

#[apply(on_both)]
fn ten_megabytes_are_answered_with_a_page(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let (owner_cookie, nobody) = (owner.cookie("portico").expect("a cookie"), String::new());
    let places = portal.places(0, "guest@example.net");
    let before = stored(portal);
    let form = format!("email={}", "a".repeat(10 * MIB));
    let mut upload = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"emails\"\r\n\r\n");
    upload.push_str(&"a".repeat(10 * MIB));
    upload.push_str(&format!("\r\n--{BOUNDARY}--\r\n"));
    for route in forms() {
        let path = places.path(&route.path);
        let sample = places.sample(&route);
        let (content_type, body) = if sample.is_upload {
            (format!("multipart/form-data; boundary={BOUNDARY}"), &upload)
        } else {
            ("application/x-www-form-urlencoded".to_owned(), &form)
        };
        // A single button takes no form: whatever comes with it is not read, and might do what the button does.
        if sample.fields.is_empty() && sample.files.is_empty() {
            continue;
        }
        for cookie in [&owner_cookie, &nobody] {
            let (status, answer) = Raw::new(portal).post_all(&path, cookie, &content_type, body.as_bytes());
            let is_guarded = cookie.is_empty() && route.guard != portico::guard::Guard::Public;
            let what = format!("{path}: {status}");
            if is_guarded {
                assert_eq!(status, 303, "{what}");
            } else {
                assert_eq!(status, 413, "{what}");
                // The forms with a picture say it beside their one field.
                let said = if path.ends_with("/logo") || path.ends_with("/picture") {
                    "The file is larger than 2 MB."
                } else {
                    "<h1>That is too large</h1>"
                };
                assert!(answer.contains(said), "{what}");
            }
        }
    }
    for path in ["/nowhere", "/home", "/static/x", "/organizations/acme/people"] {
        let (status, answer) = Raw::new(portal).post_all(path, &owner_cookie, "text/plain", form.as_bytes());
        assert!(matches!(status, 404 | 405), "{path}: {status}");
        assert!(answer.contains("<h1>"), "{path}");
    }
    assert_unchanged(&before, &stored(portal), "large bodies");
}
