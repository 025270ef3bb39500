//! Whether somebody who is signed in is who they are: whoever has somebody's session alone must not take the account along.

use crate::access::SignedIn;
use crate::accounts::password_change::{self, Attempt};
use crate::accounts::users::Credentials;
use crate::error::AppError;
use crate::limits::TooOften;
use crate::network::wide_network_of;
use crate::passwords::Checked;
use crate::web::PageContext;

pub enum OwnPassword {
    /// Its try counts until it is given back, by [`password_change::was_right`] or with the change.
    Right(Credentials),
    Wrong,
    TooOften(TooOften),
}

pub async fn own_password(
    context: &PageContext,
    signed_in: &SignedIn,
    password: String,
) -> Result<OwnPassword, AppError> {
    let (passwords, network) = (&context.app.passwords, wide_network_of(&signed_in.person.ip));
    let turn = passwords.turn(&network).await?;
    let counted = signed_in.clone();
    let known = match context.app.write(move |tx| password_change::count(tx, &counted)).await? {
        Attempt::Counted(known) => known,
        Attempt::SignedOut => return Err(AppError::SignInRequired { next: None, is_undone: true }),
        Attempt::TooOften(too_often) => return Ok(OwnPassword::TooOften(too_often)),
    };
    if passwords.check(turn, password, Some(known.password_hash.clone())).await? == Checked::Wrong {
        return Ok(OwnPassword::Wrong);
    }
    Ok(OwnPassword::Right(known))
}
