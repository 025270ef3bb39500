//! Whether a password is the one of an account, for the forms that open something by it: signing in, confirming who one is, and choosing
//! another password. A try is counted before the password is looked at, in all of them by the same limits.

use crate::access::SignedIn;
use crate::accounts::sessions::Browser;
use crate::accounts::sign_in::{self, Attempt};
use crate::accounts::users::Credentials;
use crate::app::App;
use crate::error::AppError;
use crate::limits::TooOften;
use crate::network::wide_network_of;
use crate::passwords::Checked;

pub(super) enum PasswordCheck {
    Right {
        known: Credentials,
        /// To be stored in place of the hash that was checked.
        new_hash: Option<String>,
    },
    /// Unknown address or wrong password.
    Wrong,
    TooOften(TooOften),
}

pub(super) async fn check_password(
    app: &App,
    email: &str,
    password: String,
    browser: &Browser,
) -> Result<PasswordCheck, AppError> {
    let now = app.now();
    // Who has no attempt left does not wait for a turn, and takes none from others.
    let (rates, looked_up) = (app.context.limits.clone(), (browser.clone(), email.to_owned()));
    let allowance =
        app.read(move |connection| sign_in::look(connection, &rates, &looked_up.0, &looked_up.1, now)).await?;
    if let Some(too_often) = allowance.refusal() {
        return Ok(PasswordCheck::TooOften(too_often));
    }
    // The attempt is counted by who has a turn, so that many at once with the right password do not use the limit up.
    let turn = app.passwords.turn(&wide_network_of(&browser.ip)).await?;
    let counted = (browser.clone(), email.to_owned());
    let (known, is_last) = match app.write(move |tx| sign_in::count(tx, &counted.0, &counted.1)).await? {
        Attempt::Counted { known, is_last } => (known, is_last),
        Attempt::TooOften(too_often) => return Ok(PasswordCheck::TooOften(too_often)),
    };
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    let new_hash = match app.passwords.check(turn, password, hash).await? {
        Checked::Wrong => {
            if is_last {
                let (email, ip) = (email.to_owned(), browser.ip.clone());
                app.write(move |tx| sign_in::warn_holder(tx, &email, &ip)).await?;
            }
            return Ok(PasswordCheck::Wrong);
        }
        Checked::Right => None,
        Checked::RightAtOldCost(hash) => Some(hash),
    };
    Ok(known.map_or(PasswordCheck::Wrong, |known| PasswordCheck::Right { known, new_hash }))
}

/// Whether it is the one of somebody who is signed in: whoever has their session alone must not take the account along.
pub(super) async fn check_own_password(
    app: &App,
    signed_in: &SignedIn,
    password: String,
    browser: &Browser,
) -> Result<PasswordCheck, AppError> {
    Ok(match check_password(app, &signed_in.person.email, password, browser).await? {
        // The address is somebody else's where it changed hands meanwhile.
        PasswordCheck::Right { known, .. } if known.id != signed_in.person.user_id => PasswordCheck::Wrong,
        checked => checked,
    })
}
