//! How many statements a page takes: at most six, the guard's among them, and as many with a thousand people as with ten.

use std::collections::BTreeMap;

use diesel::prelude::*;
use portico::access::Role;
use portico::accounts::users::{self, NewUser};
use portico::db::DbError;
use portico::people::members;
use portico::routes::table;
use portico::schema::rate_limits;
use rstest::rstest;
use rstest_reuse::apply;

use super::watch::Watched;
use crate::accounts::home::found_many;
use crate::credits::Given;
use crate::support::{Browser, Persona, Portal, SLUG, invite_one, on_both, places::Places};

const MOST: usize = 6;
/// Session, switcher, Organizations, invitations, people, expired ones among them.
const HOME: usize = 6;

/// Adds people and invitations in one transaction.
pub(super) fn add_people(portal: &Portal, from: usize, to: usize) {
    let scope = portal.scope(Persona::Owner);
    let hash = portal.app.passwords.hash_now("not used here at all");
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            for number in from..to {
                let new = NewUser {
                    email: format!("person-{number}@example.org"),
                    password_hash: hash.clone(),
                    first_name: format!("Person{number}"),
                    last_name: "Many".to_owned(),
                    company: String::new(),
                    country: String::new(),
                };
                let user = users::create(tx, &new, "192.0.2.1")?.expect("the address is free");
                let role = [Role::Member, Role::Reader, Role::Editor][number % 3];
                members::join(tx, scope.organization_id(), &user.user_id, role, "Olga Tester")?;
                if number % 10 == 0 {
                    let guest = format!("guest-{number}@example.org");
                    invite_one(tx, &scope, &guest, Role::Member)?;
                }
            }
            Ok(())
        })
        .expect("the people are stored");
}

/// Spends credits so many times, and grants some now and then, of which half end.
pub(super) fn add_credits(portal: &Portal, from: usize, to: usize) {
    for number in from..to {
        if number % 10 == 0 {
            let reference = format!("grant-{number}");
            let given = Given::new(200, &reference);
            portal.grant(if number % 20 == 0 { given.until("2027-01-01T00:00:00Z") } else { given });
        }
        portal.spend(19, &format!("job-{number}"));
    }
}

/// The addresses of all pages, with what makes them do most.
pub(super) fn pages(places: &Places, first: &str) -> Vec<String> {
    let mut pages: Vec<String> = table(true, true)
        .list()
        .into_iter()
        .filter(|route| route.method == "GET" && route.path != "/readyz")
        .map(|route| places.path(&route.path))
        .collect();
    let people = format!("/organizations/{SLUG}/people");
    pages.push(format!("{people}/{}", places.invitation));
    for query in [
        "search=many",
        "search=person1",
        "search=guest&status=pending",
        "role=reader",
        "status=active",
        "status=pending",
        "status=expired",
        "search=m&role=editor&status=active",
        first,
    ] {
        pages.push(format!("{people}?{query}"));
        pages.push(format!("{people}/export.csv?{query}"));
    }
    for query in [
        "kind=spend",
        "kind=spend&from=2026-11-01&to=2026-12-01",
        "from=2026-11-01",
        "to=2026-12-01",
        "reference=job-1",
        "after=NDA",
        "before=NDA&kind=spend",
        "from=nonsense",
    ] {
        pages.push(format!("/organizations/{SLUG}/credits?{query}"));
        pages.push(format!("/organizations/{SLUG}/credits/export.csv?{query}"));
    }
    // `2026-11-23T09:30:00Z ord_…`
    let standing = "MjAyNi0xMS0yM1QwOTozMDowMFogb3JkXzAxa2IxYjFiMWJlMWVhMWIxYjFiMWIxYjFi";
    for query in ["", "status=paid", "kind=credits", "status=paid&kind=credits&year=2026", "year=2026"] {
        for side in ["", "after", "before"] {
            pages.push(format!("/organizations/{SLUG}/plans/orders?{query}&{side}={standing}"));
        }
        pages.push(format!("/organizations/{SLUG}/plans/orders/export.csv?{query}"));
    }
    // `2026-11-23T09:30:00Z act_…`
    let standing = "MjAyNi0xMS0yM1QwOTozMDowMFogYWN0XzAxa2IxYjFiMWJlMWVhMWIxYjFiMWIxYjFi";
    let person = "person=usr_01kb1b1b1be1ea1b1b1b1b1b1b";
    for query in ["", "kind=people", "person=reader@example.com", person, "person=nobody@example.com"] {
        for days in ["", "&from=2026-11-01&to=2026-12-01"] {
            for side in ["", "after", "before"] {
                pages.push(format!("/organizations/{SLUG}/activity?{query}{days}&{side}={standing}"));
            }
            pages.push(format!("/organizations/{SLUG}/activity/export.csv?{query}{days}"));
        }
    }
    pages.push(format!("/organizations/{SLUG}/activity?{person}&kind=credits&from=2026-11-01"));
    for side in ["after", "before"] {
        pages.push(format!("/organizations/{SLUG}/notifications/log?{side}=ntf_01kb1b1b1be1ea1b1b1b1b1b1b"));
    }
    for side in ["after", "before"] {
        pages.push(format!("/organizations/{SLUG}/people/without-two-factor?{side}=mem_01kb1b1b1be1ea1b1b1b1b1b1b"));
    }
    pages.push(format!("/verify-email?token={}", places.sign_up_token));
    pages.push(format!("/reset-password?token={}", places.reset_token));
    pages.push("/home?after=org_01kb1b1b1be1ea1b1b1b1b1b1b".to_owned());
    pages.push("/home?search=acme".to_owned());
    pages.push("/nowhere".to_owned());
    pages.push(format!("/organizations/{SLUG}/nowhere"));
    pages.push("/organizations/nowhere".to_owned());
    pages
}

/// How many statements each page takes, by its address without the query where that is a cursor.
fn count(watched: &Watched, browser: &Browser, pages: &[String]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for page in pages {
        watched.take();
        let answer = browser.get(page);
        assert!(answer.status < 500, "{page}: {}", answer.status);
        let statements = watched.take();
        // A file of two readings of a thousand looks again before the second whether it may go on.
        let most = if page.contains("export.csv") && answer.body.lines().count() > 1_000 { MOST + 2 } else { MOST };
        assert!(statements.len() <= most, "{page} takes {} statements:\n{}", statements.len(), statements.join("\n"));
        // A file is read and sent a batch at a time: it may take more where there is more.
        if page.contains("export.csv") {
            continue;
        }
        counts.insert(page.split("after=").next().unwrap_or_default().to_owned(), statements.len());
    }
    counts
}

/// The query of the second page of people.
fn second_page(browser: &Browser) -> String {
    let page = browser.get(&format!("/organizations/{SLUG}/people")).html();
    let next = page.attributes(".pagination a", "href");
    next.first()
        .and_then(|next| next.split_once('?'))
        .map_or_else(|| "after=YQ".to_owned(), |(_, query)| query.to_owned())
}

/// The address of the page that confirms the removal of as many people as a page shows.
fn removal(browser: &Browser) -> String {
    let page = browser.get(&format!("/organizations/{SLUG}/people")).html();
    let ids = page.attributes("input[name=selected]", "value");
    assert!(ids.len() > 5);
    format!(
        "/organizations/{SLUG}/people/remove?{}",
        ids.iter().map(|id| format!("selected={id}")).collect::<Vec<_>>().join("&")
    )
}

fn forget_tries(portal: &Portal) {
    let forgotten =
        portal.app.write_now::<_, DbError>(|tx| Ok(diesel::delete(rate_limits::table).execute(tx.connection)?));
    forgotten.expect("they are forgotten");
}

#[apply(on_both)]
fn a_page_takes_at_most_six_statements_however_many_people_there_are(#[case] portal: &Portal) {
    let watched = Watched::new(portal);
    let places = portal.places(0, "guest@example.net");
    let mut counts = Vec::new();
    for persona in Persona::ALL {
        // The first page of a day notes that somebody was there.
        watched.portal.signed_in(persona).get(&format!("/organizations/{SLUG}"));
    }
    for (from, to) in [(0, 10), (10, 1_000)] {
        // Links that do not work are pages, too, and nobody is to have tried too many of them.
        forget_tries(portal);
        add_people(portal, from, to);
        add_credits(portal, from, to);
        let mut all = BTreeMap::new();
        for persona in Persona::ALL {
            let browser = watched.portal.signed_in(persona);
            let query = if persona == Persona::Owner { second_page(&browser) } else { "after=YQ".to_owned() };
            let mut pages = pages(&places, &query);
            // The page of somebody who may not open it, or is not even there, is a page too.
            if persona == Persona::Owner {
                pages.push(removal(&browser));
            }
            for (page, statements) in count(&watched, &browser, &pages) {
                let page = page.split("selected=").next().unwrap_or_default().to_owned();
                all.insert(format!("{persona:?} {page}"), statements);
            }
        }
        for (page, statements) in count(&watched, &portal_browser(&watched), &pages(&places, "after=YQ")) {
            all.insert(format!("nobody {page}"), statements);
        }
        counts.push(all);
    }
    let differences: Vec<_> = counts[0].iter().filter(|(page, count)| counts[1].get(*page) != Some(count)).collect();
    assert!(differences.is_empty(), "with a thousand people it is not {differences:?}");
    // The counting itself works.
    assert_eq!(counts[0][&format!("Owner /organizations/{SLUG}/people")], 6);
    assert_eq!(counts[0][&"nobody /home".to_owned()], 0);
    // Nothing is asked for what is the same for everybody.
    for page in ["/", "/healthz"] {
        assert_eq!(counts[0][&format!("Owner {page}")], 0, "{page}");
    }
    let mut files = counts[0].iter().filter(|(page, _)| page.contains("/static/")).peekable();
    assert!(files.peek().is_some() && files.all(|(_, count)| *count == 0));
}

#[apply(on_both)]
fn a_page_takes_as_many_statements_with_a_thousand_organizations_as_with_ten(#[case] portal: &Portal) {
    let watched = Watched::new(portal);
    let browser = watched.portal.signed_in(Persona::Owner);
    let pages = ["/home".to_owned(), format!("/organizations/{SLUG}"), format!("/organizations/{SLUG}/people")];
    let mut counts = Vec::new();
    for numbers in [0..9, 9..999] {
        found_many(portal, Persona::Owner, numbers);
        browser.get(&pages[1]);
        counts.push(count(&watched, &browser, &pages));
    }
    assert_eq!(counts[0], counts[1]);
    assert_eq!(counts[0]["/home"], HOME);
}

fn portal_browser(watched: &Watched) -> Browser {
    watched.portal.browser()
}
