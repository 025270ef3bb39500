//! "Credit History": what it shows to whom, its filter and its pages; and the balance on the dashboard.

use std::collections::BTreeSet;

use chrono::Duration;
use portico::access::Role;
use portico::db::DbError;
use rstest::rstest;
use rstest_reuse::apply;

use super::{Given, spend_in};
use crate::support::{Browser, Html, Persona, Portal, acme, on_both};

fn page(browser: &Browser, query: &str) -> Html {
    let answer = browser.get(&acme(&format!("/credits{query}")));
    assert_eq!(answer.status, 200, "{query}");
    answer.html()
}

/// The references of the rows, or what they did where they have none.
fn listed(page: &Html) -> Vec<String> {
    page.texts("table.table-ledger tbody tr td:nth-child(4)")
}

fn link(page: &Html, name: &str) -> Option<String> {
    let at = page.texts(".pagination a").iter().position(|text| text == name)?;
    page.attributes(".pagination a", "href").into_iter().nth(at)
}

/// Spends one credit many times.
fn spend_many(portal: &Portal, many: usize) {
    let organization = portal.organization_id();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            for number in 0..many {
                spend_in(tx, &organization, 1, &format!("job-{number}"))?;
            }
            Ok(())
        })
        .expect("they are spent");
}

#[apply(on_both)]
fn the_page_shows_the_balance_how_it_came_about_and_what_ends_soon(#[case] portal: &Portal) {
    portal.grant(Given::new(1_200, "welcome"));
    portal.grant(Given::new(40, "trial").until("2026-12-24T00:00:00Z"));
    portal.grant(Given::new(2, "trial-2").until("2026-12-24T00:00:00Z"));
    portal.grant(Given::new(500, "far").until("2027-11-01T00:00:00Z"));
    portal.spend(10, "job-1");
    for persona in [Persona::Manager, Persona::Owner] {
        let page = page(&portal.signed_in(persona), "");
        assert_eq!(page.text("h1"), "Credit History");
        assert_eq!(page.text("[aria-labelledby=balance-title] dd"), "1,732");
        let ending = page.texts(".ending li");
        assert_eq!(ending, ["32 credits by the end of 23 December 2026 , in 30 days"]);
        let rows = page.texts("table.table-ledger tbody tr");
        assert_eq!(rows[0], "23 Nov 2026 Spent Quarry, 120 images Cloud processing job-1 \u{2212}10 1,732");
        assert_eq!(rows[4], "23 Nov 2026 Granted for the tests Operator (ada) welcome +1,200 1,200");
        let headings = page.texts("table.table-ledger thead th");
        assert_eq!(headings, ["Date (UTC)", "What", "Who or which product", "Reference", "Amount", "Balance"]);
        assert_eq!(page.texts(".list-range"), ["1–5 of 5"]);
        assert!(page.has_button("Export CSV"));
    }
}

#[apply(on_both)]
fn the_chart_has_a_description_and_a_table_with_the_same_numbers(#[case] portal: &Portal) {
    portal.grant(Given::new(100, "welcome"));
    portal.later(Duration::days(40));
    portal.spend(30, "job-1");
    let young = page(&portal.signed_in(Persona::Manager), "");
    let rows = young.texts(".table-balances tbody tr");
    assert_eq!(rows[..3], ["Now 70", "28 December 2026 100", "21 December 2026 100"], "weeks of a young ledger");
    portal.later(Duration::days(80));
    let page = page(&portal.signed_in(Persona::Manager), "");
    let description = page.attributes("svg[role=img]", "aria-label").remove(0);
    assert!(description.contains("thirteen months. It is 70 now, and 100 was the highest"), "{description}");
    let rows = page.texts(".table-balances tbody tr");
    assert_eq!(rows[..4], ["Now 70", "1 March 2027 70", "1 February 2027 70", "1 January 2027 100"]);
    assert_eq!((rows.len(), rows[5].as_str()), (14, "1 November 2026 0"));
}

#[apply(on_both)]
fn an_empty_ledger_says_what_credits_are_and_how_one_gets_them(#[case] portal: &Portal) {
    let page = page(&portal.signed_in(Persona::Manager), "");
    assert_eq!(page.text(".empty-title"), "No credits yet");
    let text = page.text(".empty");
    assert!(text.contains("Credits pay for processing in the cloud") && text.contains("ask your contact"), "{text}");
    assert!(!page.has("table") && !page.has("svg[role=img]"));
    assert_eq!(portal.signed_in(Persona::Manager).get(&acme("/credits/export.csv")).body.lines().count(), 1);
}

#[apply(on_both)]
fn the_filter_narrows_by_kind_day_and_reference(#[case] portal: &Portal) {
    portal.grant(Given::new(100, "welcome"));
    portal.later(Duration::days(1));
    portal.spend(10, "job-1");
    portal.spend(10, "job-10");
    portal.later(Duration::days(1));
    portal.reverse("job-1");
    let manager = portal.signed_in(Persona::Manager);
    for (query, expected) in [
        ("", vec!["job-1 reversal", "job-10", "job-1", "welcome"]),
        ("?kind=grant", vec!["welcome"]),
        ("?kind=spend", vec!["job-10", "job-1"]),
        ("?kind=reversal", vec!["job-1 reversal"]),
        ("?kind=nonsense", vec!["job-1 reversal", "job-10", "job-1", "welcome"]),
        ("?from=2026-11-24", vec!["job-1 reversal", "job-10", "job-1"]),
        ("?to=2026-11-24", vec!["job-10", "job-1", "welcome"]),
        ("?from=2026-11-24&to=2026-11-24", vec!["job-10", "job-1"]),
        ("?from=2026-11-24&to=2026-11-24&kind=spend&reference=job-10", vec!["job-10"]),
        ("?reference=job-1", vec!["job-1 reversal", "job-1"]),
        ("?reference=+welcome+", vec!["welcome"]),
    ] {
        assert_eq!(listed(&page(&manager, query)), expected, "{query}");
    }
    for query in ["?kind=expiry", "?from=2027-01-01", "?to=2020-01-01", "?reference=job", "?reference=JOB-1"] {
        let page = page(&manager, query);
        assert_eq!(page.text("h3"), "Nothing matches this filter", "{query}");
        assert!(page.has_button("Clear"), "{query}");
    }
    let page = page(&manager, "?kind=spend&from=2026-11-24&reference=job-1");
    assert_eq!(page.text(".tab[aria-current]"), "Spent");
    let kept = ["kind", "from", "to", "reference"].map(|field| page.value(field));
    assert_eq!(kept, ["spend", "2026-11-24", "", "job-1"]);
    assert!(!page.has(".list-range"), "how many match is not known without counting them");
}

#[apply(on_both)]
fn days_that_are_none_are_said_beside_their_field(#[case] portal: &Portal) {
    portal.grant(Given::new(100, "welcome"));
    let manager = portal.signed_in(Persona::Manager);
    for (query, field, message) in [
        ("?from=yesterday", "from", "Enter a day such as 2026-11-28."),
        ("?to=2026-02-29", "to", "Enter a day such as 2026-11-28."),
        ("?to=9999-12-31", "to", "Enter a day such as 2026-11-28."),
        ("?from=2026-11-28&to=2026-11-27", "to", "The last day is before the first one."),
    ] {
        let answer = manager.get(&acme(&format!("/credits{query}")));
        assert_eq!(
            (answer.status, answer.html().text(&format!("#{field}-error"))),
            (422, message.to_owned()),
            "{query}"
        );
        assert!(!answer.html().has_button("Export CSV"), "{query}");
    }
    let typed = manager.get(&acme("/credits?from=%3Cb%3Eyesterday")).html();
    assert_eq!(typed.value("from"), "<b>yesterday");
}

#[apply(on_both)]
fn pages_follow_each_other_and_lead_back(#[case] portal: &Portal) {
    portal.grant(Given::new(1_000, "welcome"));
    spend_many(portal, 120);
    let manager = portal.signed_in(Persona::Manager);
    let (mut seen, mut path, mut ranges) = (Vec::new(), acme("/credits"), Vec::new());
    loop {
        let page = manager.get(&path).html();
        assert_eq!(link(&page, "Previous page").is_some(), !seen.is_empty(), "{path}");
        seen.extend(listed(&page));
        ranges.push(page.text(".list-range"));
        match link(&page, "Next page") {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(ranges, ["1–50 of 121", "51–100 of 121", "101–121 of 121"]);
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (121, 121));
    assert_eq!((seen[0].as_str(), seen[120].as_str()), ("job-119", "welcome"));
    let middle = manager.get(&link(&manager.get(&path).html(), "Previous page").expect("a page before")).html();
    assert_eq!(listed(&middle), seen[50..100], "the fifty that are just newer");
    portal.spend(1, "new");
    let first = manager.get(&link(&middle, "Previous page").expect("a page before")).html();
    assert_eq!(listed(&first)[..2], ["new", "job-119"], "with what is new meanwhile");
    let spent = manager.get(&acme("/credits?kind=spend")).html();
    let next = link(&spent, "Next page").expect("more of them");
    assert!(next.contains("kind=spend"), "{next}");
    let second = manager.get(&next).html();
    let back = manager.get(&link(&second, "Previous page").expect("back")).html();
    assert_eq!(listed(&back), listed(&spent));
}

#[apply(on_both)]
fn a_cursor_that_was_made_up_leads_to_the_first_page(#[case] portal: &Portal) {
    portal.grant(Given::new(100, "welcome"));
    let manager = portal.signed_in(Persona::Manager);
    for query in ["?after=nonsense", "?after=YQ", "?before=YQ", "?after=", "?after=%00a"] {
        let answer = manager.get(&acme(&format!("/credits{query}")));
        assert!(answer.status == 200 && listed(&answer.html()) == ["welcome"] || query.contains("%00"), "{query}");
    }
    // Beyond either end there is nothing, and a way back.
    for number in ["0", "-5", "-9223372036854775808"] {
        let cursor = portico::web::Cursor::after(number).encoded();
        let page = page(&manager, &format!("?after={cursor}"));
        assert_eq!(page.text("h3"), "Nothing matches this filter", "{number}");
    }
}

#[apply(on_both)]
fn those_who_manage_see_the_page_and_everybody_sees_the_balance(#[case] portal: &Portal) {
    let tile = |browser: &Browser| browser.get(&acme("")).html().text("[aria-labelledby=credits-title] dd");
    assert_eq!(tile(&portal.signed_in(Persona::Member)), "0");
    portal.grant(Given::new(1_234, "welcome"));
    for persona in [Persona::Owner, Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
        let browser = portal.signed_in(persona);
        assert_eq!(tile(&browser), "1,234", "{persona:?}");
        let may = persona.role().expect("all have one") >= Role::Manager;
        let dashboard = browser.get(&acme("")).html();
        let links = dashboard.attributes("a", "href").into_iter().filter(|link| *link == acme("/credits")).count();
        assert_eq!(links, if may { 2 } else { 0 }, "{persona:?}: in the navigation and on the tile");
        assert_eq!(browser.get(&acme("/credits")).status, if may { 200 } else { 403 }, "{persona:?}");
        assert_eq!(browser.get(&acme("/credits/export.csv")).status, if may { 200 } else { 403 }, "{persona:?}");
    }
    let outsider = portal.signed_in(Persona::Outsider);
    assert_eq!(outsider.get(&acme("/credits")).status, 404);
    let own = outsider.get("/organizations/elsewhere/credits");
    assert!(own.status == 200 && !own.body.contains("welcome"), "another Organization has its own");
}

#[apply(on_both)]
fn what_somebody_wrote_is_text(#[case] portal: &Portal) {
    use portico::access::{Actor, Product};
    use portico::audit::By;
    use portico::credits::amount::Amount;
    use portico::credits::spend::{NewSpend, spend};
    portal.grant(Given::new(10, "ten"));
    let (organization, product) = (portal.organization_id(), Product { name: "<i>cloud</i>".to_owned() });
    let reference = super::reference("job-1");
    let new =
        NewSpend { amount: Amount::new(1).expect("one"), reference: &reference, note: "<script>alert(1)</script>" };
    let by = By::outside(Actor::Product(&product), &organization);
    portal.app.write_now(|tx| spend(tx, by, &organization, &new)).expect("it is spent");
    let page = page(&portal.signed_in(Persona::Owner), "");
    assert!(page.text("table.table-ledger tbody").contains("<script>alert(1)</script>"));
    assert!(!page.has("main script") && !page.has("main i"));
}

/// What has ended and nobody has taken out yet is nothing to spend.
#[apply(on_both)]
fn the_balance_leaves_out_what_has_ended(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "ends").until("2026-11-24T00:00:00Z"));
    portal.grant(Given::new(5, "stays"));
    portal.later(Duration::days(1));
    let page = page(&portal.signed_in(Persona::Owner), "");
    assert_eq!(page.text("[aria-labelledby=balance-title] dd"), "5");
    assert!(page.text("[aria-labelledby=ending-title]").contains("Nothing expires within 90 days"));
}

#[apply(on_both)]
fn what_has_ended_is_counted_nowhere_and_what_ends_is_counted_whole(#[case] portal: &Portal) {
    let organization = portal.organization_id();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            for number in 0..120 {
                let name = format!("together-{number}");
                super::grant_in(tx, &organization, Given::new(3, &name).until("2026-12-01T00:00:00Z"))?;
            }
            super::grant_in(tx, &organization, Given::new(7, "alone").until("2026-12-02T00:00:00Z"))?;
            super::grant_in(tx, &organization, Given::new(1_000, "stays")).map(drop)
        })
        .expect("they are granted");
    let manager = portal.signed_in(Persona::Manager);
    let tile = |browser: &Browser| browser.get(&acme("")).html().text("[aria-labelledby=credits-title] dd");
    let text = manager.get(&acme("/credits")).text();
    assert!(text.contains("360 credits") && text.contains("7 credits"), "{text}");
    assert_eq!(tile(&manager), "1,367");
    // No job has run: what has ended is in the wallet still.
    portal.later(super::at("2026-12-01T00:00:00Z") - portal.app.now());
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!((tile(&manager), portal.balance()), ("1,007".to_owned(), 1_367));
    let text = manager.get(&acme("/credits")).text();
    assert!(text.contains("1,007") && !text.contains("360 credits"), "{text}");
}
