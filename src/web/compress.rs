//! Compressing pages: once each, with a content length, at the fastest levels that keep the largest page under 8 KB.

use std::cell::RefCell;
use std::io::Write;

use actix_web::HttpRequest;
use actix_web::http::header::{self, AcceptEncoding, Encoding, Header};

/// Pages smaller than this are sent as they are.
const WORTH_COMPRESSING: usize = 1_024;
const GZIP_LEVEL: u32 = 3;
const ZSTD_LEVEL: i32 = 1;

thread_local! {
    /// A compressor for each thread: making one costs as much as a page.
    static ZSTD: RefCell<Option<zstd::bulk::Compressor<'static>>> =
        RefCell::new(zstd::bulk::Compressor::new(ZSTD_LEVEL).ok());
}

/// How a page is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Zstd,
}

impl Coding {
    /// The value of `Content-Encoding`; `None` for a page that is sent as it is.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// What the client likes best of what a page can be sent in.
pub(super) fn negotiated(request: &HttpRequest) -> Coding {
    match negotiate(request, &[Encoding::zstd(), Encoding::gzip(), Encoding::identity()]) {
        Some(encoding) if encoding == Encoding::zstd() => Coding::Zstd,
        Some(encoding) if encoding == Encoding::gzip() => Coding::Gzip,
        _ => Coding::Identity,
    }
}

/// Whether the client takes gzip, for files that are kept in it.
pub(super) fn accepts_gzip(request: &HttpRequest) -> bool {
    negotiate(request, &[Encoding::gzip(), Encoding::identity()]) == Some(Encoding::gzip())
}

fn negotiate(request: &HttpRequest, supported: &[Encoding]) -> Option<Encoding> {
    request.headers().get(header::ACCEPT_ENCODING)?;
    AcceptEncoding::parse(request).ok()?.negotiate(supported.iter())
}

pub(super) fn compressed(plain: Vec<u8>, coding: Coding) -> (Vec<u8>, Coding) {
    if plain.len() < WORTH_COMPRESSING {
        return (plain, Coding::Identity);
    }
    match coding {
        Coding::Identity => (plain, Coding::Identity),
        Coding::Gzip => (gzipped(&plain, flate2::Compression::new(GZIP_LEVEL)), Coding::Gzip),
        Coding::Zstd => match ZSTD.with_borrow_mut(|zstd| zstd.as_mut().map(|zstd| zstd.compress(&plain))) {
            Some(Ok(small)) => (small, Coding::Zstd),
            _ => (plain, Coding::Identity),
        },
    }
}

/// Gzip, in memory.
pub(super) fn gzipped(plain: &[u8], level: flate2::Compression) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 3), level);
    encoder.write_all(plain).and_then(|()| encoder.finish()).expect("writing into memory cannot fail")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_client_chooses_by_quality_and_may_refuse() {
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", Coding::Zstd),
            ("gzip;q=1, zstd;q=0.1", Coding::Gzip),
            ("zstd;q=0, gzip", Coding::Gzip),
            ("br", Coding::Identity),
            ("identity", Coding::Identity),
            ("", Coding::Identity),
        ] {
            let request = TestRequest::default().insert_header(("accept-encoding", accepted)).to_http_request();
            assert_eq!(negotiated(&request), coding, "{accepted}");
        }
        assert_eq!(negotiated(&TestRequest::default().to_http_request()), Coding::Identity);
    }
}
