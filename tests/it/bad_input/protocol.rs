//! What no browser sends. Where it is not even HTTP there is no page to show; there is a refusal, and the connection ends.

use rstest::rstest;
use rstest_reuse::apply;

use super::raw::{Raw, split};
use crate::support::{
    Persona, Portal, on_both,
    state::{assert_unchanged, stored},
};

#[apply(on_both)]
fn a_request_that_can_be_read_in_two_ways_is_refused(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let cookie = owner.cookie("portico").expect("a cookie");
    let before = stored(portal);
    let head = format!(
        "POST /organizations/new HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: portico={cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n"
    );
    let smuggled = "kind=individual&name=Smuggled";
    let length = smuggled.len();
    // What is behind the first request must never be taken for a second one.
    for (lengths, body) in [
        (format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"), format!("{smuggled}\r\n0\r\n\r\n")),
        (format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"), smuggled.to_owned()),
        (format!("Content-Length: {length}\r\nContent-Length: 3\r\n"), smuggled.to_owned()),
        (format!("Content-Length: {length}, {length}\r\n"), smuggled.to_owned()),
        (format!("Content-Length: +{length}\r\n"), smuggled.to_owned()),
        ("Content-Length: -1\r\n".to_owned(), smuggled.to_owned()),
        ("Content-Length: 99999999999999999999999\r\n".to_owned(), smuggled.to_owned()),
        ("Content-Length: 0x1d\r\n".to_owned(), smuggled.to_owned()),
        ("Transfer-Encoding: identity, chunked\r\n".to_owned(), format!("1d\r\n{smuggled}\r\n0\r\n\r\n")),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".to_owned(),
            format!("1d\r\n{smuggled}\r\n0\r\n\r\n"),
        ),
        ("Transfer-Encoding: xchunked\r\n".to_owned(), format!("1d\r\n{smuggled}\r\n0\r\n\r\n")),
        ("Transfer-Encoding : chunked\r\n".to_owned(), format!("1d\r\n{smuggled}\r\n0\r\n\r\n")),
    ] {
        let (status, answer) = Raw::new(portal).ask(format!("{head}{lengths}\r\n{body}").as_bytes());
        assert_eq!(status, 400, "{lengths:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths:?}: {answer}");
    }
    // Chunks that are none.
    for body in
        ["zz\r\nabc\r\n0\r\n\r\n", "ffffffffffffffffff\r\nabc", "-1\r\nabc\r\n0\r\n\r\n", "5\r\nabc\r\n0\r\n\r\nabcdef"]
    {
        let mut raw = Raw::new(portal);
        raw.write(format!("{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{body}").as_bytes());
        raw.finish();
        let (status, answer) = split(&raw.read_all());
        assert!(matches!(status, 0 | 400), "{body:?}: {answer}");
    }
    assert_unchanged(&before, &stored(portal), "ambiguous requests");
}

#[apply(on_both)]
fn what_is_not_http_is_refused(#[case] portal: &Portal) {
    for request in [
        "NONSENSE\r\n\r\n",
        "GET\r\n\r\n",
        "GET /home\r\n\r\n",
        "GET /home HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "GET /ho me HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET home HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /home HTTP/1.1\r\nHost: localhost\r\nBad Header: b\r\n\r\n",
        "GET /home HTTP/1.1\r\nHost: localhost\r\nBad\0: b\r\n\r\n",
        "GET /home HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        "\u{16}\u{3}\u{1}\0\0",
    ] {
        let mut raw = Raw::new(portal);
        raw.write(request.as_bytes());
        raw.finish();
        let (status, answer) = split(&raw.read_all());
        assert!(matches!(status, 0 | 400 | 404), "{request:?}: {answer}");
    }
    let many: String = (0..2_000).map(|number| format!("X-{number}: a\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "a".repeat(400_000));
    for headers in [many, long] {
        let mut raw = Raw::new(portal);
        // It may refuse before all of it is sent.
        let request = format!("GET /home HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        raw.write_what_it_takes(request.as_bytes());
        let (status, answer) = split(&raw.read_what_there_is());
        assert!(matches!(status, 0 | 400 | 413 | 414 | 431), "{status}: {answer}");
    }
    assert_eq!(portal.browser().get("/sign-in").status, 200, "and the server goes on");
}

#[apply(on_both)]
fn methods_and_hosts_that_nobody_uses_are_answered(#[case] portal: &Portal) {
    for method in ["TRACE", "CONNECT", "PROPFIND", "BREW", "get"] {
        let request = format!("{method} /home HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let (status, answer) = Raw::new(portal).ask(request.as_bytes());
        assert!(matches!(status, 400 | 404 | 405), "{method}: {answer}");
        assert!(!answer.contains("Cookie"), "{method}: {answer}");
    }
    // The host that a request names is never believed, and one that is not ours is not answered.
    for (host, expected) in [("evil.example", 421), ("evil.example:80", 421), ("a b", 421), ("", 421), ("[::1]", 303)] {
        let request = format!(
            "GET /home HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n"
        );
        let (status, answer) = Raw::new(portal).ask(request.as_bytes());
        assert_eq!(status, expected, "{host}: {answer}");
        assert!(!answer.contains("evil.example"), "{host}: {answer}");
    }
    // An address in absolute form is the same address.
    let request = "GET http://evil.example/home HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let (status, answer) = Raw::new(portal).ask(request.as_bytes());
    assert!(matches!(status, 303 | 400 | 404), "{answer}");
    assert!(!answer.to_lowercase().contains("location: http"), "{answer}");
}

#[apply(on_both)]
fn a_body_that_breaks_off_changes_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let cookie = owner.cookie("portico").expect("a cookie");
    let before = stored(portal);
    let mut raw = Raw::new(portal);
    raw.write(
        format!(
            "POST /organizations/new HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: portico={cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nkind=individual&name=Half"
        )
        .as_bytes(),
    );
    raw.finish();
    let (status, answer) = split(&raw.read_all());
    assert!(matches!(status, 0 | 400), "{answer}");
    assert_unchanged(&before, &stored(portal), "half a form");
}

#[test]
fn who_sends_nothing_more_is_not_waited_for() {
    let portal = crate::support::Portal::on_sqlite();
    let owner = portal.signed_in(Persona::Owner);
    let cookie = owner.cookie("portico").expect("a cookie");
    let mut half_a_head = Raw::new(&portal);
    half_a_head.write(b"GET /home HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    let mut half_a_body = Raw::new(&portal);
    half_a_body.write(
        format!(
            "POST /organizations/new HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: portico={cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nkind=individual&name=Half"
        )
        .as_bytes(),
    );
    let mut half_an_upload = Raw::new(&portal);
    half_an_upload.write(
        format!(
            "POST /organizations/acme/people/invite HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: portico={cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 500\r\n\r\n--x\r\n"
        )
        .as_bytes(),
    );
    // The server gives up by itself: each of these would wait for a minute otherwise, and fail.
    let (status, answer) = split(&half_a_head.read_all());
    assert!(matches!(status, 0 | 408), "{answer}");
    for mut raw in [half_a_body, half_an_upload] {
        let (status, answer) = split(&raw.read_all());
        assert_eq!(status, 408, "{answer}");
        assert!(answer.contains("<h1>"), "{answer}");
    }
}
