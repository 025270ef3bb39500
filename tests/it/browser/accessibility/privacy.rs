//! Privacy: nothing chosen, choosing, and what was chosen.

use super::axe::Inspector;
use crate::support::{Persona, Portal, outbox};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_pages_about_privacy_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Member);
    page.open("/account/privacy", "Privacy");
    page.open("/account/privacy/edit", "Privacy choices");
    page.profile.tick("Product news");
    page.profile.press("Save");
    page.profile.sees("Your choices are saved.");
    page.inspect("Privacy");
    page.profile.press("Export my data");
    page.profile.sees("Your data is being put together.");
    page.inspect("Privacy");
    outbox::run_due_jobs(&portal);
    page.open(&portal.link_to(&Persona::Member.email()), "Your data");
    page.open("/account/privacy/deletion", "Delete account");
    page.profile.press("Mail me the link");
    page.profile.sees("We sent a link to");
    page.open("/account/privacy/deletion", "Delete account");
    page.open(&portal.link_to(&Persona::Member.email()), "Delete your account?");
    page.profile.press("Delete my account");
    page.profile.sees("Your account will be deleted on");
    page.inspect("Privacy");
    page.open("/home", "Home");
    page.profile.press("Keep my account");
    page.profile.sees("Your account stays as it is.");
    page.finish();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open("/account/privacy/deletion", "Delete account");
    page.finish();
}
