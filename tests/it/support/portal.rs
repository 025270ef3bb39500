//! A running portal with people in it.

use std::net::TcpListener;
use std::sync::{LazyLock, mpsc};

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use portico::access::{Membership, Person, Role, Scope};
use portico::accounts::known_browser::KnownBrowser;
use portico::accounts::users::{self, NewUser};
use portico::app::App;
use portico::config::{Config, LegalPages, PaymentSettings, Protection, SignUp};
use portico::db::{Connection, DatabaseUrl, Db, DbError, WriteTx};
use portico::ids::{MailId, UserId};
use portico::mail::{self, Backend, Envelope};
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::passwords::PasswordCost;
use portico::people::members;
use portico::rates::Limits;
use portico::schema::{memberships, outbox, user_sessions, users as user_rows};
use portico::secrets::{SecretKey, SecretKeys};
use portico::server::serve;
use portico::time::Clock;

use super::browser::Browser;
use super::postgresql::{self, Cluster};
use super::state::state;

/// The password of every persona.
pub const PASSWORD: &str = "a quiet harbour at dawn";
/// The Organization that the personas belong to. The outsider owns another one, `elsewhere`.
pub const SLUG: &str = "acme";

/// Where the people of tests act from, when no request says so.
const IP: &str = "192.0.2.1";

/// The people of every test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    Owner,
    Manager,
    Editor,
    Reader,
    Member,
    Outsider,
}

impl Persona {
    pub const ALL: [Persona; 6] =
        [Self::Owner, Self::Manager, Self::Editor, Self::Reader, Self::Member, Self::Outsider];

    /// The role in [`SLUG`].
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Owner => Some(Role::Owner),
            Self::Manager => Some(Role::Manager),
            Self::Editor => Some(Role::Editor),
            Self::Reader => Some(Role::Reader),
            Self::Member => Some(Role::Member),
            Self::Outsider => None,
        }
    }

    pub fn first_name(self) -> &'static str {
        match self {
            Self::Owner => "Olga",
            Self::Manager => "Manuel",
            Self::Editor => "Edith",
            Self::Reader => "Rita",
            Self::Member => "Milo",
            Self::Outsider => "Otto",
        }
    }

    pub fn email(self) -> String {
        format!("{}@example.com", self.first_name().to_lowercase())
    }
}

/// Where a portal keeps its data, removed with it.
enum Storage {
    Folder(#[allow(dead_code, reason = "held, not read")] tempfile::TempDir),
    Database(#[allow(dead_code, reason = "held, not read")] postgresql::Database),
    /// That of another server, or of a cluster that goes with its test.
    Elsewhere,
}

/// A server on a free port, with its own database. Everything ends with it.
pub struct Portal {
    pub app: Data<App>,
    pub url: String,
    server: ServerHandle,
    _storage: Storage,
}

/// The moment at which every test begins.
pub fn start_of_time() -> DateTime<Utc> {
    "2026-11-23T09:30:00Z".parse().expect("a moment")
}

fn config(public_url: &str) -> Config {
    Config {
        public_url: public_url.to_owned(),
        secret_keys: SecretKeys::only(SecretKey::new(&super::process::secret_key()).expect("a fit key")),
        sign_up: SignUp::Open,
        trusted_proxies: Vec::new(),
        demo: true,
        connections: 4,
        database_time_limit: portico::db::TIME_LIMIT,
        workers: 1,
        password_cost: PasswordCost { memory: 64, passes: 1 },
        metrics_token: None,
        stop_delay: std::time::Duration::ZERO,
        limits: Limits::default(),
        protection: Protection::default(),
        legal: LegalPages::demo(),
        licence_grace: portico::config::LicenceArgs::default().grace(),
        closed_grace: Duration::days(30),
        mail_lanes: 1,
        payments: Some(PaymentSettings::Sandbox),
    }
}

fn app(url: &DatabaseUrl, config: Config, clock: Clock) -> App {
    let db =
        Db::connect_within(url, config.connections, config.database_time_limit).expect("the test database answers");
    App::new(config, db, clock, Backend::Mailbox)
}

/// A migrated database with the personas in it, copied for each test.
static SQLITE_TEMPLATE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("portico.db");
    fill(&app(&DatabaseUrl::Sqlite(path), config("http://template.test"), Clock::fixed(start_of_time())));
    folder
});

static POSTGRESQL_TEMPLATE: LazyLock<String> = LazyLock::new(|| {
    let cluster = postgresql::cluster();
    let name = cluster.create(None);
    let url = DatabaseUrl::Postgresql(cluster.url(&name));
    fill(&app(&url, config("http://template.test"), Clock::fixed(start_of_time())));
    name
});

fn fill(app: &App) {
    app.db.migrate().expect("migrations run");
    let password_hash = app.passwords.hash_now(PASSWORD);
    app.write_now::<_, DbError>(|tx| {
        let owner = persona(tx, Persona::Owner, &password_hash)?;
        let acme = organization(tx, &owner, "Acme")?;
        for other in [Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
            let user = persona(tx, other, &password_hash)?;
            let role = other.role().expect("all of these have one");
            members::join(tx, acme.organization_id(), &user.user_id, role, "Olga Tester")?;
        }
        let outsider = persona(tx, Persona::Outsider, &password_hash)?;
        organization(tx, &outsider, "Elsewhere").map(drop)
    })
    .expect("the personas are created");
}

fn persona(tx: &mut WriteTx, persona: Persona, password_hash: &str) -> Result<Person, DbError> {
    create_user(tx, &persona.email(), persona.first_name(), "Tester", password_hash)
}

fn create_user(tx: &mut WriteTx, email: &str, first: &str, last: &str, hash: &str) -> Result<Person, DbError> {
    let new = NewUser {
        email: email.to_owned(),
        password_hash: hash.to_owned(),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        company: String::new(),
        country: "CH".to_owned(),
    };
    Ok(users::create(tx, &new, IP)?.expect("the address is free"))
}

fn organization(tx: &mut WriteTx, owner: &Person, name: &str) -> Result<Scope, DbError> {
    let new = NewOrganization {
        kind: Kind::Business,
        name: name.to_owned(),
        legal_name: format!("{name} AG"),
        country: "CH".to_owned(),
        creation_key: name.to_owned(),
    };
    let Create::Created { slug } = create(tx, owner, &new)? else { panic!("{name} is not created") };
    let membership = Membership::find(tx.connection, &owner.user_id, &slug)?.expect("created just now");
    Ok(Scope::new(owner.clone(), membership))
}

/// One of the two databases, for tests that start their portal themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgresql,
}

impl Database {
    /// A fresh portal with some settings changed.
    pub fn portal_with(self, change: impl FnOnce(&mut Config)) -> Portal {
        match self {
            Self::Sqlite => Portal::on_sqlite_with(change),
            Self::Postgresql => Portal::on_postgresql_with(change),
        }
    }

    /// A portal with nobody in it, and with the clock of the machine.
    pub fn empty_portal(self) -> Portal {
        let (url, storage) = match self {
            Self::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                (DatabaseUrl::Sqlite(folder.path().join("portico.db")), Storage::Folder(folder))
            }
            Self::Postgresql => {
                let database = postgresql::Database::empty();
                (DatabaseUrl::Postgresql(database.url.clone()), Storage::Database(database))
            }
        };
        app(&url, config("http://empty.test"), Clock::System).db.migrate().expect("migrations run");
        Portal::start(&url, Clock::System, storage, |_| {})
    }
}

impl Portal {
    pub fn on_sqlite() -> Self {
        Self::on_sqlite_with(|_| {})
    }

    pub fn on_postgresql() -> Self {
        Self::on_postgresql_with(|_| {})
    }

    /// With some settings changed.
    pub fn on_sqlite_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("portico.db");
        for name in ["portico.db", "portico.db-wal"] {
            let template = SQLITE_TEMPLATE.path().join(name);
            if template.exists() {
                std::fs::copy(template, folder.path().join(name)).expect("the template can be copied");
            }
        }
        Self::start(&DatabaseUrl::Sqlite(path), Clock::fixed(start_of_time()), Storage::Folder(folder), change)
    }

    pub fn on_postgresql_with(change: impl FnOnce(&mut Config)) -> Self {
        // A template with connections to it cannot be copied; the pool that filled it is gone by now.
        let database = postgresql::Database::copy_of(&POSTGRESQL_TEMPLATE);
        let url = DatabaseUrl::Postgresql(database.url.clone());
        Self::start(&url, Clock::fixed(start_of_time()), Storage::Database(database), change)
    }

    /// On a new database of a cluster of its own.
    pub fn on_cluster(cluster: &Cluster) -> Self {
        let url = DatabaseUrl::Postgresql(cluster.url(&cluster.create(None)));
        fill(&app(&url, config("http://template.test"), Clock::fixed(start_of_time())));
        Self::start(&url, Clock::fixed(start_of_time()), Storage::Elsewhere, |_| {})
    }

    /// A second server on the same database, with the same clock.
    pub fn second_server(&self) -> Self {
        self.second_server_at(self.app.db.url())
    }

    /// The same with some settings changed.
    pub fn second_server_with(&self, change: impl FnOnce(&mut Config)) -> Self {
        Self::start(self.app.db.url(), self.app.context.clock.clone(), Storage::Elsewhere, change)
    }

    /// The same, where the database is called by another name.
    pub fn second_server_at(&self, url: &DatabaseUrl) -> Self {
        let second = Self::start(url, self.app.context.clock.clone(), Storage::Elsewhere, |config| {
            config.public_url.clone_from(&self.app.config.public_url);
            config.limits.clone_from(&self.app.config.limits);
            config.protection.clone_from(&self.app.config.protection);
        });
        assert_ne!(second.url, self.url);
        second
    }

    /// Tells the server to finish what it has begun, and to begin nothing more.
    pub fn stop(&self) {
        drop(self.server.stop(true));
    }

    fn start(url: &DatabaseUrl, clock: Clock, storage: Storage, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let mut config = config(&address);
        change(&mut config);
        let app = Data::new(app(url, config, clock));
        let (tell, told) = mpsc::channel();
        let shared = app.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = serve(shared, vec![listener]).expect("the server starts");
                tell.send(server.handle()).expect("the test waits");
                server.await.expect("the server runs");
            });
        });
        let server = told.recv().expect("the server starts");
        Self { app, url: address, server, _storage: storage }
    }

    /// A browser that nobody has signed in with.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A browser in which `persona` is signed in, through the sign-in form.
    pub fn signed_in(&self, persona: Persona) -> Browser {
        self.signed_in_as(&persona.email())
    }

    pub fn signed_in_as(&self, email: &str) -> Browser {
        let browser = self.browser();
        // One that they have signed in with before: nobody is told by mail.
        browser.set_cookie("portico-known", &self.known_browser_of(email));
        let answer = browser.post("/sign-in", &[("email", email), ("password", PASSWORD)]);
        assert_eq!((answer.status, answer.location()), (303, "/home"), "{email} signs in");
        browser
    }

    /// The cookie of a browser in which the holder of an address has signed in before. Empty where nobody has the address.
    pub fn known_browser_of(&self, email: &str) -> String {
        let holder: Option<UserId> = self.query(|connection| {
            user_rows::table.filter(user_rows::email.eq(email)).select(user_rows::id).first(connection).optional()
        });
        let sealed = |holder| KnownBrowser::default().with(&holder).sealed(&self.app.context.sealer);
        holder.map(sealed).unwrap_or_default()
    }

    /// Another user, with [`PASSWORD`].
    pub fn add_user(&self, email: &str) -> Person {
        let hash = self.app.passwords.hash_now(PASSWORD);
        let first = email.split('@').next().unwrap_or_default().to_owned();
        self.app
            .write_now::<_, DbError>(|tx| create_user(tx, email, &first, "Tester", &hash))
            .expect("the user is created")
    }

    /// Another user who is in [`SLUG`] with a role.
    pub fn add_person(&self, email: &str, role: Role) -> Person {
        let user = self.add_user(email);
        let organization = self.scope(Persona::Owner).membership.organization_id;
        self.app
            .write_now::<_, DbError>(|tx| members::join(tx, &organization, &user.user_id, role, "Olga Tester"))
            .expect("the person joins");
        user
    }

    /// What a request of `persona` in [`SLUG`] carries, for calling verbs directly.
    pub fn scope(&self, persona: Persona) -> Scope {
        self.scope_of(&persona.email(), SLUG)
    }

    pub fn scope_of(&self, email: &str, slug: &str) -> Scope {
        self.app
            .db
            .read::<_, DbError>(|connection| {
                let (user_id, first_name, last_name): (UserId, String, String) = user_rows::table
                    .filter(user_rows::email.eq(email))
                    .select((user_rows::id, user_rows::first_name, user_rows::last_name))
                    .first(connection)?;
                let membership = Membership::find(connection, &user_id, slug)?.expect("the person is a member");
                let (email, ip) = (email.to_owned(), IP.to_owned());
                Ok(Scope::new(Person { user_id, email, first_name, last_name, ip }, membership))
            })
            .expect("the scope is read")
    }

    /// The id of the membership of a persona in [`SLUG`].
    pub fn membership(&self, persona: Persona) -> String {
        self.scope(persona).membership.id.to_string()
    }

    /// The role that an address has in [`SLUG`] now.
    pub fn role_of(&self, email: &str) -> Option<Role> {
        let organization = self.organization_id();
        self.query(|connection| {
            memberships::table
                .inner_join(user_rows::table)
                .filter(user_rows::email.eq(email))
                .filter(memberships::organization_id.eq(organization))
                .select(memberships::role)
                .first(connection)
                .optional()
        })
    }

    /// Moves the clock.
    pub fn later(&self, by: Duration) {
        self.app.context.clock.advance(by);
    }

    /// Moves the clock to what it is outside: what the portal makes from now on is new to a process beside it, too.
    pub fn keep_real_time(&self) {
        let outside = Clock::System.now().to_utc();
        let ahead = (outside - self.app.now().to_utc()).max(Duration::zero());
        // A test would pass until the day on which their sessions are too old.
        let signed_in = |connection: &mut Connection| user_sessions::table.count().get_result::<i64>(connection);
        assert!(ahead < Duration::days(1) || self.query(signed_in) == 0, "sign in when the portal keeps real time");
        self.later(ahead);
    }

    /// The actions in the activity log, oldest first, of everybody and everywhere.
    pub fn actions(&self) -> Vec<String> {
        use portico::schema::activity;
        self.app
            .db
            .read::<_, DbError>(|connection| {
                Ok(activity::table.order(activity::id).select(activity::action).load(connection)?)
            })
            .expect("the activity is read")
    }

    /// The mails to an address, oldest first, whether delivered or not.
    pub fn mails_to(&self, address: &str) -> Vec<Envelope> {
        opened(&self.app, Some(address)).into_iter().map(|(_, mail)| mail).collect()
    }

    /// The path (with query) of the first link of this portal in the newest mail to an address.
    pub fn link_to(&self, address: &str) -> String {
        let mails = self.mails_to(address);
        let mail = mails.last().unwrap_or_else(|| panic!("there is no mail to {address}"));
        let public_url = &self.app.config.public_url;
        let start = mail.text.find(public_url.as_str()).unwrap_or_else(|| panic!("no link in {}", mail.text));
        let link = mail.text[start..].split_whitespace().next().unwrap_or_default();
        link.strip_prefix(public_url.as_str()).unwrap_or_default().to_owned()
    }

    /// Everything that is stored, table by table, as text: to see that nothing changed, or that something is not in there.
    pub fn dump(&self) -> String {
        let tables = state(self).into_iter().map(|(table, rows)| format!("{table}\n{}\n", rows.join("\n")));
        tables.collect()
    }
}

/// Every mail in the outbox with its recipient, oldest first.
pub fn mails(app: &App) -> Vec<(String, Envelope)> {
    opened(app, None)
}

/// The same to one recipient alone: opening all would take longer with every mail that a test has sent.
fn opened(app: &App, recipient: Option<&str>) -> Vec<(String, Envelope)> {
    let rows: Vec<(MailId, String, Vec<u8>)> = app
        .db
        .read::<_, DbError>(|connection| {
            let rows = outbox::table.order((outbox::created_at, outbox::id)).select((
                outbox::id,
                outbox::recipient,
                outbox::sealed,
            ));
            Ok(match recipient {
                Some(recipient) => rows.filter(outbox::recipient.eq(recipient)).load(connection)?,
                None => rows.load(connection)?,
            })
        })
        .expect("the outbox is read");
    rows.into_iter().filter_map(|(id, to, sealed)| Some((to, mail::open(&app.context.sealer, &id, &sealed)?))).collect()
}

impl Drop for Portal {
    fn drop(&mut self) {
        // The future need not be waited for: the command is sent at once.
        drop(self.server.stop(false));
    }
}
