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

/// How many mails a search reads, the newest first: subjects are sealed, so that each must be opened.
const SEARCHED: i64 = 2_000;

/// The newest mails before `before` whose content is there, at most `limit`: those with `search` in their address or subject.
pub fn newest(
    connection: &mut Connection,
    sealer: &Sealer,
    search: &str,
    before: Option<&MailId>,
    limit: usize,
) -> Result<Vec<Mail>, DbError> {
    // Behind every id, of which the first letters are lower-case.
    let before = before.map_or("mail_~", MailId::as_str);
    let read = if search.is_empty() { i64::try_from(limit).unwrap_or(i64::MAX) } else { SEARCHED };
    let rows: Vec<Row> = outbox::table
        .filter(outbox::id.lt(before))
        .order(outbox::id.desc())
        .limit(read)
        .select(Row::as_select())
        .load(connection)?;
    let search = search.to_lowercase();
    let is_meant = |mail: &Mail| {
        search.is_empty() || mail.recipient.contains(&search) || mail.envelope.subject.to_lowercase().contains(&search)
    };
    Ok(rows.into_iter().filter_map(|row| row.opened(sealer)).filter(is_meant).take(limit).collect())
}

/// One mail, if its content is there.
pub fn find(connection: &mut Connection, sealer: &Sealer, id: &MailId) -> Result<Option<Mail>, DbError> {
    let row: Option<Row> =
        outbox::table.filter(outbox::id.eq(id)).select(Row::as_select()).first(connection).optional()?;
    Ok(row.and_then(|row| row.opened(sealer)))
}
