//! The picture of a person: redrawn, shown to themselves, and refused where it is none.

use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Browser, Persona, Portal, on_both, places::picture};

const PAGE: &str = "/account/details";

fn address(browser: &Browser) -> Option<String> {
    browser.get(PAGE).html().attributes("main img", "src").into_iter().find(|source| source.starts_with("/account/"))
}

#[apply(on_both)]
fn a_picture_is_shown_in_the_menu_until_it_is_removed(#[case] portal: &Portal) {
    let (member, other) = (portal.signed_in(Persona::Member), portal.signed_in(Persona::Reader));
    assert_eq!((address(&member), member.get("/account/picture").status), (None, 404));
    let recorded = portal.recorded_actions(|| {
        let answer = member.upload("/account/details/picture", &[], &[("picture", "me.png", &picture())]);
        assert_eq!((answer.status, answer.location()), (303, PAGE));
        assert!(member.follow(answer).text().contains("Picture saved."));
    });
    assert_eq!(recorded, ["account.picture.changed"]);
    let shown = address(&member).expect("it is shown");
    let served = member.get(&shown);
    assert_eq!((served.status, served.header("content-type")), (200, "image/png"));
    assert_eq!(member.get("/home").html().attributes("header img.avatar-photo", "src"), [shown.as_str()]);
    assert_eq!(other.get(&shown).status, 404, "it is whoever asks");
    let recorded =
        portal.recorded_actions(|| assert_eq!(member.post("/account/details/picture/remove", &[]).status, 303));
    assert_eq!(recorded, ["account.picture.removed"]);
    assert_eq!((address(&member), member.get(&shown).status), (None, 404));
}

#[apply(on_both)]
fn what_is_no_picture_or_too_large_is_refused_beside_the_field(#[case] portal: &Portal) {
    let member = portal.signed_in(Persona::Member);
    let large = vec![0x89; 30 * 1_024 * 1_024];
    let files: [(&str, &[u8], u16, &str); 5] = [
        ("me.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "This is not a PNG, JPEG or WebP picture."),
        ("me.jpg", b"MZ\x90\x00 a program", 422, "This is not a PNG, JPEG or WebP picture."),
        ("me.png", &picture()[..40], 422, "The picture is damaged and cannot be read."),
        ("", b"", 422, "Choose a file first."),
        ("me.png", &large, 413, "The file is larger than 2 MB."),
    ];
    for (name, content, status, sentence) in files {
        let answer = member.upload("/account/details/picture", &[], &[("picture", name, content)]);
        assert_eq!((answer.status, answer.html().text("#picture-error").as_str()), (status, sentence), "{name}");
    }
    assert_eq!(address(&member), None);
}
