//! "Activity": the log of an Organization in words, what it is narrowed to, its pages and its file.

use chrono::Duration;
use portico::access::Role;
use portico::db::DbError;
use rstest::rstest;
use rstest_reuse::apply;

use crate::credits::{Given, spend_in};
use crate::support::{Browser, Html, Persona, Portal, acme, change_role, invite, on_both};

fn page(browser: &Browser, query: &str) -> Html {
    let answer = browser.get(&acme(&format!("/activity{query}")));
    assert_eq!(answer.status, 200, "{query}");
    answer.html()
}

/// What was done, row by row.
fn listed(page: &Html) -> Vec<String> {
    page.texts("table.table-activity tbody th")
}

fn records(browser: &Browser, query: &str) -> Vec<Vec<String>> {
    let answer = browser.get(&acme(&format!("/activity/export.csv{query}")));
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"acme-activity.csv\"");
    let text = answer.body.strip_prefix('\u{feff}').expect("spreadsheets are told the script");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a record").iter().map(str::to_owned).collect()).collect()
}

/// Rita becomes Editor today, and somebody is invited two days later, on 25 November.
fn something_happens(portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(change_role(&manager, &portal.membership(Persona::Reader), Role::Reader, Role::Editor).status, 303);
    portal.later(Duration::days(2));
    assert_eq!(invite(&portal.signed_in(Persona::Owner), "new@example.net", Role::Reader).status, 303);
}

const ROLE: &str = "changed the role of Rita Tester ( rita@example.com ) from Reader to Editor";
const INVITED: &str = "invited new@example.net as Reader";

#[apply(on_both)]
fn each_change_is_told_with_who_made_it_in_which_role_when_and_from_where(#[case] portal: &Portal) {
    something_happens(portal);
    for persona in [Persona::Manager, Persona::Owner] {
        let page = page(&portal.signed_in(persona), "");
        assert_eq!(page.text("h1"), "Activity");
        let rows = page.texts("table.table-activity tbody tr");
        let invited = format!("25 November 2026, 09:30 UTC Olga Tester Owner {INVITED} 127.0.0.1");
        let changed = format!("23 November 2026, 09:30 UTC Manuel Tester Manager {ROLE} 127.0.0.1");
        assert_eq!(rows[..2], [invited, changed]);
        assert!(page.has_button("Export CSV"));
    }
    for (persona, expected) in [(Persona::Manager, true), (Persona::Editor, false)] {
        let entries = portal.signed_in(persona).get(&acme("")).html().texts(".side-link");
        assert_eq!(entries.last().is_some_and(|last| last == "Activity"), expected, "{entries:?}");
    }
}

#[apply(on_both)]
fn a_change_of_settings_is_told_field_by_field_as_it_was_and_as_it_is(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let edit = owner.get(&acme("/settings/edit")).html();
    let (name, version) = (edit.value("name"), edit.value("version"));
    let fields = [
        ("name", &*name),
        ("legal_name", "Acme AG"),
        ("city", "=Lausanne"),
        ("country", "CH"),
        ("managers_may_purchase", "true"),
        ("version", &*version),
    ];
    assert_eq!(owner.post(&acme("/settings/edit"), &fields).status, 303);
    let page = page(&owner, "?kind=settings");
    let said = listed(&page).remove(0);
    assert!(said.contains("City: =Lausanne"), "{said}");
    let record = records(&owner, "?kind=settings").remove(1);
    assert!(record[6].contains("City: =Lausanne"), "{record:?}");
    assert_eq!((record[1].as_str(), record[2].as_str(), record[4].as_str()), ("Olga Tester", "Owner", "Settings"));
}

#[apply(on_both)]
fn the_log_is_narrowed_to_a_person_a_kind_and_days(#[case] portal: &Portal) {
    something_happens(portal);
    portal.grant(Given::new(100, "welcome"));
    let owner = portal.signed_in(Persona::Owner);
    for (query, expected) in [
        ("?person=olga@example.com&kind=people", vec![INVITED]),
        ("?person=MANUEL@example.com", vec![ROLE]),
        ("?person=rita@example.com", vec![ROLE]),
        ("?person=otto@example.com", vec![]),
        ("?person=nobody@example.com", vec![]),
        ("?kind=people&from=2026-11-24", vec![INVITED]),
        ("?kind=people&to=2026-11-24", vec![ROLE]),
        ("?kind=people&from=2026-11-25&to=2026-11-25", vec![INVITED]),
        ("?kind=credits", vec!["added 100 credits"]),
        ("?kind=credits&to=2026-11-24", vec![]),
    ] {
        let page = page(&owner, query);
        let shown = listed(&page);
        assert_eq!(shown.len(), expected.len(), "{query}: {shown:?}");
        assert!(shown.iter().zip(&expected).all(|(shown, expected)| shown.starts_with(expected)), "{query}: {shown:?}");
        assert_eq!(records(&owner, query).len() - 1, expected.len(), "{query}: the file follows the filter");
        if expected.is_empty() {
            assert_eq!(page.text(".empty-title"), "Nothing matches this filter", "{query}");
        }
    }
    let account = page(&owner, "?kind=account");
    assert!(listed(&account).len() > 2, "what is no kind of an Organization's log means all");
}

#[apply(on_both)]
fn the_name_of_who_did_something_leads_to_all_that_they_did(#[case] portal: &Portal) {
    something_happens(portal);
    let owner = portal.signed_in(Persona::Owner);
    let links = page(&owner, "").attributes("table.table-activity tbody tr:nth-child(2) td a", "href");
    let theirs = owner.get(&links[0]).html();
    assert_eq!(listed(&theirs), [ROLE]);
    let who = theirs.text(".activity-person");
    assert!(who.starts_with("What Manuel Tester did, or what was done to them."), "{who}");
    let everybody = theirs.attributes(".activity-person a", "href").remove(0);
    assert!(listed(&owner.get(&everybody).html()).len() > 1);
    // Somebody of another Organization: their name is not told.
    let otto = portal.add_user("otto-2@example.com").user_id;
    let none = page(&owner, &format!("?person={otto}"));
    assert!(none.text(".activity-person").starts_with("What one person did"), "{}", none.text(".activity-person"));
    assert!(listed(&none).is_empty());
}

#[apply(on_both)]
fn what_cannot_be_read_is_said_beside_its_field_and_kept(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for (query, field, sentence) in [
        ("from=yesterday", "from", "Enter a day such as 2026-11-28."),
        ("to=2026-02-30", "to", "Enter a day such as 2026-11-28."),
        ("from=2026-11-28&to=2026-11-27", "to", "The last day is before the first one."),
        ("person=Rita", "person", "Enter an e-mail address like name@example.com."),
    ] {
        let answer = owner.get(&acme(&format!("/activity?{query}")));
        assert_eq!(
            (answer.status, answer.html().text(&format!("#{field}-error")).as_str()),
            (422, sentence),
            "{query}"
        );
        let typed = query.split(&format!("{field}=")).last().expect("what was typed");
        assert_eq!(answer.html().value(field), typed);
        assert!(!answer.html().has_button("Export CSV"), "{query}");
        assert_eq!(owner.get(&acme(&format!("/activity/export.csv?{query}"))).status, 400, "{query}");
    }
}

#[apply(on_both)]
fn a_long_log_is_read_page_by_page_each_row_once_and_exported_whole(#[case] portal: &Portal) {
    const MANY: usize = 1_010;
    portal.grant(Given::new(5_000, "welcome"));
    let organization = portal.organization_id();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            // All at the same moment.
            (0..MANY).try_for_each(|number| spend_in(tx, &organization, 1, &format!("job-{number}")).map(drop))
        })
        .expect("they are spent");
    let manager = portal.signed_in(Persona::Manager);
    let file = records(&manager, "?kind=credits");
    assert_eq!(file.len(), MANY + 2);
    let references: std::collections::BTreeSet<&String> = file[1..].iter().map(|record| &record[6]).collect();
    assert_eq!(references.len(), MANY + 1, "each row once");
    let (mut address, mut pages, mut found) = (acme("/activity?kind=credits"), Vec::new(), 0);
    loop {
        let html = manager.get(&address).html();
        let shown = listed(&html);
        found += shown.len();
        pages.push((address, html.text("table.table-activity tbody")));
        match html.attributes(".pagination a[rel=next]", "href").into_iter().next() {
            Some(next) => address = next,
            None => break,
        }
    }
    assert_eq!((found, pages.len()), (MANY + 1, 21));
    let back = manager.get(&pages[2].0).html().attributes(".pagination a[rel=prev]", "href").remove(0);
    assert_eq!(manager.get(&back).html().text("table.table-activity tbody"), pages[1].1);
}
