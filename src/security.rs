//! Security events: the lines of the log from which an attack can be seen and traced. One kind of line, under the target
//! `security`, with what was tried, what came of it, by whom, from where and in which request.
//!
//! Who is known is named by the id of the account. An address that somebody typed stands there as a keyed hash: the same address
//! gives the same hash, and whoever reads the log alone cannot tell which it is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ids::{RequestId, UserId};
use crate::metrics::counts::COUNTS;
use crate::secrets::SecretKey;

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    SignIn,
    SignOut,
    /// Proving once more who one is, before something sensitive.
    Confirmation,
    SignUp,
    /// Confirming an address.
    Verification,
    /// Asking for a link to choose a new password.
    ResetAsked,
    /// Choosing a new password by a link.
    PasswordReset,
    /// Choosing a new password while signed in.
    PasswordChange,
    /// Asking for another address, and confirming it.
    EmailChange,
    /// Adding a passkey, and removing one.
    Passkey,
    /// A passkey whose counter did not grow: somebody has a copy of it.
    PasskeyCopied,
    /// The code or passkey after the password.
    SecondStep,
    /// Turning two-factor authentication on or off, its app, and new recovery codes.
    TwoFactor,
    /// Asking to have the account deleted, confirming it, and keeping it.
    AccountDeletion,
    /// Ending sessions other than the own one.
    SessionsEnded,
    /// "This was not me": what whoever was told of a sign-in says of it.
    SignInDisowned,
    /// A link for verification, reset or invitation that does not work.
    WrongLink,
    /// Something that a limit stands before.
    Limited,
    /// An address under an Organization that the person does not belong to.
    Outsider,
    /// A page that needs a higher role.
    WeakRole,
    /// A page of an Organization that asks for a second step which the account lacks.
    WithoutTwoFactor,
    /// A form that another site sent.
    ForeignOrigin,
    /// A voucher code that is none, or was made for another customer.
    WrongVoucher,
    /// An event that the provider of payments did not sign, or not just now.
    ForgedHook,
    /// All people of an Organization as a file.
    PeopleExport,
    /// The ledger of credits of an Organization as a file.
    CreditsExport,
    /// The invoices of an Organization as a file.
    InvoicesExport,
    /// All that is stored about a person as a file.
    DataExport,
    /// The orders of an Organization as a file.
    OrdersExport,
    /// The activity of an Organization as a file.
    ActivityExport,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    Success,
    /// Wrong password, link or role.
    Refused,
    /// Too often.
    Limited,
}

/// By whom.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    User(&'a UserId),
    /// An address that was typed, and the key that it is hashed with.
    Address(&'a str, &'a SecretKey),
    Nobody,
}

/// Where it came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub ip: &'a str,
    pub request: Option<&'a RequestId>,
}

/// Writes the line. `detail` is from a closed list: which limit, which route.
pub fn record(event: Event, outcome: Outcome, who: Who<'_>, detail: &str, origin: Origin<'_>) {
    let (what, outcome): (&'static str, &'static str) = (event.into(), outcome.into());
    COUNTS.security(what, outcome);
    let (user, address) = match who {
        Who::User(user) => (Some(user.as_str()), None),
        Who::Address(address, key) => (None, Some(pseudonym(address, key))),
        Who::Nobody => (None, None),
    };
    let (address, request) = (address.as_deref(), origin.request.map(RequestId::as_str));
    let detail = (!detail.is_empty()).then_some(detail);
    tracing::info!(target: "security", what, outcome, user, address, detail, ip = origin.ip, request, "security event");
}

/// The hash of an address, by HKDF: without the key, addresses cannot be tried against it.
fn pseudonym(address: &str, key: &SecretKey) -> String {
    URL_SAFE_NO_PAD.encode(key.derive::<12>(&format!("address in the log: {address}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_hash_for_each_key() {
        let [one, other] = [(); 2].map(|()| SecretKey::new(&SecretKey::generate()).unwrap());
        assert_eq!(pseudonym("a@example.com", &one), pseudonym("a@example.com", &one));
        assert_ne!(pseudonym("a@example.com", &one), pseudonym("b@example.com", &one));
        assert_ne!(pseudonym("a@example.com", &one), pseudonym("a@example.com", &other));
    }
}
