//! Sending: a mail, its link that ends mails like it, and its row in the log, in one transaction.

use diesel::prelude::*;

use crate::access::{is_open, lock_organization};
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::mail::Message;
use crate::notifications::audience::{self, Addressee};
use crate::notifications::kinds::{Kind, Occasion};
use crate::notifications::log;
use crate::notifications::mail::Reader;
use crate::schema::organizations;
use crate::secrets::Secret;

/// The Organization that mails are about.
#[derive(Clone, Debug)]
pub struct About {
    pub id: OrganizationId,
    pub name: String,
    pub slug: String,
}

impl About {
    /// Locks the Organization, and reads how it is called.
    pub fn locked(tx: &mut WriteTx, id: &OrganizationId) -> Result<Self, DbError> {
        lock_organization(tx, id)?;
        let row = organizations::table.filter(organizations::id.eq(id));
        let (name, slug) = row.select((organizations::name, organizations::slug)).first(tx.connection)?;
        Ok(Self { id: id.clone(), name, slug })
    }

    /// The address of a page of the Organization.
    pub fn link(&self, tx: &WriteTx, below: &str) -> String {
        tx.context.links.to(&format!("/organizations/{}{below}", self.slug))
    }
}

/// Sends a mail to somebody. `make` writes it.
pub(super) fn send<M: Message>(
    tx: &mut WriteTx,
    about: &About,
    occasion: Occasion,
    to: &Addressee,
    make: impl FnOnce(Reader, String) -> M,
) -> Result<(), DbError> {
    let secret = Secret::random();
    let reader =
        Reader { organization: about.name.clone(), first_name: to.first_name.clone(), is_owner: to.owner.is_some() };
    let link = tx.context.links.to(&format!("/notifications/unsubscribe/{}", secret.as_str()));
    let message = make(reader, link);
    let mail = tx.send(&to.email, &message)?;
    log::write(tx, &about.id, occasion, to, (&message.subject(), &mail, &secret))
}

/// The same for each who wants to hear of a kind. Answers how many.
pub(super) fn tell<M: Message>(
    tx: &mut WriteTx,
    about: &About,
    kind: Kind,
    make: impl Fn(Reader, String) -> M,
) -> Result<usize, DbError> {
    // Of what was closed nobody hears anything.
    if !is_open(tx.connection, &about.id)? {
        return Ok(0);
    }
    let audience = audience::of(tx.connection, &about.id, kind)?;
    for to in &audience {
        send(tx, about, kind.into(), to, &make)?;
    }
    Ok(audience.len())
}
