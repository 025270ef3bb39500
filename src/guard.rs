//! The guard in front of every route: who may pass is said where the route is declared.

use actix_identity::IdentityExt;
use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

use crate::access::{Membership, Permission, Policies, Scope, SignedIn};
use crate::accounts::pages::{confirm, sign_in, two_factor_required};
use crate::accounts::{kept_forms, sessions};
use crate::app::App;
use crate::changes::Changes;
use crate::db::{Connection, DbError, WriteTx};
use crate::error::{AppError, Forbidden};
use crate::ids::{MembershipId, SessionId};
use crate::people::members;
use crate::secrets::Secret;
use crate::security::{Event, Outcome, Who};
use crate::time::Timestamp;
use crate::web::{FillIn, FormPage, KEPT, client_ip, renew_cookie, security_event_by};

/// What a route asks of whoever is in front of it.
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
    /// They may, but signed in too long ago.
    Stale(SignedIn),
    /// Their account lacks the second step that the Organization with this slug asks for.
    WithoutTwoFactor(SignedIn, String),
    Outsider(SignedIn),
    Refused(SignedIn, Box<Forbidden>),
}

/// What stands at the entry of a path.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub guard: Guard,
    /// How many parts of the path lie below the page that its form stands on, if it stands on any.
    pub form_page: Option<usize>,
    /// The fields of the form that stand in the address of that page: whom it is about, for example.
    pub named_by: &'static [&'static str],
    /// Whether it asks for a fresh sign-in.
    pub is_fresh: bool,
    /// Whether it is fetched for pages of other Organizations, too: that opens nothing, so nothing is asked of whoever enters.
    pub is_part: bool,
    /// Whether it is open to somebody without the second step that the Organization asks for.
    pub admits_without_two_factor: bool,
}

impl Entry {
    pub fn of(guard: Guard) -> Self {
        Self {
            guard,
            form_page: None,
            named_by: &[],
            is_fresh: false,
            is_part: false,
            admits_without_two_factor: false,
        }
    }

    /// The page that the form of a request stands on, with what its address said.
    fn page_of(self, request: &ServiceRequest) -> Option<FormPage> {
        let above = |path: &str| path.rsplit_once('/').map(|(above, _)| above.to_owned());
        let path = (0..self.form_page?).try_fold(request.path().to_owned(), |path, _| above(&path))?;
        Some(FormPage { path, query: request.query_string().to_owned(), named_by: self.named_by })
    }
}

/// Checks a request against the guard of its route and puts [`SignedIn`] and [`Scope`] where handlers find them.
pub async fn enforce(
    entry: Entry,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let guard = entry.guard;
    if guard != Guard::Anonymous {
        renew_cookie(&request);
    }
    let secret = request.get_identity().ok().and_then(|identity| identity.id().ok());
    let verdict = match secret {
        _ if guard == Guard::Anonymous => Verdict::Pass(None, None),
        None if guard == Guard::Public => Verdict::Pass(None, None),
        None => Verdict::SignIn,
        Some(secret) => match look(entry, &request, secret).await {
            Ok(verdict) => verdict,
            Err(error) => return Ok(request.error_response(error)),
        },
    };
    match admit(&request, verdict) {
        Ok(()) => {
            let answer = match changes(guard, &request) {
                Some(changes) => changes.during(next.call(request)).await,
                None => next.call(request).await,
            };
            Ok(answer?.map_into_boxed_body())
        }
        Err(
            error @ (AppError::SignInRequired { .. }
            | AppError::ConfirmationRequired { .. }
            | AppError::TwoFactorRequired { .. }),
        ) if request.method() == Method::POST => Ok(interrupted(entry.page_of(&request), request, error).await),
        Err(error) => Ok(request.error_response(error)),
    }
}

/// Answers a form whose sender is not signed in any more, has to prove once more who they are, or lacks a second step.
async fn interrupted(page: Option<FormPage>, request: ServiceRequest, error: AppError) -> ServiceResponse<BoxBody> {
    let Some(page) = page else { return request.error_response(error) };
    let (request, mut payload) = request.into_parts();
    let answer = match error {
        AppError::ConfirmationRequired { .. } => confirm::interrupted(&request, &mut payload, &page).await,
        AppError::TwoFactorRequired { slug, .. } => {
            two_factor_required::interrupted(&request, &mut payload, &page, slug).await
        }
        _ => sign_in::interrupted(&request, &mut payload, &page).await,
    };
    match answer {
        Ok(answer) => ServiceResponse::new(request, answer),
        Err(error) => ServiceResponse::from_err(error, request),
    }
}

/// Whose changes the request makes, if it may make any.
fn changes(guard: Guard, request: &ServiceRequest) -> Option<Changes> {
    if guard == Guard::Anonymous || request.method().is_safe() {
        return None;
    }
    Some(match request.extensions().get::<SignedIn>() {
        Some(signed_in) => Changes::of_account(&signed_in.person.user_id),
        None => Changes::of_network(&client_ip(request.request(), &App::of(request.request()).config)),
    })
}

/// Notes in the request who it is, and answers why they may not pass, if they may not.
fn admit(request: &ServiceRequest, verdict: Verdict) -> Result<(), AppError> {
    let (signed_in, outcome) = match verdict {
        Verdict::Pass(signed_in, scope) => {
            if let Some(scope) = scope {
                request.extensions_mut().insert(*scope);
            }
            (signed_in, Ok(()))
        }
        Verdict::SignIn => (None, Err(AppError::SignInRequired { next: asked_for(request), is_undone: false })),
        Verdict::Stale(signed_in) => {
            (Some(signed_in), Err(AppError::ConfirmationRequired { next: asked_for(request) }))
        }
        Verdict::WithoutTwoFactor(signed_in, slug) => {
            tell(request, Event::WithoutTwoFactor, &signed_in);
            (Some(signed_in), Err(AppError::TwoFactorRequired { slug, next: asked_for(request) }))
        }
        Verdict::Outsider(signed_in) => {
            tell(request, Event::Outsider, &signed_in);
            (Some(signed_in), Err(AppError::NotFound))
        }
        Verdict::Refused(signed_in, forbidden) => {
            tell(request, Event::WeakRole, &signed_in);
            (Some(signed_in), Err(AppError::Forbidden(forbidden)))
        }
    };
    if let Some(signed_in) = signed_in {
        request.extensions_mut().insert(signed_in);
    }
    outcome
}

/// The page that was asked for, if it was one.
fn asked_for(request: &ServiceRequest) -> Option<String> {
    let target = request.uri().path_and_query().filter(|_| request.method() == Method::GET);
    target.map(|target| target.as_str().to_owned())
}

/// Notes that somebody was refused.
fn tell(request: &ServiceRequest, event: Event, signed_in: &SignedIn) {
    let route = request.match_pattern().unwrap_or_default();
    security_event_by(request.request(), event, Outcome::Refused, Who::User(&signed_in.person.user_id), &route);
}

async fn look(entry: Entry, request: &ServiceRequest, secret: String) -> Result<Verdict, AppError> {
    let app = App::of(request.request());
    let (ip, now) = (client_ip(request.request(), &app.config), app.now());
    let slug = request.match_info().get("slug").unwrap_or_default().to_owned();
    let (verdict, mut seen) =
        app.look(move |connection| judge(connection, entry, &Secret::presented(&secret), &slug, &ip, now)).await?;
    if entry.is_part {
        seen.member = None;
    }
    if seen.is_news() {
        // Whether it can be stored or not, the page is shown.
        let _ = app.write_at_once(move |tx| seen.note(tx)).await;
    }
    if let Verdict::Pass(Some(signed_in), _) = &verdict
        && entry.is_fresh
        && !signed_in.is_fresh(now)
    {
        return Ok(Verdict::Stale(signed_in.clone()));
    }
    if let Verdict::Pass(Some(signed_in), _) = &verdict
        && request.query_string().split('&').any(|pair| pair == KEPT)
    {
        let (holder, sealer) = (signed_in.person.user_id.clone(), app.context.sealer.clone());
        let kept = app.look(move |connection| kept_forms::find(connection, &sealer, &holder, now)).await?;
        if let Some(kept) = kept {
            request.extensions_mut().insert(FillIn(kept));
        }
    }
    Ok(verdict)
}

/// What has to be noted about when somebody was here last.
#[derive(Default)]
struct Seen {
    /// The session, where its "last seen" has become old.
    session: Option<SessionId>,
    /// The membership, where this is the first visit of the day, or the first for some minutes.
    member: Option<MembershipId>,
}

impl Seen {
    fn is_news(&self) -> bool {
        self.session.is_some() || self.member.is_some()
    }

    fn note(&self, tx: &mut WriteTx) -> Result<(), DbError> {
        if let Some(session) = &self.session {
            sessions::touch(tx, session)?;
        }
        self.member.as_ref().map_or(Ok(()), |member| members::touch(tx, member))
    }
}

fn judge(
    connection: &mut Connection,
    entry: Entry,
    secret: &Secret,
    slug: &str,
    ip: &str,
    now: Timestamp,
) -> Result<(Verdict, Seen), DbError> {
    let Some((signed_in, is_stale)) = sessions::find(connection, secret, ip.to_owned(), now)? else {
        let verdict = if entry.guard == Guard::Public { Verdict::Pass(None, None) } else { Verdict::SignIn };
        return Ok((verdict, Seen::default()));
    };
    let mut seen = Seen { session: is_stale.then(|| signed_in.session_id.clone()), member: None };
    let verdict = match entry.guard {
        Guard::Organization(permission) => judge_in_organization(connection, entry, permission, signed_in, slug, now)?,
        _ => Verdict::Pass(Some(signed_in), None),
    };
    if let Verdict::Pass(_, Some(scope)) = &verdict
        && scope.membership.is_seen_anew(now)
    {
        seen.member = Some(scope.membership.id.clone());
    }
    Ok((verdict, seen))
}

fn judge_in_organization(
    connection: &mut Connection,
    entry: Entry,
    permission: Permission,
    signed_in: SignedIn,
    slug: &str,
    now: Timestamp,
) -> Result<Verdict, DbError> {
    let Some(membership) = Membership::find(connection, &signed_in.person.user_id, slug)? else {
        return Ok(Verdict::Outsider(signed_in));
    };
    // Before the role: what it would allow is nothing to whoever cannot enter.
    let Policies { requires_two_factor, session_length, .. } = membership.policies;
    if requires_two_factor && !signed_in.has_two_factor && !entry.is_part && !entry.admits_without_two_factor {
        return Ok(Verdict::WithoutTwoFactor(signed_in, membership.slug));
    }
    if session_length.is_over(signed_in.authenticated_at, now) && !entry.is_part {
        return Ok(Verdict::Stale(signed_in));
    }
    let scope = Scope::new(signed_in.person.clone(), membership);
    if scope.may(permission) {
        return Ok(Verdict::Pass(Some(signed_in), Some(Box::new(scope))));
    }
    let forbidden = Forbidden::of(connection, &scope, permission)?;
    Ok(Verdict::Refused(signed_in, Box::new(forbidden)))
}
