//! `/invitations/{token}/decline`: by who is signed in with the invited address, and by whoever has the mail and is not signed in: to
//! say no, nobody needs an account.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::link::answer;
use super::page::{key_of, unusable};
use crate::access::Recipient;
use crate::error::AppError;
use crate::people::offers::{self, Answer};
use crate::web::{Layout, PageContext, client_ip};

#[derive(Template)]
#[template(path = "invitations/declined.html")]
struct DeclinedPage {
    layout: Layout,
    token: String,
    organization: String,
}

pub async fn submit(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    if let Some(signed_in) = context.signed_in.clone() {
        return answer(&request, context, signed_in, offers::decline).await;
    }
    let (token, key) = key_of(&request);
    let ip = client_ip(&request, &context.app.config);
    let declined = context.app.write(move |tx| {
        let recipient = |email: &str| Recipient { email: email.to_owned(), ip: ip.clone() };
        offers::decline_by_mail(tx, &key, recipient)
    });
    match declined.await? {
        Answer::Declined { organization } => {
            context.show(move |_, layout| Ok(DeclinedPage { layout, token, organization })).await
        }
        _ => unusable(&request, context).await,
    }
}
