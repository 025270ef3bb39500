//! Pages that say no: they keep the Organization for whoever is in it, and reveal nothing to anybody else.

use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use crate::support::{Answer, Browser, Persona, Portal, acme, on_both};

const FORM: &str = "application/x-www-form-urlencoded";

fn post_from(browser: &Browser, path: &str, page: &str, body: &[u8]) -> Answer {
    let headers = [("Content-Type", FORM), ("Sec-Fetch-Site", "same-origin"), ("Referer", page)];
    browser.send(Method::POST, path, &headers, body.to_vec())
}

/// Where the buttons of the page lead.
fn ways_out(answer: &Answer) -> Vec<String> {
    answer.html().attributes(".error-page .actions a", "href")
}

#[apply(on_both)]
fn an_error_inside_the_organization_keeps_its_frame(#[case] portal: &Portal) {
    let member = portal.signed_in(Persona::Member);
    let owner = portal.signed_in(Persona::Owner);
    let version = [("version", "one")];
    for (what, answer, status) in [
        ("a weak role", member.get(&acme("/people")), 403),
        ("a page that is not there", owner.get(&acme("/nowhere")), 404),
        ("a person who is not there", owner.get(&acme("/people/mem_01kb0000000000000000000000")), 404),
        ("a form that cannot be read", owner.post(&acme("/settings/edit"), &version), 400),
    ] {
        let page = answer.html();
        assert_eq!(answer.status, status, "{what}");
        assert!(page.has("nav.side a.side-link"), "{what}: the navigation is there");
        assert!(page.text(".switcher summary").contains("Acme"), "{what}: the switcher names it");
        assert!(ways_out(&answer).contains(&acme("")), "{what}: {:?}", ways_out(&answer));
        assert!(page.text(".error-page").contains("Reference req_"), "{what}");
    }
    // For a Member it has what a Member may open.
    let page = member.get(&acme("/people")).html();
    assert_eq!(page.texts("nav.side a"), ["Dashboard", "Plans and License"]);
}

#[apply(on_both)]
fn outsiders_see_the_same_whether_the_organization_exists_or_not(#[case] portal: &Portal) {
    let outsider = portal.signed_in(Persona::Outsider);
    let page = |path: &str| {
        let answer = outsider.get(path);
        assert_eq!(answer.status, 404, "{path}");
        let reference = answer.html().text(".reference");
        answer.body.replace(&reference, "")
    };
    let nowhere = page("/organizations/no-such-one");
    for path in [acme(""), acme("/people"), acme("/nowhere"), acme("/settings/edit")] {
        assert_eq!(page(&path), nowhere, "{path}");
    }
    assert!(!nowhere.contains("class=\"side\"") && !nowhere.contains("Acme"));
}

#[apply(on_both)]
fn a_refused_form_leads_back_to_itself_and_nowhere_else(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let (path, large) = (acme("/settings/edit"), vec![b'a'; 70 * 1_024]);
    let answer = post_from(&owner, &path, &format!("http://portal.example{path}?from=here"), &large);
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("larger than the 64 KB that this form accepts"), "{}", answer.text());
    assert_eq!(ways_out(&answer), [format!("{path}?from=here"), acme(""), "/home".to_owned()]);
    assert!(answer.html().has_button("Back to the form"));
    for page in
        ["http://portal.example", "http://portal.example//elsewhere.example/", "http://x/%2f%2fevil", "nonsense"]
    {
        let answer = post_from(&owner, &path, page, &large);
        assert_eq!(ways_out(&answer), [acme(""), "/home".to_owned()], "{page}");
    }
    // Who may not open the form is not led back to it.
    let manager = portal.signed_in(Persona::Manager);
    let answer = post_from(&manager, &path, &format!("http://portal.example{path}"), b"version=1");
    assert_eq!((answer.status, ways_out(&answer)), (403, vec![acme(""), "/home".to_owned()]));
}
