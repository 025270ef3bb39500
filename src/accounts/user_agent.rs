//! A browser in words, from its own description of itself.

/// In the order in which they are looked for: most browsers name others, which came before them.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// `Firefox on Windows`; `None` for what is not known. Nothing of the description itself is repeated: a stranger may have written it.
pub fn words(user_agent: &str) -> Option<String> {
    let named =
        |list: &[(&str, &'static str)]| list.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name);
    let browser = named(&BROWSERS)?;
    Some(named(&SYSTEMS).map_or_else(|| browser.to_owned(), |system| format!("{browser} on {system}")))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn browsers_are_told_by_name_and_system() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        for (user_agent, told) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0".to_owned(),
                Some("Firefox on Linux"),
            ),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Edg/140.0.0.0"), Some("Edge on Windows")),
            (format!("Mozilla/5.0 (Linux; Android 16; K) {webkit}"), Some("Chrome on Android")),
            ("curl/8.5.0".to_owned(), None),
            ("<b>call 555</b>".to_owned(), None),
        ] {
            assert_eq!(words(&user_agent).as_deref(), told, "{user_agent}");
        }
    }
}
