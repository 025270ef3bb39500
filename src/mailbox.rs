//! `/dev/mailbox`: the mails of the demo, which go to nobody.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::error::AppError;
use crate::ids::MailId;
use crate::mail::kept::{self, Mail};
use crate::time::When;
use crate::web::{Layout, PageContext, path_id};

/// How many mails the list shows, newest first.
const LISTED: i64 = 100;

struct MailboxRow {
    id: String,
    to: String,
    subject: String,
    sent: When,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "mailbox/list.html")]
struct MailboxPage {
    layout: Layout,
    messages: Vec<MailboxRow>,
}

#[derive(Template)]
#[template(path = "mailbox/message.html")]
struct MailboxMessagePage {
    layout: Layout,
    id: String,
    to: String,
    from: String,
    subject: String,
    sent: When,
    text: String,
    links: Vec<(String, String)>,
}

pub async fn list(context: PageContext) -> Result<HttpResponse, AppError> {
    let app = context.app.clone();
    context
        .show(move |connection, layout| {
            let row = |mail: Mail| MailboxRow {
                id: mail.id.to_string(),
                to: mail.recipient,
                subject: mail.envelope.subject,
                sent: layout.when(mail.created_at),
                state: if mail.delivered_at.is_some() { "Delivered" } else { "Waiting" },
            };
            let newest = kept::newest(connection, &app.context.sealer, LISTED)?;
            Ok(MailboxPage { messages: newest.into_iter().map(row).collect(), layout })
        })
        .await
}

pub async fn message(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MailId::parse)?;
    let app = context.app.clone();
    context
        .show(move |connection, layout| {
            let mail = kept::find(connection, &app.context.sealer, &id)?.ok_or(AppError::NotFound)?;
            Ok(MailboxMessagePage {
                id: id.to_string(),
                to: mail.recipient,
                from: "Portico".to_owned(),
                sent: layout.when(mail.created_at),
                links: links(&mail.envelope.text),
                subject: mail.envelope.subject,
                text: mail.envelope.text,
                layout,
            })
        })
        .await
}

/// The mail as a mail program shows it. Mails carry their own styles, and are kept from doing anything else.
pub async fn html(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MailId::parse)?;
    let sealer = app.context.sealer.clone();
    let mail = app.read(move |connection| kept::find(connection, &sealer, &id)).await?.ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .body(mail.envelope.html))
}

/// The links of a mail with what they say: each has a line of the text to itself, below the one that says what it does.
fn links(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_link = |line: &str| line.starts_with("http://") || line.starts_with("https://");
    let linked = lines.windows(2).filter(|pair| is_link(pair[1]));
    linked.map(|pair| (pair[0].trim_end_matches(':').to_owned(), pair[1].to_owned())).collect()
}
