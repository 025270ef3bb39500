//! The logo: uploaded, redrawn, and served to the people of the Organization.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpResponse, web};

use crate::access::{Permission, Scope};
use crate::app::App;
use crate::error::AppError;
use crate::organizations::logo;
use crate::organizations::pages::settings_edit::edit_page;
use crate::pictures::PictureError;
use crate::rates::Limit;
use crate::web::{FieldErrors, FlashKind, PageContext, Upload, role_lost};

/// The largest file accepted, in bytes.
const FILE_BYTES: usize = 2 * 1_024 * 1_024;
const TOO_LARGE: (StatusCode, &str) = (StatusCode::PAYLOAD_TOO_LARGE, "The file is larger than 2 MB.");
/// How large the stored logo is at the most, in pixels a side.
const STORED_PIXELS: u32 = 256;

async fn store(app: &App, scope: &Scope, png: Option<Vec<u8>>) -> Result<(), AppError> {
    let by = scope.clone();
    let is_done = app.write(move |tx| logo::set(tx, &by, png.as_deref())).await?;
    if is_done { Ok(()) } else { Err(role_lost(app, scope, Permission::EditSettings).await) }
}

/// Takes the file, or says in one sentence why not.
async fn take(app: &App, scope: &Scope, file: Option<&[u8]>) -> Result<Option<(StatusCode, &'static str)>, AppError> {
    let refused = |sentence| Ok(Some((StatusCode::UNPROCESSABLE_ENTITY, sentence)));
    let Some(file) = file else { return refused("Choose a file first.") };
    if file.len() > FILE_BYTES {
        return Ok(Some(TOO_LARGE));
    }
    let uploader = scope.person().user_id.clone();
    app.write(move |tx| tx.take(Limit::LogoUploads, uploader.as_str())).await?.or_refuse()?;
    match app.pictures.redraw(file.to_vec(), STORED_PIXELS).await {
        Ok(png) => store(app, scope, Some(png)).await.map(|()| None),
        Err(PictureError::Busy) => Err(AppError::Unavailable("pictures are being redrawn".to_owned())),
        Err(PictureError::UnknownFormat) => refused("This is not a PNG, JPEG or WebP picture."),
        Err(PictureError::TooManyPixels) => {
            refused("The picture has more than 4 million pixels, or more than 4,096 on a side.")
        }
        Err(PictureError::Animated) => refused("This is an animation. Choose a picture that stands still."),
        Err(PictureError::Damaged) => refused("The picture is damaged and cannot be read."),
    }
}

pub async fn upload(
    context: PageContext,
    scope: Scope,
    upload: Result<Upload, AppError>,
) -> Result<HttpResponse, AppError> {
    let taken = match upload {
        // Far too large for any form: of this one, that is the file.
        Err(AppError::TooLarge(_)) => Some(TOO_LARGE),
        upload => take(&context.app, &scope, upload?.file("logo")).await?,
    };
    match taken {
        None => Ok(context.lead_to(&scope.path("/settings/edit"), FlashKind::Success, "Logo saved.")),
        Some((status, sentence)) => {
            edit_page(context, scope, status, None, FieldErrors::field_only("logo", sentence)).await
        }
    }
}

pub async fn remove(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    store(&context.app, &scope, None).await?;
    Ok(context.lead_to(&scope.path("/settings/edit"), FlashKind::Success, "Logo removed."))
}

/// The browser keeps the picture, but asks each time whether it may still show it: who is taken out of the Organization sees it no
/// more.
pub async fn serve(
    app: web::Data<App>,
    scope: Scope,
    known: web::Header<IfNoneMatch>,
) -> Result<HttpResponse, AppError> {
    let content = app.read(move |connection| logo::content(connection, scope.organization_id())).await?;
    let (hash, picture) = content.ok_or(AppError::NotFound)?;
    let tag = EntityTag::new_strong(hash);
    let is_known = match known.into_inner() {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if is_known {
        return Ok(response.finish());
    }
    Ok(response.insert_header((header::CONTENT_TYPE, "image/png")).body(picture))
}
