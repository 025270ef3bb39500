//! A client that writes bytes to a socket and reads what comes back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::support::Portal;

/// Far longer than anything may take: a test that waits so long has found a hang.
const HANG: Duration = Duration::from_secs(60);

pub struct Raw(TcpStream);

impl Raw {
    pub fn new(portal: &Portal) -> Self {
        let address = portal.url.strip_prefix("http://").expect("an address");
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(HANG)).expect("a time-out");
        stream.set_write_timeout(Some(HANG)).expect("a time-out");
        Self(stream)
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("the server reads");
    }

    /// Sends as much as the server wants to have.
    pub fn write_what_it_takes(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
    }

    /// Reads until the server closes, however it does that.
    pub fn read_what_there_is(&mut self) -> String {
        let mut all = Vec::new();
        self.0.set_read_timeout(Some(HANG)).expect("a time-out");
        if let Err(error) = self.0.read_to_end(&mut all) {
            assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "the server neither answers nor closes");
        }
        String::from_utf8_lossy(&all).into_owned()
    }

    /// Sends a byte now and then until an answer comes, and reads it.
    pub fn trickle(&mut self, byte: u8) -> String {
        self.0.set_read_timeout(Some(Duration::from_millis(50))).expect("a time-out");
        let mut first = [0];
        for _ in 0..(HANG.as_millis() / 50) {
            let _ = self.0.write_all(&[byte]);
            match self.0.read(&mut first) {
                Ok(0) => return String::new(),
                Ok(_) => return format!("{}{}", char::from(first[0]), self.read_what_there_is()),
                Err(_) => {}
            }
        }
        panic!("the server neither answers nor closes");
    }

    /// Says that nothing more comes.
    pub fn finish(&self) {
        self.0.shutdown(Shutdown::Write).expect("the connection is there");
    }

    /// Everything until the server closes.
    pub fn read_all(&mut self) -> String {
        let mut all = Vec::new();
        if let Err(error) = self.0.read_to_end(&mut all) {
            panic!("{error} after {:?}", String::from_utf8_lossy(&all));
        }
        String::from_utf8_lossy(&all).into_owned()
    }

    /// Sends `request` and answers the status and the rest, until the server closes.
    pub fn ask(mut self, request: &[u8]) -> (u16, String) {
        self.write(request);
        split(&self.read_all())
    }

    /// Posts a body as this site's pages do, and reads only when all of it is sent, as simple clients do.
    pub fn post_all(mut self, path: &str, cookie: &str, content_type: &str, body: &[u8]) -> (u16, String) {
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: portico={cookie}\r\n") };
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n{cookie}\
             Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.write(head.as_bytes());
        self.write(body);
        split(&self.read_all())
    }
}

/// The status and everything behind it; 0 where the server closed without a word.
pub fn split(answer: &str) -> (u16, String) {
    let status = answer.strip_prefix("HTTP/1.1 ").or_else(|| answer.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|rest| rest.get(..3)).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    (status, answer.to_owned())
}
