//! `/organizations/{slug}/people/invite`: inviting one person or many, typed, pasted or from a CSV file. What became of the lines is
//! said in groups, and only what can be corrected or tried again stays in the field.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Role, Scope};
use crate::db::Connection;
use crate::error::AppError;
use crate::people::invitations::{self, Invitation};
use crate::people::pages::invite_lines::{Line, MOST_LINES, csv_lines, typed_lines};
use crate::people::pages::invite_preview::{Preview, previews};
use crate::people::pages::invite_results::{Group, Results};
use crate::people::pages::invite_send::{Decision, send};
use crate::web::{
    FieldErrors, Flash, FlashAction, FlashKind, Layout, NotNow, PageContext, Section, Upload, count_form, form_turn,
    with_retry_after,
};

#[derive(Clone, Debug, Default)]
pub struct InviteForm {
    pub emails: String,
    pub role: String,
}

#[derive(Template)]
#[template(path = "people/invite.html")]
struct InvitePage {
    layout: Layout,
    slug: String,
    form: InviteForm,
    errors: FieldErrors,
    previews: Vec<Preview>,
    results: Results,
}

async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    form: InviteForm,
    errors: FieldErrors,
    mut results: Results,
) -> Result<HttpResponse, AppError> {
    let links = context.app.context.links.clone();
    context
        .show_as(status, move |connection, layout| {
            let open = invitations::find_of_emails(connection, scope.organization_id(), &results.invited_emails())?;
            results.note_invitations(&open);
            Ok(InvitePage {
                slug: scope.slug().to_owned(),
                form,
                errors,
                previews: previews(&links, &scope, layout.now()),
                results,
                layout: layout.at(Section::People),
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let form = InviteForm { emails: String::new(), role: Role::Member.key().to_owned() };
    page(context, scope, StatusCode::OK, form, FieldErrors::none(), Results::none()).await
}

/// Why a form is not looked at further: the status, and what is wrong.
type Refusal = (StatusCode, FieldErrors);

/// The lines of a form, or why there is nothing to send.
fn read(form: &InviteForm, scope: &Scope, file: Option<&[u8]>) -> Result<Vec<Line>, Refusal> {
    let refused = |field, sentence: &str| (StatusCode::UNPROCESSABLE_ENTITY, FieldErrors::field_only(field, sentence));
    let role = Role::parse(&form.role).ok_or_else(|| refused("role", "Choose one of the roles."))?;
    if !scope.may_give(role) {
        let errors = FieldErrors::field_only("role", "You cannot give a role above your own.");
        return Err((StatusCode::FORBIDDEN, errors));
    }
    let mut lines = typed_lines(&form.emails, role);
    if let Some(file) = file {
        lines.extend(csv_lines(file, role, lines.len()).map_err(|sentence| refused("csv", sentence))?);
    }
    match lines.len() {
        0 => Err(refused("emails", "Enter at least one e-mail address.")),
        1..=MOST_LINES => Ok(lines),
        _ => Err(refused("emails", "Invite at most 500 people at once.")),
    }
}

pub async fn submit(context: PageContext, scope: Scope, upload: Upload) -> Result<HttpResponse, AppError> {
    let form = InviteForm { emails: upload.text("emails").to_owned(), role: upload.text("role").to_owned() };
    let lines = match read(&form, &scope, upload.file("csv")) {
        Ok(lines) => lines,
        Err((status, errors)) => return page(context, scope, status, form, errors, Results::none()).await,
    };
    let app = context.app.clone();
    // Held until the answer is written, too: that of a long form is a long page.
    let turn = match form_turn(&app, lines.len()).await {
        Ok(turn) => turn,
        Err(not_now) => return refuse(context, scope, form, not_now).await,
    };
    if let Some(not_now) = count_form(&app, &scope.person().user_id, lines.len()).await? {
        return refuse(context, scope, form, not_now).await;
    }
    let results = send(&context, &scope, lines, &Decision::read(&upload)).await?;
    let answer = answer(context, scope, form, results).await;
    drop(turn);
    answer
}

async fn refuse(
    context: PageContext,
    scope: Scope,
    form: InviteForm,
    not_now: NotNow,
) -> Result<HttpResponse, AppError> {
    let errors = FieldErrors::form_only(not_now.sentence);
    let response = page(context, scope, not_now.status, form, errors, Results::none()).await?;
    Ok(with_retry_after(response, not_now.too_often))
}

/// The open invitation of an address.
async fn invitation(context: &PageContext, scope: &Scope, email: &str) -> Result<Option<Invitation>, AppError> {
    let (organization, email) = (scope.organization_id().clone(), email.to_owned());
    let find = move |connection: &mut Connection| invitations::find_of_emails(connection, &organization, &[&email]);
    Ok(context.app.read(find).await?.pop())
}

/// One success leads back to the list, and one mistake is said beside the field; everything else is told in groups.
async fn answer(
    context: PageContext,
    scope: Scope,
    form: InviteForm,
    results: Results,
) -> Result<HttpResponse, AppError> {
    if let Some((only, _)) = results.only(Group::Invited) {
        let message = format!("An invitation is on its way to {}.", only.email);
        let (list, open) = (scope.path("/people"), invitation(&context, &scope, &only.email).await?);
        // Who was invited may be quicker, so that there is none any more.
        let Some(open) = open else { return Ok(context.lead_to_mail(&list, FlashKind::Success, message)) };
        let link = FlashAction::post("Copy invitation link", scope.path(&format!("/people/{}/link", open.id)));
        return Ok(context.lead_to_with(&list, Flash { kind: FlashKind::Success, message, actions: vec![link] }));
    }
    const NOTHING_SENT: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some((_, problem)) = results.only(Group::Mistyped).or(results.only(Group::NotSent)) {
        let errors = FieldErrors::field_only("emails", problem);
        return page(context, scope, NOTHING_SENT, form, errors, Results::none()).await;
    }
    let status = if results.count(&[Group::Invited]) == 0 { NOTHING_SENT } else { StatusCode::OK };
    let form = InviteForm { emails: results.kept(), role: form.role };
    page(context, scope, status, form, FieldErrors::none(), results).await
}
