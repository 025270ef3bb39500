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
    "mail/invitation/subject.txt", "mail/invitation/body.txt", "mail/invitation/body.html", unsubscribe: block_link
);

#[derive(Clone, Debug)]
pub struct RoleChanged {
    pub first_name: String,
    pub organization: String,
    pub by: String,
    pub old_role: Role,
    pub new_role: Role,
    pub link: String,
}
message!(
    RoleChanged, "role_changed", Usual:
    "mail/role_changed/subject.txt", "mail/role_changed/body.txt", "mail/role_changed/body.html"
);

#[derive(Clone, Debug)]
pub struct Removed {
    pub first_name: String,
    pub organization: String,
    pub by: String,
}
message!(Removed, "removed", Usual: "mail/removed/subject.txt", "mail/removed/body.txt", "mail/removed/body.html");
