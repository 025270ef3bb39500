//! The logo: uploaded, redrawn, and served to the people of the Organization.

use actix_web::http::header::IfNoneMatch;
use actix_web::{HttpResponse, web};

use crate::access::{Permission, Scope};
use crate::app::App;
use crate::error::AppError;
use crate::organizations::logo;
use crate::organizations::pages::settings_edit::edit_page;
use crate::web::{FieldErrors, FlashKind, PageContext, Redrawn, Upload, picture, redraw_upload, role_lost};

/// How large the stored logo is at the most, in pixels a side.
const STORED_PIXELS: u32 = 256;

async fn store(app: &App, scope: &Scope, png: Option<Vec<u8>>) -> Result<(), AppError> {
    let by = scope.clone();
    let is_done = app.write(move |tx| logo::set(tx, &by, png.as_deref())).await?;
    if is_done { Ok(()) } else { Err(role_lost(app, scope, Permission::EditSettings).await) }
}

pub async fn upload(
    context: PageContext,
    scope: Scope,
    upload: Result<Upload, AppError>,
) -> Result<HttpResponse, AppError> {
    match redraw_upload(&context.app, &scope.person().user_id, upload, "logo", STORED_PIXELS).await? {
        Redrawn::Picture(png) => {
            store(&context.app, &scope, Some(png)).await?;
            Ok(context.lead_to(&scope.path("/settings/edit"), FlashKind::Success, "Logo saved."))
        }
        Redrawn::Refused(status, sentence) => {
            edit_page(context, scope, status, None, FieldErrors::field_only("logo", sentence)).await
        }
    }
}

pub async fn remove(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    store(&context.app, &scope, None).await?;
    Ok(context.lead_to(&scope.path("/settings/edit"), FlashKind::Success, "Logo removed."))
}

pub async fn serve(
    app: web::Data<App>,
    scope: Scope,
    known: web::Header<IfNoneMatch>,
) -> Result<HttpResponse, AppError> {
    let content = app.read(move |connection| logo::content(connection, scope.organization_id())).await?;
    let (hash, png) = content.ok_or(AppError::NotFound)?;
    Ok(picture(&known, hash, png))
}
