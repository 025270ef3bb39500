//! The logo: uploaded, checked by what it contains, redrawn at one size, and served to the people of the Organization.

use actix_session::Session;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::access::{Permission, Scope};
use crate::app::App;
use crate::audit::{Action, Change};
use crate::db::{DbError, WriteTx};
use crate::limits::LOGO_UPLOADS;
use crate::organizations::settings::edit_page;
use crate::pictures::PictureError;
use crate::schema::{organization_logos, organizations};
use crate::web::{AppError, FieldErrors, FlashKind, PageContext, Upload, flash, see_other};

/// The largest file accepted, in bytes.
const FILE_BYTES: usize = 2 * 1_024 * 1_024;
/// How large the stored logo is at the most, in pixels a side.
const STORED_PIXELS: u32 = 256;

/// Where the logo is served. The hash makes a new logo a new address.
pub fn logo_address(slug: &str, logo_hash: &str) -> Option<String> {
    (!logo_hash.is_empty()).then(|| format!("/organizations/{slug}/logo?v={logo_hash}"))
}

/// Stores a logo, or removes it. False when the actor lost the role meanwhile.
fn set(tx: &mut WriteTx, scope: &Scope, png: Option<Vec<u8>>) -> Result<bool, DbError> {
    let Some(role) = scope.lock(tx)?.filter(|role| role.may(Permission::EditSettings)) else {
        return Ok(false);
    };
    let id = scope.organization_id();
    let before: String =
        organizations::table.filter(organizations::id.eq(id)).select(organizations::logo_hash).first(tx.connection)?;
    let hash = png
        .as_ref()
        .map_or_else(String::new, |png| Sha256::digest(png).iter().take(8).map(|byte| format!("{byte:02x}")).collect());
    if before == hash {
        return Ok(true);
    }
    diesel::delete(organization_logos::table.filter(organization_logos::organization_id.eq(id)))
        .execute(tx.connection)?;
    let action = if png.is_some() { Action::LogoChanged } else { Action::LogoRemoved };
    if let Some(png) = png {
        diesel::insert_into(organization_logos::table)
            .values((organization_logos::organization_id.eq(id), organization_logos::content.eq(png)))
            .execute(tx.connection)?;
    }
    diesel::update(organizations::table.filter(organizations::id.eq(id)))
        .set((organizations::logo_hash.eq(&hash), organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let picture = |hash: &str| {
        if hash.is_empty() { Value::Null } else { json!({ "logo": hash }) }
    };
    tx.record(
        &scope.actor(role),
        Some(id),
        Change {
            action,
            subject_id: id.as_str(),
            subject_name: &scope.organization.name,
            before: picture(&before),
            after: picture(&hash),
        },
    )?;
    Ok(true)
}

async fn store(app: web::Data<App>, scope: Scope, png: Option<Vec<u8>>) -> Result<(), AppError> {
    let is_done = app.write(move |tx| set(tx, &scope, png).map_err(AppError::from)).await?;
    if is_done { Ok(()) } else { Err(AppError::NotFound) }
}

pub async fn upload(
    context: PageContext,
    session: Session,
    scope: Scope,
    upload: Upload,
) -> Result<HttpResponse, AppError> {
    let refuse = |context, scope, status, sentence: &str| {
        edit_page(context, scope, status, None, FieldErrors::field_only("logo", sentence))
    };
    let Some(file) = upload.file("logo").map(<[u8]>::to_vec) else {
        return refuse(context, scope, StatusCode::UNPROCESSABLE_ENTITY, "Choose a file first.").await;
    };
    if file.len() > FILE_BYTES {
        return refuse(context, scope, StatusCode::PAYLOAD_TOO_LARGE, "The file is larger than 2 MB.").await;
    }
    let uploader = scope.signed_in.user_id.clone();
    context.app.write(move |tx| tx.take(LOGO_UPLOADS, uploader.as_str()).map_err(AppError::from)).await??;
    match context.app.pictures.redraw(file, STORED_PIXELS).await? {
        Ok(png) => {
            store(context.app, scope.clone(), Some(png)).await?;
            flash(&session, FlashKind::Success, "Logo saved.");
            Ok(see_other(&scope.path("/settings/edit")))
        }
        Err(error) => refuse(context, scope, StatusCode::UNPROCESSABLE_ENTITY, sentence(error)).await,
    }
}

fn sentence(error: PictureError) -> &'static str {
    match error {
        PictureError::UnknownFormat => "This is not a PNG, JPEG or WebP picture.",
        PictureError::TooManyPixels => "The picture has more than 4 million pixels, or more than 4,096 on a side.",
        PictureError::Animated => "This is an animation. Choose a picture that stands still.",
        PictureError::Damaged => "The picture is damaged and cannot be read.",
    }
}

pub async fn remove(context: PageContext, session: Session, scope: Scope) -> Result<HttpResponse, AppError> {
    store(context.app, scope.clone(), None).await?;
    flash(&session, FlashKind::Success, "Logo removed.");
    Ok(see_other(&scope.path("/settings/edit")))
}

pub async fn serve(app: web::Data<App>, scope: Scope) -> Result<HttpResponse, AppError> {
    let content: Option<Vec<u8>> = app
        .read(move |connection| {
            Ok::<_, AppError>(
                organization_logos::table
                    .filter(organization_logos::organization_id.eq(scope.organization_id()))
                    .select(organization_logos::content)
                    .first(connection)
                    .optional()?,
            )
        })
        .await?;
    let content = content.ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/png"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .body(content))
}
