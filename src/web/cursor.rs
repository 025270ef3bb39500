//! Keyset paging: the address of a page names the last row of the page before, not a number of rows to skip.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The key of the last row on the page before, as a query parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    pub fn after(key: &str) -> Self {
        Self(key.to_owned())
    }

    /// The cursor in a query parameter: `None` where it is empty or was not made by [`Cursor::encoded`].
    pub fn decode(parameter: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(parameter).ok()?;
        String::from_utf8(bytes).ok().filter(|key| !key.is_empty() && !key.contains('\0')).map(Self)
    }

    pub fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    pub fn key(&self) -> &str {
        &self.0
    }
}
