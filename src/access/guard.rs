//! The guard in front of every route: who may pass is said where the route is declared.

use actix_identity::IdentityExt;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use crate::access::{Membership, Permission, Scope, SignedIn};
use crate::accounts::sessions;
use crate::app::App;
use crate::db::{Connection, Timestamp};
use crate::ids::SessionId;
use crate::organizations::owners;
use crate::secrets::Secret;
use crate::web::{AppError, Forbidden, client_address};

/// What a route asks of the person in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody, and nobody looks who it is: no session is read, so it works without the database.
    Anonymous,
    /// Anybody. Who is signed in is known.
    Public,
    /// Anybody who is signed in.
    SignedIn,
    /// A person of the Organization in the path with this permission. Outsiders get 404, weaker roles 403.
    Organization(Permission),
}

enum Verdict {
    Pass(Option<SignedIn>, Option<Box<Scope>>),
    SignIn,
    Outsider(SignedIn),
    Refused(Box<Forbidden>, SignedIn),
}

/// Checks a request against the guard of its route and puts [`SignedIn`] and [`Scope`] where handlers find them.
pub async fn enforce(
    guard: Guard,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>().expect("every server is built with its App").clone();
    let secret = request.get_identity().ok().and_then(|identity| identity.id().ok());
    if guard == Guard::Anonymous || (secret.is_none() && guard == Guard::Public) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let address = client_address(request.request(), &app.config);
    let slug = request.match_info().get("slug").unwrap_or_default().to_owned();
    let verdict = match secret {
        None => Verdict::SignIn,
        Some(secret) => match look(&app, guard, secret, slug, address).await {
            Ok(verdict) => verdict,
            Err(error) => return Ok(request.error_response(error)),
        },
    };
    match verdict {
        Verdict::Pass(signed_in, scope) => {
            if let Some(signed_in) = signed_in {
                request.extensions_mut().insert(signed_in);
            }
            if let Some(scope) = scope {
                request.extensions_mut().insert(*scope);
            }
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Verdict::SignIn => {
            let next = (request.method() == Method::GET)
                .then(|| request.uri().path_and_query().map(|target| target.as_str().to_owned()))
                .flatten();
            Ok(request.error_response(AppError::SignInRequired { next }))
        }
        Verdict::Outsider(signed_in) => {
            request.extensions_mut().insert(signed_in);
            Ok(request.error_response(AppError::NotFound))
        }
        Verdict::Refused(forbidden, signed_in) => {
            tracing::warn!(user = %signed_in.user_id, route = request.match_pattern(), "permission refused");
            request.extensions_mut().insert(signed_in);
            Ok(request.error_response(AppError::Forbidden(forbidden)))
        }
    }
}

async fn look(
    app: &web::Data<App>,
    guard: Guard,
    secret: String,
    slug: String,
    address: String,
) -> Result<Verdict, AppError> {
    let now = app.clock.now();
    let (verdict, seen) =
        app.read(move |connection| judge(connection, guard, &Secret::presented(&secret), &slug, address, now)).await?;
    if let Some(session) = seen {
        app.write(move |tx| sessions::touch(tx, &session).map_err(AppError::from)).await?;
    }
    Ok(verdict)
}

/// The verdict, and the session if its "last seen" has become old.
fn judge(
    connection: &mut Connection,
    guard: Guard,
    secret: &Secret,
    slug: &str,
    address: String,
    now: Timestamp,
) -> Result<(Verdict, Option<SessionId>), AppError> {
    let Some((signed_in, is_stale)) = sessions::find(connection, secret, address, now)? else {
        let verdict = if guard == Guard::Public { Verdict::Pass(None, None) } else { Verdict::SignIn };
        return Ok((verdict, None));
    };
    let seen = is_stale.then(|| signed_in.session_id.clone());
    let Guard::Organization(permission) = guard else {
        return Ok((Verdict::Pass(Some(signed_in), None), seen));
    };
    let Some(organization) = Membership::find(connection, &signed_in.user_id, slug)? else {
        return Ok((Verdict::Outsider(signed_in), seen));
    };
    if !organization.may(permission) {
        let forbidden = Forbidden {
            needed: permission.minimum_role(),
            organization: organization.name,
            slug: organization.slug,
            helpers: owners::who_can_help(connection, &organization.organization_id)?,
        };
        return Ok((Verdict::Refused(Box::new(forbidden), signed_in), seen));
    }
    Ok((Verdict::Pass(Some(signed_in.clone()), Some(Box::new(Scope { signed_in, organization }))), seen))
}
