//! How both databases hold a moment. PostgreSQL has a type for it. SQLite has text, which Diesel writes and reads by patterns that it
//! takes apart anew for each value; a page of people reads a hundred of them.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types;
use diesel::sqlite::Sqlite;

use super::connection::MultiBackend;
use crate::time::Timestamp;

impl FromSql<sql_types::Timestamp, Pg> for Timestamp {
    fn from_sql(bytes: <Pg as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <NaiveDateTime as FromSql<sql_types::Timestamp, Pg>>::from_sql(bytes).map(Self::from)
    }
}

impl ToSql<sql_types::Timestamp, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Timestamp, Pg>::to_sql(&NaiveDateTime::from(*self), &mut out.reborrow())
    }
}

impl FromSql<sql_types::Timestamp, Sqlite> for Timestamp {
    fn from_sql(value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<sql_types::Text, Sqlite>>::from_sql(value)?;
        read(&text).map(Self::from).ok_or_else(|| format!("not a stored moment: {text}").into())
    }
}

/// `2026-02-28 23:59:59`, or with one to nine digits of a fraction behind it: `2026-02-28 23:59:59.000001`.
fn read(text: &str) -> Option<NaiveDateTime> {
    let is_in_place = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b' ',
        13 | 16 => byte == b':',
        19 => byte == b'.',
        _ => byte.is_ascii_digit(),
    };
    if !text.bytes().enumerate().all(is_in_place) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let nanos = match text.get(19..)?.strip_prefix('.') {
        None => 0,
        Some(fraction) => fraction.parse::<u32>().ok()? * 10_u32.pow(9_u32.checked_sub(fraction.len() as u32)?),
    };
    NaiveDate::from_ymd_opt(number(0, 4)? as i32, number(5, 7)?, number(8, 10)?)?.and_hms_nano_opt(
        number(11, 13)?,
        number(14, 16)?,
        number(17, 19)?,
        nanos,
    )
}

impl ToSql<sql_types::Timestamp, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(NaiveDateTime::from(*self).to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::Timestamp, MultiBackend> for Timestamp {
    fn from_sql(value: <MultiBackend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, sql_types::Timestamp>()
    }
}

impl ToSql<sql_types::Timestamp, MultiBackend> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((sql_types::Timestamp, self));
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;

    use super::*;

    diesel::table! {
        moments (at) { at -> Timestamp, }
    }

    #[test]
    fn sqlite_holds_what_diesel_itself_writes_and_reads() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.batch_execute("CREATE TABLE moments (at TIMESTAMP PRIMARY KEY NOT NULL)").unwrap();
        let texts = ["2026-02-28T23:59:59", "2026-02-28T23:59:59.5", "2026-02-28T23:59:59.000001"];
        let theirs = texts.map(|text| text.parse::<NaiveDateTime>().unwrap());
        for moment in theirs {
            let ours = moments::at.eq(Timestamp::from(moment));
            diesel::insert_into(moments::table).values(ours).execute(&mut connection).unwrap();
            let same = moments::table.filter(moments::at.eq(moment));
            assert_eq!(same.count().get_result::<i64>(&mut connection).unwrap(), 1, "{moment}");
        }
        let read: Vec<Timestamp> = moments::table.select(moments::at).order(moments::at).load(&mut connection).unwrap();
        let mut expected = theirs.map(Timestamp::from);
        expected.sort();
        assert_eq!(read, expected);
    }

    #[test]
    fn what_is_no_moment_is_not_read_as_one() {
        let (short, fractions) =
            (["", "2026-02-28", "2026-02-28 10:00"], ["2026-02-28 10:00:00.", "2026-02-28 10:00:00.0000000001"]);
        let others = [
            "2026-02-30 10:00:00",
            "2026-02-28T10:00:00",
            "2026-02-28 1ä:00:00",
            "2026-02-28 +1:00:00",
            "2026/02/28 10:00:00",
        ];
        for text in short.iter().chain(&fractions).chain(&others) {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
