//! What can go wrong, as a status and a sentence. The envelope around every request turns it into a page.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};

use crate::access::{Membership, Permission, Policy, Role, Scope};
use crate::db::{Connection, DbError};
use crate::limits::{Allowance, TooOften};
use crate::payments::provider::ProviderError;
use crate::people::owners::{self, Helper};
use crate::threads::Busy;

/// What a member without the permission is told.
#[derive(Clone, Debug)]
pub struct Forbidden {
    pub needed: Role,
    /// The policy that would let this person do it, where it is off.
    pub off: Option<Policy>,
    pub organization: String,
    pub slug: String,
    pub helpers: Vec<Helper>,
}

impl Forbidden {
    /// What somebody with this scope is told who lacks the permission.
    pub fn of(connection: &mut Connection, scope: &Scope, permission: Permission) -> Result<Self, DbError> {
        let helpers = owners::who_can_help(connection, scope.organization_id())?;
        let Membership { name: organization, slug, role, policies, .. } = scope.membership.clone();
        let (needed, off) = (permission.minimum_role_under(policies), permission.denied_by(role, policies));
        Ok(Self { needed, off, organization, slug, helpers })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in. `next` is where to go afterwards; with `is_undone` a form was sent, and not acted on.
    #[error("sign-in required")]
    SignInRequired { next: Option<String>, is_undone: bool },
    /// What was asked for needs a fresh sign-in. `next` is where to go afterwards.
    #[error("a fresh sign-in is required")]
    ConfirmationRequired { next: Option<String> },
    /// The Organization asks for a second step that the account lacks. `next` is where to go afterwards.
    #[error("two-factor authentication is required")]
    TwoFactorRequired { slug: String, next: Option<String> },
    #[error("not found")]
    NotFound,
    /// A member without the permission.
    #[error("forbidden")]
    Forbidden(Box<Forbidden>),
    /// The request was sent by a page of another site.
    #[error("cross-origin request refused")]
    CrossOrigin,
    /// The request is for a host that this portal does not know as its own.
    #[error("the request is for another host")]
    Misdirected,
    /// The request cannot be understood at all; the sentence says why.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// The request contradicts what is stored now.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    #[error("too large: {0}")]
    TooLarge(&'static str),
    /// The request stopped arriving.
    #[error("the request came too slowly")]
    TooSlow,
    #[error("unprocessable: {0}")]
    Unprocessable(&'static str),
    #[error("too often, retry after {} s", .0.retry_after)]
    TooOften(TooOften),
    /// Somebody has as much under way as they may have at a time.
    #[error("too much at once: {0}")]
    TooMuchAtOnce(&'static str),
    /// Overloaded, or the database is away: try again soon.
    #[error("temporarily unavailable: {0}")]
    Unavailable(String),
    /// The database did not say in time whether a change is stored.
    #[error("it is not known whether the change is stored")]
    Uncertain,
    /// What only the provider of payments can do was not done.
    #[error(transparent)]
    Payments(#[from] ProviderError),
    #[error("internal error: {0}")]
    Internal(String),
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Uncertain => Self::Uncertain,
            // A row that was there a moment ago is gone: somebody else was quicker.
            DbError::Query(diesel::result::Error::NotFound) => Self::NotFound,
            error if error.is_temporary() => Self::Unavailable(error.to_string()),
            error => Self::Internal(error.to_string()),
        }
    }
}

impl From<diesel::result::Error> for AppError {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(format!("template: {error}"))
    }
}

impl From<actix_web::error::BlockingError> for AppError {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<Busy> for AppError {
    fn from(error: Busy) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<TooOften> for AppError {
    fn from(error: TooOften) -> Self {
        Self::TooOften(error)
    }
}

impl Allowance {
    /// Ends the request with 429 where it was refused.
    pub fn or_refuse(self) -> Result<(), AppError> {
        self.refusal().map_or(Ok(()), |too_often| Err(too_often.into()))
    }
}

/// The longest path to come back to after signing in, in bytes: it becomes a header, and proxies take only so much of those.
pub const LONGEST_NEXT: usize = 2_560;

/// Seconds after which a request that found the service busy may come back.
const RETRY_SOON: i64 = 2;
/// The same for who is busy themselves.
const RETRY_LATER: i64 = 10;

impl AppError {
    pub fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooOften(too_often) => Some(too_often.retry_after),
            Self::Unavailable(_) | Self::Uncertain => Some(RETRY_SOON),
            Self::Payments(ProviderError::Away(_)) => Some(RETRY_LATER),
            Self::TooMuchAtOnce(_) => Some(RETRY_LATER),
            _ => None,
        }
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignInRequired { .. } | Self::ConfirmationRequired { .. } | Self::TwoFactorRequired { .. } => {
                StatusCode::SEE_OTHER
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden(_) | Self::CrossOrigin => StatusCode::FORBIDDEN,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooOften(_) | Self::TooMuchAtOnce(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) | Self::Uncertain => StatusCode::SERVICE_UNAVAILABLE,
            Self::Payments(ProviderError::Away(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Payments(ProviderError::Refused(_)) => StatusCode::BAD_GATEWAY,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        let page = match self {
            Self::SignInRequired { next, is_undone } => Some(("/sign-in".to_owned(), next, *is_undone)),
            Self::ConfirmationRequired { next } => Some(("/sign-in/confirm".to_owned(), next, false)),
            Self::TwoFactorRequired { slug, next } => Some((format!("/organizations/{slug}/two-factor"), next, false)),
            _ => None,
        };
        if let Some((page, next, is_undone)) = page {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            if let Some(next) =
                next.as_deref().filter(|next| !matches!(*next, "/" | "/home") && next.len() <= LONGEST_NEXT)
            {
                query.append_pair("next", next);
            }
            if is_undone {
                query.append_pair("undone", "true");
            }
            let query = query.finish();
            let target = if query.is_empty() { page } else { format!("{page}?{query}") };
            response.insert_header((header::LOCATION, target));
        }
        response.finish()
    }
}
