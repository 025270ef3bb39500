//! Stopping: requests in flight finish, whatever tells the process to stop.

use std::io::{Read, Write};
use std::net::TcpStream;

use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{
    PASSWORD, Persona, Portal,
    lines::{PATIENCE, poll},
    on_both,
    process::{Process, serve_beside},
};

#[apply(on_both)]
fn requests_in_flight_finish_when_the_process_is_told_to_stop(#[case] portal: &Portal) {
    for signal in ["TERM", "INT"] {
        let mut process = Process::start(serve_beside(portal));
        let address = process.url.trim_start_matches("http://").to_owned();
        let form = format!("email={}&password={}", Persona::Editor.email(), PASSWORD.replace(' ', "+"));
        let mut stream = TcpStream::connect(&address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "POST /sign-in HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            form.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // With this answer the request is in the hands of the server, which waits for the form.
        let mut answer = [0; 25];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");

        process.signal(signal);
        poll("no new connection is taken", || TcpStream::connect(&address).is_err().then_some(()));
        stream.write_all(form.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("location: /home"), "{signal}: {answer}");
        assert_eq!(process.wait(), Some(0), "{signal}: {}", process.log());
        assert!(process.log().contains("requests in flight finish"), "{signal}: {}", process.log());
    }
}

#[apply(on_both)]
fn a_process_that_is_told_to_stop_is_not_ready_while_it_still_serves(#[case] portal: &Portal) {
    let mut command = serve_beside(portal);
    command.env("PORTICO_STOP_DELAY", "600");
    let process = Process::start(command);
    let browser = process.signed_in(Persona::Editor);
    assert_eq!(browser.get("/readyz").body, "ready");
    process.signal("TERM");
    let answer = poll("it is not ready", || Some(browser.get("/readyz")).filter(|answer| answer.status == 503));
    assert_eq!((answer.body.as_str(), answer.header("retry-after")), ("stopping", "2"));
    assert_eq!(browser.get("/home").status, 200);
}

/// Closing a terminal, or a service manager that wants its settings read again, ends no request.
#[apply(on_both)]
fn sighup_ends_nothing(#[case] portal: &Portal) {
    let process = Process::start(serve_beside(portal));
    process.signal("HUP");
    process.wait_for_log("SIGHUP is ignored");
    assert_eq!(process.signed_in(Persona::Editor).get("/home").status, 200);
    process.stop();
}
