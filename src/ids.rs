//! Public ids: TypeIDs, a short prefix and a time-ordered UUIDv7 (`org_01kb…`), one type for each kind of row, so that the
//! id of an invitation cannot be passed where a membership is meant. An id names a row; it is never a secret.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::{NoContext, Uuid};

use crate::db::{Timestamp, stored_as_text};

fn make(prefix: &str, now: Timestamp) -> String {
    let millis = now.unix_millis().max(0) as u64;
    let moment = uuid::Timestamp::from_unix(NoContext, millis / 1_000, (millis % 1_000) as u32 * 1_000_000);
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

            /// A new id. Later moments sort after earlier ones.
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

            fn from_stored(text: String) -> Option<Self> {
                Some(Self(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        stored_as_text!($name);
    )*};
}

typed_ids! {
    UserId = "usr";
    /// A signed-in browser.
    SessionId = "ses";
    /// A sign-up whose address is not confirmed yet.
    SignUpId = "sup";
    PasswordResetId = "pwr";
    OrganizationId = "org";
    MembershipId = "mem";
    InvitationId = "inv";
    ActivityId = "act";
    /// A mail in the outbox.
    MailId = "mail";
    RequestId = "req";
}
