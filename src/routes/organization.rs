//! For people of the Organization with the permission.

use super::Table;
use crate::access::Permission::{
    CancelLicences, EditSettings, Leave, ManageLicences, ManageNotifications, ManagePaymentMethod, ManagePeople,
    ManageTopUp, Purchase, PurchaseSupport, RedeemVouchers, TransferOwnership, UseLicences, ViewActivity,
    ViewCreditHistory, ViewDashboard, ViewLicences, ViewOrders, ViewPeople, ViewSettings,
};
use crate::accounts::pages::two_factor_required;
use crate::activity::pages::{export as activity_export, log as activity};
use crate::catalogue::pages::{product, shop};
use crate::closing::pages::close;
use crate::credits::pages::{export as credits_export, history, top_up};
use crate::invoices::pages::{download as invoice_pdf, export as invoices_export, invoice};
use crate::licences::pages::{access, cancel, change_plan, change_seats, extend, keep, licence, plans, seats};
use crate::notifications::pages::{
    add as add_recipient, log as notification_log, overview, own, recipient, test_mail, threshold,
};
use crate::orders::pages::{checkout, export as orders_export, list as orders, order, packages, pay};
use crate::organizations::pages::{
    complete, dashboard, logo, owner_news, session_length, settings, settings_edit, two_factor,
};
use crate::payments::pages::{method, method_page};
use crate::people::pages::{
    change_roles, entry, export, invitation, invite, leave, list, ownership, person, remove, resend, sent, undo,
    without_two_factor,
};
use crate::vouchers::pages::redeem;

/// The fields that say whom a form of the list of people is about.
const WHOM: &[&str] = &["selected", "all"];

pub(super) fn declare(table: &mut Table) {
    table.in_organization("", ViewDashboard).get(dashboard::show);
    table.in_organization("/logo", ViewDashboard).part().get(logo::serve);
    table.in_organization("/leave", Leave).without_two_factor().get(leave::show).post(leave::submit);
    table.in_organization("/two-factor", ViewDashboard).without_two_factor().get(two_factor_required::show);
    table.in_organization("/close", EditSettings).fresh().get(close::show).post(close::submit);
    table.in_organization("/ownership", TransferOwnership).fresh().get(ownership::show).post(ownership::submit);
    table.in_organization("/ownership/withdraw", TransferOwnership).post(ownership::withdraw);
    table.in_organization("/credits", ViewCreditHistory).get(history::show);
    table.in_organization("/credits/export.csv", ViewCreditHistory).get(credits_export::download);
    table.in_organization("/credits/top-up", ViewCreditHistory).get(top_up::show);
    table.in_organization("/credits/top-up/on", ManageTopUp).post(top_up::submit);
    table.in_organization("/credits/top-up/off", ManageTopUp).post(top_up::switch_off);
    table.in_organization("/notifications", ManageNotifications).get(overview::show);
    table
        .in_organization("/notifications/add", ManageNotifications)
        .get(add_recipient::show)
        .post(add_recipient::submit);
    table.in_organization("/notifications/own", EditSettings).get(own::show).post(own::submit);
    table.in_organization("/notifications/threshold", ManageNotifications).post(threshold::submit);
    table.in_organization("/notifications/test", ManageNotifications).post(test_mail::submit);
    table.in_organization("/notifications/log", ManageNotifications).get(notification_log::show);
    table
        .in_organization("/notifications/recipients/{id}", ManageNotifications)
        .get(recipient::show)
        .post(recipient::submit);
    table.in_organization("/notifications/recipients/{id}/ask", ManageNotifications).post(recipient::ask);
    table.in_organization("/notifications/recipients/{id}/remove", ManageNotifications).post(recipient::remove);
    table.in_organization("/activity", ViewActivity).get(activity::show);
    table.in_organization("/activity/export.csv", ViewActivity).get(activity_export::download);
    table.in_organization("/settings", ViewSettings).get(settings::show);
    table.in_organization("/settings/edit", EditSettings).get(settings_edit::show).post(settings_edit::submit);
    table.in_organization("/settings/complete", EditSettings).get(complete::show).post(complete::submit);
    table.in_organization("/settings/logo", EditSettings).post(logo::upload);
    table.in_organization("/settings/logo/remove", EditSettings).post(logo::remove);
    table.in_organization("/settings/news", EditSettings).post(owner_news::submit);
    table.in_organization("/settings/two-factor", EditSettings).fresh().get(two_factor::show).post(two_factor::submit);
    table
        .in_organization("/settings/session-length", EditSettings)
        .fresh()
        .get(session_length::show)
        .post(session_length::submit);
    table.in_organization("/people", ViewPeople).get(list::show);
    table.in_organization("/people/export.csv", ViewPeople).get(export::download);
    table.in_organization("/people/invite", ManagePeople).get(invite::show).post(invite::submit);
    table.in_organization("/people/remove", ManagePeople).named_by(WHOM).get(remove::confirm).post(remove::submit);
    table
        .in_organization("/people/roles", ManagePeople)
        .named_by(WHOM)
        .get(change_roles::confirm)
        .post(change_roles::submit);
    table.in_organization("/people/resend", ManagePeople).named_by(WHOM).get(resend::confirm).post(resend::submit);
    table.in_organization("/people/undo/{batch}", ManagePeople).post(undo::submit);
    table.in_organization("/people/without-two-factor", ViewPeople).get(without_two_factor::show);
    table.in_organization("/people/{id}", ViewPeople).get(entry::show);
    table.in_organization("/people/{id}/role", ManagePeople).post(person::change_role);
    table.in_organization("/people/{id}/resend", ManagePeople).post(invitation::resend);
    table.in_organization("/people/{id}/link", ManagePeople).post(sent::show_link);
    table.in_organization("/people/{id}/withdraw", ManagePeople).post(invitation::withdraw);
    table.in_organization("/plans", UseLicences).get(plans::show);
    table.in_organization("/plans/shop", ViewLicences).get(shop::show);
    table.in_organization("/plans/shop/{product}", ViewLicences).get(product::show);
    table.in_organization("/plans/shop/{product}/buy/{plan}", Purchase).get(checkout::show).post(checkout::submit);
    table.in_organization("/credits/buy", Purchase).get(packages::show);
    table.in_organization("/credits/buy/{package}", Purchase).get(checkout::show).post(checkout::submit);
    table.in_organization("/plans/orders", ViewOrders).get(orders::show);
    table.in_organization("/plans/orders/export.csv", ViewOrders).get(orders_export::download);
    table.in_organization("/plans/orders/{id}", ViewOrders).get(order::show);
    table.in_organization("/plans/orders/{id}/return", ViewOrders).get(pay::back);
    table.in_organization("/plans/orders/{id}/pay", PurchaseSupport).post(pay::submit);
    table.in_organization("/plans/orders/{id}/end", PurchaseSupport).post(pay::end);
    table.in_organization("/plans/redeem", RedeemVouchers).get(redeem::show).post(redeem::submit);
    table.in_organization("/plans/invoices/export.csv", ViewOrders).get(invoices_export::download);
    table.in_organization("/plans/invoices/{id}", ViewOrders).get(invoice::show);
    table.in_organization("/plans/invoices/{id}/pdf", ViewOrders).get(invoice_pdf::serve);
    table.in_organization("/plans/payment-method", ManagePaymentMethod).get(method::show);
    table.in_organization("/plans/payment-method/open", ManagePaymentMethod).post(method_page::open);
    table.in_organization("/plans/payment-method/return", ManagePaymentMethod).get(method_page::back);
    table
        .in_organization("/plans/payment-method/remove", ManagePaymentMethod)
        .get(method::confirm)
        .post(method::remove);
    table.in_organization("/plans/{id}", UseLicences).get(licence::show);
    table.in_organization("/plans/{id}/occupy", UseLicences).post(seats::occupy);
    table.in_organization("/plans/{id}/release", UseLicences).post(seats::release);
    table.in_organization("/plans/{id}/seats/{person}/release", ManageLicences).post(seats::release_of);
    table.in_organization("/plans/{id}/access", ManageLicences).post(access::grant);
    table.in_organization("/plans/{id}/access/{person}/revoke", ManageLicences).post(access::revoke);
    table.in_organization("/plans/{id}/seats", Purchase).get(change_seats::show).post(change_seats::submit);
    table.in_organization("/plans/{id}/plan", Purchase).get(change_plan::show).post(change_plan::submit);
    table.in_organization("/plans/{id}/keep", Purchase).post(keep::submit);
    table.in_organization("/plans/{id}/renew", Purchase).get(extend::renew).post(extend::order_renewal);
    table.in_organization("/plans/{id}/support", PurchaseSupport).get(extend::support).post(extend::order_support);
    table.in_organization("/plans/{id}/cancel", CancelLicences).get(cancel::show).post(cancel::submit);
    table.in_organization("/plans/{id}/resume", CancelLicences).post(cancel::resume);
}
