//! Addresses that no page links to.

use std::collections::{BTreeMap, BTreeSet};

use portico::guard::Guard;
use portico::routes::table;
use rstest::rstest;
use rstest_reuse::apply;

use super::assert_refused;
use crate::support::{
    Persona, Portal, on_both,
    state::{assert_unchanged, stored},
};

#[apply(on_both)]
fn strange_characters_in_a_path_name_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let nobody = portal.browser();
    let before = stored(portal);
    let strange = [
        "%00",
        "a%00b",
        "%FF",
        "%C3%28",
        "%ED%A0%80",
        "%2F",
        "%2e%2e",
        "..",
        "%2E%2E%2F",
        "%",
        "%zz",
        "%2",
        "%25",
        "%2500",
        "%F0%9F%98%80",
        "%0a",
        "%0d%0aSet-Cookie:a=b",
        "%22%3E%3Cscript%3E",
        "'--",
        "%27%20OR%201=1",
        "a%20b",
        "~",
        "+",
        "mem_",
        "inv_01",
        "%E2%80%AE",
        "%EF%BF%BD",
        "*",
        "a;b=c",
        "%5C",
        "$(id)",
        "%24%7B7*7%7D",
    ];
    let mut statuses: BTreeMap<(&str, bool), BTreeSet<u16>> = BTreeMap::new();
    for route in table(true, true).list() {
        // Switching accounts signs out, whatever the invitation.
        if !route.path.contains('{') || route.path.ends_with("/switch") {
            continue;
        }
        for text in strange {
            let holes = ["{slug}", "{id}", "{token}", "{name}"];
            for hole in holes.into_iter().filter(|hole| route.path.contains(hole)) {
                let path = route.path.replace(hole, text).replace("{slug}", "acme").replace("{id}", "x");
                for (who, browser) in [("owner", &owner), ("nobody", &nobody)] {
                    let answer = match route.method.as_str() {
                        "GET" => browser.get(&path),
                        _ => browser.post(&path, &[("role", "member"), ("current", "member")]),
                    };
                    // Two dots name the folder above, which may be a page.
                    if text != ".." && text != "%2e%2e" {
                        let is_guarded = matches!(route.guard, Guard::SignedIn | Guard::Organization(_));
                        statuses.entry((who, is_guarded)).or_default().insert(answer.status);
                    }
                    assert!(answer.status < 500, "{} {path}: {}", route.method, answer.status);
                    assert!(!answer.header("location").contains(['\r', '\n']), "{path}");
                    assert!(!answer.header("set-cookie").contains("a=b"), "{path}");
                }
            }
        }
    }
    let expected = [
        (("nobody", false), BTreeSet::from([404, 429])),
        (("nobody", true), BTreeSet::from([303])),
        (("owner", false), BTreeSet::from([404, 429])),
        // Links of invitations that do not work are counted.
        (("owner", true), BTreeSet::from([404, 429])),
    ];
    assert_eq!(statuses, BTreeMap::from(expected), "what is behind a guard, and what is not");
    assert_eq!(owner.get("/home").status, 200, "still signed in");
    assert_unchanged(&before, &stored(portal), "strange paths");
}

#[apply(on_both)]
fn a_very_long_address_is_answered(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let before = stored(portal);
    for length in [1_000, 8_000, 30_000, 60_000] {
        let long = "a".repeat(length);
        for path in [
            format!("/{long}"),
            format!("/organizations/{long}"),
            format!("/organizations/acme/people/{long}"),
            format!("/organizations/acme/{long}"),
            format!("/invitations/{long}"),
            format!("/static/{long}.css"),
            format!("/{}", "a/".repeat(length / 2)),
        ] {
            assert_refused(&owner.get(&path), 404, &format!("{} and more, {length} in all", &path[..30]));
        }
        // Nobody is sent to sign in with an address that does not come back.
        let answer = portal.browser().get(&format!("/organizations/{long}"));
        assert!(matches!(answer.status, 303 | 404), "{}", answer.status);
    }
    assert_unchanged(&before, &stored(portal), "long addresses");
}

#[apply(on_both)]
fn a_query_may_be_anything(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let before = stored(portal);
    let many: String = (0..3_000).map(|number| format!("selected=mem_{number}&")).collect();
    let long = format!("search={}", "%C3%A4".repeat(5_000));
    let queries: &[(&str, &[u16])] = &[
        ("search=%00", &[400]),
        ("search=%FF", &[400]),
        ("%00=a", &[400]),
        ("search=a&search=b", &[400]),
        ("role=king", &[200]),
        ("status=nonsense", &[200]),
        ("after=nonsense", &[200]),
        ("after=%F0%9F%98%80", &[200]),
        ("after=AAAA", &[200]),
        ("after=________________", &[200]),
        ("after=8J-YgA", &[200]),
        ("search=%25_%25", &[200]),
        ("search=%27%20OR%201=1--", &[200]),
        ("search=%F4%8F%BF%BF", &[200]),
        ("search=%CC%81%CC%81", &[200]),
        ("search=%1F", &[200]),
        ("search=%C2%AD", &[200]),
        ("search=%EF%B7%BA", &[200]),
        ("&&&===&", &[200]),
        ("=", &[200]),
        ("search", &[200]),
        ("search=%", &[200]),
        ("search=%zz", &[200]),
        ("unknown=1&other[]=2", &[200]),
        (&long, &[200]),
    ];
    for (query, expected) in queries {
        // The text that credits are searched by has another name.
        let of_credits = query.replace("search=", "reference=");
        let lists = [
            ("people", *query),
            ("people/export.csv", query),
            ("credits", &of_credits),
            ("credits/export.csv", &of_credits),
        ];
        for (list, query) in lists {
            let path = format!("/organizations/acme/{list}");
            let answer = owner.get(&format!("{path}?{query}"));
            let shown: String = query.chars().take(60).collect();
            assert!(expected.contains(&answer.status), "{path}?{shown}: {}", answer.status);
        }
    }
    assert_refused(&owner.get(&format!("/organizations/acme/people/remove?{many}")), 422, "3,000 people to remove");
    assert_eq!(owner.get("/organizations/acme/people/remove?selected=nonsense").status, 303);
    assert_eq!(owner.get("/home?after=nonsense").status, 200);
    for query in ["email=%00", "next=%FF", "token=%00"] {
        for path in ["/sign-in", "/verify-email", "/reset-password"] {
            assert_refused(&portal.browser().get(&format!("{path}?{query}")), 400, query);
        }
    }
    assert_unchanged(&before, &stored(portal), "queries");
}
