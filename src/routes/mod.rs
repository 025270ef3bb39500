//! Every address of the portal, and who may open it: a file an audience. A route cannot be declared without a guard and a policy
//! for where its requests come from; a test walks this table for every role and compares it with what the server answers.

mod account;
mod demo;
mod hooks;
mod organization;
mod public;
mod sandbox;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::{FromRequest, Handler, Responder, guard, web};

use crate::access::Permission;
use crate::error::AppError;
use crate::guard::{Entry, Guard, enforce};
use crate::web::{OriginPolicy, check_host, check_origin};

/// All routes. The demo has some of its own, and so has the sandbox for payments.
pub fn table(demo: bool, has_sandbox: bool) -> Table {
    let mut table = Table::default();
    public::declare(&mut table);
    account::declare(&mut table);
    organization::declare(&mut table);
    if demo {
        demo::declare(&mut table);
    }
    if has_sandbox {
        sandbox::declare(&mut table);
    }
    table
}

/// Where the pages of an Organization are.
const ORGANIZATION: &str = "/organizations/{slug}";

/// The routes, path by path.
#[derive(Default)]
pub struct Table {
    pages: Vec<Page>,
}

/// One path, and what can be done there.
struct Page {
    path: String,
    guard: Guard,
    is_part: bool,
    is_fresh: bool,
    admits_without_two_factor: bool,
    named_by: &'static [&'static str],
    routes: Vec<(Method, OriginPolicy, actix_web::Route)>,
}

/// A route as tests see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    pub method: Method,
    pub path: String,
    pub guard: Guard,
    pub origin: OriginPolicy,
    /// Whether it asks for a fresh sign-in.
    pub is_fresh: bool,
    /// Whether it is open to somebody without the second step that the Organization asks for.
    pub admits_without_two_factor: bool,
}

impl Table {
    fn at(&mut self, path: &str, guard: Guard) -> &mut Page {
        let path = path.to_owned();
        self.pages.push(Page {
            path,
            guard,
            is_part: false,
            is_fresh: false,
            admits_without_two_factor: false,
            named_by: &[],
            routes: Vec::new(),
        });
        self.pages.last_mut().expect("one was pushed just now")
    }

    fn in_organization(&mut self, below: &str, permission: Permission) -> &mut Page {
        self.at(&format!("{ORGANIZATION}{below}"), Guard::Organization(permission))
    }

    /// The same with the addresses at which Stripe tells what has become of payments.
    pub fn with_hooks(mut self) -> Self {
        hooks::declare(&mut self);
        self
    }

    /// What there is, for tests and documentation.
    pub fn list(&self) -> Vec<RouteInfo> {
        let info = |page: &Page, method: &Method, origin: OriginPolicy| RouteInfo {
            method: method.clone(),
            path: page.path.clone(),
            guard: page.guard,
            origin,
            is_fresh: page.is_fresh,
            admits_without_two_factor: page.admits_without_two_factor,
        };
        let of_page = |page| Page::routes(page).map(move |(method, origin)| info(page, method, origin));
        self.pages.iter().flat_map(of_page).collect()
    }

    /// Puts the routes, each behind its guard, into a server.
    pub fn register(self, service: &mut web::ServiceConfig) {
        let shown: Vec<String> =
            self.pages.iter().filter(|page| page.is_shown()).map(|page| page.path.clone()).collect();
        // In a scope of their own, most of them are plain texts to the router, which compares all others by a pattern each.
        let mut organization = web::scope(ORGANIZATION);
        for page in self.pages {
            let entry = Entry {
                guard: page.guard,
                form_page: form_page(&page.path, &shown),
                named_by: page.named_by,
                is_fresh: page.is_fresh,
                is_part: page.is_part,
                admits_without_two_factor: page.admits_without_two_factor,
            };
            let below = page.path.strip_prefix(ORGANIZATION);
            let mut resource = web::resource(below.unwrap_or(&page.path));
            for (_, origin, route) in page.routes {
                resource = resource.route(route.wrap(from_fn(move |request, next| pass(origin, entry, request, next))));
            }
            match below {
                Some(_) => organization = organization.service(resource),
                None => drop(service.service(resource)),
            }
        }
        service.service(organization);
        let nowhere = web::to(not_found);
        service.default_service(
            nowhere.wrap(from_fn(|request, next| pass(OriginPolicy::Any, Entry::of(Guard::Public), request, next))),
        );
    }
}

/// What stands in front of each route.
async fn pass(
    origin: OriginPolicy,
    entry: Entry,
    request: ServiceRequest,
    next: Next<impl actix_web::body::MessageBody + 'static>,
) -> Result<ServiceResponse<actix_web::body::BoxBody>, actix_web::Error> {
    // What anybody may see whoever they are (files, whether the process is up) is answered under any name.
    let is_here = if entry.guard == Guard::Anonymous { Ok(()) } else { check_host(&request) };
    match is_here.and_then(|()| check_origin(origin, &request)) {
        Ok(()) => enforce(entry, request, next).await,
        Err(error) => Ok(request.error_response(error)),
    }
}

/// How many parts of a path lie below the page that its form stands on: the nearest page above it, or itself.
fn form_page(path: &str, shown: &[String]) -> Option<usize> {
    let above = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above));
    above.take_while(|path| !path.is_empty()).position(|path| shown.iter().any(|page| page == path))
}

async fn not_found() -> Result<&'static str, AppError> {
    Err(AppError::NotFound)
}

impl Page {
    fn is_shown(&self) -> bool {
        self.routes.iter().any(|(method, ..)| method == Method::GET)
    }

    fn routes(&self) -> impl Iterator<Item = (&Method, OriginPolicy)> {
        self.routes.iter().map(|(method, origin, _)| (method, *origin))
    }

    /// Says that other pages fetch it to show it among other things.
    fn part(&mut self) -> &mut Self {
        self.is_part = true;
        self
    }

    /// Says that it is sensitive: whoever signed in longer ago than a few minutes proves first who they are.
    fn fresh(&mut self) -> &mut Self {
        self.is_fresh = true;
        self
    }

    /// Says that it is open to people without the second step that the Organization asks for.
    fn without_two_factor(&mut self) -> &mut Self {
        self.admits_without_two_factor = true;
        self
    }

    /// Says which fields of its form stand in the address of the page.
    fn named_by(&mut self, fields: &'static [&'static str]) -> &mut Self {
        self.named_by = fields;
        self
    }

    /// A page to look at: changes nothing, so it may be asked for from anywhere.
    fn get<F, Args>(&mut self, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler);
        self.routes.push((Method::GET, OriginPolicy::Any, route));
        self
    }

    /// A form of the portal's own pages.
    fn post<F, Args>(&mut self, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.routes.push((Method::POST, OriginPolicy::OwnPages, web::post().to(handler)));
        self
    }

    /// What another server tells, signed.
    fn signed<F, Args>(&mut self, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.routes.push((Method::POST, OriginPolicy::Signed, web::post().to(handler)));
        self
    }

    /// The button of a mail program, taken FROM ANYWHERE: see [`OriginPolicy::OneClick`].
    fn post_from_anywhere<F, Args>(&mut self, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.routes.push((Method::POST, OriginPolicy::OneClick, web::post().to(handler)));
        self
    }
}
