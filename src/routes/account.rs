//! For anybody who is signed in.

use super::Table;
use crate::accounts::pages::security::{
    authenticator_app, email, events, new_passkey, overview, passkeys, password, recovery_codes, sessions, two_factor,
};
use crate::accounts::pages::sign_out;
use crate::guard::Guard::SignedIn;
use crate::home;
use crate::invitations::pages::{link, waiting};
use crate::organizations::pages::new;
use crate::people::pages::ownership_answer;
use crate::privacy::pages::{choices, deletion, export, privacy};
use crate::profile::pages::{details, picture, preferences, preferences_edit};

pub(super) fn declare(table: &mut Table) {
    table.at("/sign-out", SignedIn).post(sign_out::submit);
    table.at("/account/security", SignedIn).get(overview::show);
    table.at("/account/security/events", SignedIn).get(events::show);
    table.at("/account/security/password", SignedIn).get(password::show).post(password::submit);
    table.at("/account/security/email", SignedIn).fresh().get(email::show).post(email::submit);
    table.at("/account/security/email/cancel", SignedIn).post(email::cancel);
    table.at("/account/security/email/confirm/{token}", SignedIn).get(email::show_link).post(email::confirm);
    table.at("/account/security/passkeys", SignedIn).get(passkeys::show);
    table.at("/account/security/passkeys/new", SignedIn).fresh().get(new_passkey::show).post(new_passkey::submit);
    table.at("/account/security/passkeys/question", SignedIn).part().get(new_passkey::ask);
    table.at("/account/security/passkeys/{id}", SignedIn).get(passkeys::show_name).post(passkeys::rename);
    table
        .at("/account/security/passkeys/{id}/remove", SignedIn)
        .fresh()
        .get(passkeys::confirm_removal)
        .post(passkeys::remove);
    table.at("/account/security/two-factor", SignedIn).get(two_factor::show);
    table.at("/account/security/two-factor/passkeys", SignedIn).fresh().post(two_factor::turn_on);
    table
        .at("/account/security/two-factor/app", SignedIn)
        .fresh()
        .get(authenticator_app::show)
        .post(authenticator_app::submit);
    table
        .at("/account/security/two-factor/app/remove", SignedIn)
        .fresh()
        .get(authenticator_app::confirm_removal)
        .post(authenticator_app::remove);
    table
        .at("/account/security/two-factor/codes", SignedIn)
        .fresh()
        .get(recovery_codes::show)
        .post(recovery_codes::submit);
    table.at("/account/security/two-factor/codes/file", SignedIn).post(recovery_codes::file);
    table.at("/account/security/two-factor/off", SignedIn).fresh().get(two_factor::show_off).post(two_factor::turn_off);
    table.at("/account/security/sessions/{id}/end", SignedIn).post(sessions::end);
    table.at("/account/security/sessions/end-others", SignedIn).post(sessions::end_others);
    table.at("/home", SignedIn).get(home::show);
    table.at("/home/invitations/{id}/accept", SignedIn).post(waiting::accept);
    table.at("/home/invitations/{id}/decline", SignedIn).post(waiting::decline);
    table.at("/home/ownership/{id}", SignedIn).get(ownership_answer::show);
    table.at("/home/ownership/{id}/accept", SignedIn).fresh().post(ownership_answer::accept);
    table.at("/home/ownership/{id}/decline", SignedIn).post(ownership_answer::decline);
    table.at("/invitations/{token}/accept", SignedIn).post(link::accept);
    table.at("/invitations/{token}/switch", SignedIn).post(link::switch);
    table.at("/organizations/new", SignedIn).get(new::show).post(new::submit);
    table.at("/account/details", SignedIn).get(details::show).post(details::submit);
    table.at("/account/details/picture", SignedIn).post(picture::upload);
    table.at("/account/details/picture/remove", SignedIn).post(picture::remove);
    table.at("/account/preferences", SignedIn).get(preferences::show);
    table.at("/account/preferences/edit", SignedIn).get(preferences_edit::show).post(preferences_edit::submit);
    table.at("/account/privacy", SignedIn).get(privacy::show);
    table.at("/account/privacy/edit", SignedIn).get(choices::show).post(choices::submit);
    table.at("/account/privacy/deletion", SignedIn).fresh().get(deletion::show).post(deletion::submit);
    table.at("/account/privacy/deletion/confirm/{token}", SignedIn).get(deletion::show_link).post(deletion::confirm);
    table.at("/account/privacy/deletion/keep", SignedIn).post(deletion::keep);
    table.at("/account/privacy/export", SignedIn).fresh().post(export::ask);
    table.at("/account/privacy/export/{token}", SignedIn).get(export::show_link);
    table.at("/account/privacy/export/{token}/file", SignedIn).part().get(export::download);
    table.at("/account/picture", SignedIn).part().get(picture::serve);
}
