//! `/dev/mailbox`: the mails of the demo, which go to nobody.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::prelude::*;

use crate::app::App;
use crate::db::{Connection, Timestamp};
use crate::ids::MailId;
use crate::mail::Envelope;
use crate::schema::outbox;
use crate::web::{AppError, Layout, PageContext, When, path_id};

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
            type Row = (MailId, String, Vec<u8>, Timestamp, Option<Timestamp>);
            let rows: Vec<Row> = outbox::table
                .order(outbox::id.desc())
                .limit(LISTED)
                .select((outbox::id, outbox::recipient, outbox::sealed, outbox::created_at, outbox::delivered_at))
                .load(connection)?;
            let messages = rows
                .into_iter()
                .filter_map(|(id, to, sealed, created_at, delivered_at)| {
                    let subject = app.outbox.open(&id, &sealed)?.subject;
                    let state = if delivered_at.is_some() { "Delivered" } else { "Waiting" };
                    Some(MailboxRow { id: id.to_string(), to, subject, sent: layout.when(created_at), state })
                })
                .collect();
            Ok(MailboxPage { layout, messages })
        })
        .await
}

fn find(connection: &mut Connection, app: &App, id: &MailId) -> Result<(String, Timestamp, Envelope), AppError> {
    let row: Option<(String, Vec<u8>, Timestamp)> = outbox::table
        .filter(outbox::id.eq(id))
        .select((outbox::recipient, outbox::sealed, outbox::created_at))
        .first(connection)
        .optional()?;
    let (to, sealed, created_at) = row.ok_or(AppError::NotFound)?;
    let envelope = app.outbox.open(id, &sealed).ok_or(AppError::NotFound)?;
    Ok((to, created_at, envelope))
}

pub async fn message(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MailId::parse)?;
    let app = context.app.clone();
    context
        .show(move |connection, layout| {
            let (to, created_at, envelope) = find(connection, &app, &id)?;
            Ok(MailboxMessagePage {
                id: id.to_string(),
                to,
                from: "Portico".to_owned(),
                sent: layout.when(created_at),
                links: links(&envelope.html),
                subject: envelope.subject,
                text: envelope.text,
                layout,
            })
        })
        .await
}

/// The mail as a mail program shows it. Mails carry their own styles, and are kept from doing anything else.
pub async fn html(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MailId::parse)?;
    let shared = app.clone();
    let (_, _, envelope) = app.read(move |connection| find(connection, &shared, &id)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .body(envelope.html))
}

/// The links of a mail with what they say.
fn links(html: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for part in html.split("<a ").skip(1) {
        let Some((_, rest)) = part.split_once("href=\"") else {
            continue;
        };
        let Some((href, rest)) = rest.split_once('"') else {
            continue;
        };
        let Some((_, rest)) = rest.split_once('>') else {
            continue;
        };
        let label = rest.split_once("</a>").map_or("", |(label, _)| label);
        let label: String =
            label.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect();
        let (label, href) = (label.trim().to_owned(), href.replace("&amp;", "&").replace("&#38;", "&"));
        if href.starts_with("http") && !found.iter().any(|(_, known)| *known == href) {
            found.push((label, href));
        }
    }
    found
}
