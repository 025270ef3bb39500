//! Absolute addresses of this portal, for mails. They come from the configured public URL, never from a request.

use std::sync::Arc;

/// The public URL, without a slash at the end.
#[derive(Clone, Debug)]
pub struct Links(Arc<str>);

impl Links {
    pub fn new(public_url: &str) -> Self {
        Self(public_url.into())
    }

    /// The address of `path`, which begins with a slash.
    pub fn to(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}
