//! The tests of the portal, one binary. Each runs the real server on a port of its own and talks to it as a browser does, on
//! SQLite and on PostgreSQL.

#[macro_use]
mod support;

mod accounts;
mod browser;
mod invitations;
mod lessons;
mod organizations;
mod people;
mod smoke;
