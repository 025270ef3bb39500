//! What the people of the demo did with their own accounts: details, preferences, and where they are signed in.

use super::people::scope_of;
use super::{Event, IP, Seeder, expect, unexpected};
use crate::access::Scope;
use crate::accounts::password_change::{self, Finish};
use crate::accounts::sessions::{self, Browser};
use crate::accounts::users;
use crate::db::{DbError, WriteTx};
use crate::profile::details::{self, Field, SaveDetails, Wish};
use crate::profile::preferences::{self, Preferences, SavePreferences};
use crate::time::DateFormat;

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
     Version/18.6 Mobile/15E148 Safari/604.1";
/// Where phones are (RFC 5737).
const ON_THE_WAY: &str = "198.51.100.23";

#[derive(Clone, Copy)]
pub(super) enum Deed {
    /// What they say of themselves, field by field.
    Details(&'static [(Field, &'static str)]),
    Zone(&'static str, DateFormat),
    /// Signs in with a browser from an address, and uses it for the last time so many days ago.
    SignIn {
        user_agent: &'static str,
        ip: &'static str,
        used: i64,
    },
    /// The same, to choose another password.
    NewPassword {
        user_agent: &'static str,
        used: i64,
    },
}

/// Somebody did something so many days ago.
#[derive(Clone, Copy)]
pub(super) struct Step {
    name: &'static str,
    pub(super) days: i64,
    deed: Deed,
}

const fn step(name: &'static str, days: i64, deed: Deed) -> Step {
    Step { name, days, deed }
}

const fn sign_in(name: &'static str, days: i64, user_agent: &'static str, ip: &'static str, used: i64) -> Step {
    step(name, days, Deed::SignIn { user_agent, ip, used })
}

pub(super) const STEPS: [Step; 15] = [
    step("owner", 540, Deed::Details(&[(Field::JobTitle, "Managing Director"), (Field::Phone, "+41 44 555 01 10")])),
    step("owner", 540, Deed::Zone("Europe/Zurich", DateFormat::DayMonthYear)),
    step("owner", 212, Deed::Details(&[(Field::Industries, "agriculture,surveying-mapping")])),
    step("manager", 410, Deed::Details(&[(Field::JobTitle, "Head of Operations")])),
    step("manager", 410, Deed::Zone("Europe/Zurich", DateFormat::DayMonthYear)),
    step("editor", 300, Deed::Details(&[(Field::JobTitle, "Photogrammetrist"), (Field::Country, "ES")])),
    step("editor", 300, Deed::Zone("Europe/Madrid", DateFormat::DaySlashMonth)),
    step("reader", 77, Deed::Details(&[(Field::JobTitle, "Site Engineer"), (Field::Country, "IN")])),
    step("reader", 77, Deed::Zone("Asia/Kolkata", DateFormat::YearMonthDay)),
    step("owner", 26, Deed::NewPassword { user_agent: CHROME, used: 0 }),
    sign_in("owner", 9, SAFARI, ON_THE_WAY, 1),
    sign_in("manager", 12, FIREFOX, IP, 2),
    sign_in("editor", 6, CHROME, IP, 0),
    sign_in("editor", 4, SAFARI, ON_THE_WAY, 3),
    sign_in("member", 5, FIREFOX, IP, 5),
];

impl Seeder {
    pub(super) fn act_on_account(&mut self, tx: &mut WriteTx, owner: &Scope, step: Step) -> Result<(), DbError> {
        let scope = scope_of(tx, owner, step.name)?;
        match step.deed {
            Deed::Details(fields) => change_details(tx, &scope, fields),
            Deed::Zone(zone, format) => choose_zone(tx, &scope, zone, format),
            Deed::SignIn { user_agent, ip, used } => {
                let browser = browser(user_agent, ip);
                let started = sessions::start(tx, &scope.person().user_id, &browser)?;
                self.use_later(tx, &started, used)
            }
            Deed::NewPassword { user_agent, used } => {
                let started = change_password(tx, &scope, &browser(user_agent, IP))?;
                self.use_later(tx, &started, used)
            }
        }
    }

    fn use_later(&mut self, tx: &mut WriteTx, started: &sessions::Started, used: i64) -> Result<(), DbError> {
        let found = sessions::find(tx.connection, &started.secret, IP.to_owned(), tx.now)?;
        let (signed_in, _) = found.ok_or_else(|| unexpected("a session that has just begun is not there"))?;
        self.days_ago(used, Event::Used(signed_in.session_id));
        Ok(())
    }
}

fn browser(user_agent: &str, ip: &str) -> Browser {
    Browser { ip: ip.to_owned(), user_agent: user_agent.to_owned(), ..Browser::default() }
}

fn change_details(tx: &mut WriteTx, scope: &Scope, fields: &[(Field, &str)]) -> Result<(), DbError> {
    let stored = details::load(tx.connection, &scope.person().user_id)?;
    let wish = |(field, wanted): &(Field, &str)| Wish {
        field: *field,
        seen: stored.get(*field).to_owned(),
        wanted: (*wanted).to_owned(),
    };
    let wishes: Vec<Wish> = fields.iter().map(wish).collect();
    let saved = details::save(tx, scope.person(), &wishes)?;
    expect(saved == SaveDetails::Saved, saved)
}

fn choose_zone(tx: &mut WriteTx, scope: &Scope, zone: &str, format: DateFormat) -> Result<(), DbError> {
    let seen = preferences::load(tx.connection, &scope.person().user_id)?;
    let wanted = Preferences { time_zone: zone.to_owned(), date_format: format, ..seen.clone() };
    let saved = preferences::save(tx, scope.person(), &seen, &wanted)?;
    expect(saved == SavePreferences::Saved, saved)
}

/// Everybody gets the password of the demo in the end.
fn change_password(tx: &mut WriteTx, scope: &Scope, browser: &Browser) -> Result<sessions::Started, DbError> {
    let person = scope.person();
    let started = sessions::start(tx, &person.user_id, browser)?;
    let found = sessions::find(tx.connection, &started.secret, IP.to_owned(), tx.now)?;
    let credentials = users::credentials(tx.connection, &person.email)?;
    let ((signed_in, _), known) = found.zip(credentials).ok_or_else(|| unexpected("nobody is signed in"))?;
    match password_change::finish(tx, &signed_in, &known, "", browser)? {
        Finish::Changed(started) => Ok(started),
        Finish::Outdated => Err(unexpected("the password was not changed")),
    }
}
