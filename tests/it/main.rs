//! The tests of the portal, one binary. Each runs the real server on a port of its own and talks to it as a browser does, on
//! SQLite and on PostgreSQL.

mod support;

mod accounts;
mod activity;
mod audit;
mod bad_input;
mod browser;
mod catalogue;
mod changes;
mod closing;
mod credits;
mod database;
mod demo;
mod documents;
mod floors;
mod headers;
mod health;
mod invitations;
mod invoices;
mod jobs;
mod keys;
mod lessons;
mod licences;
mod mails;
mod metrics;
mod notifications;
mod orders;
mod organizations;
mod origin;
mod payments;
mod people;
mod privacy;
mod process;
mod profile;
mod renewals;
mod routes_are_guarded;
mod security;
mod site_files;
mod tidiness;
mod top_up;
mod vouchers;
