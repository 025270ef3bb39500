//! Who may do what: roles, permissions, who acts, and in which Organization. Neither HTTP nor pages are known here.
//!
//! Every decision is [`Scope::may`] or [`Scope::may_give`]; tests compare each route with the table of permissions.

mod actor;
mod membership;
mod permission;
mod policies;
mod role;
mod scope;

pub use actor::{Actor, Buyer, Operator, Person, Product, Recipient, SignedIn};
pub use membership::{Membership, is_open, joined_organizations, offered_organizations};
pub use permission::{Permission, Requirement};
pub use policies::{Policies, Policy, SessionLength};
pub use role::Role;
pub use scope::{Scope, lock_organization, lock_organizations_of};
