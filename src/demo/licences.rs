//! What the company has bought over the years, and who uses it.

use diesel::prelude::*;

use super::{IP, Seeder};
use crate::access::{Membership, Operator, Person, Scope};
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, UserId};
use crate::licences::issue::{Given, issue};
use crate::licences::renewal::{Renew, renew};
use crate::licences::seats::{self, Occupy};
use crate::licences::terms::Term;
use crate::licences::{cancellation, grants, suspension};
use crate::schema::users;
use crate::time::Timestamp;

/// A licence, and its story. Days are days ago.
struct Story {
    product: &'static str,
    plan: &'static str,
    term: Term,
    seats: u16,
    includes: &'static [&'static str],
    issued: i64,
    renewed: &'static [i64],
    /// Names of addresses, and since when they have a seat.
    seated: &'static [(&'static str, i64)],
    /// The same of Readers and Members who were given access.
    granted: &'static [(&'static str, i64)],
    ends: Option<Ending>,
}

enum Ending {
    Cancelled(i64),
    Suspended(i64),
}

// As the catalogue has them.
const MAPPER: &[&str] = &[
    "Orthomosaics, surface models and point clouds",
    "Ground control points and accuracy reports",
    "Volumes, contour lines and cross-sections",
];
const FIELDS: &[&str] = &[
    "Vegetation indices from multispectral cameras",
    "Zones and prescriptions for spreaders and sprayers",
    "Comparison of a field over the season",
];
const RAPID: &[&str] =
    &["Rapid 2D maps from a flight in progress", "Markers, areas and distances, exported for other teams"];
const CATCH: &[&str] = &["Guided capture with the phone's camera and LiDAR", "Georeferencing with RTK antennas"];
const CLOUD: &[&str] = &["Processing paid with credits", "Sharing with links, without an account", "100 GB of storage"];
const CLOUD_ADVANCED: &[&str] =
    &["All of Cloud", "Sites with a timeline, and comparison of volumes", "1,000 GB of storage"];
const UNTIL_NOW: Story = Story {
    product: "",
    plan: "",
    term: Term::Yearly,
    seats: 0,
    includes: &[],
    issued: 0,
    renewed: &[],
    seated: &[],
    granted: &[],
    ends: None,
};

/// From the oldest on.
const STORIES: [Story; 9] = [
    // Renewed in time, once.
    Story {
        product: "Mapper",
        plan: "Yearly",
        seats: 12,
        includes: MAPPER,
        issued: 390,
        renewed: &[30],
        seated: &[
            ("editor", 388),
            ("aisha.rahman", 344),
            ("beatriz.carvalho", 340),
            ("daniel.fischer", 330),
            ("emilie.laurent", 310),
            ("finn.osullivan", 300),
            ("grace.kimani", 280),
            ("hannah.berger", 260),
            ("laura.nieminen", 200),
            ("reader", 120),
        ],
        granted: &[("reader", 121), ("member", 60)],
        ..UNTIL_NOW
    },
    // Nobody renewed it: it has ended for good.
    Story {
        product: "Rapid Mapper",
        plan: "Yearly",
        seats: 4,
        includes: RAPID,
        issued: 388,
        seated: &[("ivan.petrovic", 200)],
        ..UNTIL_NOW
    },
    Story {
        product: "Mapper",
        plan: "Perpetual",
        term: Term::Perpetual,
        seats: 3,
        includes: MAPPER,
        issued: 375,
        seated: &[("owner", 340), ("kenji.watanabe", 240)],
        ..UNTIL_NOW
    },
    // In its grace period, with seats.
    Story {
        product: "Fields",
        plan: "Yearly",
        seats: 5,
        includes: FIELDS,
        issued: 371,
        seated: &[("jasmin.haddad", 250), ("mateo.fernandez", 230), ("member", 90)],
        granted: &[("member", 91)],
        ..UNTIL_NOW
    },
    // Its last day is near.
    Story {
        product: "Cloud Advanced",
        plan: "Yearly",
        includes: CLOUD_ADVANCED,
        issued: 360,
        granted: &[("member", 200)],
        ..UNTIL_NOW
    },
    Story {
        product: "Rapid Mapper",
        plan: "Yearly",
        seats: 2,
        includes: RAPID,
        issued: 190,
        seated: &[("tomasz.zielinski", 188)],
        ends: Some(Ending::Suspended(2)),
        ..UNTIL_NOW
    },
    // Every month anew.
    Story {
        product: "Catch",
        plan: "Monthly",
        term: Term::Monthly,
        seats: 3,
        includes: CATCH,
        issued: 66,
        renewed: &[37, 7],
        seated: &[("editor", 60), ("manager", 30), ("hannah.berger", 12)],
        ..UNTIL_NOW
    },
    Story {
        product: "Cloud",
        plan: "Monthly",
        term: Term::Monthly,
        includes: CLOUD,
        issued: 12,
        ends: Some(Ending::Cancelled(3)),
        ..UNTIL_NOW
    },
    Story {
        product: "Fields",
        plan: "Trial",
        term: Term::Trial,
        seats: 2,
        includes: FIELDS,
        issued: 5,
        seated: &[("editor", 4)],
        ..UNTIL_NOW
    },
];

impl Seeder {
    /// Writes what became of the licences.
    pub(super) fn give_licences(&self, tx: &mut WriteTx, owner: &Scope) -> Result<(), DbError> {
        STORIES.iter().try_for_each(|story| self.tell_of(tx, owner, story))
    }

    fn tell_of(&self, tx: &mut WriteTx, owner: &Scope, story: &Story) -> Result<(), DbError> {
        self.go_to(tx, story.issued);
        let given = Given {
            product: story.product.to_owned(),
            plan: story.plan.to_owned(),
            term: story.term,
            seats: story.seats,
            includes: story.includes.iter().map(|thing| (*thing).to_owned()).collect(),
            support_until: (story.term == Term::Perpetual).then(|| support(tx, self.now)).flatten(),
            sold: None,
        };
        let id = issue(tx, By::member(owner), owner.organization_id(), &given)?;
        for (name, days) in story.granted {
            self.go_to(tx, *days);
            grants::grant(tx, owner, &id, &address(name))?;
        }
        for days in story.renewed {
            self.go_to(tx, *days);
            let outcome = renew(tx, By::member(owner), owner.organization_id(), &id)?;
            expect(matches!(outcome, Renew::Renewed { .. }), "it is renewed")?;
        }
        for (name, days) in story.seated {
            self.go_to(tx, *days);
            let scope = scope_of(tx, owner, name)?;
            expect(seats::occupy(tx, &scope, &id)? == Occupy::Occupied, name)?;
        }
        self.end(tx, owner, &id, story.ends.as_ref())
    }

    fn end(&self, tx: &mut WriteTx, owner: &Scope, id: &LicenceId, ending: Option<&Ending>) -> Result<(), DbError> {
        match ending {
            Some(Ending::Cancelled(days)) => {
                self.go_to(tx, *days);
                cancellation::cancel(tx, owner, id).map(drop)
            }
            Some(Ending::Suspended(days)) => {
                self.go_to(tx, *days);
                suspension::suspend(tx, &Operator { name: String::new() }, id).map(drop)
            }
            None => Ok(()),
        }
    }
}

/// Support & Upgrade was bought anew for a year some months ago.
fn support(tx: &WriteTx, now: Timestamp) -> Option<Timestamp> {
    Term::Yearly.end(now - (now - tx.now) / 4)
}

fn address(name: &str) -> String {
    format!("{name}@{}", super::DOMAIN)
}

fn expect(is_so: bool, what: &str) -> Result<(), DbError> {
    if is_so { Ok(()) } else { Err(DbError::Unexpected(format!("a licence of the demo: {what}"))) }
}

/// Somebody of the company, who acts for themselves.
fn scope_of(tx: &mut WriteTx, owner: &Scope, name: &str) -> Result<Scope, DbError> {
    let email = address(name);
    let (user_id, first_name, last_name): (UserId, String, String) = users::table
        .filter(users::email.eq(&email))
        .select((users::id, users::first_name, users::last_name))
        .first(tx.connection)?;
    let membership = Membership::find(tx.connection, &user_id, owner.slug())?
        .ok_or_else(|| DbError::Unexpected(format!("{email} is not there")))?;
    Ok(Scope::new(Person { user_id, email, first_name, last_name, ip: IP.to_owned() }, membership))
}
