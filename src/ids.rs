//! Public ids: TypeIDs, a short prefix and a time-ordered UUIDv7 (`org_01kb…`), one type for each kind of row, so that the
//! id of an invitation cannot be passed where a membership is meant. An id names a row; it is never a secret.
//!
//! Ids that one process makes sort in the order in which it made them, also within one millisecond.

use std::sync::Mutex;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::{ContextV7, Uuid};

use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// Counts within a millisecond, and goes on counting where the clock was set back.
static ORDER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

fn make(prefix: &str, now: Timestamp) -> String {
    let millis = now.unix_millis().max(0) as u64;
    let moment = uuid::Timestamp::from_unix(&ORDER, millis / 1_000, (millis % 1_000) as u32 * 1_000_000);
    let kind = DynamicType::new(prefix).expect("prefixes are lower-case letters, see the list below");
    TypeSafeId::from_type_and_uuid(kind, Uuid::new_v7(moment)).to_string()
}

fn is_one(prefix: &str, text: &str) -> bool {
    text.parse::<TypeSafeId<DynamicType>>().is_ok_and(|id| id.type_prefix() == prefix)
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(String);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// A new id, which sorts after all that this process made before.
            pub fn new(now: Timestamp) -> Self {
                Self(make($prefix, now))
            }

            /// The id written in `text`, if it is a well-formed one of this kind.
            pub fn parse(text: &str) -> Option<Self> {
                is_one($prefix, text).then(|| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        stored_as_text!($name, |text| Some($name(text)));
    )*};
}

typed_ids! {
    UserId = "usr";
    /// A signed-in browser.
    SessionId = "ses";
    /// A sign-up whose address is not confirmed yet.
    SignUpId = "sup";
    PasswordResetId = "pwr";
    /// A mail about a sign-in with a new browser.
    SignInNoticeId = "sin";
    PasskeyId = "pky";
    /// A sign-in that waits for its second step.
    PendingSignInId = "psi";
    OrganizationId = "org";
    MembershipId = "mem";
    InvitationId = "inv";
    /// An offer to become Owner instead of whoever makes it.
    OwnershipOfferId = "own";
    /// Somebody who was removed, or an invitation that was withdrawn.
    RemovalId = "rem";
    /// What was removed at once.
    RemovalBatchId = "bat";
    LicenceId = "lic";
    /// Somebody's seat of a licence.
    SeatId = "seat";
    /// Somebody's access to a licence.
    LicenceGrantId = "lgr";
    VoucherId = "vou";
    OrderId = "ord";
    /// One attempt to pay an order.
    PaymentId = "pay";
    /// Money that was given back.
    RefundId = "rfd";
    /// An invoice or a credit note.
    InvoiceId = "ivc";
    /// An address that is told of licences, credits and payments.
    RecipientId = "ntr";
    /// A mail about them, as the log has it.
    NotificationId = "ntf";
    /// That the end of a licence was told.
    LicenceNoticeId = "lno";
    ActivityId = "act";
    /// Another term of a licence, from when it is due until it is paid or given up.
    RenewalId = "ren";
    /// Credits that were bought by themselves.
    TopUpId = "tup";
    /// A row of the ledger of credits.
    CreditEntryId = "crd";
    /// A mail in the outbox.
    MailId = "mail";
    JobId = "job";
    RequestId = "req";
}

impl UserId {
    /// The UUID in it, for what knows people by 16 bytes.
    pub fn uuid(&self) -> Uuid {
        let id: TypeSafeId<DynamicType> = self.0.parse().expect("ids are made and parsed here alone");
        id.uuid()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::*;

    #[test]
    fn ids_sort_in_the_order_in_which_they_were_made() {
        let now = Timestamp::from(DateTime::from_timestamp(1_800_000_000, 0).expect("a moment"));
        // A hundred in one millisecond, and then the clock is set back.
        let moments = (0..100).map(|_| now).chain((0..100).map(|step| now - Duration::seconds(step)));
        let made: Vec<ActivityId> = moments.map(ActivityId::new).collect();
        assert!(made.is_sorted_by(|one, other| one < other), "{made:?}");
    }
}
