//! Where work with the database is done: never on the threads that answer requests, and for no longer than somebody waits.

use std::time::Duration;

use super::{Asked, Db, DbError};

/// How long whoever is asked whether the portal is ready waits for the database.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

impl Db {
    /// Does `work`, which is to call one of the reading functions, on a thread for reading.
    pub async fn on_reader<T, E>(&self, work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        self.0.readers.lane.run(&self.0.circuit, self.0.time_limit, move |_| work(&db)).await
    }

    /// Does `work`, which is to call one of the writing functions, on a thread for writing.
    pub async fn on_writer<T, E>(
        &self,
        work: impl FnOnce(&Self, &Asked) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        self.0.writers.lane.run(&self.0.circuit, self.0.time_limit, move |asked| work(&db, asked)).await
    }

    /// The same where no other writer is ahead; `None` where one is.
    pub async fn on_idle_writer<T, E>(
        &self,
        work: impl FnOnce(&Self) -> Result<Option<T>, E> + Send + 'static,
    ) -> Result<Option<T>, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        if self.0.writers.lane.is_busy() {
            return Ok(None);
        }
        self.on_writer(move |db, _| work(db)).await
    }

    /// Does `work` for whoever asks whether all is well: on a thread of its own, and for a second at most.
    pub async fn on_checker<T, E>(&self, work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.check()?;
        let db = self.clone();
        self.0.checks.lane.run(&self.0.circuit, CHECK_LIMIT, move |_| work(&db)).await
    }
}
