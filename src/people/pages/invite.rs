//! `/organizations/{slug}/people/invite`: inviting one person or many, typed, pasted or from a CSV file. Each line gets its own
//! result.

use std::collections::HashSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Role, Scope};
use crate::app::App;
use crate::error::AppError;
use crate::people::invite::{self, Invite};
use crate::people::pages::invite_lines::{Line, MOST_LINES, csv_lines, typed_lines};
use crate::time::duration;
use crate::web::form::rules::is_email;
use crate::web::{
    FieldErrors, FlashKind, Layout, NotNow, PageContext, Section, Upload, count_form, form_turn, in_batches,
    with_retry_after,
};

#[derive(Clone, Debug, Default)]
pub struct InviteForm {
    pub emails: String,
    pub role: String,
}

/// What became of one line.
pub struct InviteResult {
    pub line: usize,
    pub email: String,
    pub outcome: String,
    pub sent: bool,
    /// The line as it was meant, with the role if it named one: what stays in the form when nothing was sent.
    pub kept: String,
}

#[derive(Template)]
#[template(path = "people/invite.html")]
struct InvitePage {
    layout: Layout,
    slug: String,
    form: InviteForm,
    errors: FieldErrors,
    roles: Vec<Role>,
    results: Vec<InviteResult>,
}

async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    form: InviteForm,
    errors: FieldErrors,
    results: Vec<InviteResult>,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |_, layout| {
            Ok(InvitePage {
                layout: layout.at(Section::People),
                slug: scope.slug().to_owned(),
                form,
                errors,
                roles: scope.membership.role.givable(),
                results,
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let form = InviteForm { emails: String::new(), role: Role::Member.key().to_owned() };
    page(context, scope, StatusCode::OK, form, FieldErrors::none(), Vec::new()).await
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
        Err((status, errors)) => return page(context, scope, status, form, errors, Vec::new()).await,
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
    let results = send(&app, &scope, lines).await?;
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
    let response = page(context, scope, not_now.status, form, errors, Vec::new()).await?;
    Ok(with_retry_after(response, not_now.too_often))
}

/// What is wrong with a line by itself. `seen` are the addresses of the lines before it.
fn problem<'a>(line: &'a Line, seen: &mut HashSet<&'a str>) -> Option<String> {
    if !is_email(&line.email) {
        return Some("This is not an e-mail address.".to_owned());
    }
    if !seen.insert(&line.email) {
        return Some("The address is on the list above already.".to_owned());
    }
    line.role.as_ref().err().map(|written| format!("There is no role “{written}”."))
}

/// Invites those whose lines are right, and says what became of each line.
async fn send(app: &App, scope: &Scope, lines: Vec<Line>) -> Result<Vec<InviteResult>, AppError> {
    let mut seen = HashSet::new();
    let problems: Vec<Option<String>> = lines.iter().map(|line| problem(line, &mut seen)).collect();
    let wanted: Vec<(String, Role)> = lines
        .iter()
        .zip(&problems)
        .filter(|(_, problem)| problem.is_none())
        .filter_map(|(line, _)| Some((line.email.clone(), line.role.clone().ok()?)))
        .collect();
    let (by, asked) = (scope.clone(), wanted.clone());
    let has_more = |outcomes: &[Invite]| !outcomes.iter().any(|outcome| matches!(outcome, Invite::TooOften(_)));
    let outcomes = in_batches(app, asked, move |tx, batch| invite::invite(tx, &by, batch), has_more).await?;
    // Behind a line for which there was none left there is none left either.
    let rest = match outcomes.iter().find(|outcome| matches!(outcome, Invite::TooOften(_))) {
        Some(too_often) => too_often.clone(),
        None => Invite::NotReached,
    };
    let mut sent = outcomes.into_iter().chain(std::iter::repeat(rest)).zip(wanted.into_iter().map(|(_, role)| role));
    let result = |(line, problem): (Line, Option<String>)| {
        let (outcome, is_sent) = match problem {
            Some(problem) => (problem, false),
            None => sent.next().map_or_else(Default::default, |(outcome, role)| sentence(&outcome, role)),
        };
        InviteResult { line: line.number, email: line.email, outcome, sent: is_sent, kept: line.kept }
    };
    Ok(lines.into_iter().zip(problems).map(result).collect())
}

/// One success goes back to the list; everything else shows line by line what happened, and keeps the lines that failed.
async fn answer(
    context: PageContext,
    scope: Scope,
    form: InviteForm,
    results: Vec<InviteResult>,
) -> Result<HttpResponse, AppError> {
    if let [only] = results.as_slice() {
        if only.sent {
            let message = format!("An invitation is on its way to {}.", only.email);
            return Ok(context.lead_to(&scope.path("/people"), FlashKind::Success, message));
        }
        let errors = FieldErrors::field_only("emails", only.outcome.clone());
        return page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, form, errors, Vec::new()).await;
    }
    let failed: Vec<&str> = results.iter().filter(|result| !result.sent).map(|result| result.kept.as_str()).collect();
    let status = if failed.len() == results.len() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = InviteForm { emails: failed.join("\n"), role: form.role };
    page(context, scope, status, form, FieldErrors::none(), results).await
}

/// What became of an address in words, and whether a mail is on its way.
fn sentence(outcome: &Invite, role: Role) -> (String, bool) {
    match outcome {
        Invite::Sent => (format!("Invited as {role}."), true),
        Invite::Reissued => (format!("The earlier invitation had expired; invited anew as {role}."), true),
        Invite::AlreadyMember => ("Is already a member. Nothing was sent.".to_owned(), false),
        Invite::AlreadyInvited { until } => {
            let until = until.exact();
            (format!("Is already invited until {until}. Use “Resend” in the list to send it again."), false)
        }
        Invite::Blocked => ("Wants no invitations from this Organization. Nothing was sent.".to_owned(), false),
        Invite::NotAllowed => ("Your role does not allow to give this role.".to_owned(), false),
        Invite::TooManyOpen => ("Too many invitations are open. Withdraw some that nobody accepted.".to_owned(), false),
        Invite::TooOften(too_often) => {
            (format!("Too many invitations for one day. Try again in {}.", duration(too_often.retry_after)), false)
        }
        Invite::NotReached => ("Was not sent: the portal was busy. Send it again.".to_owned(), false),
        Invite::RecipientTooOften(too_often) => {
            let wait = duration(too_often.retry_after);
            (format!("This address has been sent many invitations today. Try again in {wait}."), false)
        }
    }
}
