//! `/organizations/{slug}`: the dashboard.

use actix_web::HttpResponse;
use askama::Template;

use crate::access::{Permission, Role, Scope};
use crate::credits::amount::grouped;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::licences::attention::{self, Attention, MOST};
use crate::organizations::details;
use crate::organizations::organization;
use crate::organizations::pages::view::OrganizationView;
use crate::people::counts;
use crate::time::Timestamp;
use crate::web::{Layout, PageContext, Section};

struct TeamSummary {
    members: usize,
    pending: usize,
    can_invite: bool,
}

/// Licences that need attention: label, how many, and which list shows them.
struct AttentionLine {
    label: &'static str,
    count: String,
    show: &'static str,
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
    /// For those who see every licence.
    licences: Option<Vec<AttentionLine>>,
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
            let (row, balance) = organization::load_with_balance(connection, scope.organization_id(), layout.now())?;
            let can_view_people = scope.may(Permission::ViewPeople);
            let can_edit = scope.may(Permission::EditSettings);
            let licences = match scope.may(Permission::ViewLicences) {
                true => Some(attention::count(connection, scope.organization_id(), layout.now(), grace)?),
                false => None,
            };
            Ok(DashboardPage {
                missing: if can_edit { details::missing(&row).len() } else { 0 },
                team: can_view_people.then(|| team(connection, &scope, layout.now())).transpose()?,
                licences: licences.map(lines),
                organization: OrganizationView::new(row, &scope, &layout),
                role: scope.membership.role,
                credits: grouped(balance),
                can_view_credits: scope.may(Permission::ViewCreditHistory),
                can_edit,
                can_view_legal: scope.may(Permission::ViewSettings),
                layout: layout.at(Section::Dashboard),
            })
        })
        .await
}

fn team(connection: &mut Connection, scope: &Scope, now: Timestamp) -> Result<TeamSummary, DbError> {
    let counts = counts::read(connection, scope.organization_id(), now)?;
    Ok(TeamSummary {
        members: counts.members(),
        pending: counts.pending(),
        can_invite: scope.may(Permission::ManagePeople),
    })
}

/// The kinds of which there are any.
fn lines(attention: Attention) -> Vec<AttentionLine> {
    let Attention { expiring, in_grace, suspended } = attention;
    let of = [
        ("In grace", in_grace, "in_grace"),
        ("Expiring soon", expiring, "expiring"),
        ("Suspended", suspended, "suspended"),
    ];
    let line = |(label, count, show): (_, i64, _)| {
        let count = if count > MOST { format!("{MOST}+") } else { count.to_string() };
        AttentionLine { label, count, show }
    };
    of.into_iter().filter(|(_, count, _)| *count > 0).map(line).collect()
}
