//! The files that browsers, password managers and search engines look for, and the head of every page.

use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, acme, on_both};

#[apply(on_both)]
fn programs_find_the_files_that_they_look_for(#[case] portal: &Portal) {
    let browser = portal.browser();
    for (path, kind) in [
        ("/favicon.ico", "image/x-icon"),
        ("/apple-touch-icon.png", "image/png"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ] {
        let file = browser.get(path);
        assert_eq!((file.status, file.header("content-type")), (200, kind), "{path}");
    }
    let manifest: serde_json::Value = serde_json::from_str(&browser.get("/manifest.webmanifest").body).expect("JSON");
    for icon in manifest["icons"].as_array().expect("icons") {
        assert_eq!(browser.get(icon["src"].as_str().expect("a path")).status, 200, "{icon}");
    }
    let change = browser.get("/.well-known/change-password");
    assert_eq!((change.status, change.location()), (303, "/account/security/password"));
}

#[apply(on_both)]
fn every_page_of_an_organization_has_its_name_in_the_title(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for (path, title) in [
        (acme(""), "Dashboard · Acme · Portico"),
        (acme("/people"), "User Management · Acme · Portico"),
        (acme("/settings"), "Organization settings · Acme · Portico"),
        ("/home".to_owned(), "Home · Portico"),
    ] {
        let page = owner.get(&path).html();
        assert_eq!(page.text("title"), title);
        assert_eq!(page.attributes("meta[name=description]", "content").len(), 1, "{path}");
        assert!(!page.has("svg[hidden]"), "{path}");
    }
}
