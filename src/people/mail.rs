//! What people are told about their place in an Organization.

use crate::access::Role;
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

/// What Owners want to hear of.
#[derive(Clone, Debug)]
pub enum News {
    Accepted { name: String, email: String, role: Role },
    Declined { email: String },
    NewOwner { name: String, email: String, by: String },
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
