//! `/organizations/{slug}`: the dashboard.

use actix_web::HttpResponse;
use askama::Template;
use diesel::prelude::*;

use crate::access::{Permission, Role, Scope};
use crate::db::{Connection, DbError, Timestamp};
use crate::ids::OrganizationId;
use crate::organizations::model;
use crate::organizations::view::OrganizationView;
use crate::schema::{invitations, memberships};
use crate::web::{AppError, Layout, PageContext, Section};

/// Counting stops here: what is beyond is shown as "1,000+".
const COUNTED: i64 = 1_000;

pub struct TeamSummary {
    pub members: String,
    pub pending: String,
}

#[derive(Template)]
#[template(path = "organizations/dashboard.html")]
struct DashboardPage {
    layout: Layout,
    organization: OrganizationView,
    role: Role,
    missing: Vec<&'static str>,
    team: Option<TeamSummary>,
    can_edit_settings: bool,
    can_view_legal: bool,
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let row = model::load(connection, scope.organization_id())?;
            let missing = row.missing_details();
            let team = if scope.may(Permission::ViewPeople) {
                Some(team(connection, scope.organization_id(), layout.now())?)
            } else {
                None
            };
            Ok(DashboardPage {
                organization: OrganizationView::new(row, &scope, &layout),
                role: scope.organization.role,
                missing,
                team,
                can_edit_settings: scope.may(Permission::EditSettings),
                can_view_legal: scope.may(Permission::ViewSettings),
                layout: layout.at(Section::Dashboard),
            })
        })
        .await
}

fn team(connection: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<TeamSummary, DbError> {
    let members: Vec<Role> = memberships::table
        .filter(memberships::organization_id.eq(organization))
        .limit(COUNTED + 1)
        .select(memberships::role)
        .load(connection)?;
    let pending: Vec<Timestamp> = invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::closed_at.is_null())
        .filter(invitations::expires_at.gt(now))
        .limit(COUNTED + 1)
        .select(invitations::expires_at)
        .load(connection)?;
    Ok(TeamSummary { members: counted(members.len()), pending: counted(pending.len()) })
}

fn counted(count: usize) -> String {
    if count > COUNTED as usize { "1,000+".to_owned() } else { count.to_string() }
}
