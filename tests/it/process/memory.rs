//! Small files that claim to be huge pictures: whatever they are, the process stays small, and others are served meanwhile.

use std::io::Write;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat, RgbaImage};

use crate::support::process::{Process, serve_beside};
use crate::support::{Persona, Portal, acme};

/// Goal of the whole process, in MB.
const MOST_MEMORY: u64 = 112;
/// So many of a kind at once.
const AT_ONCE: usize = 4;

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    RgbaImage::new(width, height).write_to(&mut file, format).expect("a picture");
    file.into_inner()
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("a small chunk");
    let padding = vec![0; content.len() % 2];
    [name.as_slice(), &length.to_le_bytes(), content, &padding].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WEBP".to_vec(), chunks.concat()].concat())
}

/// The three bytes in which WebP writes the size of a canvas.
fn minus_one(side: u32) -> [u8; 3] {
    let [a, b, c, _] = (side - 1).to_le_bytes();
    [a, b, c]
}

fn canvas(flags: u8, side: u32) -> Vec<u8> {
    chunk(b"VP8X", &[&[flags, 0, 0, 0][..], &minus_one(side), &minus_one(side)].concat())
}

/// An animation of two small frames on a huge canvas.
fn animation() -> Vec<u8> {
    let frame = encoded(2, 2, ImageFormat::WebP)[12..].to_vec();
    let placed = [&[0; 6][..], &minus_one(2), &minus_one(2), &[10, 0, 0, 0], &frame].concat();
    webp(&[canvas(0x02, 16_384), chunk(b"ANIM", &[0; 6]), chunk(b"ANMF", &placed), chunk(b"ANMF", &placed)])
}

/// A lossless picture whose header claims the largest size there is.
fn lossless() -> Vec<u8> {
    let mut file = encoded(2, 2, ImageFormat::WebP);
    // After `RIFF`, the size, `WEBP`, `VP8L`, the size and the signature: two times 14 bits of size.
    let flags = u32::from_le_bytes(file[21..25].try_into().unwrap()) & 0xf000_0000;
    file[21..25].copy_from_slice(&(flags | 0x0fff_ffff).to_le_bytes());
    file
}

/// A small canvas with a lossy frame that claims to be huge.
fn lossy_in_small_canvas() -> Vec<u8> {
    let frame = [&[0x10, 0x32, 0, 0x9d, 0x01, 0x2a][..], &[0xff, 0x3f, 0xff, 0x3f], &[0; 4_096]].concat();
    webp(&[canvas(0, 16), chunk(b"VP8 ", &frame)])
}

/// A tiny PNG with 400 MB of colour profile, packed.
fn packed_profile() -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..400 {
        packer.write_all(&[0; 1_024 * 1_024]).unwrap();
    }
    let content = [b"profile\0\0".to_vec(), packer.finish().unwrap()].concat();
    let mut named = b"iCCP".to_vec();
    named.extend(&content);
    let mut crc = flate2::Crc::new();
    crc.update(&named);
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let inserted = [&length[..], &named, &crc.sum().to_be_bytes()].concat();
    let mut file = encoded(10, 10, ImageFormat::Png);
    // Behind the signature and the header.
    file.splice(33..33, inserted);
    file
}

/// A real JPEG of 36 megapixels in four colours' worth of work.
fn large_jpeg() -> Vec<u8> {
    let mut file = Vec::new();
    let pixels = vec![128; 6_000 * 6_000];
    JpegEncoder::new_with_quality(&mut file, 50).encode(&pixels, 6_000, 6_000, ExtendedColorType::L8).unwrap();
    file
}

#[test]
#[cfg(target_os = "linux")]
fn four_decode_bombs_of_each_kind_at_once_stay_small() {
    let portal = Portal::on_sqlite();
    let process = Process::start(serve_beside(&portal));
    let owner = process.signed_in(Persona::Owner);
    let too_many = "more than 4 million pixels";
    let bombs = [
        ("animated WebP", animation(), "This is an animation"),
        ("lossless WebP", lossless(), too_many),
        ("lossy WebP", lossy_in_small_canvas(), too_many),
        ("JPEG", large_jpeg(), too_many),
        ("plain PNG", encoded(6_000, 6_000, ImageFormat::Png), too_many),
        ("PNG with a packed profile", packed_profile(), "Logo saved."),
        ("the largest that is taken", encoded(2_048, 2_048, ImageFormat::Png), "Logo saved."),
    ];
    for (kind, file, said) in &bombs {
        assert!(file.len() < 2 * 1_024 * 1_024, "{kind} has {} bytes", file.len());
        std::thread::scope(|threads| {
            for _ in 0..AT_ONCE {
                threads.spawn(|| {
                    let owner = owner.copy();
                    let answer = owner.upload(&acme("/settings/logo"), &[], &[("logo", "logo", file)]);
                    let page = owner.follow(answer).text();
                    assert!(page.contains(said), "{kind}: {page}");
                });
            }
        });
        let peak = process.peak_memory();
        assert!(peak <= MOST_MEMORY, "{kind}: {peak} MB");
    }
    assert_eq!(owner.get("/home").status, 200);
}
