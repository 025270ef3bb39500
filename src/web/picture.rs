//! Answering with a stored picture.

use actix_web::HttpResponse;
use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};

/// A PNG known by its hash. The browser keeps it, but asks each time whether it may still show it: who may not see it any more
/// does not.
pub fn picture(known: &IfNoneMatch, hash: String, png: Vec<u8>) -> HttpResponse {
    let tag = EntityTag::new_strong(hash);
    let is_known = match known {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if is_known {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, "image/png")).body(png)
}
