//! `/organizations/{slug}/people/invite`: inviting one person or many, typed, pasted or from a CSV file. Each line gets its own
//! result.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Role, Scope};
use crate::invitations::model::{self, Invite};
use crate::web::form::{is_email, single_line};
use crate::web::{
    AppError, FieldErrors, FlashKind, Layout, PageContext, Section, Upload, exact, flash, see_other, waiting,
};

/// How many addresses one form takes.
const MOST_LINES: usize = 500;

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
                roles: scope.organization.role.givable(),
                results,
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let form = InviteForm { emails: String::new(), role: Role::Member.key().to_owned() };
    page(context, scope, StatusCode::OK, form, FieldErrors::none(), Vec::new()).await
}

/// One address and the role it is to get; `role` is what was written where that is not a role.
struct Line {
    number: usize,
    email: String,
    role: Result<Role, String>,
    kept: String,
}

impl Line {
    /// `written` is the role that the line names, if it names one; the others get the role of the form.
    fn new(number: usize, address: &str, written: Option<&str>, role: Role) -> Self {
        let email = bare_address(address);
        match written {
            Some(written) => {
                Self { number, kept: format!("{email}, {}", single_line(written)), email, role: named_role(written) }
            }
            None => Self { number, kept: email.clone(), email, role: Ok(role) },
        }
    }
}

pub async fn submit(
    context: PageContext,
    session: Session,
    scope: Scope,
    upload: Upload,
) -> Result<HttpResponse, AppError> {
    let form = InviteForm { emails: upload.text("emails").to_owned(), role: upload.text("role").to_owned() };
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(role) = Role::parse(&form.role) else {
        let errors = FieldErrors::field_only("role", "Choose one of the roles.");
        return page(context, scope, refused, form, errors, Vec::new()).await;
    };
    if !scope.organization.role.may_give(role) {
        let errors = FieldErrors::field_only("role", "You cannot give a role above your own.");
        return page(context, scope, StatusCode::FORBIDDEN, form, errors, Vec::new()).await;
    }
    let mut lines = typed_lines(&form.emails, role);
    if let Some(file) = upload.file("csv") {
        match csv_lines(file, role, lines.len()) {
            Ok(more) => lines.extend(more),
            Err(sentence) => {
                return page(context, scope, refused, form, FieldErrors::field_only("csv", sentence), Vec::new()).await;
            }
        }
    }
    let problem = match lines.len() {
        0 => Some("Enter at least one e-mail address."),
        1..=MOST_LINES => None,
        _ => Some("Invite at most 500 people at once."),
    };
    if let Some(problem) = problem {
        return page(context, scope, refused, form, FieldErrors::field_only("emails", problem), Vec::new()).await;
    }
    let public_url = context.app.config.public_url.clone();
    let app = context.app.clone();
    let results = {
        let scope = scope.clone();
        app.write(move |tx| {
            let mut results: Vec<InviteResult> = Vec::with_capacity(lines.len());
            let mut seen = std::collections::HashSet::new();
            for Line { number, email, role, kept } in lines {
                let (outcome, sent) = if !is_email(&email) {
                    ("This is not an e-mail address.".to_owned(), false)
                } else if !seen.insert(email.clone()) {
                    ("The address is on the list above already.".to_owned(), false)
                } else {
                    match role {
                        Err(written) => (format!("There is no role “{written}”."), false),
                        Ok(role) => sentence(model::invite(tx, &scope, &email, role, &public_url)?, role),
                    }
                };
                results.push(InviteResult { line: number, email, outcome, sent, kept });
            }
            Ok::<_, AppError>(results)
        })
        .await?
    };
    answer(context, session, scope, form, results).await
}

/// One success goes back to the list; everything else shows line by line what happened, and keeps the lines that failed.
async fn answer(
    context: PageContext,
    session: Session,
    scope: Scope,
    form: InviteForm,
    results: Vec<InviteResult>,
) -> Result<HttpResponse, AppError> {
    if let [only] = results.as_slice() {
        if only.sent {
            flash(&session, FlashKind::Success, format!("An invitation is on its way to {}.", only.email));
            return Ok(see_other(&scope.path("/people")));
        }
        let errors = FieldErrors::field_only("emails", only.outcome.clone());
        return page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, form, errors, Vec::new()).await;
    }
    let failed: Vec<&str> = results.iter().filter(|result| !result.sent).map(|result| result.kept.as_str()).collect();
    let status = if failed.len() == results.len() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = InviteForm { emails: failed.join("\n"), role: form.role };
    page(context, scope, status, form, FieldErrors::none(), results).await
}

fn sentence(outcome: Invite, role: Role) -> (String, bool) {
    match outcome {
        Invite::Sent => (format!("Invited as {role}."), true),
        Invite::Reissued => (format!("The earlier invitation had expired; invited anew as {role}."), true),
        Invite::AlreadyMember => ("Is already a member. Nothing was sent.".to_owned(), false),
        Invite::AlreadyInvited { until } => {
            (format!("Is already invited until {}. Use “Resend” in the list to send it again.", exact(until)), false)
        }
        Invite::NotAllowed => ("Your role does not allow to give this role.".to_owned(), false),
        Invite::TooManyOpen => ("Too many invitations are open. Withdraw some that nobody accepted.".to_owned(), false),
        Invite::TooOften(too_often) => {
            (format!("Too many invitations for one day. Try again in {}.", waiting(too_often.retry_after)), false)
        }
    }
}

/// Lines of a text field: addresses separated by line breaks, commas or semicolons, or `address, role`.
fn typed_lines(text: &str, role: Role) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.split([',', ';', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect();
        let mut parts = parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            // A word behind an address that is none itself is meant as its role.
            let written = parts.next_if(|next| !next.contains('@'));
            lines.push(Line::new(lines.len() + 1, part, written, role));
        }
    }
    lines
}

/// Rows of a CSV file with a column `email` and perhaps one `role`; a file without a heading has addresses in its first column.
fn csv_lines(file: &[u8], role: Role, before: usize) -> Result<Vec<Line>, &'static str> {
    const UNREADABLE: &str = "This is not a CSV file with one address in each row.";
    let text = std::str::from_utf8(file).map_err(|_| "The file is not valid UTF-8 text.")?;
    let text = text.trim_start_matches('\u{feff}');
    if text.contains('\0') {
        return Err(UNREADABLE);
    }
    let first_line = text.lines().next().unwrap_or_default();
    let delimiter = if first_line.contains(';') && !first_line.contains(',') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let (mut email_column, mut role_column) = (0, None);
    let mut lines = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|_| UNREADABLE)?;
        let is_heading = row == 0 && !record.iter().any(|cell| cell.contains('@'));
        if is_heading {
            let column =
                |names: &[&str]| record.iter().position(|cell| names.contains(&cell.trim().to_lowercase().as_str()));
            email_column = column(&["email", "e-mail", "email address", "e-mail address"])
                .ok_or("The file has no column named email.")?;
            role_column = column(&["role"]);
            continue;
        }
        let address = record.get(email_column).unwrap_or_default();
        if bare_address(address).is_empty() {
            continue;
        }
        let written = role_column.and_then(|column| record.get(column)).map(str::trim).filter(|text| !text.is_empty());
        lines.push(Line::new(before + lines.len() + 1, address, written, role));
        if lines.len() > MOST_LINES {
            break;
        }
    }
    Ok(lines)
}

fn named_role(written: &str) -> Result<Role, String> {
    Role::parse(&written.to_lowercase()).ok_or_else(|| written.chars().take(30).collect())
}

/// `Ada Lovelace <Ada@Example.com>` and `Ada@Example.com` both become `ada@example.com`.
fn bare_address(text: &str) -> String {
    let text = single_line(text);
    let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    inner.unwrap_or(&text).trim().trim_matches('"').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_is_read_line_by_line_with_roles() {
        let lines = typed_lines(
            "Ada <Ada@Example.com>, editor\nbob@example.com; eve@example.com\n\nx@example.com, king",
            Role::Reader,
        );
        let read: Vec<_> = lines.iter().map(|line| (line.email.as_str(), line.role.clone())).collect();
        assert_eq!(
            read,
            [
                ("ada@example.com", Ok(Role::Editor)),
                ("bob@example.com", Ok(Role::Reader)),
                ("eve@example.com", Ok(Role::Reader)),
                ("x@example.com", Err("king".to_owned())),
            ]
        );
    }

    #[test]
    fn a_csv_file_is_read_with_and_without_a_heading() {
        let with =
            csv_lines(b"\xef\xbb\xbfName;Role;E-mail\nAda;Owner;ada@example.com\n;;\n", Role::Member, 2).unwrap();
        assert_eq!(
            (with[0].number, with[0].email.as_str(), with[0].role.clone()),
            (3, "ada@example.com", Ok(Role::Owner))
        );
        assert_eq!(with.len(), 1);
        let without = csv_lines(b"bob@example.com\neve@example.com", Role::Member, 0).unwrap();
        assert_eq!(without.len(), 2);
        assert!(csv_lines(b"Name,Role\nAda,Owner\n", Role::Member, 0).is_err());
    }
}
