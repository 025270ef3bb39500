//! Both databases: their tables, their transactions, and what pages ask of them.

mod equal_work;
mod plans;
mod schema;
mod statements;
mod tls;
mod transactions;
mod watch;

pub use watch::Watched;
