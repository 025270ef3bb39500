//! What people are told about their place in an Organization.

use crate::access::{Role, SessionLength};
use crate::mail::message;
use crate::time::Timestamp;

#[derive(Clone, Debug)]
pub struct InvitationMail {
    pub organization: String,
    pub inviter: String,
    pub inviter_email: String,
    pub role: Role,
    pub email: String,
    pub link: String,
    /// Where the address is taken off the list.
    pub block_link: String,
    pub expires: Timestamp,
}
message!(
    InvitationMail, "invitation", Bulk:
    "mail/invitation/subject.txt", "mail/invitation/body.txt", "mail/invitation/body.html",
    reply_to: inviter_email, unsubscribe: block_link
);

#[derive(Clone, Debug)]
pub struct RoleChanged {
    pub first_name: String,
    pub organization: String,
    pub by: String,
    pub by_email: String,
    pub old_role: Role,
    pub new_role: Role,
    pub link: String,
}
message!(
    RoleChanged, "role_changed", Usual:
    "mail/role_changed/subject.txt", "mail/role_changed/body.txt", "mail/role_changed/body.html",
    reply_to: by_email
);

#[derive(Clone, Debug)]
pub struct Removed {
    pub first_name: String,
    pub organization: String,
    pub by: String,
    pub by_email: String,
}
message!(
    Removed, "removed", Usual:
    "mail/removed/subject.txt", "mail/removed/body.txt", "mail/removed/body.html", reply_to: by_email
);

#[derive(Clone, Debug)]
pub struct OwnershipOffered {
    pub first_name: String,
    pub organization: String,
    pub by: String,
    pub by_email: String,
    /// What is left to who offers.
    pub role: Role,
    pub link: String,
    pub expires: Timestamp,
}
message!(
    OwnershipOffered, "ownership_offered", Usual:
    "mail/ownership_offered/subject.txt", "mail/ownership_offered/body.txt", "mail/ownership_offered/body.html",
    reply_to: by_email
);

#[derive(Clone, Debug)]
pub struct OwnershipAnswered {
    pub first_name: String,
    pub organization: String,
    pub by: String,
    pub by_email: String,
    /// What the reader is now, if it was accepted.
    pub role: Option<Role>,
    pub link: String,
}
message!(
    OwnershipAnswered, "ownership_answered", Usual:
    "mail/ownership_answered/subject.txt", "mail/ownership_answered/body.txt", "mail/ownership_answered/body.html",
    reply_to: by_email
);

/// What Owners want to hear of, and what was changed of what is asked of whoever enters.
#[derive(Clone, Debug)]
pub enum News {
    Accepted {
        name: String,
        email: String,
        role: Role,
    },
    Declined {
        email: String,
    },
    NewOwner {
        name: String,
        email: String,
        by: String,
    },
    /// An Owner gave their place to somebody else, and has another role now.
    HandedOver {
        name: String,
        email: String,
        from: String,
        role: Role,
    },
    /// Whether everybody who enters needs it from now on.
    TwoFactor {
        by: String,
        required: bool,
    },
    /// How long ago whoever enters may have proved who they are from now on.
    SessionLength {
        by: String,
        length: SessionLength,
    },
}

impl News {
    /// Whether it is of what is asked of whoever enters.
    pub fn is_of_policy(&self) -> bool {
        matches!(self, Self::TwoFactor { .. } | Self::SessionLength { .. })
    }
}

#[derive(Clone, Debug)]
pub struct OwnerNews {
    pub first_name: String,
    pub organization: String,
    pub latest: News,
    pub link: String,
    pub settings_link: String,
}
message!(
    OwnerNews, "owner_news", Bulk:
    "mail/owner_news/subject.txt", "mail/owner_news/body.txt", "mail/owner_news/body.html"
);
