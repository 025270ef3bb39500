//! Each field of each form: too long, with NUL, with broken UTF-8, missing, unknown, twice.

use rstest::rstest;
use rstest_reuse::apply;

use super::{Refusals, assert_refused, forms, looks_at_fields_first, post_as};
use crate::support::{
    Portal,
    multipart::multipart,
    on_both,
    places::Sample,
    state::{assert_unchanged, stored},
};

/// What may be anything: it is not looked at, or only at whether it is there.
const ANYTHING: &[&str] = &[
    "terms",
    "tax_exempt",
    "managers_may_purchase",
    "next",
    "selected",
    "csv",
    "accepted",
    "declined",
    "new_owners",
    "sent",
    "confirmed",
    "expired",
    "payments",
    "product_news",
    "organization_news",
];

fn is_anything(path: &str, field: &str) -> bool {
    // The key of the sign-up form is hashed before it is kept.
    ANYTHING.contains(&field)
        || (path.ends_with("/sign-up") && field == "form_key")
        || (path.ends_with("/settings/edit") && field == "kind")
        // What the page showed: where it is something else than what is stored, that is told.
        || field.starts_with("seen_")
}

/// What may be left out.
const OPTIONAL: &[&str] = &[
    "next",
    "form_key",
    "coupon",
    "company",
    "job_title",
    "phone",
    "website",
    "industry",
    "language",
    "postal_address",
    "zip",
    "city",
    "tax_id",
    "tax_exempt",
    "officer_name",
    "officer_position",
    "officer_phone",
    "managers_may_purchase",
    "invitation_domains",
    "selected",
    "accepted",
    "declined",
    "new_owners",
    "confirmed",
    "expired",
    "payments",
    "below",
    "product_news",
    "organization_news",
];

fn is_optional(path: &str, field: &str) -> bool {
    OPTIONAL.contains(&field)
        || field.starts_with("seen_")
        || (path.starts_with("/organizations/") && field == "country")
        || (path == "/account/details" && field == "country")
        || (path.ends_with("/settings/edit") && field == "kind")
        // The browser has a name.
        || (path.ends_with("/passkeys/new") && field == "passkey_name")
}

/// The form with bytes in one field that no text field of a browser sends, encoded as its kind of form is.
fn with_bytes(sample: &Sample, field: &str, bytes: &[u8]) -> Vec<u8> {
    let fields =
        sample.fields.iter().map(|(name, value)| (*name, if *name == field { bytes } else { value.as_bytes() }));
    if sample.is_upload {
        return multipart(fields.map(|(name, value)| (name, None, value)));
    }
    let encoded = |value| percent_encoding::percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
    fields.flat_map(|(name, value)| format!("{name}={}&", encoded(value)).into_bytes()).collect()
}

#[apply(on_both)]
fn text_with_nul_or_broken_utf_8_is_refused_in_every_field(#[case] portal: &Portal) {
    let refusals = Refusals::new(portal);
    for route in forms() {
        let (browser, path, sample) = refusals.at(&route);
        let before = stored(portal);
        for (field, _) in &sample.fields {
            for (bytes, sentence) in [
                (b"a\0b".as_slice(), "contains a NUL character"),
                (b"\0", "contains a NUL character"),
                (b"a\xffb", "not valid UTF-8"),
                (b"\xc3\x28", "not valid UTF-8"),
                (b"\xed\xa0\x80", "not valid UTF-8"),
                (b"\xc0\xaf", "not valid UTF-8"),
            ] {
                let answer = post_as(&sample, browser, &path, with_bytes(&sample, field, bytes));
                let what = format!("{} {field} {bytes:?}", route.path);
                assert_refused(&answer, 400, &what);
                assert!(answer.text().contains(sentence), "{what}: {}", answer.text());
            }
        }
        // The name of a field is text too.
        if !sample.fields.is_empty() && !sample.is_upload {
            for name in ["%00=a", "%FF=a", "a=1&%00"] {
                assert_refused(&post_as(&sample, browser, &path, name.into()), 400, &format!("{} {name}", route.path));
            }
        }
        assert_unchanged(&before, &stored(portal), &route.path);
    }
}

#[apply(on_both)]
fn a_field_that_is_too_long_is_refused_with_its_name(#[case] portal: &Portal) {
    let refusals = Refusals::new(portal);
    for route in forms().into_iter().filter(looks_at_fields_first) {
        let (browser, path, sample) = refusals.at(&route);
        let before = stored(portal);
        for (field, _) in sample.fields.iter().filter(|(field, _)| !is_anything(&route.path, field)) {
            // Random text: databases compress what repeats, and limits are in what is left.
            for length in [300, 2_000, 10_000, 60_000] {
                // Wrong ones are counted over all forms that ask for it.
                if *field == "current_password" && length > 300 {
                    continue;
                }
                // A new password may be long, only not endless.
                if *field == "password" && length == 300 && route.path != "/sign-in" {
                    continue;
                }
                let answer = sample.with(field, &incompressible(length)).post(browser, &path);
                let what = format!("{} {field} of {length}", route.path);
                let status = match *field {
                    "token" => 404,
                    // A number that only the page itself fills in.
                    "version" => 400,
                    _ => 422,
                };
                assert_refused(&answer, status, &what);
                if status == 422 && *field != "form_key" {
                    assert!(!answer.html().text(".notice, .field-error, .errors").is_empty(), "{what}");
                }
            }
        }
        assert_unchanged(&before, &stored(portal), &route.path);
    }
}

#[apply(on_both)]
fn a_required_field_that_is_missing_or_empty_is_asked_for(#[case] portal: &Portal) {
    let refusals = Refusals::new(portal);
    for route in forms().into_iter().filter(looks_at_fields_first) {
        let (browser, path, sample) = refusals.at(&route);
        let before = stored(portal);
        for (field, _) in sample.fields.iter().filter(|(field, _)| !is_optional(&route.path, field)) {
            let status = match *field {
                "token" => 404,
                // Nobody knows which version was edited: the form comes back.
                "version" => 409,
                _ => 422,
            };
            let what = format!("{} without {field}", route.path);
            assert_refused(&sample.without(field).post(browser, &path), status, &what);
            if field != &"terms" && field != &"version" {
                for empty in ["", "   ", "\t", "\u{a0}"] {
                    // White space is a password, though not this one.
                    let what = format!("{} with {empty:?} as {field}", route.path);
                    assert_refused(&sample.with(field, empty).post(browser, &path), status, &what);
                }
            }
        }
        if !sample.fields.is_empty() && !sample.fields.iter().any(|(field, _)| *field == "selected") {
            let nothing = Sample { fields: Vec::new(), ..sample.clone() };
            let answer = nothing.post(browser, &path);
            assert!(matches!(answer.status, 404 | 422), "{} empty: {}", route.path, answer.status);
        }
        assert_unchanged(&before, &stored(portal), &route.path);
    }
}

#[apply(on_both)]
fn a_field_that_comes_twice_is_refused(#[case] portal: &Portal) {
    let refusals = Refusals::new(portal);
    for route in forms() {
        let (browser, path, sample) = refusals.at(&route);
        let before = stored(portal);
        for (field, value) in sample.fields.iter().filter(|(field, _)| *field != "selected") {
            let mut twice = sample.clone();
            twice.fields.push((field, value.clone()));
            let what = format!("{} with {field} twice", route.path);
            let answer = twice.post(browser, &path);
            assert_refused(&answer, 400, &what);
            assert!(answer.text().contains("came twice"), "{what}");
        }
        assert_unchanged(&before, &stored(portal), &route.path);
    }
}

#[apply(on_both)]
fn what_is_not_on_a_list_is_refused(#[case] portal: &Portal) {
    let lists: &[(&str, &[&str])] = &[
        ("role", &["king", "Owner", "OWNER", "member ", "owner,member", "-1", "5"]),
        ("current", &["king", "Member"]),
        ("kind", &["charity", "Business", "business,individual"]),
        ("country", &["XX", "Switzerland", "ch", "CHE", "<b>"]),
        ("industry", &["magic", "Agriculture"]),
        ("language", &["xx", "English"]),
        ("phone", &["call me", "+4 (0)", "0x", "021 555 01 00; rm"]),
        ("website", &["javascript:alert(1)", "example", "ftp://example.com", "https://", "https://a b.com"]),
        (
            "email",
            &[
                "olga",
                "olga@",
                "@example.com",
                "a@b",
                "a b@example.com",
                "a@example.com,b@example.com",
                "a@exa\nmple.com",
            ],
        ),
        ("emails", &["olga", "@", "a@b", "a@example.com b@example.com"]),
        ("password", &["short", "aaaaaaaaaaaaaaaa"]),
    ];
    let refusals = Refusals::new(portal);
    for route in forms() {
        let (browser, path, sample) = refusals.at(&route);
        let before = stored(portal);
        for (field, values) in lists {
            let is_there = sample.fields.iter().any(|(name, _)| name == field);
            if !is_there || is_anything(&route.path, field) || (*field == "email" && route.path == "/sign-in") {
                continue;
            }
            for value in *values {
                let answer = sample.with(field, value).post(browser, &path);
                assert_refused(&answer, 422, &format!("{} with {field} {value:?}", route.path));
            }
        }
        assert_unchanged(&before, &stored(portal), &route.path);
    }
    // A version is a number.
    let owner = portal.signed_in(crate::support::Persona::Owner);
    for version in ["", "x", "1.5", "99999999999999999999", "-1", "2147483648"] {
        let answer = owner
            .post("/organizations/acme/settings/edit", &[("version", version), ("name", "Acme"), ("legal_name", "A")]);
        assert!(matches!(answer.status, 400 | 409), "version {version}: {}", answer.status);
    }
}

/// Letters and digits that do not repeat, the same in every run.
fn incompressible(length: usize) -> String {
    let mut seed = super::random::Random::new(length as u64);
    (0..length).map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[seed.below(36)])).collect()
}
