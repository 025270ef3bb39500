//! The two lists of people of a licence, read alike: who has a seat, and who was given access.

/// Reads a part of the people in `$rows`, in the order in which they came to stand there, as `$Person`. One statement.
macro_rules! people_of {
    ($connection:expr, $rows:ident, $Person:ty, $licence:expr, $place:expr, $most:expr) => {{
        use $crate::paging::{Part, Place};
        use $crate::schema::{memberships, users, $rows};
        let is_theirs =
            memberships::user_id.eq($rows::user_id).and(memberships::organization_id.eq($rows::organization_id));
        let query = $rows::table
            .inner_join(users::table)
            .inner_join(memberships::table.on(is_theirs))
            .filter($rows::licence_id.eq($licence))
            .select(<$Person>::as_select())
            .limit($most as i64 + 1);
        let found = match $place {
            Place::Start => query.order($rows::id).load($connection),
            Place::After(key) => query.filter($rows::id.gt(key)).order($rows::id).load($connection),
            Place::Before(key) => query.filter($rows::id.lt(key)).order($rows::id.desc()).load($connection),
        };
        Ok(Part::as_read(found?, &$place, $most))
    }};
}
pub(super) use people_of;
