//! Who is asking, and in which Organization. Loaded anew for every request, so that a change of role, a removal or a sign-out
//! takes effect on the very next one.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use diesel::prelude::*;

use crate::access::{Permission, Role};
use crate::audit::Actor;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{MembershipId, OrganizationId, SessionId, UserId};
use crate::schema::{memberships, organizations};
use crate::web::AppError;

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    /// The address that the request came from.
    pub address: String,
}

impl SignedIn {
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// The person as an actor outside any Organization.
    pub fn actor(&self) -> Actor {
        Actor { id: self.user_id.clone(), name: self.name(), role: None, address: self.address.clone() }
    }
}

/// A signed-in person in one of their Organizations.
#[derive(Clone, Debug)]
pub struct Scope {
    pub signed_in: SignedIn,
    pub organization: Membership,
}

/// An Organization as one of its people sees it.
#[derive(Clone, Debug)]
pub struct Membership {
    pub id: MembershipId,
    pub role: Role,
    pub organization_id: OrganizationId,
    pub slug: String,
    pub name: String,
    pub logo_hash: String,
}

impl Membership {
    /// The membership that `user` has in the Organization called `slug`. An Organization without it does not exist for them.
    pub fn find(connection: &mut Connection, user: &UserId, slug: &str) -> Result<Option<Self>, DbError> {
        // No slug has one, and PostgreSQL does not even compare text that does.
        if slug.contains('\0') {
            return Ok(None);
        }
        let row: Option<(MembershipId, Role, OrganizationId, String, String, String)> = memberships::table
            .inner_join(organizations::table)
            .filter(organizations::slug.eq(slug))
            .filter(memberships::user_id.eq(user))
            .select((
                memberships::id,
                memberships::role,
                organizations::id,
                organizations::slug,
                organizations::name,
                organizations::logo_hash,
            ))
            .first(connection)
            .optional()?;
        Ok(row.map(|(id, role, organization_id, slug, name, logo_hash)| Self {
            id,
            role,
            organization_id,
            slug,
            name,
            logo_hash,
        }))
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }
}

impl Scope {
    pub fn may(&self, permission: Permission) -> bool {
        self.organization.may(permission)
    }

    pub fn organization_id(&self) -> &OrganizationId {
        &self.organization.organization_id
    }

    pub fn slug(&self) -> &str {
        &self.organization.slug
    }

    /// The path of a page of this Organization; `below` begins with a slash or is empty.
    pub fn path(&self, below: &str) -> String {
        format!("/organizations/{}{below}", self.organization.slug)
    }

    /// Locks the Organization and reads the actor's role again, as it is now: `None` when they have left or been removed since
    /// the request began.
    pub fn lock(&self, tx: &mut WriteTx) -> Result<Option<Role>, DbError> {
        tx.lock_organization(self.organization_id())?;
        Ok(memberships::table
            .filter(memberships::organization_id.eq(self.organization_id()))
            .filter(memberships::user_id.eq(&self.signed_in.user_id))
            .select(memberships::role)
            .first(tx.connection)
            .optional()?)
    }

    /// The actor with the role they have at this moment, as [`Scope::lock`] answered it.
    pub fn actor(&self, role: Role) -> Actor {
        Actor { role: Some(role), ..self.signed_in.actor() }
    }
}

impl FromRequest for SignedIn {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or(AppError::SignInRequired { next: None }))
    }
}

impl FromRequest for Scope {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Only the guard puts it there, after it has checked the permission of the route.
        ready(request.extensions().get::<Self>().cloned().ok_or(AppError::NotFound))
    }
}
