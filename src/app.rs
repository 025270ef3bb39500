//! The running portal: what every request shares.

use actix_web::{HttpRequest, web};

use crate::config::Config;
use crate::db::{Connection, Db, DbError, TxContext, Wake, WriteTx};
use crate::error::AppError;
use crate::links::Links;
use crate::mail::{Backend, Delivery};
use crate::passwords::Passwords;
use crate::pictures::Pictures;
use crate::secrets::Sealer;
use crate::time::{Clock, Timestamp};

pub struct App {
    pub config: Config,
    pub db: Db,
    pub context: TxContext,
    pub backend: Backend,
    pub passwords: Passwords,
    pub pictures: Pictures,
}

impl App {
    pub fn new(config: Config, db: Db, clock: Clock, backend: Backend) -> Self {
        let context = TxContext {
            clock,
            links: Links::new(&config.public_url),
            sealer: Sealer::new(config.secret_key.clone()),
            wake: Wake::default(),
        };
        let passwords = Passwords::start(config.password_cost, config.workers);
        Self { config, db, context, backend, passwords, pictures: Pictures::start() }
    }

    /// The portal that a request came to.
    pub fn of(request: &HttpRequest) -> &web::Data<Self> {
        request.app_data().expect("every server is built with its App")
    }

    pub fn now(&self) -> Timestamp {
        self.context.clock.now()
    }

    /// Runs queries that change nothing, all on one state of the database.
    pub async fn read<T, F>(&self, body: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, DbError> + Send + 'static,
    {
        Ok(self.db.on_reader(move |db| db.read(body)).await?)
    }

    /// The same for a query or two that need not agree with each other.
    pub async fn look<T, F>(&self, body: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnMut(&mut Connection) -> Result<T, DbError> + Send + 'static,
    {
        Ok(self.db.on_reader(move |db| db.look(body)).await?)
    }

    /// Runs one transaction: all of it is stored, or nothing. `body` may be run twice (see [`Db::write_asked`]), so it consumes
    /// nothing that it was given.
    pub async fn write<T, F>(&self, body: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnMut(&mut WriteTx<'_>) -> Result<T, DbError> + Send + 'static,
    {
        let context = self.context.clone();
        Ok(self.db.on_writer(move |db, asked| db.write_asked(&context, asked, body)).await?)
    }

    /// Runs one transaction if it can begin at once. For what no request may wait for or fail with: where it cannot be stored, it
    /// is lost, and the answer is `None`.
    pub async fn write_at_once<T, F>(&self, body: F) -> Option<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, DbError> + Send + 'static,
    {
        let context = self.context.clone();
        match self.db.on_idle_writer(move |db| db.write_at_once(&context, body)).await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::warn!(%error, "not stored");
                None
            }
        }
    }

    /// Runs one transaction on this thread.
    pub fn write_now<T, E: From<DbError>>(&self, body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.db.write(&self.context, body)
    }

    /// What delivers the mails of this portal.
    pub fn delivery(&self) -> Delivery {
        Delivery { db: self.db.clone(), context: self.context.clone(), backend: self.backend.clone() }
    }
}
