//! The pages that show what is for sale.

use rstest::rstest;
use rstest_reuse::apply;

use super::{file_with, import_text};
use crate::support::{Persona, Portal, acme, on_both};

#[apply(on_both)]
fn products_are_shown_with_prices_in_the_currency_of_the_country(#[case] portal: &Portal) {
    import_text(portal, &file_with(&[])).expect("no faults");
    let browser = portal.signed_in(Persona::Editor);
    let shop = browser.get(&acme("/plans/shop"));
    assert_eq!(shop.status, 200);
    for words in ["Mapper", "Maps in the browser.", "From CHF 2,690.00 a year", "Trial of 15 days", "100 credits"] {
        assert!(shop.text().contains(words), "{words}: {}", shop.text());
    }
    assert!(shop.text().contains("CHF 107.02"), "99.00 with 8.1 %: {}", shop.text());
    assert!(shop.text().contains("Example Software SA"), "who sells");
    assert!(!shop.text().contains("Buy credits"), "an Editor does not buy");
    let product = browser.get(&acme("/plans/shop/mapper"));
    for words in ["Orthomosaics", "CHF 2,690.00", "CHF 2,907.89 with 8.1 % VAT", "Yearly", "Free"] {
        assert!(product.text().contains(words), "{words}: {}", product.text());
    }
    assert!(browser.get(&acme("/plans/shop/cloud")).text().contains("100 GB of storage"));
    for unknown in ["globe", "MAPPER", "..", "%00", "%FF"] {
        assert_eq!(browser.get(&acme(&format!("/plans/shop/{unknown}"))).status, 404, "{unknown}");
    }
}

#[apply(on_both)]
fn a_country_of_its_own_or_elsewhere_says_currency_and_tax(#[case] portal: &Portal) {
    import_text(portal, &file_with(&[("[countries.CH]", "[countries.JP]")])).expect("no faults");
    let shop = portal.signed_in(Persona::Owner).get(&acme("/plans/shop"));
    assert!(shop.text().contains("From USD 2,860.00 a year"), "{}", shop.text());
    assert!(shop.text().contains("Buy credits"), "an Owner does");
    assert!(!shop.text().contains("With VAT"), "no tax is added elsewhere");
}

#[apply(on_both)]
fn what_is_not_for_sale_any_more_is_not_shown(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Manager);
    assert!(browser.get(&acme("/plans/shop")).text().contains("Nothing is for sale here yet"));
    import_text(portal, &file_with(&[])).expect("no faults");
    assert!(browser.get(&acme("/plans/shop")).text().contains("Redeem voucher"));
    let without =
        file_with(&[("[products.cloud]", "[products.globe]"), ("product = \"cloud\"", "product = \"globe\"")]);
    let without = without.replace("[plans.cloud-monthly]", "[plans.globe-monthly]");
    import_text(portal, &without).expect("no faults");
    assert_eq!(browser.get(&acme("/plans/shop/cloud")).status, 404);
    assert_eq!(browser.get(&acme("/plans/shop/globe")).status, 200);
}

#[apply(on_both)]
fn an_editor_sees_the_shop_and_nothing_to_redeem(#[case] portal: &Portal) {
    import_text(portal, &file_with(&[])).expect("no faults");
    for (persona, status) in [(Persona::Member, 403), (Persona::Reader, 403), (Persona::Outsider, 404)] {
        assert_eq!(portal.signed_in(persona).get(&acme("/plans/shop")).status, status, "{persona:?}");
    }
    let editor = portal.signed_in(Persona::Editor);
    for page in ["/plans/shop", "/plans/shop/mapper"] {
        assert!(!editor.get(&acme(page)).text().contains("Redeem voucher"), "{page}");
    }
}
