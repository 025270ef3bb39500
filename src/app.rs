//! The running portal: what every request shares.

use actix_web::{HttpRequest, web};
use tokio::sync::Semaphore;
use tracing::Span;

use crate::accounts::passkeys::RelyingParty;
use crate::changes::Changes;
use crate::config::{Config, PaymentSettings};
use crate::db::{Connection, Db, DbError, TxContext, Wake, WriteTx};
use crate::error::AppError;
use crate::exports::Exports;
use crate::links::Links;
use crate::mail::Backend;
use crate::metrics::Metrics;
use crate::passwords::Passwords;
use crate::payments::Payments;
use crate::payments::sandbox::Sandbox;
use crate::payments::stripe::Stripe;
use crate::pdf::Typesetter;
use crate::pictures::Pictures;
use crate::readiness::Readiness;
use crate::secrets::Sealer;
use crate::shares::Shares;
use crate::time::{Clock, Timestamp};

pub struct App {
    pub config: Config,
    pub db: Db,
    pub context: TxContext,
    pub backend: Backend,
    pub passwords: Passwords,
    pub pictures: Pictures,
    pub typesetter: Typesetter,
    /// One long form at a time.
    pub long_forms: Semaphore,
    /// Bodies that are arriving, by network.
    pub bodies: Shares,
    pub exports: Exports,
    pub metrics: Metrics,
    pub readiness: Readiness,
    /// Who takes payments. Without anybody, nothing can be bought.
    pub payments: Option<Payments>,
    /// Whom passkeys are made for. Nobody, where the portal has no name but a number.
    pub passkeys: Option<RelyingParty>,
}

impl App {
    pub fn new(config: Config, db: Db, clock: Clock, backend: Backend) -> Self {
        let context = TxContext {
            clock,
            links: Links::new(&config.public_url),
            limits: config.limits.clone(),
            sessions_per_account: config.protection.sessions_per_account,
            sealer: Sealer::new(config.secret_keys.clone()),
            wake: Wake::default(),
        };
        let passwords = Passwords::start(config.password_cost, config.workers);
        let (pictures, typesetter) = (Pictures::start(), Typesetter::start());
        let long_forms = Semaphore::new(1);
        let bodies = Shares::new(config.protection.forms_per_network as usize);
        let exports = Exports::new(&config.protection);
        let (metrics, readiness) = (Metrics::start(), Readiness::default());
        let payments = match &config.payments {
            Some(PaymentSettings::Sandbox) => Some(Payments::start(sandbox(&config, &db, &context))),
            Some(PaymentSettings::Stripe(account)) => Some(Payments::start(Stripe::new(account.clone()))),
            None => None,
        };
        let passkeys = RelyingParty::of(&config.public_url);
        Self {
            config,
            db,
            context,
            backend,
            passwords,
            pictures,
            typesetter,
            long_forms,
            bodies,
            exports,
            metrics,
            readiness,
            payments,
            passkeys,
        }
    }

    /// The sandbox, where it is the one that takes payments.
    pub fn sandbox(&self) -> Option<Sandbox> {
        let is_sandbox = matches!(self.config.payments, Some(PaymentSettings::Sandbox));
        is_sandbox.then(|| sandbox(&self.config, &self.db, &self.context))
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

    /// Runs one transaction: all of it is stored, or nothing. The first one of a request that changes something counts it, and is
    /// refused where it would be one too many. `body` may be run twice (see [`Db::write_asked`]), so it consumes nothing that it was
    /// given.
    pub async fn write<T, F>(&self, mut body: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnMut(&mut WriteTx<'_>) -> Result<T, DbError> + Send + 'static,
    {
        let (context, changes) = (self.context.clone(), Changes::of_request());
        let counted = changes.clone();
        let written = self.db.on_writer(move |db, asked| {
            let mut refusal = None;
            let written = db.write_asked(&context, asked, |tx| {
                if let Some(changes) = &changes {
                    refusal = changes.count(tx)?.refusal();
                }
                // What is refused is not stored, nor counted.
                if refusal.is_some() { Err(diesel::result::Error::RollbackTransaction.into()) } else { body(tx) }
            });
            match refusal {
                Some(too_often) => Err(AppError::from(too_often)),
                None => Ok(written?),
            }
        });
        let written = written.await?;
        if let Some(changes) = counted {
            changes.stored();
        }
        Ok(written)
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
}

fn sandbox(config: &Config, db: &Db, context: &TxContext) -> Sandbox {
    Sandbox::new(db.clone(), context.clone(), &config.secret_keys.current)
}

/// Runs `body` on a blocking thread, where its lines of the log still belong to the request.
pub fn in_span<T: Send + 'static>(
    body: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = Result<T, actix_web::error::BlockingError>> {
    let span = Span::current();
    web::block(move || span.in_scope(body))
}
