//! The believable company of `portico demo`.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;

use crate::access::{Membership, Role, Scope, SignedIn};
use crate::accounts::model::{self as accounts, NewUser};
use crate::accounts::sign_in::DemoAccount;
use crate::app::App;
use crate::clock::Clock;
use crate::db::{DbError, WriteTx};
use crate::ids::{SessionId, UserId};
use crate::invitations::model as invitations;
use crate::organizations::model::{self as organizations, Kind, NewOrganization, Settings};
use crate::people::model as people;
use crate::schema::users;

/// The password of every demo account.
pub const PASSWORD: &str = "portico-demo-2026";

/// The accounts that the sign-in page and the start of the demo list.
pub fn accounts() -> Vec<DemoAccount> {
    [
        ("Owner", "owner@example.com"),
        ("Manager", "manager@example.com"),
        ("Editor", "editor@example.com"),
        ("Reader", "reader@example.com"),
        ("Member", "member@example.com"),
        ("Outsider", "outsider@example.com"),
    ]
    .into_iter()
    .map(|(label, email)| DemoAccount {
        label: label.to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
    })
    .collect()
}

/// First name, last name, name of the address, role, and for how many days they have been here.
const TEAM: [(&str, &str, &str, Role, i64); 38] = [
    ("Olivia", "Brandt", "owner", Role::Owner, 402),
    ("Marcus", "Okafor", "manager", Role::Manager, 398),
    ("Elena", "Vasquez", "editor", Role::Editor, 391),
    ("Rahul", "Mehta", "reader", Role::Reader, 377),
    ("Mina", "Sato", "member", Role::Member, 301),
    ("Henrik", "Lindqvist", "henrik.lindqvist", Role::Owner, 400),
    ("Chiara", "Romano", "chiara.romano", Role::Manager, 360),
    ("Tomasz", "Zieliński", "tomasz.zielinski", Role::Manager, 355),
    ("Aisha", "Rahman", "aisha.rahman", Role::Editor, 350),
    ("Beatriz", "Carvalho", "beatriz.carvalho", Role::Editor, 344),
    ("Daniel", "Fischer", "daniel.fischer", Role::Editor, 331),
    ("Émilie", "Laurent", "emilie.laurent", Role::Editor, 325),
    ("Finn", "O’Sullivan", "finn.osullivan", Role::Editor, 318),
    ("Grace", "Kimani", "grace.kimani", Role::Editor, 299),
    ("Hannah", "Berger", "hannah.berger", Role::Editor, 290),
    ("Ivan", "Petrović", "ivan.petrovic", Role::Editor, 283),
    ("Jasmin", "Haddad", "jasmin.haddad", Role::Editor, 262),
    ("Kenji", "Watanabe", "kenji.watanabe", Role::Editor, 251),
    ("Laura", "Nieminen", "laura.nieminen", Role::Editor, 240),
    ("Mateo", "Fernández", "mateo.fernandez", Role::Editor, 233),
    ("Nadia", "Kowalczyk", "nadia.kowalczyk", Role::Reader, 221),
    ("Oscar", "Dahl", "oscar.dahl", Role::Reader, 214),
    ("Priya", "Narayanan", "priya.narayanan", Role::Reader, 203),
    ("Quentin", "Moreau", "quentin.moreau", Role::Reader, 190),
    ("Rosa", "Jiménez", "rosa.jimenez", Role::Reader, 181),
    ("Samuel", "Adeyemi", "samuel.adeyemi", Role::Reader, 170),
    ("Tereza", "Nováková", "tereza.novakova", Role::Reader, 158),
    ("Umar", "Siddiqui", "umar.siddiqui", Role::Reader, 144),
    ("Valentina", "Rossi", "valentina.rossi", Role::Reader, 130),
    ("William", "Thornton", "william.thornton", Role::Member, 121),
    ("Xenia", "Papadopoulou", "xenia.papadopoulou", Role::Member, 110),
    ("Yusuf", "Demir", "yusuf.demir", Role::Member, 97),
    ("Zoë", "Van den Berg", "zoe.vandenberg", Role::Member, 88),
    ("Amelia", "Clarke", "amelia.clarke", Role::Member, 71),
    ("Bruno", "Keller", "bruno.keller", Role::Member, 55),
    ("Camille", "Dubois", "camille.dubois", Role::Member, 40),
    ("Dmitri", "Volkov", "dmitri.volkov", Role::Member, 23),
    ("Esther", "Nakamura-Bloch", "esther.nakamura-bloch", Role::Member, 9),
];

/// Name of the address, role, and how many days ago they were invited. More than 15 days ago means expired.
const INVITED: [(&str, Role, i64); 9] = [
    ("freya.magnusson", Role::Editor, 1),
    ("gabriel.santos", Role::Editor, 2),
    ("ines.ferreira", Role::Reader, 3),
    ("johannes.maier", Role::Manager, 6),
    ("kaya.yilmaz", Role::Reader, 9),
    ("linh.nguyen", Role::Member, 13),
    ("milan.horvat", Role::Editor, 19),
    ("noor.aldin", Role::Reader, 34),
    ("piotr.wrona", Role::Member, 61),
];

/// Fills an empty database. One that has users is left as it is.
pub fn seed(app: &App) -> Result<(), DbError> {
    let is_filled = app.db.read(|connection| {
        users::table.select(users::id).first::<UserId>(connection).optional().map_err(DbError::from)
    })?;
    if is_filled.is_some() {
        return Ok(());
    }
    // One hash for all: hashing forty times would make the first start slow, and nothing here is secret.
    let seeder = Seeder { app, password_hash: app.passwords.hash_now(PASSWORD), now: app.clock.now().to_utc() };
    seeder.aerial_survey_group()?;
    seeder.northwind_mapping()
}

struct Seeder<'a> {
    app: &'a App,
    password_hash: String,
    now: DateTime<Utc>,
}

impl Seeder<'_> {
    /// One transaction that many days ago.
    fn days_ago<T>(&self, days: i64, body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, DbError>) -> Result<T, DbError> {
        // Office hours rather than the hour of the first start.
        let clock = Clock::fixed(self.now - Duration::days(days) - Duration::minutes(37 * (days % 7) + 11));
        self.app.db.write(&clock, &self.app.outbox, body)
    }

    fn user(&self, tx: &mut WriteTx, first: &str, last: &str, email: &str) -> Result<SignedIn, DbError> {
        let new = NewUser {
            email: email.to_owned(),
            password_hash: self.password_hash.clone(),
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            company: "Aerial Survey Group".to_owned(),
            country: "CH".to_owned(),
        };
        let address = "192.0.2.17";
        let user_id = accounts::create_user(tx, &new, address)?
            .ok_or_else(|| DbError::Migration(format!("{email} exists already")))?;
        Ok(SignedIn {
            user_id,
            session_id: SessionId::new(tx.now),
            email: new.email,
            first_name: new.first_name,
            last_name: new.last_name,
            address: address.to_owned(),
        })
    }

    fn organization(&self, tx: &mut WriteTx, owner: &SignedIn, name: &str, legal_name: &str) -> Result<Scope, DbError> {
        let new = NewOrganization {
            kind: Kind::Business,
            name: name.to_owned(),
            legal_name: legal_name.to_owned(),
            country: "CH".to_owned(),
            creation_key: "demo".to_owned(),
        };
        let slug = organizations::create(tx, owner, &new)?;
        let organization = Membership::find(tx.connection, &owner.user_id, &slug)?
            .ok_or_else(|| DbError::Migration(format!("{slug} was not created")))?;
        Ok(Scope { signed_in: owner.clone(), organization })
    }

    fn aerial_survey_group(&self) -> Result<(), DbError> {
        let domain = "example.com";
        let (first, last, name, _, days) = TEAM[0];
        let scope = self.days_ago(days, |tx| {
            let owner = self.user(tx, first, last, &format!("{name}@{domain}"))?;
            let scope = self.organization(tx, &owner, "Aerial Survey Group", "Aerial Survey Group AG")?;
            let settings = Settings {
                name: "Aerial Survey Group".to_owned(),
                website: "https://www.aerial-survey.example.com".to_owned(),
                industry: "surveying-mapping".to_owned(),
                language: "en".to_owned(),
                legal_name: "Aerial Survey Group AG".to_owned(),
                address: "Seestrasse 214".to_owned(),
                zip: "8002".to_owned(),
                city: "Zürich".to_owned(),
                country: "CH".to_owned(),
                tax_id: "CHE-114.583.902 MWST".to_owned(),
                tax_exempt: false,
                officer_name: "Henrik Lindqvist".to_owned(),
                officer_position: "Head of Compliance".to_owned(),
                officer_phone: "+41 44 555 01 20".to_owned(),
            };
            organizations::save_settings(tx, &scope, &settings, 1)?;
            Ok(scope)
        })?;
        for (first, last, name, role, days) in TEAM.into_iter().skip(1) {
            self.days_ago(days, |tx| {
                let user = self.user(tx, first, last, &format!("{name}@{domain}"))?;
                people::join(tx, scope.organization_id(), &user.user_id, role, &scope.signed_in.name()).map(drop)
            })?;
        }
        for (name, role, days) in INVITED {
            self.days_ago(days, |tx| {
                let email = format!("{name}@{domain}");
                invitations::invite(tx, &scope, &email, role, &self.app.config.public_url).map(drop)
            })?;
        }
        Ok(())
    }

    /// A second company, whose details are not complete, where the owner of the first one is a Reader.
    fn northwind_mapping(&self) -> Result<(), DbError> {
        self.days_ago(48, |tx| {
            let outsider = self.user(tx, "Nora", "Westergaard", "outsider@example.com")?;
            let scope = self.organization(tx, &outsider, "Northwind Mapping", "Northwind Mapping ApS")?;
            let owner: UserId =
                users::table.filter(users::email.eq("owner@example.com")).select(users::id).first(tx.connection)?;
            people::join(tx, scope.organization_id(), &owner, Role::Reader, &outsider.name()).map(drop)
        })
    }
}
