//! `/invitations/{token}/logo`: the logo of the Organization, for whoever has a link that works.

use actix_web::http::header::IfNoneMatch;
use actix_web::{HttpRequest, HttpResponse, web};

use super::page::key_of;
use crate::app::App;
use crate::error::AppError;
use crate::organizations::logo;
use crate::people::offers;
use crate::web::picture;

pub async fn serve(
    request: HttpRequest,
    app: web::Data<App>,
    known: web::Header<IfNoneMatch>,
) -> Result<HttpResponse, AppError> {
    let ((_, key), now) = (key_of(&request), app.now());
    let content = app
        .read(move |connection| {
            let offer = offers::find(connection, &key)?.filter(|offer| !offer.invitation.is_expired(now));
            match offer {
                Some(offer) => logo::content(connection, &offer.invitation.organization_id),
                None => Ok(None),
            }
        })
        .await?;
    let (hash, png) = content.ok_or(AppError::NotFound)?;
    Ok(picture(&known, hash, png))
}
