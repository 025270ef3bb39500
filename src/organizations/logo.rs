//! The logo: uploaded, checked by what it contains, redrawn at one size, and served to the people of the Organization.

use std::io::Cursor;

use actix_session::Session;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use image::imageops::FilterType;
use image::{ImageFormat, ImageReader, Limits};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::access::{Permission, Scope};
use crate::app::App;
use crate::audit::{Action, Change};
use crate::db::{DbError, WriteTx};
use crate::organizations::settings::edit_page;
use crate::schema::{organization_logos, organizations};
use crate::web::{AppError, FieldErrors, FlashKind, PageContext, Upload, flash, see_other};

/// The largest file accepted, in bytes.
const FILE_BYTES: usize = 2 * 1_024 * 1_024;
/// The largest picture decoded, in pixels a side: a small file can claim to be a huge picture.
const MOST_PIXELS: u32 = 6_000;
/// How large the stored logo is at the most, in pixels a side.
const STORED_PIXELS: u32 = 256;

/// Where the logo is served. The hash makes a new logo a new address.
pub fn logo_address(slug: &str, logo_hash: &str) -> Option<String> {
    (!logo_hash.is_empty()).then(|| format!("/organizations/{slug}/logo?v={logo_hash}"))
}

/// The picture as PNG of at most [`STORED_PIXELS`] a side, without anything else the file carried.
fn redrawn(file: &[u8]) -> Result<Vec<u8>, &'static str> {
    const NO_PICTURE: &str = "This is not a PNG, JPEG or WebP picture.";
    if file.len() > FILE_BYTES {
        return Err("The file is larger than 2 MB.");
    }
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| NO_PICTURE)?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return Err(NO_PICTURE);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    limits.max_alloc = Some(160 * 1_024 * 1_024);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => "The picture is larger than 6,000 pixels a side.",
        _ => "The picture is damaged and cannot be read.",
    })?;
    let small = if picture.width().max(picture.height()) > STORED_PIXELS {
        picture.resize(STORED_PIXELS, STORED_PIXELS, FilterType::Triangle)
    } else {
        picture
    };
    let mut png = Vec::new();
    small
        .into_rgba8()
        .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
        .map_err(|_| "The picture cannot be converted.")?;
    Ok(png)
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
    let is_too_large = file.len() > FILE_BYTES;
    match web::block(move || redrawn(&file)).await? {
        Ok(png) => {
            store(context.app, scope.clone(), Some(png)).await?;
            flash(&session, FlashKind::Success, "Logo saved.");
            Ok(see_other(&scope.path("/settings/edit")))
        }
        Err(sentence) => {
            let status = if is_too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
            refuse(context, scope, status, sentence).await
        }
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
