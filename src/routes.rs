//! Every address of the portal, and who may open it. A route cannot be declared without saying so; a test walks this table for
//! every role and compares it with what the server answers.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, Responder, guard, web};

use crate::access::{Guard, Permission, enforce};
use crate::accounts::{reset_password, sign_in, sign_up, verify_email};
use crate::invitations::{home as waiting, link};
use crate::organizations::{dashboard, leave, logo, new, settings};
use crate::people::{export, invite, list, person, remove};
use crate::web::{AppError, assets, health};
use crate::{home, mailbox};

/// All routes. The demo has some of its own.
pub fn table(demo: bool) -> Table {
    use Permission::{EditSettings, Leave, ManagePeople, ViewDashboard, ViewPeople, ViewSettings};
    let mut all = Table::default();

    // Anybody.
    all.at("/", Guard::Anonymous).get(home::root);
    all.at("/healthz", Guard::Anonymous).get(health::healthz);
    all.at("/readyz", Guard::Anonymous).get(health::readyz);
    all.at("/static/{name}", Guard::Anonymous).get(assets::serve);
    all.at("/sign-in", Guard::Public).get(sign_in::show).post(sign_in::submit);
    all.at("/sign-up", Guard::Public).get(sign_up::show).post(sign_up::submit);
    all.at("/verify-email", Guard::Public).get(verify_email::show).post(verify_email::submit);
    all.at("/forgot-password", Guard::Public).get(reset_password::show_forgot).post(reset_password::submit_forgot);
    all.at("/reset-password", Guard::Public).get(reset_password::show).post(reset_password::submit);
    all.at("/invitations/{token}", Guard::Public).get(link::show);
    all.at("/invitations/{token}/sign-up", Guard::Public).post(link::sign_up);

    // Anybody who is signed in.
    all.at("/sign-out", Guard::SignedIn).post(sign_in::sign_out);
    all.at("/home", Guard::SignedIn).get(home::show);
    all.at("/home/invitations/{id}/accept", Guard::SignedIn).post(waiting::accept);
    all.at("/home/invitations/{id}/decline", Guard::SignedIn).post(waiting::decline);
    all.at("/invitations/{token}/accept", Guard::SignedIn).post(link::accept);
    all.at("/invitations/{token}/decline", Guard::SignedIn).post(link::decline);
    all.at("/invitations/{token}/switch", Guard::SignedIn).post(link::switch);
    all.at("/organizations/new", Guard::SignedIn).get(new::show).post(new::submit);

    // People of the Organization with the permission.
    all.in_organization("", ViewDashboard).get(dashboard::show);
    all.in_organization("/logo", ViewDashboard).get(logo::serve);
    all.in_organization("/leave", Leave).get(leave::show).post(leave::submit);
    all.in_organization("/settings", ViewSettings).get(settings::show);
    all.in_organization("/settings/edit", EditSettings).get(settings::edit).post(settings::save);
    all.in_organization("/settings/logo", EditSettings).post(logo::upload);
    all.in_organization("/settings/logo/remove", EditSettings).post(logo::remove);
    all.in_organization("/people", ViewPeople).get(list::show);
    all.in_organization("/people/export.csv", ViewPeople).get(export::download);
    all.in_organization("/people/invite", ManagePeople).get(invite::show).post(invite::submit);
    all.in_organization("/people/remove", ManagePeople).get(remove::confirm).post(remove::submit);
    all.in_organization("/people/{id}", ViewPeople).get(person::show);
    all.in_organization("/people/{id}/role", ManagePeople).post(person::change_role);
    all.in_organization("/people/{id}/resend", ManagePeople).post(remove::resend);
    all.in_organization("/people/{id}/withdraw", ManagePeople).post(remove::withdraw);

    if demo {
        all.at("/dev/mailbox", Guard::Public).get(mailbox::list);
        all.at("/dev/mailbox/{id}", Guard::Public).get(mailbox::message);
        all.at("/dev/mailbox/{id}/html", Guard::Public).get(mailbox::html);
    }
    all
}

/// The routes, address by address.
#[derive(Default)]
pub struct Table {
    pages: Vec<Page>,
}

/// One address, and what can be done there.
struct Page {
    path: String,
    guard: Guard,
    routes: Vec<(Method, actix_web::Route)>,
}

/// A route as tests see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    pub method: Method,
    pub path: String,
    pub guard: Guard,
}

impl Table {
    fn at(&mut self, path: &str, guard: Guard) -> &mut Page {
        self.pages.push(Page { path: path.to_owned(), guard, routes: Vec::new() });
        self.pages.last_mut().expect("one was pushed just now")
    }

    fn in_organization(&mut self, below: &str, permission: Permission) -> &mut Page {
        self.at(&format!("/organizations/{{slug}}{below}"), Guard::Organization(permission))
    }

    /// What there is, for tests and documentation.
    pub fn list(&self) -> Vec<RouteInfo> {
        let info = |page: &Page, method: &Method| RouteInfo {
            method: method.clone(),
            path: page.path.clone(),
            guard: page.guard,
        };
        self.pages.iter().flat_map(|page| page.routes.iter().map(move |(method, _)| info(page, method))).collect()
    }

    /// Puts the routes, each behind its guard, into a server.
    pub fn register(self, service: &mut web::ServiceConfig) {
        for page in self.pages {
            let guard = page.guard;
            let mut resource = web::resource(page.path);
            for (_, route) in page.routes {
                resource = resource.route(route.wrap(from_fn(move |request, next| enforce(guard, request, next))));
            }
            service.service(resource);
        }
        service
            .default_service(web::to(not_found).wrap(from_fn(|request, next| enforce(Guard::Public, request, next))));
    }
}

async fn not_found() -> Result<&'static str, AppError> {
    Err(AppError::NotFound)
}

impl Page {
    fn get<F, Args>(&mut self, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler);
        self.routes.push((Method::GET, route));
        self
    }

    fn post<F, Args>(&mut self, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.routes.push((Method::POST, web::post().to(handler)));
        self
    }
}
