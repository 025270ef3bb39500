//! Pictures that people upload: checked by what they contain, and redrawn at one size without anything else the file carried.
//!
//! A file of a few bytes can claim to be a picture of gigabytes. So its size in pixels is read from its header before anything
//! is decoded, and what a decoder would unpack besides the pixels (colour profiles, texts, frames of an animation) is left out
//! or refused. Pictures are redrawn one at a time on a thread of their own, which gives way to those that answer pages.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat};

use crate::threads::{Busy, Threads};

/// The largest side, in pixels.
pub const MOST_SIDE: u32 = 4_096;
/// The most pixels: with four bytes each, 16 MB.
pub const MOST_PIXELS: u64 = 4_194_304;
/// What the PNG decoder may take besides the pixels, in bytes.
const PNG_BYTES: usize = 32 * 1_024 * 1_024;

/// Why a file is not taken for a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureError {
    /// Neither PNG nor JPEG nor WebP.
    UnknownFormat,
    TooManyPixels,
    Animated,
    Damaged,
    /// Others wait already.
    Busy,
}

impl From<Busy> for PictureError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

/// Redraws pictures, one at a time.
#[derive(Clone)]
pub struct Pictures(Threads<()>);

impl Pictures {
    pub fn start() -> Self {
        Self(Threads::start("pictures", 1))
    }

    /// The picture as PNG of at most `side` pixels a side.
    pub async fn redraw(&self, file: Vec<u8>, side: u32) -> Result<Vec<u8>, PictureError> {
        let turn = self.0.turn().await?;
        self.0.run(turn, move |()| redrawn(&file, side)).await?
    }
}

fn redrawn(file: &[u8], side: u32) -> Result<Vec<u8>, PictureError> {
    let (picture, orientation) = match image::guess_format(file) {
        Ok(ImageFormat::Png) => (png(file)?, Orientation::NoTransforms),
        Ok(ImageFormat::Jpeg) => jpeg(file)?,
        Ok(ImageFormat::WebP) => webp(file)?,
        _ => return Err(PictureError::UnknownFormat),
    };
    let is_large = picture.width().max(picture.height()) > side;
    let mut small = if is_large { picture.resize(side, side, FilterType::Triangle) } else { picture };
    small.apply_orientation(orientation);
    let mut png = Vec::new();
    small.into_rgba8().write_to(&mut Cursor::new(&mut png), ImageFormat::Png).map_err(|_| PictureError::Damaged)?;
    Ok(png)
}

fn check_size(width: u32, height: u32) -> Result<(), PictureError> {
    let is_small = width.max(height) <= MOST_SIDE && u64::from(width) * u64::from(height) <= MOST_PIXELS;
    if is_small { Ok(()) } else { Err(PictureError::TooManyPixels) }
}

/// By the decoder itself: `image` cannot be told to leave colour profiles packed.
fn png(file: &[u8]) -> Result<DynamicImage, PictureError> {
    let damaged = |_| PictureError::Damaged;
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), png::Limits { bytes: PNG_BYTES });
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_ignore_text_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(damaged)?.size();
    check_size(width, height)?;
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(PictureError::TooManyPixels)?];
    let frame = reader.next_frame(&mut pixels).map_err(damaged)?;
    pixels.truncate(frame.buffer_size());
    let (width, height) = (frame.width, frame.height);
    match frame.color_type {
        png::ColorType::GrayscaleAlpha => {
            image::GrayAlphaImage::from_raw(width, height, pixels).map(DynamicImage::ImageLumaA8)
        }
        png::ColorType::Rgba => image::RgbaImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgba8),
        _ => None,
    }
    .ok_or(PictureError::Damaged)
}

fn jpeg(file: &[u8]) -> Result<(DynamicImage, Orientation), PictureError> {
    decoded(JpegDecoder::new(Cursor::new(file)).map_err(|_| PictureError::Damaged)?)
}

fn webp(file: &[u8]) -> Result<(DynamicImage, Orientation), PictureError> {
    for (width, height) in webp_frames(file) {
        check_size(width, height)?;
    }
    let decoder = WebPDecoder::new(Cursor::new(file)).map_err(|_| PictureError::Damaged)?;
    if decoder.has_animation() {
        return Err(PictureError::Animated);
    }
    decoded(decoder)
}

fn decoded(mut decoder: impl ImageDecoder) -> Result<(DynamicImage, Orientation), PictureError> {
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| PictureError::Damaged)?;
    Ok((picture, orientation))
}

/// The size that each frame of a WebP file gives itself. The decoder compares it with the size of the whole only once it has
/// unpacked the frame. (RFC 9649: chunks of a name, a length and content padded to an even number of bytes.)
fn webp_frames(file: &[u8]) -> Vec<(u32, u32)> {
    let mut frames = Vec::new();
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((head, content)) = rest.split_at_checked(8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let side = |at: usize| {
            content.get(at..at + 2).map(|bytes| u32::from(u16::from_le_bytes([bytes[0], bytes[1]]) & 0x3fff))
        };
        match &head[..4] {
            b"VP8 " => frames.extend(side(6).zip(side(8))),
            b"VP8L" => frames.extend(content.get(1..5).map(|bytes| {
                let bits = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)
            })),
            _ => {}
        }
        rest = content.get(length.saturating_add(length % 2)..).unwrap_or_default();
    }
    frames
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn jpeg_of(picture: &RgbImage) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Jpeg).unwrap();
        file.into_inner()
    }

    /// Puts "this side is up" into a JPEG, as a camera that was held upright does (Exif 2.3, tag 0x0112).
    fn turned(mut file: Vec<u8>, orientation: u8) -> Vec<u8> {
        let directory = [1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];
        let exif = [b"Exif\0\0II*\0\x08\0\0\0".as_slice(), &directory].concat();
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let segment = [&[0xff, 0xe1], &length[..], &exif].concat();
        file.splice(2..2, segment);
        file
    }

    #[test]
    fn a_photo_keeps_the_way_up_that_the_camera_noted() {
        // Left half red, right half blue; turned clockwise, red is above.
        let picture = RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
        let redrawn = redrawn(&turned(jpeg_of(&picture), 6), 256).unwrap();
        let shown = image::load_from_memory(&redrawn).unwrap().into_rgb8();
        assert_eq!((shown.width(), shown.height()), (32, 64));
        let (above, below) = (shown.get_pixel(16, 8).0, shown.get_pixel(16, 56).0);
        assert!(above[0] > 200 && above[2] < 60, "{above:?}");
        assert!(below[2] > 200 && below[0] < 60, "{below:?}");
    }

    #[test]
    fn a_picture_is_redrawn_at_the_size_asked_for_and_small_ones_stay() {
        for (width, height, expected) in [(600, 300, (256, 128)), (100, 256, (100, 256)), (1, 1, (1, 1))] {
            let redrawn = redrawn(&jpeg_of(&RgbImage::new(width, height)), 256).unwrap();
            assert_eq!(image::load_from_memory(&redrawn).map(|it| (it.width(), it.height())).unwrap(), expected);
        }
    }
}
