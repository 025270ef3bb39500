//! Portico, the account portal of a company that sells software to teams. The map, top to bottom: a module imports only from
//! those below it (`tests/it/floors.rs`).
//!
//! | module | what is there |
//! |---|---|
//! | [`cli`], [`demo`] | the commands, a file each; the believable company of `portico demo` |
//! | [`server`], [`service_manager`], [`routes`], [`guard`] | the actix server; what systemd is told; every path with who may open it; the check in front of it |
//! | `*::pages`, [`home`], [`mailbox`] | the pages of each noun, a file each |
//! | [`web`], [`background`], [`app`], [`exports`], [`error`], [`config`] | what pages share; which jobs are done in the background; the state of the portal; turns to export; errors; settings |
//! | [`orders`], [`organizations`], [`invitations`], [`people`], [`licences`], [`credits`], [`accounts`], [`profile`], [`privacy`], [`catalogue`], [`vouchers`] | the nouns: rows and verbs, a file each |
//! | [`closing`] | closing an Organization, restoring it, erasing it |
//! | [`invoices`] | invoices and credit notes, which are never changed |
//! | [`notifications`] | who hears of licences, credits and payments by mail |
//! | [`payments`], [`billing`] | taking money; what is to be paid, by whom to whom, and under which number |
//! | [`activity`] | what was done, in words |
//! | [`mail`], [`audit`], [`changes`], [`limits`], [`jobs`], [`access`] | outbox and delivery; the activity log; how many changes; how often; work for the background; roles, permissions, who acts |
//! | [`readiness`], [`metrics`], [`installation`] | whether to send requests here; what a monitoring system is told; the key that belongs to a database |
//! | [`db`], [`schema`] | two databases behind one connection; tables |
//! | [`passwords`], [`pictures`], [`pdf`], [`glance`], [`threads`] | heavy work, and looks that may hang, on threads of their own |
//! | [`security`] | the events of the log from which an attack is seen |
//! | [`secrets`], [`links`], [`money`], [`countries`], [`names`], [`numbers`], [`paging`], [`network`], [`rates`], [`roll`], [`shares`], [`open_files`], [`ids`], [`stored`], [`time`], [`demo_accounts`] | leaves |

pub mod access;
pub mod accounts;
pub mod activity;
pub mod app;
pub mod audit;
pub mod background;
pub mod billing;
pub mod catalogue;
pub mod changes;
pub mod cli;
pub mod closing;
pub mod config;
pub mod countries;
pub mod credits;
pub mod db;
pub mod demo;
pub mod demo_accounts;
pub mod error;
pub mod exports;
pub mod glance;
pub mod guard;
pub mod home;
pub mod ids;
pub mod installation;
pub mod invitations;
pub mod invoices;
pub mod jobs;
pub mod licences;
pub mod limits;
pub mod links;
pub mod mail;
pub mod mailbox;
pub mod metrics;
pub mod money;
pub mod names;
pub mod network;
pub mod notifications;
pub mod numbers;
pub mod open_files;
pub mod orders;
pub mod organizations;
pub mod paging;
pub mod passwords;
pub mod payments;
pub mod pdf;
pub mod people;
pub mod pictures;
pub mod privacy;
pub mod profile;
pub mod rates;
pub mod readiness;
pub mod roll;
pub mod routes;
pub mod schema;
pub mod secrets;
pub mod security;
pub mod server;
pub mod service_manager;
pub mod shares;
pub mod stored;
pub mod threads;
pub mod time;
pub mod vouchers;
pub mod web;
