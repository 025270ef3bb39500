//! `/dev/mailbox`: the mails of the demo, which go to nobody.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::error::AppError;
use crate::ids::MailId;
use crate::mail::kept::{self, Mail};
use crate::time::When;
use crate::web::{FRAMING_POLICY, Layout, PageContext, Query, path_id};

/// How many mails a page of the list shows, newest first.
const PAGE: usize = 50;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    search: String,
    before: String,
}

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
    search: String,
    messages: Vec<MailboxRow>,
    first_page: Option<String>,
    next_page: Option<String>,
}

#[derive(Template)]
#[template(path = "mailbox/message.html")]
struct MailboxMessagePage {
    layout: Layout,
    id: String,
    to: String,
    from: String,
    reply_to: Option<String>,
    unsubscribe: Option<String>,
    subject: String,
    sent: When,
    text: String,
    links: Vec<(String, String)>,
}

/// The address of a page of the list.
fn page_of(search: &str, before: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("search", search), ("before", before)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    format!("/dev/mailbox?{}", query.finish())
}

pub async fn list(context: PageContext, query: Query<Filter>) -> Result<HttpResponse, AppError> {
    let Filter { search, before } = query.0;
    let (search, before) = (search.trim().to_owned(), MailId::parse(&before));
    let app = context.app.clone();
    context
        .show(move |connection, layout| {
            let mut mails = kept::newest(connection, &app.context.sealer, &search, before.as_ref(), PAGE + 1)?;
            let has_more = mails.len() > PAGE;
            mails.truncate(PAGE);
            let last = mails.last().filter(|_| has_more).map(|mail| page_of(&search, mail.id.as_str()));
            let row = |mail: Mail| MailboxRow {
                id: mail.id.to_string(),
                to: mail.recipient,
                subject: mail.envelope.subject,
                sent: layout.when(mail.created_at),
                state: if mail.delivered_at.is_some() { "Delivered" } else { "Waiting" },
            };
            Ok(MailboxPage {
                messages: mails.into_iter().map(row).collect(),
                first_page: before.map(|_| page_of(&search, "")),
                next_page: last,
                search,
                layout,
            })
        })
        .await
}

/// The mail in a frame, as a mail program shows it, and what else is in it. No page but this one has a frame.
pub async fn message(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MailId::parse)?;
    let app = context.app.clone();
    let mut response = context
        .show(move |connection, layout| {
            let mail = kept::find(connection, &app.context.sealer, &id)?.ok_or(AppError::NotFound)?;
            Ok(MailboxMessagePage {
                id: id.to_string(),
                to: mail.recipient,
                from: "Portico".to_owned(),
                reply_to: mail.envelope.reply_to,
                unsubscribe: mail.envelope.unsubscribe,
                sent: layout.when(mail.created_at),
                links: links(&mail.envelope.text),
                subject: mail.envelope.subject,
                text: mail.envelope.text,
                layout,
            })
        })
        .await?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FRAMING_POLICY));
    Ok(response)
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
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        ))
        // Its links open in the place of the page that has the frame.
        .body(mail.envelope.html.replacen("<head>", "<head><base target=\"_top\">", 1)))
}

/// The links of a mail with what they say: each has a line of the text to itself, below the one that says what it does.
fn links(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_link = |line: &str| line.starts_with("http://") || line.starts_with("https://");
    let linked = lines.windows(2).filter(|pair| is_link(pair[1]));
    linked.map(|pair| (pair[0].trim_end_matches(':').to_owned(), pair[1].to_owned())).collect()
}
