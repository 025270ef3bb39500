//! One open invitation as those see it who sent it: by whom, until when, and what became of the mail.

use diesel::prelude::*;

use crate::db::{Connection, DbError};
use crate::ids::{InvitationId, MailId, OrganizationId};
use crate::mail::Undeliverable;
use crate::names::full_name;
use crate::people::invitations::Invitation;
use crate::schema::{invitations, outbox, users};
use crate::time::Timestamp;

/// An open invitation, who sent it last, and its mail.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct Sent {
    #[diesel(embed)]
    pub invitation: Invitation,
    #[diesel(select_expression = users::first_name)]
    inviter_first_name: String,
    #[diesel(select_expression = users::last_name)]
    inviter_last_name: String,
    #[diesel(select_expression = users::email)]
    pub inviter_email: String,
    #[diesel(select_expression = outbox::id.nullable())]
    known_mail: Option<MailId>,
    #[diesel(select_expression = outbox::delivered_at.nullable())]
    delivered_at: Option<Timestamp>,
    #[diesel(select_expression = outbox::failed_as.nullable())]
    failed_as: Option<Undeliverable>,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It waits for its turn, or for the mail server.
    Waiting,
    /// The mail server took it.
    Delivered(Timestamp),
    Undelivered(Undeliverable),
    /// It was so long ago that nobody knows any more.
    Forgotten,
}

impl Sent {
    pub fn inviter(&self) -> String {
        full_name(&self.inviter_first_name, &self.inviter_last_name)
    }

    pub fn delivery(&self) -> Delivery {
        match (&self.known_mail, self.delivered_at, self.failed_as) {
            (None, ..) => Delivery::Forgotten,
            (_, _, Some(reason)) => Delivery::Undelivered(reason),
            (_, Some(at), None) => Delivery::Delivered(at),
            (_, None, None) => Delivery::Waiting,
        }
    }
}

/// An open invitation of this Organization, expired or not. One statement.
pub fn find(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
) -> Result<Option<Sent>, DbError> {
    Ok(invitations::table
        .inner_join(users::table)
        .left_join(outbox::table.on(outbox::id.nullable().eq(invitations::mail_id)))
        .filter(invitations::id.eq(id))
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::closed_at.is_null())
        .select(Sent::as_select())
        .first(connection)
        .optional()?)
}
