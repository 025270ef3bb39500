//! The people of the companies: how they come, and when they were there last.

use diesel::prelude::*;

use super::team::{INVITED, TEAM};
use super::{DOMAIN, IP, Seeder};
use crate::access::{Membership, Person, Role, Scope, SessionLength};
use crate::accounts::users::{self as accounts, NewUser};
use crate::db::{DbError, WriteTx};
use crate::ids::{MembershipId, UserId};
use crate::organizations::create::{self, Create, NewOrganization};
use crate::organizations::organization::{Kind, Settings};
use crate::organizations::{policies, settings};
use crate::people::{invite, members};
use crate::schema::{memberships, users};
use crate::time::Timestamp;

impl Seeder {
    /// Most of them were there in the last weeks, some not since they joined.
    pub(super) fn visit(&self, tx: &mut WriteTx, scope: &Scope) -> Result<(), DbError> {
        let members: Vec<(MembershipId, Timestamp)> = memberships::table
            .filter(memberships::organization_id.eq(scope.organization_id()))
            .order(memberships::id)
            .select((memberships::id, memberships::created_at))
            .load(tx.connection)?;
        for (number, (member, joined)) in (0..).zip(&members) {
            tx.now = self.at(number * 5 % 19);
            if *joined < tx.now && number % 9 != 8 {
                members::touch(tx, member)?;
            }
        }
        Ok(())
    }

    fn user(&self, tx: &mut WriteTx, first: &str, last: &str, email: &str) -> Result<Person, DbError> {
        let new = NewUser {
            email: email.to_owned(),
            // Filled in once all are there.
            password_hash: String::new(),
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            company: "Aerial Survey Group".to_owned(),
            country: "CH".to_owned(),
        };
        accounts::create(tx, &new, IP)?.ok_or_else(|| DbError::Unexpected(format!("{email} exists already")))
    }

    pub(super) fn join(&self, tx: &mut WriteTx, scope: &Scope, at: usize) -> Result<(), DbError> {
        let (first, last, name, role, _) = TEAM[at];
        let person = self.user(tx, first, last, &format!("{name}@{DOMAIN}"))?;
        members::join(tx, scope.organization_id(), &person.user_id, role, &scope.person().name()).map(drop)
    }

    pub(super) fn found_aerial_survey_group(&self, tx: &mut WriteTx) -> Result<Scope, DbError> {
        let (first, last, name, ..) = TEAM[0];
        let owner = self.user(tx, first, last, &format!("{name}@{DOMAIN}"))?;
        let scope = found(tx, owner, "Aerial Survey Group", "Aerial Survey Group AG")?;
        let details = Settings {
            name: "Aerial Survey Group".to_owned(),
            website: "https://www.aerial-survey.example.com".to_owned(),
            industry: "surveying-mapping".to_owned(),
            language: "en".to_owned(),
            legal_name: "Aerial Survey Group AG".to_owned(),
            postal_address: "Seestrasse 214".to_owned(),
            zip: "8002".to_owned(),
            city: "Zürich".to_owned(),
            country: "CH".to_owned(),
            tax_id: "CHE-114.583.902 MWST".to_owned(),
            tax_exempt: false,
            officer_name: "Henrik Lindqvist".to_owned(),
            officer_position: "Head of Compliance".to_owned(),
            officer_phone: "+41 44 555 01 20".to_owned(),
            managers_may_purchase: true,
            invitation_domains: String::new(),
        };
        settings::save(tx, &scope, &details, 1)?;
        Ok(scope)
    }

    /// A second company, whose details are not complete, where the owner of the first one is a Reader. It asks once a day who it is.
    pub(super) fn found_northwind_mapping(&self, tx: &mut WriteTx, reader: &Person) -> Result<(), DbError> {
        let outsider = self.user(tx, "Nora", "Westergaard", "outsider@example.com")?;
        let scope = found(tx, outsider, "Northwind Mapping", "Northwind Mapping ApS")?;
        members::join(tx, scope.organization_id(), &reader.user_id, Role::Reader, &scope.person().name())?;
        policies::set_session_length(tx, &scope, SessionLength::Portal, SessionLength::OneDay).map(drop)
    }
}

fn found(tx: &mut WriteTx, owner: Person, name: &str, legal_name: &str) -> Result<Scope, DbError> {
    let new = NewOrganization {
        kind: Kind::Business,
        name: name.to_owned(),
        legal_name: legal_name.to_owned(),
        country: "CH".to_owned(),
        creation_key: "demo".to_owned(),
    };
    let Create::Created { slug } = create::create(tx, &owner, &new)? else {
        return Err(DbError::Unexpected(format!("{name} was not created")));
    };
    let membership = Membership::find(tx.connection, &owner.user_id, &slug)?
        .ok_or_else(|| DbError::Unexpected(format!("{slug} is not there")))?;
    Ok(Scope::new(owner, membership))
}

pub(super) fn invite_to(tx: &mut WriteTx, scope: &Scope, at: usize) -> Result<(), DbError> {
    let (name, role, _) = INVITED[at];
    invite::invite(tx, scope, &[(format!("{name}@{DOMAIN}"), role)]).map(drop)
}

pub(super) fn address(name: &str) -> String {
    format!("{name}@{DOMAIN}")
}

/// Somebody of the company, who acts for themselves.
pub(super) fn scope_of(tx: &mut WriteTx, owner: &Scope, name: &str) -> Result<Scope, DbError> {
    let email = address(name);
    let (user_id, first_name, last_name): (UserId, String, String) = users::table
        .filter(users::email.eq(&email))
        .select((users::id, users::first_name, users::last_name))
        .first(tx.connection)?;
    let membership = Membership::find(tx.connection, &user_id, owner.slug())?
        .ok_or_else(|| DbError::Unexpected(format!("{email} is not there")))?;
    Ok(Scope::new(Person { user_id, email, first_name, last_name, ip: IP.to_owned() }, membership))
}
