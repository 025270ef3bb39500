//! The details, and saving them.

use diesel::prelude::*;
use serde_json::{Map, Value};

use crate::access::Person;
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::people::directory;
use crate::schema::users as user_rows;

#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = user_rows)]
pub struct Details {
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub job_title: String,
    pub phone: String,
    pub country: String,
    /// Keys of a closed list, in its order, with commas between them.
    pub industries: String,
}

/// One of the details, by the name that forms and the activity log have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    FirstName,
    LastName,
    Company,
    JobTitle,
    Phone,
    Country,
    Industries,
}

impl Field {
    pub fn key(self) -> &'static str {
        self.into()
    }
}

impl Details {
    pub fn get(&self, field: Field) -> &str {
        match field {
            Field::FirstName => &self.first_name,
            Field::LastName => &self.last_name,
            Field::Company => &self.company,
            Field::JobTitle => &self.job_title,
            Field::Phone => &self.phone,
            Field::Country => &self.country,
            Field::Industries => &self.industries,
        }
    }

    fn set(&mut self, field: Field, value: &str) {
        let place = match field {
            Field::FirstName => &mut self.first_name,
            Field::LastName => &mut self.last_name,
            Field::Company => &mut self.company,
            Field::JobTitle => &mut self.job_title,
            Field::Phone => &mut self.phone,
            Field::Country => &mut self.country,
            Field::Industries => &mut self.industries,
        };
        value.clone_into(place);
    }
}

pub fn load(connection: &mut Connection, user: &UserId) -> Result<Details, DbError> {
    Ok(user_rows::table.filter(user_rows::id.eq(user)).select(Details::as_select()).first(connection)?)
}

/// A field that somebody wants to change, and what they saw in it before.
#[derive(Clone, Debug)]
pub struct Wish {
    pub field: Field,
    pub seen: String,
    pub wanted: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveDetails {
    Saved,
    /// All of it is stored already.
    Unchanged,
    /// These fields were changed elsewhere meanwhile, so nothing was. With what is stored.
    Stale(Vec<Field>, Details),
}

/// Saves all of the wishes, or none.
pub fn save(tx: &mut WriteTx, person: &Person, wishes: &[Wish]) -> Result<SaveDetails, DbError> {
    let user = &person.user_id;
    users::lock(tx, user)?;
    let stored = load(tx.connection, user)?;
    let open: Vec<&Wish> = wishes.iter().filter(|wish| stored.get(wish.field) != wish.wanted).collect();
    let stale: Vec<Field> =
        open.iter().filter(|wish| stored.get(wish.field) != wish.seen).map(|wish| wish.field).collect();
    if !stale.is_empty() {
        return Ok(SaveDetails::Stale(stale, stored));
    }
    if open.is_empty() {
        return Ok(SaveDetails::Unchanged);
    }
    let mut details = stored.clone();
    let (mut before, mut after) = (Map::new(), Map::new());
    for Wish { field, wanted, .. } in open {
        details.set(*field, wanted);
        before.insert(field.key().to_owned(), stored.get(*field).into());
        after.insert(field.key().to_owned(), Value::from(&**wanted));
    }
    diesel::update(user_rows::table.filter(user_rows::id.eq(user)))
        .set((&details, user_rows::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    if (&details.first_name, &details.last_name) != (&stored.first_name, &stored.last_name) {
        directory::set_holder(tx, user)?;
    }
    let holder =
        Person { first_name: details.first_name.clone(), last_name: details.last_name.clone(), ..person.clone() };
    users::record_change(tx, &holder, Action::DetailsChanged, Value::Object(before), Value::Object(after))?;
    Ok(SaveDetails::Saved)
}
