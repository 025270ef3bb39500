//! People of an Organization: roles, removal, the list. Invitations have a folder of their own.

mod bulk;
mod confirmed;
mod counting;
mod escalation;
mod export;
mod last_owner;
mod list;
mod long_forms;
mod mail_limits;
mod many;
mod next_request;
mod numbers;
mod orders;
mod owner_news;
mod ownership;
mod removing;
mod roles;
mod suspension;
mod transaction;
mod undo;
mod undo_meanwhile;
use portico::access::Role;
use portico::accounts::users::{self, NewUser};
use portico::db::DbError;
use portico::people::members;

use crate::support::{Portal, SLUG};

/// Lets new people into [`SLUG`], all at once: address, first name and last name of each. They cannot sign in.
pub fn join(portal: &Portal, newcomers: &[(String, String, String)], role: Role) {
    let organization = portal.organization_id();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            for (email, first_name, last_name) in newcomers {
                let new = NewUser {
                    email: email.clone(),
                    password_hash: String::new(),
                    first_name: first_name.clone(),
                    last_name: last_name.clone(),
                    company: String::new(),
                    country: "CH".to_owned(),
                };
                let user = users::create(tx, &new, "192.0.2.1")?.expect("a free address");
                members::join(tx, &organization, &user.user_id, role, "Olga Tester")?;
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("they join {SLUG}: {error}"));
}
