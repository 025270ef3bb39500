//! What stands behind a path in the address of a list: its filter and its place.

/// The fields that say something, with the question mark before them; nothing where none does.
pub fn query_string<'a>(fields: impl IntoIterator<Item = (&'static str, &'a str)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() { query } else { format!("?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_left_out() {
        assert_eq!(query_string([("a", ""), ("b", "")]), "");
        assert_eq!(query_string([("a", ""), ("b", "x&y z"), ("c", "ä")]), "?b=x%26y+z&c=%C3%A4");
    }
}
