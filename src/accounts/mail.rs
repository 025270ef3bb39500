//! What the holder of an address is told about their account.

use crate::mail::message;
use crate::time::Timestamp;

/// The link that proves the address of a new account. It greets nobody by name: until then the name is what a stranger typed.
#[derive(Clone, Debug)]
pub struct Verification {
    pub link: String,
    pub expires: Timestamp,
}
message!(
    Verification, "verification", Waiting:
    "mail/verification/subject.txt", "mail/verification/body.txt", "mail/verification/body.html"
);

/// Somebody signed up with an address that has an account.
#[derive(Clone, Debug)]
pub struct AccountExists {
    pub first_name: String,
    pub sign_in_link: String,
    pub reset_link_page: String,
}
message!(
    AccountExists, "account_exists", Waiting:
    "mail/account_exists/subject.txt", "mail/account_exists/body.txt", "mail/account_exists/body.html"
);

#[derive(Clone, Debug)]
pub struct PasswordReset {
    pub first_name: String,
    pub link: String,
    pub expires: Timestamp,
}
message!(
    PasswordReset, "password_reset", Waiting:
    "mail/password_reset/subject.txt", "mail/password_reset/body.txt", "mail/password_reset/body.html"
);

/// The notice after a password was changed.
#[derive(Clone, Debug)]
pub struct PasswordChanged {
    pub first_name: String,
    pub at: Timestamp,
    pub ip: String,
    /// `Firefox on Windows`, where that can be told.
    pub browser: Option<String>,
    pub forgot_link: String,
}
message!(
    PasswordChanged, "password_changed", Waiting:
    "mail/password_changed/subject.txt", "mail/password_changed/body.txt", "mail/password_changed/body.html"
);

/// Somebody guesses the password.
#[derive(Clone, Debug)]
pub struct PasswordGuessed {
    pub first_name: String,
    pub at: Timestamp,
    pub ip: String,
    pub forgot_link: String,
}
message!(
    PasswordGuessed, "password_guessed", Usual:
    "mail/password_guessed/subject.txt", "mail/password_guessed/body.txt", "mail/password_guessed/body.html"
);
