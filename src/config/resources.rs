//! How much a process uses, and how long it waits.

use std::time::Duration;

use clap::{Args, value_parser};

#[derive(Args, Clone, Debug)]
pub struct ResourceArgs {
    /// Threads that answer requests; as many as there are processors unless it is set.
    #[arg(long, env = "PORTICO_WORKERS", value_name = "COUNT", value_parser = value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
    /// Connections to the database: for reading, beside the one that writes (SQLite), or in all (PostgreSQL, half of them for
    /// writing). Two for each processor, from 4 to 32, unless it is set.
    #[arg(
        long,
        env = "PORTICO_DATABASE_CONNECTIONS",
        value_name = "COUNT",
        value_parser = value_parser!(u32).range(2..=1_000)
    )]
    pub database_connections: Option<u32>,
    /// How long a request may wait for the database before it is answered with 503, in seconds.
    #[arg(
        long,
        env = "PORTICO_DATABASE_TIME_LIMIT",
        default_value = "2.5",
        value_name = "SECONDS",
        value_parser = seconds
    )]
    pub database_time_limit: Duration,
    /// How long the start waits for a PostgreSQL that does not answer yet, in seconds.
    #[arg(long, env = "PORTICO_DATABASE_WAIT", default_value = "30", value_name = "SECONDS")]
    pub database_wait: u32,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "a number of seconds is expected, such as 2.5".to_owned())?;
    if (0.1..=60.0).contains(&number) {
        Ok(Duration::from_secs_f64(number))
    } else {
        Err("it must be from 0.1 to 60 seconds".to_owned())
    }
}
