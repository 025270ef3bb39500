//! How often what may be done: every limit with its default and what it is for. This table is the only place that names one; the
//! variables, the flags, `docs/limits.md` (which a test compares) and the counters all follow from it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::Duration;
use strum::IntoEnumIterator;

/// What is counted. Its name in kebab case names the counter, the flag and the variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Limit {
    SignInAccount,
    SignInAccountTotal,
    SignInNetwork,
    SignInBrowser,
    GuessingMail,
    AccountMail,
    AccountMailTotal,
    AccountMailNetwork,
    AccountMailBrowser,
    ConfirmationAgain,
    LinkPasswords,
    EmailChanges,
    NewBrowserMail,
    PasskeysAdded,
    PasskeyNetwork,
    DataExports,
    AccountDeletions,
    SecondStep,
    SecondStepTotal,
    SecondStepBrowser,
    PasswordKnownMail,
    PasswordAdvice,
    WrongLinkNetwork,
    ChangesAccount,
    ChangesNetwork,
    ChangesWideNetwork,
    LongForms,
    LongFormLines,
    InvitationsNetwork,
    InvitationsAccount,
    InvitationsOrganization,
    InvitationsRecipient,
    InvitationResent,
    InvitationLinkShown,
    OwnershipOffers,
    OrganizationsCreated,
    LogoUploads,
    ConfirmationsNetwork,
    ConfirmationsAccount,
    ConfirmationsOrganization,
    ConfirmationsRecipient,
    ConfirmationsUnsubscribed,
    NotificationTests,
    VoucherGuessesNetwork,
    VoucherGuessesAccount,
    CouponGuessesNetwork,
    CouponGuessesAccount,
    PaymentPages,
}

impl Limit {
    /// The default, and what it counts.
    pub const fn table(self) -> (Rate, &'static str) {
        const DAY: i64 = 24 * 60;
        match self {
            Self::SignInAccount => (Rate::new(10, 15), "wrong passwords for one account from one network"),
            Self::SignInAccountTotal => (Rate::new(50, 60), "wrong passwords for one account from anywhere"),
            Self::SignInNetwork => (Rate::new(100, 15), "wrong passwords from one network"),
            Self::SignInBrowser => {
                (Rate::new(10, 15), "wrong passwords in a browser that the holder signed in with before")
            }
            Self::GuessingMail => (Rate::new(1, DAY), "mails that tell a holder that their password is guessed at"),
            Self::AccountMail => (Rate::new(5, 60), "sign-ups and resets for one address from one network"),
            Self::AccountMailTotal => (Rate::new(15, 60), "sign-ups and resets for one address from anywhere"),
            Self::AccountMailNetwork => (Rate::new(60, 60), "sign-ups and resets from one network"),
            Self::AccountMailBrowser => (Rate::new(5, 60), "resets in a browser that the holder signed in with before"),
            Self::ConfirmationAgain => {
                (Rate::new(1, 1), "messages that confirm an address, sent again from one network")
            }
            Self::LinkPasswords => (Rate::new(10, 60), "passwords tried or chosen behind one link of a mail"),
            Self::EmailChanges => (Rate::new(10, DAY), "new addresses that one account asks for"),
            Self::NewBrowserMail => {
                (Rate::new(20, DAY), "mails to one account about sign-ins with browsers not seen before")
            }
            Self::PasskeysAdded => (Rate::new(20, DAY), "passkeys that one account adds"),
            Self::PasskeyNetwork => (Rate::new(60, 15), "passkeys of one network that are refused"),
            Self::DataExports => (Rate::new(3, DAY), "times that one account asks for everything stored about it"),
            Self::AccountDeletions => (Rate::new(5, DAY), "times that one account asks to be deleted"),
            Self::SecondStep => (Rate::new(10, 15), "wrong codes for one account after its password"),
            Self::SecondStepTotal => (Rate::new(50, DAY), "the same in a day"),
            Self::SecondStepBrowser => {
                (Rate::new(10, 15), "the same in a browser that the holder signed in with before")
            }
            Self::PasswordKnownMail => {
                (Rate::new(1, DAY), "mails that tell a holder that somebody has their password and guesses codes")
            }
            Self::PasswordAdvice => {
                (Rate::new(600, 60), "times that one network has a password judged while it is typed")
            }
            Self::WrongLinkNetwork => (Rate::new(60, 15), "links tried from one network that do not work"),
            Self::ChangesAccount => (Rate::new(600, 60), "requests of one account that change something"),
            Self::ChangesNetwork => {
                (Rate::new(1_200, 60), "requests of one network, not signed in, that change something")
            }
            Self::ChangesWideNetwork => (Rate::new(2_400, 60), "the same of one IPv6 /48"),
            Self::LongForms => (Rate::new(30, 60), "forms of one account that name more than 25 people"),
            Self::LongFormLines => (Rate::new(5_000, 60), "people named in such forms"),
            Self::InvitationsNetwork => (Rate::new(4_000, DAY), "invitation mails from one network"),
            Self::InvitationsAccount => (Rate::new(2_000, DAY), "invitation mails of one account"),
            Self::InvitationsOrganization => (Rate::new(2_000, DAY), "invitation mails of one Organization"),
            Self::InvitationsRecipient => (Rate::new(10, DAY), "invitation mails to one address, by whomever"),
            Self::InvitationResent => (Rate::new(5, 60), "times that one invitation is sent again"),
            Self::InvitationLinkShown => (Rate::new(20, 60), "times that the link of one invitation is shown"),
            Self::OwnershipOffers => (Rate::new(10, DAY), "offers of one account to hand an Organization over"),
            Self::OrganizationsCreated => (Rate::new(20, DAY), "Organizations that one account creates"),
            Self::LogoUploads => (Rate::new(60, 60), "logos and pictures that one account uploads"),
            Self::ConfirmationsNetwork => {
                (Rate::new(100, DAY), "mails from one network that ask an address to confirm notifications")
            }
            Self::ConfirmationsAccount => (Rate::new(60, DAY), "the same of one account"),
            Self::ConfirmationsOrganization => (Rate::new(60, DAY), "the same of one Organization"),
            Self::ConfirmationsRecipient => (Rate::new(5, DAY), "the same to one address, by whomever"),
            Self::ConfirmationsUnsubscribed => {
                (Rate::new(1, 30 * DAY), "the same of one Organization to an address that has unsubscribed")
            }
            Self::NotificationTests => (Rate::new(5, 60), "tests of notifications that one Organization sends"),
            Self::VoucherGuessesNetwork => (Rate::new(60, 60), "wrong voucher codes from one network"),
            Self::VoucherGuessesAccount => (Rate::new(10, 60), "wrong voucher codes of one account"),
            Self::CouponGuessesNetwork => (Rate::new(60, 60), "wrong coupon codes from one network"),
            Self::CouponGuessesAccount => (Rate::new(10, 60), "wrong coupon codes of one account"),
            Self::PaymentPages => (Rate::new(30, 60), "pages of the provider of payments that one account opens"),
        }
    }

    /// `sign-in-account`
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// `PORTICO_LIMIT_SIGN_IN_ACCOUNT`
    pub fn variable(self) -> String {
        format!("PORTICO_LIMIT_{}", self.name().replace('-', "_").to_uppercase())
    }
}

/// So many times in a window of time, written `10/15m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub most: i32,
    pub window: Duration,
}

impl Rate {
    pub const fn new(most: i32, minutes: i64) -> Self {
        Self { most, window: Duration::minutes(minutes) }
    }
}

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
const LONGEST_WINDOW: i64 = 366 * 86_400;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a limit is written like 10/15m: so many times, at least once, in so many s, m, h or d, at most 366d")]
pub struct RateError;

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (most, window) = text.trim().split_once('/').ok_or(RateError)?;
        let most: i32 = most.parse().map_err(|_| RateError)?;
        let unit = window.chars().last().ok_or(RateError)?;
        let (_, seconds) = UNITS.iter().find(|(letter, _)| *letter == unit).ok_or(RateError)?;
        // `15m`, and `m` alone for one minute.
        let number = window.strip_suffix(unit).unwrap_or_default();
        let count: i64 = if number.is_empty() { 1 } else { number.parse().map_err(|_| RateError)? };
        let window = count.checked_mul(*seconds).filter(|window| (1..=LONGEST_WINDOW).contains(window));
        match window {
            Some(window) if most >= 1 => Ok(Self { most, window: Duration::seconds(window) }),
            _ => Err(RateError),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let window = self.window.num_seconds();
        let (unit, seconds) = UNITS.iter().find(|(_, seconds)| window % seconds == 0).unwrap_or(&('s', 1));
        write!(f, "{}/{}{unit}", self.most, window / seconds)
    }
}

/// The rate of each limit, as it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits(Arc<[Rate]>);

impl Default for Limits {
    fn default() -> Self {
        Self(Limit::iter().map(|limit| limit.table().0).collect())
    }
}

impl Limits {
    pub fn rate(&self, limit: Limit) -> Rate {
        self.0[limit as usize]
    }

    #[must_use]
    pub fn with(mut self, limit: Limit, rate: Rate) -> Self {
        Arc::make_mut(&mut self.0)[limit as usize] = rate;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        for text in ["10/15m", "1/1d", "600/1h", "7/90s", "3/366d"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert_eq!("60/h".parse::<Rate>().unwrap(), Rate::new(60, 60));
        assert_eq!(" 2/120m ".parse::<Rate>().unwrap().to_string(), "2/2h");
        for text in ["", "10", "10/", "/15m", "0/15m", "-1/15m", "10/15", "10/0m", "10/15 m", "1/367d", "x/1h", "1/1é"]
        {
            assert_eq!(text.parse::<Rate>(), Err(RateError), "{text}");
        }
    }

    #[test]
    fn a_limit_has_a_name_a_variable_and_a_rate_that_can_be_set() {
        assert_eq!(Limit::SignInAccount.name(), "sign-in-account");
        assert_eq!(Limit::SignInAccount.variable(), "PORTICO_LIMIT_SIGN_IN_ACCOUNT");
        let set = Limits::default().with(Limit::LogoUploads, Rate::new(1, 1));
        for limit in Limit::iter() {
            let expected = if limit == Limit::LogoUploads { Rate::new(1, 1) } else { limit.table().0 };
            assert_eq!(set.rate(limit), expected, "{limit:?}");
        }
    }
}
