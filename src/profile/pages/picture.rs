//! The picture of a person: uploaded, redrawn, and served to themselves.

use actix_web::http::header::IfNoneMatch;
use actix_web::{HttpResponse, web};

use crate::access::SignedIn;
use crate::app::App;
use crate::error::AppError;
use crate::profile::pages::details;
use crate::profile::picture;
use crate::web::{self as site, FieldErrors, FlashKind, PageContext, Redrawn, Upload, redraw_upload};

const PAGE: &str = "/account/details";
/// How large the stored picture is at the most, in pixels a side.
const STORED_PIXELS: u32 = 256;

pub async fn upload(
    context: PageContext,
    signed_in: SignedIn,
    upload: Result<Upload, AppError>,
) -> Result<HttpResponse, AppError> {
    let user = &signed_in.person.user_id;
    match redraw_upload(&context.app, user, upload, "picture", STORED_PIXELS).await? {
        Redrawn::Picture(png) => {
            let person = signed_in.person.clone();
            context.app.write(move |tx| picture::set(tx, &person, Some(&png))).await?;
            Ok(context.lead_to(PAGE, FlashKind::Success, "Picture saved."))
        }
        Redrawn::Refused(status, sentence) => {
            details::page(context, signed_in, status, None, FieldErrors::field_only("picture", sentence)).await
        }
    }
}

pub async fn remove(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let person = signed_in.person.clone();
    context.app.write(move |tx| picture::set(tx, &person, None)).await?;
    Ok(context.lead_to(PAGE, FlashKind::Success, "Picture removed."))
}

pub async fn serve(
    app: web::Data<App>,
    signed_in: SignedIn,
    known: web::Header<IfNoneMatch>,
) -> Result<HttpResponse, AppError> {
    let content = app.read(move |connection| picture::content(connection, &signed_in.person.user_id)).await?;
    let (hash, png) = content.ok_or(AppError::NotFound)?;
    Ok(site::picture(&known, hash, png))
}
