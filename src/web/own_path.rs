//! Paths that somebody sends and that a page leads to: only those of this site.

use crate::error::LONGEST_NEXT;

/// The path (with its query), if it stays on this site whatever a browser makes of it.
pub fn own_path(path: &str) -> Option<&str> {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let is_own = |text: &str| {
        text.starts_with('/')
            && !text.starts_with("//")
            && !text.contains('\\')
            && !text.contains("//")
            && !text.chars().any(|character| character.is_control() || character.is_whitespace())
    };
    (path.len() <= LONGEST_NEXT && path.is_ascii() && is_own(path) && is_own(&decoded)).then_some(path)
}
