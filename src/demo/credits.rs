//! What the companies were given and spent: eighteen months of one, and the first weeks of the other. What the first one bought stands
//! with its purchases.

use chrono::{Duration, NaiveTime};

use super::unexpected;
use crate::access::{Actor, Operator, Product, Scope};
use crate::audit::By;
use crate::credits::amount::Amount;
use crate::credits::entry::Source;
use crate::credits::expiry;
use crate::credits::grant::{self, Grant, NewGrant};
use crate::credits::reference::Reference;
use crate::credits::reverse::{self, Reverse};
use crate::credits::spend::{self, NewSpend, Spend};
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::organizations::organization;
use crate::time::Timestamp;

pub(super) const AERIAL: &str = "aerial-survey-group";
const NORTHWIND: &str = "northwind-mapping";

/// How many days ago, to whom, how many credits, for how many days, and what for.
const GRANTS: [(i64, &str, i64, i64, &str); 4] = [
    (547, AERIAL, 40, 30, "To try processing in the cloud"),
    (12, AERIAL, 250, 45, "For the delay of 14 jobs"),
    (47, NORTHWIND, 40, 30, "To try processing in the cloud"),
    (9, NORTHWIND, 120, 90, "Pilot project"),
];

/// What Aerial Survey Group flies over.
const SITES: [&str; 9] = [
    "Quarry Lägern",
    "Rhine dyke, section 4",
    "Solar park Aargau",
    "Railway cutting Olten",
    "Vineyards Hallau",
    "Landfill Elbisgraben",
    "Harbour Kleinhüningen",
    "Avalanche barriers Davos",
    "Construction site Limmatfeld",
];

/// How many days ago Northwind Mapping processed how many images.
const NORTHWIND_JOBS: [(i64, i64); 4] = [(45, 95), (38, 80), (6, 210), (2, 145)];

/// Something that changed a wallet.
pub(super) enum Deed {
    Grant(usize),
    Process {
        organization: &'static str,
        number: usize,
        images: i64,
    },
    /// The job failed, and its credits go back.
    Fail {
        number: usize,
    },
    /// What the job of the background would have done since.
    Expire(&'static str),
}

/// All of it, with how many days ago.
pub(super) fn deeds() -> Vec<(i64, Deed)> {
    let mut deeds: Vec<(i64, Deed)> =
        GRANTS.iter().enumerate().map(|(at, (days, ..))| (*days, Deed::Grant(at))).collect();
    for number in 0..136_usize {
        let days = 544 - 4 * number as i64;
        // As if somebody had counted them: most flights are of two to four hundred images.
        let images = 120 + (number as i64 * 73 % 11) * 36;
        // They begin small: of what they try it with, something is left over.
        let images = if number < 7 { 25 } else { images };
        deeds.push((days, Deed::Process { organization: AERIAL, number, images }));
        if number % 23 == 9 {
            deeds.push((days - 1, Deed::Fail { number }));
        }
    }
    for (number, (days, images)) in NORTHWIND_JOBS.into_iter().enumerate() {
        deeds.push((days, Deed::Process { organization: NORTHWIND, number, images }));
    }
    deeds.extend([(516, Deed::Expire(AERIAL)), (16, Deed::Expire(NORTHWIND))]);
    deeds
}

/// Does it at the moment that the transaction has as now.
pub(super) fn happen(tx: &mut WriteTx, owner: &Scope, deed: &Deed) -> Result<(), DbError> {
    match *deed {
        Deed::Grant(at) => give(tx, owner, at),
        Deed::Process { organization, number, images } => process(tx, owner, organization, number, images),
        Deed::Fail { number } => fail(tx, owner, number),
        Deed::Expire(slug) => {
            let organization = of(tx, owner, slug)?;
            expiry::expire(tx, &organization).map(drop)
        }
    }
}

/// The Organization of the Owner, or another one.
fn of(tx: &mut WriteTx, owner: &Scope, slug: &str) -> Result<OrganizationId, DbError> {
    if owner.slug() == slug {
        return Ok(owner.organization_id().clone());
    }
    let found = organization::named(tx.connection, slug)?;
    found.map(|(id, _)| id).ok_or_else(|| unexpected(slug))
}

fn give(tx: &mut WriteTx, owner: &Scope, at: usize) -> Result<(), DbError> {
    let (_, slug, credits, days, note) = GRANTS[at];
    let organization = of(tx, owner, slug)?;
    let operator = Operator { name: String::new() };
    // Through the end of a day.
    let end = (tx.now + Duration::days(days + 1)).day().and_time(NaiveTime::MIN);
    let reference = Reference::parse(&format!("GRANT-{:03}", at + 1));
    let new = NewGrant {
        amount: Amount::new(credits).ok_or_else(|| unexpected(credits))?,
        source: Source::Operator,
        ends_at: Some(Timestamp::from(end)),
        reference: reference.as_ref(),
        note,
    };
    match grant::grant(tx, By::outside(Actor::Operator(&operator), &organization), &organization, &new)? {
        Grant::Granted(_) => Ok(()),
        other => Err(unexpected(other)),
    }
}

fn job(number: usize) -> Result<Reference, DbError> {
    Reference::parse(&format!("JOB-{}", 4_100 + number * 7)).ok_or_else(|| unexpected(number))
}

/// Images of 20 megapixels: a fifth of a credit each.
fn process(tx: &mut WriteTx, owner: &Scope, slug: &str, number: usize, images: i64) -> Result<(), DbError> {
    let organization = of(tx, owner, slug)?;
    let product = Product { name: "Cloud processing".to_owned() };
    let site = if slug == AERIAL { SITES[number % SITES.len()] } else { "Test field Skagen" };
    let new = NewSpend {
        amount: Amount::new((images + 2) / 5).ok_or_else(|| unexpected(images))?,
        reference: &job(number)?,
        note: &format!("{site}, {images} images"),
    };
    match spend::spend(tx, By::outside(Actor::Product(&product), &organization), &organization, &new)? {
        Spend::Spent(_) => Ok(()),
        other => Err(unexpected(other)),
    }
}

fn fail(tx: &mut WriteTx, owner: &Scope, number: usize) -> Result<(), DbError> {
    let organization = of(tx, owner, AERIAL)?;
    let product = Product { name: "Cloud processing".to_owned() };
    let (by, reference) = (By::outside(Actor::Product(&product), &organization), job(number)?);
    match reverse::reverse(tx, by, &organization, reference.as_str())? {
        Reverse::Reversed { .. } => Ok(()),
        other => Err(unexpected(other)),
    }
}
