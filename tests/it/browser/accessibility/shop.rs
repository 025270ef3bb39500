//! What is for sale, and redeeming a voucher.

use super::axe::Inspector;
use crate::catalogue::{file_with, import_text};
use crate::support::{Persona, Portal, acme};
use crate::vouchers;

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_shop_and_redeeming_a_voucher_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme("/plans/shop"), "Shop products");
    assert!(page.profile.shows("Nothing is for sale here yet"));
    let long =
        "Orthomosaics, digital surface models, classified point clouds, contour lines, cross-sections and volumes";
    import_text(&portal, &file_with(&[("Orthomosaics", long)])).expect("no faults");
    page.open(&acme("/plans/shop"), "Shop products");
    page.open(&acme("/plans/shop/mapper"), "Mapper");
    let code = vouchers::code(&portal, &vouchers::licence(&portal, "mapper-yearly"));
    page.profile.press("Redeem voucher");
    page.inspect("Redeem voucher");
    page.profile.fill("Voucher code", "ABCD-EFGH-JKLM-NPQR");
    page.profile.press("Continue");
    page.profile.sees("No voucher has this code.");
    page.inspect("Redeem voucher");
    page.profile.fill("Voucher code", &code.to_lowercase().replace('-', " "));
    page.profile.press("Continue");
    page.profile.sees("This voucher is worth Mapper, Yearly");
    page.inspect("Redeem voucher");
    page.profile.press("Validate");
    page.profile.sees("Voucher redeemed: Acme has Mapper, Yearly now.");
    page.inspect("Plans and License");
    page.finish();
}
