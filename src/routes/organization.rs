//! For people of the Organization with the permission.

use super::Table;
use crate::access::Permission::{
    CancelLicences, EditSettings, Leave, ManageLicences, ManagePeople, Purchase, RedeemVouchers, UseLicences,
    ViewCreditHistory, ViewDashboard, ViewLicences, ViewOrders, ViewPeople, ViewSettings,
};
use crate::catalogue::pages::{product, shop};
use crate::credits::pages::{export as credits_export, history};
use crate::licences::pages::{access, cancel, licence, plans, seats};
use crate::orders::pages::{checkout, export as orders_export, list as orders, order, packages, pay};
use crate::organizations::pages::{complete, dashboard, logo, owner_news, settings, settings_edit};
use crate::people::pages::{
    change_roles, entry, export, invitation, invite, leave, list, person, remove, resend, sent, undo,
};
use crate::vouchers::pages::redeem;

/// The fields that say whom a form of the list of people is about.
const WHOM: &[&str] = &["selected", "all"];

pub(super) fn declare(table: &mut Table) {
    table.in_organization("", ViewDashboard).get(dashboard::show);
    table.in_organization("/logo", ViewDashboard).part().get(logo::serve);
    table.in_organization("/leave", Leave).get(leave::show).post(leave::submit);
    table.in_organization("/credits", ViewCreditHistory).get(history::show);
    table.in_organization("/credits/export.csv", ViewCreditHistory).get(credits_export::download);
    table.in_organization("/settings", ViewSettings).get(settings::show);
    table.in_organization("/settings/edit", EditSettings).get(settings_edit::show).post(settings_edit::submit);
    table.in_organization("/settings/complete", EditSettings).get(complete::show).post(complete::submit);
    table.in_organization("/settings/logo", EditSettings).post(logo::upload);
    table.in_organization("/settings/logo/remove", EditSettings).post(logo::remove);
    table.in_organization("/settings/news", EditSettings).post(owner_news::submit);
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
    table.in_organization("/plans/orders/{id}/pay", Purchase).post(pay::submit);
    table.in_organization("/plans/orders/{id}/end", Purchase).post(pay::end);
    table.in_organization("/plans/redeem", RedeemVouchers).get(redeem::show).post(redeem::submit);
    table.in_organization("/plans/{id}", UseLicences).get(licence::show);
    table.in_organization("/plans/{id}/occupy", UseLicences).post(seats::occupy);
    table.in_organization("/plans/{id}/release", UseLicences).post(seats::release);
    table.in_organization("/plans/{id}/seats/{person}/release", ManageLicences).post(seats::release_of);
    table.in_organization("/plans/{id}/access", ManageLicences).post(access::grant);
    table.in_organization("/plans/{id}/access/{person}/revoke", ManageLicences).post(access::revoke);
    table.in_organization("/plans/{id}/cancel", CancelLicences).get(cancel::show).post(cancel::submit);
    table.in_organization("/plans/{id}/resume", CancelLicences).post(cancel::resume);
}
