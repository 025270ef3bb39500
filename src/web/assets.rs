//! Static files: embedded, joined into one stylesheet and one script, named by a hash of their content, compressed once.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::error::AppError;
use crate::web::compress::{accepts_gzip, gzipped};

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "css/*"]
#[include = "js/*"]
#[include = "icons/*"]
#[include = "icon.svg"]
#[include = "favicon.ico"]
#[include = "apple-touch-icon.png"]
struct Files;

/// The paths of the static files, for pages.
#[derive(Clone, Debug)]
pub struct Assets {
    pub css: String,
    pub js: String,
    pub icon: String,
    /// The symbols that pages draw from, each by its name behind a `#`.
    pub icons: String,
}

struct Asset {
    path: String,
    content_type: &'static str,
    plain: Vec<u8>,
    gzip: LazyLock<Vec<u8>, Box<dyn FnOnce() -> Vec<u8> + Send + Sync>>,
}

struct AssetSet {
    css: Asset,
    js: Asset,
    icon: Asset,
    icons: Asset,
}

static ASSETS: LazyLock<AssetSet> = LazyLock::new(|| AssetSet {
    css: Asset::new("app", "css", "text/css; charset=utf-8", joined("css/")),
    js: Asset::new("app", "js", "text/javascript; charset=utf-8", joined("js/")),
    icon: Asset::new("icon", "svg", "image/svg+xml", file("icon.svg")),
    icons: Asset::new("icons", "svg", "image/svg+xml", sprite()),
});

static PATHS: LazyLock<Assets> = LazyLock::new(|| Assets {
    css: ASSETS.css.path.clone(),
    js: ASSETS.js.path.clone(),
    icon: ASSETS.icon.path.clone(),
    icons: ASSETS.icons.path.clone(),
});

impl Asset {
    fn new(name: &str, extension: &str, content_type: &'static str, plain: Vec<u8>) -> Self {
        let hash = Sha256::digest(&plain);
        let short: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let source = plain.clone();
        Self {
            path: format!("/static/{name}-{short}.{extension}"),
            content_type,
            plain,
            gzip: LazyLock::new(Box::new(move || gzipped(&source, flate2::Compression::best()))),
        }
    }
}

pub(super) fn file(path: &str) -> Vec<u8> {
    Files::get(path).map(|file| file.data.into_owned()).unwrap_or_else(|| panic!("static/{path} is embedded"))
}

/// The files that `ORDER` in the folder lists, one after the other.
fn joined(folder: &str) -> Vec<u8> {
    let order = String::from_utf8(file(&format!("{folder}ORDER"))).expect("ORDER is text");
    let mut all = Vec::new();
    for name in order.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let name = name.trim_start_matches("static/").trim_start_matches(folder);
        all.extend(file(&format!("{folder}{name}")));
        all.push(b'\n');
    }
    all
}

/// Every symbol in one file.
fn sprite() -> Vec<u8> {
    let mut names: Vec<_> = Files::iter().filter(|name| name.starts_with("icons/")).collect();
    names.sort();
    let symbols = names.iter().flat_map(|name| file(name));
    br#"<svg xmlns="http://www.w3.org/2000/svg">"#.iter().copied().chain(symbols).chain(*b"</svg>\n").collect()
}

impl Assets {
    pub fn paths() -> &'static Self {
        &PATHS
    }
}

/// `GET /static/{name}`: the content behind a name never changes.
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, AppError> {
    let set = &*ASSETS;
    let asset = [&set.css, &set.js, &set.icon, &set.icons]
        .into_iter()
        .find(|asset| asset.path == request.path())
        .ok_or(AppError::NotFound)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if accepts_gzip(&request) {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
        return Ok(response.body(asset.gzip.clone()));
    }
    Ok(response.body(asset.plain.clone()))
}
