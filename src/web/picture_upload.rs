//! A picture that somebody uploads: checked and redrawn, or a sentence that says why not.

use actix_web::http::StatusCode;

use crate::app::App;
use crate::error::AppError;
use crate::ids::UserId;
use crate::pictures::PictureError;
use crate::rates::Limit;
use crate::web::Upload;

/// The largest file accepted, in bytes.
const FILE_BYTES: usize = 2 * 1_024 * 1_024;

pub enum Redrawn {
    /// As PNG.
    Picture(Vec<u8>),
    Refused(StatusCode, &'static str),
}

const TOO_LARGE: Redrawn = Redrawn::Refused(StatusCode::PAYLOAD_TOO_LARGE, "The file is larger than 2 MB.");

fn refused(sentence: &'static str) -> Redrawn {
    Redrawn::Refused(StatusCode::UNPROCESSABLE_ENTITY, sentence)
}

/// Redraws the file in `field` at `side` pixels a side at the most.
pub async fn redraw_upload(
    app: &App,
    uploader: &UserId,
    upload: Result<Upload, AppError>,
    field: &str,
    side: u32,
) -> Result<Redrawn, AppError> {
    let upload = match upload {
        // Far too large for any form: of this one, that is the file.
        Err(AppError::TooLarge(_)) => return Ok(TOO_LARGE),
        upload => upload?,
    };
    let Some(file) = upload.file(field) else { return Ok(refused("Choose a file first.")) };
    if file.len() > FILE_BYTES {
        return Ok(TOO_LARGE);
    }
    let uploader = uploader.clone();
    app.write(move |tx| tx.take(Limit::LogoUploads, uploader.as_str())).await?.or_refuse()?;
    Ok(match app.pictures.redraw(file.to_vec(), side).await {
        Ok(png) => Redrawn::Picture(png),
        Err(PictureError::Busy) => return Err(AppError::Unavailable("pictures are being redrawn".to_owned())),
        Err(PictureError::UnknownFormat) => refused("This is not a PNG, JPEG or WebP picture."),
        Err(PictureError::TooManyPixels) => {
            refused("The picture has more than 4 million pixels, or more than 4,096 on a side.")
        }
        Err(PictureError::Animated) => refused("This is an animation. Choose a picture that stands still."),
        Err(PictureError::Damaged) => refused("The picture is damaged and cannot be read."),
    })
}
