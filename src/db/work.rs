//! Where work with the database is done: never on the threads that answer requests, and for no longer than somebody waits.

use super::{Asked, Db, DbError};

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
}
