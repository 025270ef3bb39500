//! The believable company of `portico demo`, written in one transaction: a start that was broken off leaves nothing behind, and
//! the next one writes it all.

mod catalogue;
mod credits;
mod licences;
mod notifications;
mod payments;
mod team;
mod vouchers;

use chrono::Duration;
use diesel::prelude::*;

use crate::access::{Membership, Person, Role, Scope};
use crate::accounts::users::{self, NewUser};
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::demo_accounts::DEMO_PASSWORD;
use crate::ids::{MembershipId, UserId};
use crate::organizations::create::{self, Create, NewOrganization};
use crate::organizations::organization::{Kind, Settings};
use crate::organizations::settings;
use crate::people::{invite, members};
use crate::schema::{memberships, users as user_rows};
use crate::time::Timestamp;
use credits::Deed;
use team::{INVITED, TEAM};

const DOMAIN: &str = "example.com";
/// Where the people of the demo act from: an address for documentation (RFC 5737).
const IP: &str = "192.0.2.17";
/// How long ago the second company was founded, in days.
const NORTHWIND_DAYS: i64 = 48;

/// Fills an empty database. One that has users is left as it is.
pub fn seed(app: &App) -> Result<(), DbError> {
    app.write_now(|tx| {
        let somebody: Option<UserId> = user_rows::table.select(user_rows::id).first(tx.connection).optional()?;
        if somebody.is_some() {
            return Ok(());
        }
        // One hash for all: hashing forty times would make the first start slow, and nothing here is secret.
        let (password_hash, grace) = (app.passwords.hash_now(DEMO_PASSWORD), app.config.licence_grace);
        Seeder { password_hash, grace, now: tx.now }.tell(tx)
    })
}

/// What happened, and how many days ago.
enum Event {
    Joined(usize),
    Invited(usize),
    NorthwindFounded,
    Credits(Deed),
}

struct Seeder {
    password_hash: String,
    /// How long seats are kept after the end of a licence.
    grace: Duration,
    now: Timestamp,
}

impl Seeder {
    /// Writes the story of the company from its beginning on.
    fn tell(&self, tx: &mut WriteTx) -> Result<(), DbError> {
        let (.., founded) = TEAM[0];
        self.go_to(tx, founded);
        catalogue::import(tx)?;
        let scope = self.found_aerial_survey_group(tx)?;
        let joined = TEAM.iter().enumerate().skip(1).map(|(at, (.., days))| (*days, Event::Joined(at)));
        let invited = INVITED.iter().enumerate().map(|(at, (.., days))| (*days, Event::Invited(at)));
        let mut events: Vec<(i64, Event)> = joined.chain(invited).collect();
        events.push((NORTHWIND_DAYS, Event::NorthwindFounded));
        events.extend(credits::deeds().into_iter().map(|(days, deed)| (days, Event::Credits(deed))));
        events.sort_by_key(|(days, _)| -days);
        for (days, event) in events {
            self.go_to(tx, days);
            match event {
                Event::Joined(at) => self.join(tx, &scope, at)?,
                Event::Invited(at) => invite_to(tx, &scope, at)?,
                Event::NorthwindFounded => self.found_northwind_mapping(tx, scope.person())?,
                Event::Credits(deed) => credits::happen(tx, &deed)?,
            }
        }
        self.visit(tx, &scope)?;
        self.give_licences(tx, &scope)?;
        self.go_to(tx, payments::KEPT_DAYS);
        payments::keep(tx, &scope)?;
        self.notify(tx, &scope)?;
        tx.now = self.now;
        vouchers::make(tx)
    }

    /// Most of them were there in the last weeks, some not since they joined.
    fn visit(&self, tx: &mut WriteTx, scope: &Scope) -> Result<(), DbError> {
        let members: Vec<(MembershipId, Timestamp)> = memberships::table
            .filter(memberships::organization_id.eq(scope.organization_id()))
            .order(memberships::id)
            .select((memberships::id, memberships::created_at))
            .load(tx.connection)?;
        for (number, (member, joined)) in (0..).zip(&members) {
            self.go_to(tx, number * 5 % 19);
            if *joined < tx.now && number % 9 != 8 {
                members::touch(tx, member)?;
            }
        }
        Ok(())
    }

    /// Goes so many days back, to office hours rather than to the hour of the first start.
    fn go_to(&self, tx: &mut WriteTx, days: i64) {
        tx.now = self.now - Duration::days(days) - Duration::minutes(37 * (days % 7) + 11);
    }

    fn user(&self, tx: &mut WriteTx, first: &str, last: &str, email: &str) -> Result<Person, DbError> {
        let new = NewUser {
            email: email.to_owned(),
            password_hash: self.password_hash.clone(),
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            company: "Aerial Survey Group".to_owned(),
            country: "CH".to_owned(),
        };
        users::create(tx, &new, IP)?.ok_or_else(|| DbError::Unexpected(format!("{email} exists already")))
    }

    fn join(&self, tx: &mut WriteTx, scope: &Scope, at: usize) -> Result<(), DbError> {
        let (first, last, name, role, _) = TEAM[at];
        let person = self.user(tx, first, last, &format!("{name}@{DOMAIN}"))?;
        members::join(tx, scope.organization_id(), &person.user_id, role, &scope.person().name()).map(drop)
    }

    fn found_aerial_survey_group(&self, tx: &mut WriteTx) -> Result<Scope, DbError> {
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
        };
        settings::save(tx, &scope, &details, 1)?;
        Ok(scope)
    }

    /// A second company, whose details are not complete, where the owner of the first one is a Reader.
    fn found_northwind_mapping(&self, tx: &mut WriteTx, reader: &Person) -> Result<(), DbError> {
        let outsider = self.user(tx, "Nora", "Westergaard", "outsider@example.com")?;
        let scope = found(tx, outsider, "Northwind Mapping", "Northwind Mapping ApS")?;
        members::join(tx, scope.organization_id(), &reader.user_id, Role::Reader, &scope.person().name()).map(drop)
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

fn invite_to(tx: &mut WriteTx, scope: &Scope, at: usize) -> Result<(), DbError> {
    let (name, role, _) = INVITED[at];
    invite::invite(tx, scope, &[(format!("{name}@{DOMAIN}"), role)]).map(drop)
}
