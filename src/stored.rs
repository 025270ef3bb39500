//! Types that are text in the database: ids and closed lists. One generic implementation serves SQLite, PostgreSQL and the
//! connection that may be either.

/// Lets a type be stored as the text of its `AsRef<str>` and loaded again by its `FromStr`, or by the function given.
macro_rules! stored_as_text {
    ($type:ty) => {
        $crate::stored::stored_as_text!($type, |text: String| text.parse::<$type>().ok());
    };
    ($type:ty, $loaded:expr) => {
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $type
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                AsRef::<str>::as_ref(self).to_sql(out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $type
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                let load: fn(String) -> Option<Self> = $loaded;
                load(text).ok_or_else(|| concat!("not a stored ", stringify!($type)).into())
            }
        }
    };
}
pub(crate) use stored_as_text;
