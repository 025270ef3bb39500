//! What the mails say.

use crate::mail::message;
use crate::notifications::kinds::Kinds;
use crate::time::Timestamp;

/// Who reads a mail, and why they get it.
#[derive(Clone, Debug)]
pub struct Reader {
    pub organization: String,
    /// Empty where nobody knows it.
    pub first_name: String,
    pub is_owner: bool,
}

#[derive(Clone, Debug)]
pub struct Confirmation {
    pub organization: String,
    pub by: String,
    pub by_email: String,
    pub email: String,
    pub kinds: Kinds,
    pub link: String,
    pub expires: Timestamp,
    pub unsubscribe_link: String,
}
message!(
    Confirmation, "notification_confirmation", Bulk:
    "mail/notification_confirmation/subject.txt", "mail/notification_confirmation/body.txt",
    "mail/notification_confirmation/body.html",
    reply_to: by_email, unsubscribe: unsubscribe_link
);

/// A licence that ends, or has ended.
#[derive(Clone, Debug)]
pub struct Ending {
    pub product: String,
    pub plan: String,
    /// The last moment of its last day.
    pub last: Timestamp,
    /// The last moment at which seats are kept after that.
    pub kept: Timestamp,
}

#[derive(Clone, Debug)]
pub struct LicencesExpiring {
    pub reader: Reader,
    /// Those that end first.
    pub licences: Vec<Ending>,
    /// How many end besides those.
    pub others: usize,
    pub link: String,
    pub unsubscribe_link: String,
}

impl LicencesExpiring {
    pub fn count(&self) -> usize {
        self.licences.len() + self.others
    }
}
message!(
    LicencesExpiring, "licences_expiring", Usual:
    "mail/licences_expiring/subject.txt", "mail/licences_expiring/body.txt", "mail/licences_expiring/body.html",
    unsubscribe: unsubscribe_link
);

#[derive(Clone, Debug)]
pub struct LicencesExpired {
    pub reader: Reader,
    pub licences: Vec<Ending>,
    pub others: usize,
    /// Whether seats are kept for a while.
    pub has_grace: bool,
    pub link: String,
    pub unsubscribe_link: String,
}

impl LicencesExpired {
    pub fn count(&self) -> usize {
        self.licences.len() + self.others
    }
}
message!(
    LicencesExpired, "licences_expired", Usual:
    "mail/licences_expired/subject.txt", "mail/licences_expired/body.txt", "mail/licences_expired/body.html",
    unsubscribe: unsubscribe_link
);

#[derive(Clone, Debug)]
pub struct LowCredits {
    pub reader: Reader,
    pub balance: String,
    pub below: String,
    pub link: String,
    pub unsubscribe_link: String,
}
message!(
    LowCredits, "low_credits", Usual:
    "mail/low_credits/subject.txt", "mail/low_credits/body.txt", "mail/low_credits/body.html",
    unsubscribe: unsubscribe_link
);

#[derive(Clone, Debug)]
pub struct PaymentFailed {
    pub reader: Reader,
    pub what: String,
    pub amount: String,
    pub next: String,
    pub link: String,
    pub unsubscribe_link: String,
}
message!(
    PaymentFailed, "payment_problem", Usual:
    "mail/payment_problem/subject.txt", "mail/payment_problem/body.txt", "mail/payment_problem/body.html",
    unsubscribe: unsubscribe_link
);

#[derive(Clone, Debug)]
pub struct TestMail {
    pub reader: Reader,
    pub by: String,
    pub link: String,
    pub unsubscribe_link: String,
}
message!(
    TestMail, "notification_test", Usual:
    "mail/notification_test/subject.txt", "mail/notification_test/body.txt", "mail/notification_test/body.html",
    unsubscribe: unsubscribe_link
);
