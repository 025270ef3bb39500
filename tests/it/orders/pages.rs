//! The pages: from the shop to the provider and back, for every role, and what they say to bad input.

use chrono::Duration;
use diesel::prelude::*;
use portico::background;
use portico::db::DbError;
use portico::ids::UserId;
use portico::licences::terms::Term;
use portico::orders::change_item::{Change, ChangeItem, Changed};
use portico::orders::item::Item;
use portico::orders::order::{Order, Status};
use portico::orders::payment::{self, Begin};
use portico::orders::refund::{self, Ask};
use portico::payments::provider::ProviderKind;
use portico::schema::{orders, organizations};
use rstest::rstest;
use rstest_reuse::apply;

use super::{package, plan, with_key};
use crate::catalogue::{SELLER, import_text};
use crate::support::{
    Answer, Browser, Database, Persona, Portal, acme, on_both, on_each_database,
    state::{assert_unchanged, stored},
};

/// A row of the file.
const EXPECTED: &str = "O-2026-000001,2026-11-23 09:30,Olga Tester,100 credits,Paid,CHF,99.00,8.02,107.02,0.00";

const BUY: &str = "/plans/shop/mapper/buy/mapper-yearly";

/// A checkout page, with the key of its form in its address.
fn open(browser: &Browser, path: &str) -> Answer {
    let answer = browser.get(&acme(path));
    if answer.status == 303 { browser.follow(answer) } else { answer }
}

/// Posts a checkout form as the page has it.
fn buy(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let key = open(browser, path).html().value("form_key");
    let fields: Vec<(&str, &str)> = [("form_key", key.as_str())].into_iter().chain(fields.iter().copied()).collect();
    browser.post(&acme(path), &fields)
}

/// What is pressed on the page of the sandbox.
fn press(browser: &Browser, page: &str, act: &str) -> Answer {
    browser.post(page, &[("act", act), ("card", "good")])
}

/// The address of the order that a page of the sandbox is for.
fn order_page(browser: &Browser) -> String {
    browser.get(&acme("/plans/orders")).html().attributes("table a", "href").remove(0)
}

#[apply(on_both)]
fn a_plan_is_bought_from_the_shop_to_the_licence(#[case] portal: &Portal) {
    portal.shop();
    let browser = portal.signed_in(Persona::Manager);
    let product = browser.get(&acme("/plans/shop/mapper"));
    assert!(product.text().contains("Buy Now") && product.text().contains("Start trial"));
    let checkout = open(&browser, BUY);
    for words in ["Checkout", "Mapper, Yearly", "Acme", "CHF 2,690.00", "8.1 % VAT", "Pay CHF 2,907.89", "Seestrasse 1"]
    {
        assert!(checkout.text().contains(words), "{words}: {}", checkout.text());
    }
    let answer = buy(&browser, BUY, &[("quantity", "2"), ("act", "pay"), ("price", "1"), ("total", "1")]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let sandbox = answer.location().to_owned();
    assert!(sandbox.starts_with("/sandbox/checkout/"), "{sandbox}");
    assert!(browser.get(&sandbox).text().contains("Pay CHF 5,815.78"), "what the catalogue says");
    let paid = press(&browser, &sandbox, "pay");
    let returned = browser.get(paid.location());
    let page = browser.follow(returned);
    assert!(page.text().contains("Thank you: Acme has 2 × Mapper, Yearly now."), "{}", page.text());
    for words in ["Order O-2026-000001", "Paid", "CHF 5,815.78", "Open the licence"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(browser.get(&acme("/plans")).text().contains("Mapper"));
    // The event that says the same comes, too, and changes nothing.
    background::runner(&portal.app).run_due().expect("the jobs run");
    assert_eq!(portal.credits(), 200);
    assert_eq!(portal.mails_to(&Persona::Manager.email()).len(), 1);
}

#[apply(on_both)]
fn an_event_settles_where_nobody_comes_back(#[case] portal: &Portal) {
    portal.shop();
    let browser = portal.signed_in(Persona::Owner);
    let answer = buy(&browser, "/credits/buy/credits-100", &[("act", "pay")]);
    press(&browser, answer.location(), "pay");
    assert_eq!(portal.credits(), 0);
    background::runner(&portal.app).run_due().expect("the jobs run");
    assert_eq!(portal.credits(), 100);
    assert!(browser.get(&order_page(&browser)).text().contains("Paid"));
}

#[apply(on_both)]
fn a_double_click_coming_back_and_the_back_button_lead_to_the_same_order(#[case] portal: &Portal) {
    portal.shop();
    let browser = portal.signed_in(Persona::Owner);
    let form = [("form_key", "k"), ("quantity", "1"), ("coupon", ""), ("act", "pay")];
    let first = browser.post(&acme(BUY), &form);
    let second = browser.post(&acme(BUY), &form);
    assert_eq!(first.location(), second.location());
    let page = order_page(&browser);
    // Abandoned, and paid later from the page of the order.
    let left = browser.get(&format!("{page}/return?left=yes"));
    assert!(browser.follow(left).text().contains("Nothing was paid. The order waits"));
    let declined = press(&browser, first.location(), "decline");
    assert_eq!(declined.status, 422);
    background::runner(&portal.app).run_due().expect("the jobs run");
    let left = browser.get(&format!("{page}/return?left=yes"));
    assert!(browser.follow(left).text().contains("The payment was declined."));
    assert!(browser.get(&page).text().contains("Pay CHF 2,907.89"));
    let again = browser.post(&format!("{page}/pay"), &[]);
    assert_eq!(again.location(), first.location());
    press(&browser, first.location(), "pay");
    // Pressed once more instead of coming back.
    let late = browser.post(&format!("{page}/pay"), &[]);
    assert!(browser.follow(late).text().contains("Thank you"));
    let back = browser.post(&acme(BUY), &form);
    assert_eq!((back.status, back.location()), (303, page.as_str()));
    let other = browser.post(&acme(BUY), &[("form_key", "k"), ("quantity", "2"), ("act", "pay")]);
    assert_eq!(other.status, 409);
    assert!(other.text().contains("Nothing was ordered now.") && other.text().contains("Order O-2026-000001"));
    assert_eq!(browser.get(&acme("/plans/orders")).html().texts("tbody tr").len(), 1);
}

#[apply(on_both)]
fn bad_input_is_told_and_changes_nothing(#[case] portal: &Portal) {
    portal.shop();
    let browser = portal.signed_in(Persona::Owner);
    let before = stored(portal);
    for quantity in ["0", "-1", "1000000000000", "1.5", "two", "1000"] {
        for act in ["pay", "apply"] {
            let answer = buy(&browser, BUY, &[("quantity", quantity), ("act", act)]);
            assert_eq!(answer.status, 422, "{quantity}");
            assert!(answer.text().contains("Enter a whole number from 1 to 999"), "{quantity}");
            assert_eq!(answer.html().value("quantity"), quantity, "what was typed is kept");
        }
    }
    for path in ["/plans/shop/cloud/buy/mapper-yearly", "/plans/shop/mapper/buy/none", "/credits/buy/none"] {
        assert_eq!(open(&browser, path).status, 404, "{path}");
    }
    assert_unchanged(&before, &stored(portal), "bad input");
    let key = open(&browser, BUY).html().value("form_key");
    import_text(portal, SELLER).expect("nothing is for sale any more");
    assert_eq!(browser.post(&acme(BUY), &[("form_key", &key), ("quantity", "1"), ("act", "pay")]).status, 404);
}

#[apply(on_both)]
fn a_coupon_is_applied_before_it_is_used(#[case] portal: &Portal) {
    portal.shop();
    let browser = portal.signed_in(Persona::Owner);
    let applied = buy(&browser, BUY, &[("quantity", "1"), ("coupon", " spring 27"), ("act", "apply")]);
    assert_eq!(applied.status, 200);
    for words in ["Coupon SPRING27", "CHF −269.00", "Pay CHF 2,617.10"] {
        assert!(applied.text().contains(words), "{words}: {}", applied.text());
    }
    let wrong = buy(&browser, BUY, &[("quantity", "1"), ("coupon", "NOSUCH"), ("act", "apply")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("No coupon has this code.") && wrong.html().value("coupon") == "NOSUCH");
    let paid = buy(&browser, BUY, &[("quantity", "1"), ("coupon", "spring27"), ("act", "pay")]);
    assert!(browser.get(paid.location()).text().contains("Pay CHF 2,617.10"));
}

#[apply(on_both)]
fn details_are_completed_first(#[case] portal: &Portal) {
    import_text(portal, &crate::catalogue::file_with(&[])).expect("no faults");
    let owner = portal.signed_in(Persona::Owner);
    let page = open(&owner, BUY);
    assert!(page.text().contains("Complete details") && !page.text().contains("Pay CHF"));
    let manager = open(&portal.signed_in(Persona::Manager), BUY).text();
    assert!(manager.contains("An Owner of this Organization can complete them."), "{manager}");
    assert_eq!(buy(&owner, BUY, &[("quantity", "1"), ("act", "pay")]).status, 409);
    let trial = buy(&owner, "/plans/shop/mapper/buy/mapper-trial", &[("quantity", "1"), ("act", "pay")]);
    assert!(owner.follow(trial).text().contains("Thank you: Acme has Mapper, Trial now."));
    let again = buy(&owner, "/plans/shop/mapper/buy/mapper-trial", &[("quantity", "1"), ("act", "pay")]);
    assert_eq!(again.status, 409);
    assert!(again.text().contains("Acme has had a trial of this product."));
    // Whoever completes them comes back to what they were buying.
    let here = owner.get(&acme(&format!("{BUY}?quantity=3&coupon=spring27"))).html();
    let complete = here.attributes(".notice a", "href").remove(0);
    let form = owner.get(&complete).html();
    let (next, version) = (form.value("next"), form.value("version"));
    let details = [("postal_address", "Route 1"), ("zip", "1000"), ("city", "Lausanne"), ("tax_id", "CHE-123.456.789")];
    let saved =
        owner.post(&acme("/settings/complete"), &[&details[..], &[("version", &version), ("next", &next)]].concat());
    assert_eq!((saved.status, saved.location()), (303, &*next), "{}", saved.text());
    let back = owner.follow(saved);
    assert!(back.text().contains("Settings saved.") && back.html().has_button("Pay CHF 8,723.67"), "{}", back.text());
    for field in ["form_key", "quantity", "coupon"] {
        assert_eq!(back.html().value(field), here.value(field), "{field}");
    }
    let version = owner.get(&acme("/settings/edit")).html().value("version");
    let elsewhere = [("version", &*version), ("next", "//evil.example")];
    assert_eq!(owner.post(&acme("/settings/complete"), &elsewhere).location(), acme("/settings"));
}

#[apply(on_both)]
fn orders_are_listed_narrowed_and_exported(#[case] portal: &Portal) {
    portal.shop();
    for number in 0..3 {
        let order = portal.order(&with_key(&number.to_string(), package("credits-100")));
        if number == 0 {
            portal.pay(&order);
        }
    }
    let browser = portal.signed_in(Persona::Manager);
    let numbers = |path: &str| browser.get(&acme(path)).html().texts("tbody th");
    assert_eq!(numbers("/plans/orders"), ["O-2026-000003", "O-2026-000002", "O-2026-000001"]);
    assert_eq!(numbers("/plans/orders?status=paid"), ["O-2026-000001"]);
    assert_eq!(numbers("/plans/orders?status=paid&kind=credits&year=2026"), ["O-2026-000001"]);
    assert_eq!(numbers("/plans/orders?kind=none&year=twenty&after=nowhere").len(), 3, "what is unknown means all");
    for none in ["status=ended", "kind=renewal", "year=2025", "year=2027&status=paid"] {
        assert!(browser.get(&acme(&format!("/plans/orders?{none}"))).text().contains("No such order"), "{none}");
    }
    let list = browser.get(&acme("/plans/orders?status=paid"));
    let links = list.html().attributes("#main a", "href");
    assert!(links.contains(&acme("/plans/invoices/export.csv?year=2026")), "{links:?}");
    assert_eq!(list.html().texts("tbody a"), ["O-2026-000001", "INV-2026-000001"]);
    assert_eq!(list.html().value("status"), "paid", "the form keeps the state");
    let file = browser.get(&acme("/plans/orders/export.csv?status=paid")).body;
    assert!(file.replace('"', "").contains(EXPECTED), "{file}");
}

/// A year before this one, in pages, and as a file: each order once, and none of another year or kind.
#[apply(on_both)]
fn a_year_of_one_kind_is_read_page_by_page(#[case] portal: &Portal) {
    portal.shop();
    let place = |number: usize, asked| portal.order(&with_key(&number.to_string(), asked));
    let mut expected: Vec<String> = (0..60)
        .filter_map(|number| {
            // No more than so many wait at a time.
            let order = place(number, if number % 3 == 0 { plan("mapper-yearly", 1) } else { package("credits-100") });
            portal.pay(&order);
            // Several at the same moment.
            portal.later(if number % 4 == 0 { Duration::hours(12) } else { Duration::zero() });
            (number % 3 != 0).then_some(order.number)
        })
        .collect();
    expected.reverse();
    portal.later(Duration::days(40));
    portal.pay(&place(100, package("credits-100")));
    let browser = portal.signed_in(Persona::Manager);
    let (mut page, mut pages, mut found) = (acme("/plans/orders?kind=credits&year=2026"), Vec::new(), Vec::new());
    loop {
        let html = browser.get(&page).html();
        let shown = html.texts("tbody th");
        pages.push((page, shown.clone()));
        found.extend(shown);
        match html.attributes(".pagination a[rel=next]", "href").into_iter().next() {
            Some(next) => page = next,
            None => break,
        }
    }
    assert_eq!(found, expected);
    assert_eq!(pages.len(), 2);
    // Back again, and the first page is the first page.
    let back = browser.get(&pages[1].0).html().attributes(".pagination a[rel=prev]", "href").remove(0);
    assert_eq!(browser.get(&back).html().texts("tbody th"), pages[0].1);
    let file = browser.get(&acme("/plans/orders/export.csv?kind=credits&year=2026")).body;
    assert_eq!(file.lines().count(), expected.len() + 1);
    let years = browser.get(&acme("/plans/orders")).html().texts("#year option");
    assert_eq!(years, ["All years", "2027", "2026"]);
}

#[apply(on_both)]
fn an_order_leads_to_its_invoice_and_to_what_was_credited(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    let browser = portal.signed_in(Persona::Manager);
    let page = acme(&format!("/plans/orders/{}", order.id));
    assert!(!browser.get(&page).text().contains("Documents"), "nothing is paid yet");
    portal.pay(&order);
    let operator = portal.operator();
    for amount in [Some(1_000), None] {
        portal
            .app
            .write_now::<_, DbError>(|tx| {
                let Ask::Asked { refund: asked, .. } = refund::ask(tx, &operator, &order.number, amount)? else {
                    panic!("{amount:?}")
                };
                refund::finish(tx, &operator, &asked, "re").map(drop)
            })
            .expect("it is given back");
    }
    let shown = browser.get(&page);
    for words in ["Invoice INV-2026-000001", "Credit note CN-2026-000001", "Credit note CN-2026-000002", "CHF −10.00"]
    {
        assert!(shown.text().contains(words), "{words}: {}", shown.text());
    }
    let links = shown.html().attributes("[aria-labelledby=documents-title] a", "href");
    assert_eq!(links.len(), 6);
    for link in links {
        let answer = browser.get(&link);
        let expected = if link.ends_with("/pdf") { "application/pdf" } else { "text/html; charset=utf-8" };
        assert_eq!((answer.status, answer.header("content-type")), (200, expected), "{link}");
    }
}

/// Support is bought, paid and given up by Managers whatever the policy says, and nothing else.
#[apply(on_both)]
fn paying_takes_what_ordering_took(#[case] portal: &Portal) {
    portal.shop();
    let item = |order: &Order, item: &Item| {
        let stored = serde_json::to_string(item).expect("JSON");
        portal.rewrite(|connection| {
            let row = orders::table.filter(orders::id.eq(&order.id));
            diesel::update(row).set((orders::item.eq(&stored), orders::kind.eq(item.kind()))).execute(connection)
        });
    };
    let perpetual = portal.licence(Term::Perpetual, 1);
    let of = Changed::of(&portal.licence_row(&perpetual));
    let [support, renewal, credits] = ["1", "2", "3"].map(|key| portal.order(&with_key(key, package("credits-100"))));
    item(&support, &Item::Change(ChangeItem { of: of.clone(), change: Change::Support }));
    item(&renewal, &Item::Change(ChangeItem { of, change: Change::Renewal }));
    portal.rewrite(|connection| {
        diesel::update(organizations::table).set(organizations::managers_may_purchase.eq(false)).execute(connection)
    });
    let manager = portal.signed_in(Persona::Manager);
    let page = |order: &Order| acme(&format!("/plans/orders/{}", order.id));
    for order in [&renewal, &credits] {
        assert!(!manager.get(&page(order)).html().has_button("End order"));
        for act in ["pay", "end"] {
            let answer = manager.post(&format!("{}/{act}", page(order)), &[]);
            assert_eq!(answer.status, 403, "{act}");
            assert!(answer.text().contains("Olga Tester"), "who can help: {}", answer.text());
        }
        assert_eq!(portal.order_now(order).status, Status::Pending);
    }
    assert!(manager.get(&page(&support)).html().has_button("End order"));
    assert!(manager.post(&format!("{}/pay", page(&support)), &[]).location().starts_with("/sandbox/checkout/"));
    let ended = manager.post(&format!("{}/end", page(&support)), &[]);
    assert!(manager.follow(ended).text().contains("The order was ended."));
}

#[apply(on_both)]
fn what_the_portal_ordered_is_neither_paid_nor_ended_by_hand(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    portal.rewrite(|connection| {
        let row = orders::table.filter(orders::id.eq(&order.id));
        diesel::update(row).set(orders::placed_by.eq(None::<UserId>)).execute(connection)
    });
    let owner = portal.signed_in(Persona::Owner);
    let page = acme(&format!("/plans/orders/{}", order.id));
    let shown = owner.get(&page);
    assert!(shown.text().contains("is charged automatically") && !shown.html().has_button("End order"));
    let before = stored(portal);
    for (act, words) in [("pay", "charges it by itself"), ("end", "ends it by itself")] {
        let answer = owner.post(&format!("{page}/{act}"), &[]);
        assert_eq!(answer.status, 409, "{act}");
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    assert_unchanged(&before, &stored(portal), "orders of the portal");
    let scope = portal.scope(Persona::Owner);
    let begun = portal.app.write_now::<_, DbError>(|tx| payment::begin(tx, &scope, &order.id, ProviderKind::Sandbox));
    assert!(matches!(begun, Ok(Begin::OfPortal)), "{begun:?}");
}

/// Where nobody takes payments, whatever costs something says so, and what costs nothing works.
#[apply(on_each_database)]
fn without_a_provider_pages_say_whom_to_ask(#[case] database: Database) {
    let portal = database.portal_with(|config| config.payments = None);
    portal.shop_with(&[("percent = 10", "percent = 100")]);
    let owner = portal.signed_in(Persona::Owner);
    let shop = ["/plans/shop", "/plans/shop/mapper", "/credits/buy", BUY, "/credits/buy/credits-100"];
    for path in shop {
        let page = open(&owner, path);
        assert!(page.text().contains("Nothing can be paid in this portal"), "{path}: {}", page.text());
        assert!(page.text().contains("To buy, write to"), "{path}");
        for button in ["Buy Now", "Pay CHF 2,907.89", "Pay CHF 107.02"] {
            assert!(!page.html().has_button(button), "{path}: {button}");
        }
    }
    let packages = owner.get(&acme("/credits/buy"));
    assert!(packages.html().has_button("Use a coupon") && !packages.html().has_button("Buy credits"));
    let credits = owner.get(&acme("/credits"));
    assert!(credits.text().contains("Credits cannot be paid for in this portal."), "{}", credits.text());
    let before = stored(&portal);
    let answer = buy(&owner, BUY, &[("quantity", "1"), ("act", "pay")]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("it has no provider of payments"), "{}", answer.text());
    assert_unchanged(&before, &stored(&portal), "nobody takes payments");
    let applied = buy(&owner, BUY, &[("quantity", "1"), ("coupon", "SPRING27"), ("act", "apply")]);
    assert!(applied.html().has_button("Order"), "{}", applied.text());
    let coupon = buy(&owner, BUY, &[("quantity", "1"), ("coupon", "SPRING27"), ("act", "pay")]);
    assert!(owner.follow(coupon).text().contains("Thank you: Acme has Mapper, Yearly now."));
    let trial = buy(&owner, "/plans/shop/mapper/buy/mapper-trial", &[("quantity", "1"), ("act", "pay")]);
    assert!(owner.follow(trial).text().contains("Thank you: Acme has Mapper, Trial now."));
}

#[apply(on_both)]
fn whoever_may_not_buy_is_told_who_can(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&plan("mapper-yearly", 1));
    let page = acme(&format!("/plans/orders/{}", order.id));
    let editor = portal.signed_in(Persona::Editor);
    let product = editor.get(&acme("/plans/shop/mapper")).text();
    assert!(product.contains("A Manager or Owner of this Organization buys.") && !product.contains("Buy Now"));
    assert_eq!((editor.get(&page).status, open(&editor, BUY).status), (403, 403));
    let manager = portal.signed_in(Persona::Manager);
    assert!(manager.get(&page).text().contains("End order"));
    let ended = manager.post(&format!("{page}/end"), &[]);
    assert!(manager.follow(ended).text().contains("The order was ended. Nothing was charged."));
    assert_eq!(portal.order_now(&order).status, Status::Ended);
    let late = manager.post(&format!("{page}/pay"), &[]);
    assert!(manager.follow(late).text().contains("This order has ended."));
    // An order of another Organization does not exist.
    let outsider = portal.signed_in(Persona::Outsider);
    let theirs = page.replace("/acme/", "/elsewhere/");
    assert_eq!(outsider.get(&theirs).status, 404);
    assert_eq!(outsider.post(&format!("{theirs}/pay"), &[]).status, 404);
}

#[apply(on_both)]
fn an_order_that_nobody_pays_ends_after_a_day_and_one_that_was_paid_is_settled(#[case] portal: &Portal) {
    portal.shop();
    let browser = portal.signed_in(Persona::Owner);
    let abandoned = buy(&browser, "/credits/buy/credits-100", &[("act", "pay")]);
    let page = abandoned.location().to_owned();
    portal.later(Duration::hours(25));
    background::runner(&portal.app).run_due().expect("the jobs run");
    let browser = portal.signed_in(Persona::Owner);
    assert!(browser.get(&order_page(&browser)).text().contains("Ended"));
    assert_eq!(press(&browser, &page, "pay").status, 410);
    assert_eq!(portal.credits(), 0);
}
