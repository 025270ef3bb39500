//! The connections of one kind: those that read, those that write, those that ask whether all is well.

use std::time::Duration;

use diesel::r2d2::Pool;

use super::DbError;
use super::lane::{Lane, LaneState};
use super::manager::{self, Manager};

/// How long anybody waits for a connection.
const CONNECTION_WAIT: Duration = Duration::from_secs(2);

/// Connections of one kind, and as many threads.
pub(super) struct Side {
    pub(super) name: &'static str,
    pub(super) pool: Pool<Manager>,
    pub(super) lane: Lane,
}

impl Side {
    pub(super) fn new(name: &'static str, manager: &Manager, size: u32, idle: u32) -> Result<Self, DbError> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(idle))
            .idle_timeout(None)
            .max_lifetime(None)
            .connection_timeout(CONNECTION_WAIT)
            .test_on_check_out(true)
            .error_handler(Box::new(manager::LogErrors))
            .build(manager.clone())
            .map_err(|error| DbError::Unreachable(error.to_string()))?;
        Ok(Self { name, pool, lane: Lane::start(name, size)? })
    }

    pub(super) fn state(&self) -> SideState {
        let pool = self.pool.state();
        let (connections, idle) = (pool.connections, pool.idle_connections);
        SideState { name: self.name, lane: self.lane.state(), connections, idle }
    }
}

/// Connections of one kind at this moment.
#[derive(Clone, Copy, Debug)]
pub struct SideState {
    pub name: &'static str,
    pub lane: LaneState,
    /// Connections that are open.
    pub connections: u32,
    pub idle: u32,
}

/// How many of the connections to a server read, and how many write. Half of them each: writing takes longer.
pub(super) fn split(connections: u32) -> (u32, u32) {
    let writing = (connections / 2).max(1);
    ((connections - connections.min(writing)).max(1), writing)
}
