//! Both databases: their tables, their transactions, and what pages ask of them.

mod away;
mod batches;
mod busy;
mod equal_work;
mod file;
mod plans;
mod schema;
mod statements;
#[cfg(not(feature = "postgres-tls"))]
mod tls;
mod transactions;
mod watch;

pub use watch::Watched;
