//! Mails in the outbox as somebody reads them who may: the demo keeps their content.

use diesel::prelude::*;

use super::outbox::{Envelope, open};
use crate::db::{Connection, DbError};
use crate::ids::MailId;
use crate::schema::outbox;
use crate::secrets::Sealer;
use crate::time::Timestamp;

/// A mail with its content.
#[derive(Clone, Debug)]
pub struct Mail {
    pub id: MailId,
    pub recipient: String,
    pub envelope: Envelope,
    pub created_at: Timestamp,
    pub delivered_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Row {
    id: MailId,
    recipient: String,
    sealed: Vec<u8>,
    created_at: Timestamp,
    delivered_at: Option<Timestamp>,
}

impl Row {
    fn opened(self, sealer: &Sealer) -> Option<Mail> {
        let Self { id, recipient, sealed, created_at, delivered_at } = self;
        Some(Mail { envelope: open(sealer, &id, &sealed)?, id, recipient, created_at, delivered_at })
    }
}

/// The newest mails whose content is there, at most `limit`.
pub fn newest(connection: &mut Connection, sealer: &Sealer, limit: i64) -> Result<Vec<Mail>, DbError> {
    let rows: Vec<Row> =
        outbox::table.order(outbox::id.desc()).limit(limit).select(Row::as_select()).load(connection)?;
    Ok(rows.into_iter().filter_map(|row| row.opened(sealer)).collect())
}

/// One mail, if its content is there.
pub fn find(connection: &mut Connection, sealer: &Sealer, id: &MailId) -> Result<Option<Mail>, DbError> {
    let row: Option<Row> =
        outbox::table.filter(outbox::id.eq(id)).select(Row::as_select()).first(connection).optional()?;
    Ok(row.and_then(|row| row.opened(sealer)))
}
