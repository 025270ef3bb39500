//! What people are told about the end of an Organization.

use crate::mail::message;
use crate::time::Timestamp;

#[derive(Clone, Debug)]
pub struct OrganizationClosed {
    pub first_name: String,
    pub organization: String,
    pub by: String,
    pub by_email: String,
    /// Until then it can be restored.
    pub until: Timestamp,
}
message!(
    OrganizationClosed, "organization_closed", Usual:
    "mail/organization_closed/subject.txt", "mail/organization_closed/body.txt", "mail/organization_closed/body.html",
    reply_to: by_email
);

#[derive(Clone, Debug)]
pub struct OrganizationRestored {
    pub first_name: String,
    pub organization: String,
    pub link: String,
}
message!(
    OrganizationRestored, "organization_restored", Usual:
    "mail/organization_restored/subject.txt", "mail/organization_restored/body.txt",
    "mail/organization_restored/body.html"
);
