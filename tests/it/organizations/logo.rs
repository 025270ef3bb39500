//! The logo: checked by what it contains, redrawn, and served to the people of the Organization alone.

use std::io::Cursor;

use image::{DynamicImage, GenericImageView, ImageFormat};
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use crate::support::{Answer, Browser, Persona, Portal, acme, on_both};

const TOO_MANY_PIXELS: &str = "The picture has more than 4 million pixels, or more than 4,096 on a side.";

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = Vec::new();
    DynamicImage::new_rgb8(width, height).write_to(&mut Cursor::new(&mut file), format).expect("a picture");
    file
}

fn upload(browser: &Browser, file: &[u8]) -> Answer {
    browser.upload(&acme("/settings/logo"), &[], &[("logo", "logo.png", file)])
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

/// A PNG that says it is as large as this, whatever it contains.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut file = picture(2, 2, ImageFormat::Png);
    // After the signature and the length of the first chunk: its name, then width and height.
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let checked = crc(&file[12..29]);
    file[29..33].copy_from_slice(&checked.to_be_bytes());
    file
}

/// Where the page shows the logo from.
fn address(browser: &Browser) -> Option<String> {
    let sources = browser.get(&acme("/settings")).html().attributes("main img", "src");
    sources.into_iter().find(|source| source.starts_with(&acme("/logo")))
}

#[apply(on_both)]
fn png_jpeg_and_webp_are_taken_and_redrawn_as_png(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(address(&owner), None);
    let mut before = None;
    for (index, format) in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP].into_iter().enumerate() {
        let file = picture(600 + index as u32 * 100, 300, format);
        let recorded = portal.recorded_actions(|| {
            let answer = upload(&owner, &file);
            assert_eq!((answer.status, answer.location()), (303, acme("/settings/edit").as_str()), "{format:?}");
            assert!(owner.follow(answer).text().contains("Logo saved."));
        });
        assert_eq!(recorded, ["organization.logo.changed"]);
        let now = address(&owner).expect("it is shown");
        assert_ne!(Some(&now), before.as_ref(), "a new picture has a new address");
        let served = owner.get(&now);
        assert_eq!((served.status, served.header("content-type")), (200, "image/png"));
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        assert!(served.header("cache-control").starts_with("private"));
        before = Some(now);
    }
}

#[apply(on_both)]
fn a_large_picture_is_made_small_and_keeps_its_shape(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(upload(&owner, &picture(1_200, 600, ImageFormat::Png)).status, 303);
    let stored: Vec<u8> = portal.query(|connection| {
        use diesel::prelude::*;
        use portico::schema::organization_logos;
        organization_logos::table.select(organization_logos::content).first(connection)
    });
    assert_eq!(image::load_from_memory(&stored).unwrap().dimensions(), (256, 128));
}

#[apply(on_both)]
fn what_is_no_such_picture_is_refused_beside_its_field(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let png = picture(300, 300, ImageFormat::Png);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    let files: [(&str, Vec<u8>, &str); 10] = [
        ("svg", svg, "This is not a PNG, JPEG or WebP picture."),
        ("text", b"logo".to_vec(), "This is not a PNG, JPEG or WebP picture."),
        ("gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "This is not a PNG, JPEG or WebP picture."),
        (
            "html with the name of a png",
            b"<!DOCTYPE html><script>".to_vec(),
            "This is not a PNG, JPEG or WebP picture.",
        ),
        ("truncated", png[..png.len() / 2].to_vec(), "The picture is damaged and cannot be read."),
        ("signature alone", png[..8].to_vec(), "The picture is damaged and cannot be read."),
        ("really wide", picture(4_097, 1, ImageFormat::Png), TOO_MANY_PIXELS),
        ("really many", picture(2_049, 2_048, ImageFormat::Png), TOO_MANY_PIXELS),
        ("claiming to be huge", claiming(100_000, 100_000), TOO_MANY_PIXELS),
        ("nothing", Vec::new(), "Choose a file first."),
    ];
    let recorded = portal.recorded(|| {
        for (what, file, sentence) in &files {
            let answer = upload(&owner, file);
            assert_eq!(answer.status, 422, "{what}");
            assert_eq!(answer.html().text("#logo-error"), *sentence, "{what}");
        }
        assert_eq!(owner.upload(&acme("/settings/logo"), &[], &[]).status, 422);
        assert_eq!(owner.upload(&acme("/settings/logo"), &[("logo", "text")], &[]).status, 422);
    });
    assert!(recorded.is_empty());
    assert_eq!(address(&owner), None);
    assert_eq!(owner.get(&acme("/logo")).status, 404);
}

#[apply(on_both)]
fn a_file_above_two_megabytes_is_too_large(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let mut file = picture(300, 300, ImageFormat::Png);
    file.resize(2 * 1_024 * 1_024 + 1, 0);
    let answer = upload(&owner, &file);
    assert_eq!(answer.status, 413);
    assert_eq!(answer.html().text("#logo-error"), "The file is larger than 2 MB.");
    file.resize(2 * 1_024 * 1_024, 0);
    assert_eq!(upload(&owner, &file).status, 303, "exactly two are fine");
    file.resize(5 * 1_024 * 1_024, 0);
    let answer = upload(&owner, &file);
    assert_eq!(answer.status, 413);
    assert_eq!(answer.html().text("#logo-error"), "The file is larger than 2 MB.", "it stays with the form");
}

#[apply(on_both)]
fn only_people_of_the_organization_get_the_logo(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    upload(&owner, &picture(300, 300, ImageFormat::Png));
    let path = address(&owner).unwrap();
    for persona in [Persona::Member, Persona::Reader, Persona::Manager] {
        assert_eq!(portal.signed_in(persona).get(&path).status, 200, "{persona:?}");
    }
    assert_eq!(portal.signed_in(Persona::Outsider).get(&path).status, 404);
    assert_eq!(portal.browser().get(&path).status, 303);
    assert_eq!(owner.send(Method::HEAD, &path, &[], Vec::new()).status, 200);
}

#[apply(on_both)]
fn only_an_owner_changes_the_logo(#[case] portal: &Portal) {
    let file = picture(300, 300, ImageFormat::Png);
    let recorded = portal.recorded(|| {
        for (persona, status) in [(Persona::Manager, 403), (Persona::Member, 403), (Persona::Outsider, 404)] {
            let browser = portal.signed_in(persona);
            assert_eq!(upload(&browser, &file).status, status, "{persona:?}");
            assert_eq!(browser.post(&acme("/settings/logo/remove"), &[]).status, status, "{persona:?}");
        }
    });
    assert!(recorded.is_empty());
}

#[apply(on_both)]
fn a_logo_is_removed_and_the_same_one_again_changes_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let file = picture(300, 300, ImageFormat::Png);
    let recorded = portal.recorded_actions(|| {
        upload(&owner, &file);
        upload(&owner, &file);
        let path = address(&owner).unwrap();
        let answer = owner.post(&acme("/settings/logo/remove"), &[]);
        assert!(owner.follow(answer).text().contains("Logo removed."));
        assert_eq!(address(&owner), None);
        assert_eq!(owner.get(&path).status, 404);
        owner.post(&acme("/settings/logo/remove"), &[]);
    });
    assert_eq!(recorded, ["organization.logo.changed", "organization.logo.removed"]);
}

#[apply(on_both)]
fn a_browser_asks_each_time_whether_it_may_still_show_the_logo(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    upload(&owner, &picture(300, 300, ImageFormat::Png));
    let path = address(&owner).expect("it is shown");
    let member = portal.signed_in(Persona::Member);
    let served = member.get(&path);
    assert_eq!(served.header("cache-control"), "private, no-cache");
    let again = |tag: &str| member.send(Method::GET, &path, &[("If-None-Match", tag)], Vec::new());
    let kept = again(served.header("etag"));
    assert_eq!((kept.status, kept.body.as_str()), (304, ""));
    assert_eq!(again("\"another\"").status, 200);
    portal.take_out(&Persona::Member.email());
    assert_eq!(again(served.header("etag")).status, 404, "who is out sees it no more");
}
