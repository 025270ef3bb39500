//! For anybody.

use super::Table;
use crate::accounts::pages::{
    confirm, forgot_password, not_me, passkey_confirm, passkey_second_step, passkey_sign_in, password_advice,
    reset_password, second_step, send_again, sign_in, sign_up, verify_email,
};
use crate::guard::Guard::{Anonymous, Public};
use crate::home;
use crate::invitations::pages::{block, decline, link, logo as invited_logo, sign_up as invited};
use crate::notifications::pages::{confirm as confirm_recipient, unsubscribe};
use crate::web::{assets, health, metrics, site_files};

pub(super) fn declare(table: &mut Table) {
    table.at("/", Anonymous).get(home::root);
    table.at("/healthz", Anonymous).get(health::healthz);
    table.at("/readyz", Anonymous).get(health::readyz);
    table.at("/metrics", Anonymous).get(metrics::guarded);
    table.at("/static/{name}", Anonymous).get(assets::serve);
    table.at("/favicon.ico", Anonymous).get(site_files::favicon);
    table.at("/apple-touch-icon.png", Anonymous).get(site_files::touch_icon);
    table.at("/manifest.webmanifest", Anonymous).get(site_files::manifest);
    table.at("/robots.txt", Anonymous).get(site_files::robots);
    table.at("/.well-known/change-password", Anonymous).get(site_files::change_password);
    table.at("/sign-in", Public).get(sign_in::show).post(sign_in::submit);
    table.at("/sign-in/passkey", Public).post(passkey_sign_in::submit);
    table.at("/sign-in/passkey/question", Public).get(passkey_sign_in::ask);
    table.at("/sign-in/confirm", Public).get(confirm::show).post(confirm::submit);
    table.at("/sign-in/confirm/passkey", Public).post(passkey_confirm::submit);
    table.at("/sign-in/confirm/passkey/question", Public).get(passkey_confirm::ask);
    table.at("/sign-in/two-factor/passkey", Public).post(passkey_second_step::submit);
    table.at("/sign-in/two-factor/passkey/question", Public).get(passkey_second_step::ask);
    table.at("/sign-in/two-factor", Public).get(second_step::show).post(second_step::submit);
    table.at("/sign-in/recovery-code", Public).get(second_step::show_recovery).post(second_step::submit_recovery);
    table.at("/sign-up", Public).get(sign_up::show).post(sign_up::submit);
    table.at("/sign-up/again", Public).get(send_again::show).post(send_again::submit);
    table.at("/verify-email", Public).get(verify_email::show).post(verify_email::submit);
    table.at("/forgot-password", Public).get(forgot_password::show).post(forgot_password::submit);
    table.at("/reset-password", Public).get(reset_password::show).post(reset_password::submit);
    table.at("/not-me/{token}", Public).get(not_me::show).post(not_me::submit);
    table.at("/password-advice", Public).post(password_advice::judge);
    table.at("/invitations/{token}", Public).get(link::show);
    table.at("/invitations/{token}/block", Public).get(block::show).post(block::block);
    table.at("/invitations/{token}/allow", Public).post(block::allow);
    table.at("/invitations/{token}/decline", Public).post(decline::submit);
    table.at("/invitations/{token}/logo", Public).get(invited_logo::serve);
    table.at("/invitations/{token}/sign-up", Public).post(invited::submit);
    table.at("/notifications/confirm/{token}", Public).get(confirm_recipient::show).post(confirm_recipient::submit);
    table
        .at("/notifications/unsubscribe/{token}", Public)
        .get(unsubscribe::show)
        .post_from_anywhere(unsubscribe::submit);
}
