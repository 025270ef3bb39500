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
    /// By a mailed link, which ended every session; otherwise the browser in which it was changed stays signed in.
    pub was_reset: bool,
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

/// Somebody signed in with a browser that was not seen before.
#[derive(Clone, Debug)]
pub struct NewBrowser {
    pub first_name: String,
    pub at: Timestamp,
    pub ip: String,
    /// `Firefox on Windows`, where that can be told.
    pub browser: Option<String>,
    pub link: String,
}
message!(
    NewBrowser, "new_browser", Usual:
    "mail/new_browser/subject.txt", "mail/new_browser/body.txt", "mail/new_browser/body.html"
);

/// The notice after a passkey was added or removed.
#[derive(Clone, Debug)]
pub struct PasskeyChanged {
    pub first_name: String,
    /// What its holder calls it.
    pub name: String,
    pub was_added: bool,
    pub at: Timestamp,
    pub ip: String,
    pub security_link: String,
}
message!(
    PasskeyChanged, "passkey_changed", Waiting:
    "mail/passkey_changed/subject.txt", "mail/passkey_changed/body.txt", "mail/passkey_changed/body.html"
);

/// The link that proves the new address of an account. It greets nobody by name, as the one of a sign-up.
#[derive(Clone, Debug)]
pub struct EmailChange {
    pub link: String,
    pub expires: Timestamp,
}
message!(
    EmailChange, "email_change", Waiting:
    "mail/email_change/subject.txt", "mail/email_change/body.txt", "mail/email_change/body.html"
);

/// Somebody asked for an address that has an account already.
#[derive(Clone, Debug)]
pub struct EmailTaken {
    pub first_name: String,
    pub sign_in_link: String,
}
message!(
    EmailTaken, "email_taken", Waiting:
    "mail/email_taken/subject.txt", "mail/email_taken/body.txt", "mail/email_taken/body.html"
);

/// The notice to the old address after a change.
#[derive(Clone, Debug)]
pub struct EmailChanged {
    pub first_name: String,
    pub new_email: String,
    pub at: Timestamp,
    pub ip: String,
}
message!(
    EmailChanged, "email_changed", Waiting:
    "mail/email_changed/subject.txt", "mail/email_changed/body.txt", "mail/email_changed/body.html"
);

/// What happened to the second step of signing in.
#[derive(Clone, Debug)]
pub enum TwoFactorNews {
    On,
    Off,
    /// While it is on with passkeys.
    AppAdded,
    AppRemoved,
    NewCodes,
    CodeUsed {
        left: i64,
    },
    /// An operator turned it off, and removed so many passkeys.
    Reset {
        passkeys: usize,
    },
}

/// The notice of it.
#[derive(Clone, Debug)]
pub struct TwoFactorChanged {
    pub first_name: String,
    pub news: TwoFactorNews,
    pub at: Timestamp,
    /// Empty where an operator did it.
    pub ip: String,
    pub security_link: String,
}
message!(
    TwoFactorChanged, "two_factor_changed", Waiting:
    "mail/two_factor_changed/subject.txt", "mail/two_factor_changed/body.txt", "mail/two_factor_changed/body.html"
);

/// Somebody gave the right password and wrong codes.
#[derive(Clone, Debug)]
pub struct PasswordKnown {
    pub first_name: String,
    pub at: Timestamp,
    pub ip: String,
    pub forgot_link: String,
}
message!(
    PasswordKnown, "password_known", Usual:
    "mail/password_known/subject.txt", "mail/password_known/body.txt", "mail/password_known/body.html"
);

/// The link that confirms that an account is to be deleted.
#[derive(Clone, Debug)]
pub struct AccountDeletion {
    pub first_name: String,
    pub link: String,
    pub expires: Timestamp,
}
message!(
    AccountDeletion, "account_deletion", Waiting:
    "mail/account_deletion/subject.txt", "mail/account_deletion/body.txt", "mail/account_deletion/body.html"
);

/// What became of it.
#[derive(Clone, Debug)]
pub enum DeletionNews {
    /// It was confirmed.
    Scheduled {
        due_at: Timestamp,
        keep_link: String,
    },
    Kept,
    /// Since there is a new password.
    KeptByPassword,
    /// Since these Organizations have no other Owner by now.
    Blocked {
        organizations: Vec<String>,
        link: String,
    },
    Deleted,
}

/// The notice of it.
#[derive(Clone, Debug)]
pub struct DeletionTold {
    pub first_name: String,
    pub news: DeletionNews,
}
message!(
    DeletionTold, "account_deletion_told", Waiting:
    "mail/account_deletion_told/subject.txt", "mail/account_deletion_told/body.txt",
    "mail/account_deletion_told/body.html"
);
