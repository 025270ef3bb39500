//! Portico, the account portal of a company that sells software to teams. The map:
//!
//! | module | what is there |
//! |---|---|
//! | [`cli`], [`config`] | commands, and every setting |
//! | [`app`], [`routes`] | the server, and every address with who may open it |
//! | [`access`] | roles, permissions, the guard in front of each route, the scope behind it |
//! | [`accounts`] | signing up, in and out; passwords; sessions |
//! | [`home`] | the page after signing in |
//! | [`organizations`] | creating, dashboard, settings, leaving, the last Owner |
//! | [`people`], [`invitations`] | members and their roles; offers of a membership |
//! | [`mail`], [`mailbox`] | the outbox and its delivery; the demo's mailbox |
//! | [`audit`], [`limits`] | what was done by whom; how often something may be tried |
//! | [`db`], [`schema`], [`ids`] | two databases behind one connection; tables; typed ids |
//! | [`web`] | what pages share: errors, layout, forms, headers, static files |
//! | [`clock`], [`secrets`] | the time; random secrets and derived keys |
//! | [`demo`] | the believable company of `portico demo` |

pub mod access;
pub mod accounts;
pub mod app;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod home;
pub mod ids;
pub mod invitations;
pub mod limits;
pub mod mail;
pub mod mailbox;
pub mod names;
pub mod organizations;
pub mod passwords;
pub mod people;
pub mod pictures;
pub mod routes;
pub mod schema;
pub mod secrets;
pub mod threads;
pub mod web;
