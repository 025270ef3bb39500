//! `/organizations/{slug}`: the dashboard.

use actix_web::HttpResponse;
use askama::Template;
use chrono::Duration;

use crate::access::{Permission, Role, Scope};
use crate::credits::amount::grouped;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::licences::attention::{Counts, MOST};
use crate::money::Money;
use crate::orders::dashboard::{self, Charges, Owned};
use crate::organizations::details;
use crate::organizations::organization;
use crate::organizations::pages::view::OrganizationView;
use crate::people::counts;
use crate::time::{Timestamp, When};
use crate::web::{Layout, PageContext, Section};

struct TeamSummary {
    members: usize,
    pending: usize,
    can_invite: bool,
}

/// Licences in one state: label, how many, and which list shows them.
struct LicenceLine {
    label: &'static str,
    count: String,
    show: &'static str,
}

/// The licences, for those who see every one.
struct LicencesView {
    states: Vec<LicenceLine>,
    /// Those that somebody should see to.
    attention: Vec<LicenceLine>,
}

/// What is charged, for those who see what is paid.
struct ChargesView {
    next: Option<NextChargeView>,
    a_year: Option<Money>,
    /// Orders that wait to be paid.
    pending: i64,
    /// Of how many licences the last charge brought nothing.
    failed: usize,
    /// Whether whoever looks can see to the payment method.
    can_see_to_method: bool,
}

struct NextChargeView {
    licence: String,
    what: String,
    at: When,
    price: Money,
}

#[derive(Template)]
#[template(path = "organizations/dashboard.html")]
struct DashboardPage {
    layout: Layout,
    organization: OrganizationView,
    role: Role,
    /// How many details are missing; only who can complete them is told.
    missing: usize,
    team: Option<TeamSummary>,
    licences: Option<LicencesView>,
    charges: Option<ChargesView>,
    /// How many credits there are.
    credits: String,
    can_view_credits: bool,
    can_edit: bool,
    can_view_legal: bool,
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let grace = context.app.config.licence_grace;
    context
        .show(move |connection, layout| {
            let now = layout.now();
            let Seen { owned, charges } = look(connection, &scope, now, grace)?;
            let can_edit = scope.may(Permission::EditSettings);
            let team = scope.may(Permission::ViewPeople);
            Ok(DashboardPage {
                missing: if can_edit { details::missing(&owned.organization).len() } else { 0 },
                team: team.then(|| summary(connection, &scope, now)).transpose()?,
                charges: charges.map(|charges| ChargesView::new(charges, owned.pending, &scope, &layout)),
                licences: owned.licences.map(LicencesView::new),
                organization: OrganizationView::new(owned.organization, &scope, &layout),
                role: scope.membership.role,
                credits: grouped(owned.credits),
                can_view_credits: scope.may(Permission::ViewCreditHistory),
                can_edit,
                can_view_legal: scope.may(Permission::ViewSettings),
                layout: layout.at(Section::Dashboard),
            })
        })
        .await
}

/// What a role sees of what an Organization has.
struct Seen {
    owned: Owned,
    charges: Option<Charges>,
}

fn look(connection: &mut Connection, scope: &Scope, now: Timestamp, grace: Duration) -> Result<Seen, DbError> {
    let id = scope.organization_id();
    let owned = if scope.may(Permission::ViewLicences) {
        dashboard::owned(connection, id, now, grace)?
    } else {
        let (organization, credits) = organization::load_with_balance(connection, id, now)?;
        Owned { organization, credits, licences: None, pending: 0 }
    };
    let sees_prices = scope.may(Permission::ViewOrders);
    let charges = sees_prices.then(|| dashboard::charges(connection, id, now, grace)).transpose()?;
    Ok(Seen { owned, charges })
}

fn summary(connection: &mut Connection, scope: &Scope, now: Timestamp) -> Result<TeamSummary, DbError> {
    let counts = counts::read(connection, scope.organization_id(), now)?;
    Ok(TeamSummary {
        members: counts.members(),
        pending: counts.pending(),
        can_invite: scope.may(Permission::ManagePeople),
    })
}

impl LicencesView {
    fn new(counts: Counts) -> Self {
        Self {
            states: lines([
                ("Active", counts.active(), ""),
                ("Trial", counts.trials(), ""),
                ("Cancellation pending", counts.cancelled(), ""),
            ]),
            attention: lines([
                ("In grace", counts.in_grace(), "in_grace"),
                ("Expiring soon", counts.expiring(), "expiring"),
                ("Suspended", counts.suspended(), "suspended"),
            ]),
        }
    }
}

/// The states in which there are any.
fn lines(states: [(&'static str, i64, &'static str); 3]) -> Vec<LicenceLine> {
    let line = |(label, count, show): (_, i64, _)| {
        let count = if count > MOST { format!("{MOST}+") } else { count.to_string() };
        LicenceLine { label, count, show }
    };
    states.into_iter().filter(|(_, count, _)| *count > 0).map(line).collect()
}

impl ChargesView {
    fn has_counts(&self) -> bool {
        self.next.is_some() || self.a_year.is_some() || self.pending > 0
    }

    fn new(charges: Charges, pending: i64, scope: &Scope, layout: &Layout) -> Self {
        let Charges { next, a_year, failed } = charges;
        let next = next.map(|next| NextChargeView {
            licence: next.licence.to_string(),
            what: next.what,
            at: layout.when(next.at),
            price: next.price,
        });
        let can_see_to_method = scope.may(Permission::ManagePaymentMethod);
        Self { next, a_year, pending, failed, can_see_to_method }
    }
}
