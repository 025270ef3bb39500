//! Rules that the compiler does not know, read from the sources.

use portico::routes::table;

use crate::support::sources;

/// The templates of pages. Mails are read by other programs and bring their styles along.
fn pages() -> Vec<(String, String)> {
    sources("templates", "html").into_iter().filter(|(path, _)| !path.contains("templates/mail/")).collect()
}

/// The tags of a template with all their attributes, without comments and the template language's own tags.
fn tags(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{#") {
        plain.push_str(&rest[..start]);
        rest = rest[start..].split_once("#}").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let mut tags = Vec::new();
    for piece in plain.split('<').skip(1).filter(|piece| piece.starts_with(|first: char| first.is_ascii_alphabetic())) {
        // A `>` inside an expression or a quoted value does not end the tag.
        let mut end = piece.len();
        let (mut in_quotes, mut depth) = (false, 0_i32);
        let bytes = piece.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b'"' if depth == 0 => in_quotes = !in_quotes,
                b'>' if depth == 0 && !in_quotes => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        tags.push(piece[..end].to_owned());
    }
    tags
}

/// The value of an attribute in a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[test]
fn everything_in_a_template_is_escaped() {
    for (path, text) in sources("templates", "html") {
        for line in text.lines() {
            let squeezed: String = line.split_whitespace().collect();
            assert!(!squeezed.contains("|safe") && !squeezed.contains("autoescape"), "{path}: {line}");
            assert!(!squeezed.contains("|escape("), "{path}: {line}");
        }
    }
}

#[test]
fn pages_have_no_inline_style_or_script() {
    let mut seen = 0;
    for (path, text) in pages() {
        assert!(!text.contains("<style") && !text.contains("javascript:"), "{path}");
        for tag in tags(&text) {
            seen += 1;
            let squeezed = tag.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!squeezed.contains(" style="), "{path}: <{squeezed}>");
            for word in squeezed.split(' ').skip(1) {
                let is_handler = word.starts_with("on") && word.contains('=');
                assert!(!is_handler, "{path}: <{squeezed}>");
            }
            if squeezed.starts_with("script") {
                assert!(squeezed.contains(" src=\"{{"), "{path}: <{squeezed}>");
            }
        }
        for script in text.split("<script").skip(1) {
            let content =
                script.split_once('>').and_then(|(_, rest)| rest.split_once("</script>")).map(|(content, _)| content);
            assert_eq!(content.map(str::trim), Some(""), "{path}: a script has its content in a file");
        }
    }
    assert!(seen > 200, "the reader of tags works: {seen}");
}

/// Whether an address in a template, with expressions in its holes, is one of a route.
fn is_address_of(address: &str, pattern: &str) -> bool {
    // Behind the path may stand the place in a list, with its question mark.
    let address = address
        .split('?')
        .next()
        .unwrap_or_default()
        .trim_end_matches("{{place}}")
        .trim_end_matches("{{choice.place}}");
    let mut address = address.split('#').next().unwrap_or_default().trim_end_matches("{{place}}").split('/');
    let mut pattern = pattern.split('/');
    loop {
        match (address.next(), pattern.next()) {
            (None, None) => return true,
            (Some(part), Some(expected)) => {
                let is_hole = part.starts_with("{{") && expected.starts_with('{');
                if !is_hole && part != expected {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[test]
fn every_form_leads_to_a_route_that_takes_it() {
    let routes = table(true, true).list();
    let mut posted = std::collections::BTreeSet::new();
    for (path, text) in pages() {
        // The form of a passkey is a component that is told where it leads.
        let calls = text.split("passkey::form(\"").skip(1);
        posted.extend(calls.filter_map(|call| call.split('"').next()).map(str::to_owned));
        for tag in tags(&text) {
            for (action, method) in [("action", "method"), ("formaction", "formmethod")] {
                let Some(address) = attribute(&tag, action) else {
                    continue;
                };
                // The buttons in the rows of a list send a form that stands before it.
                let usual = if attribute(&tag, "form") == Some("act") { "post" } else { "get" };
                let method = attribute(&tag, method).unwrap_or(usual).to_uppercase();
                let address = address.replace(' ', "");
                // What a message offers to do, see FlashAction: to undo has no other form, the link of an invitation has.
                if address == "{{action}}" {
                    continue;
                }
                if address == "{{path}}" {
                    posted.insert("/organizations/{slug}/people/undo/{batch}".to_owned());
                    continue;
                }
                let route =
                    routes.iter().find(|route| route.method.as_str() == method && is_address_of(&address, &route.path));
                let route = route.unwrap_or_else(|| panic!("{path}: {method} {address} is no route"));
                if method == "POST" {
                    posted.insert(route.path.clone());
                }
            }
            if tag.starts_with("form") && attribute(&tag, "id") != Some("act") {
                assert!(attribute(&tag, "action").is_some(), "{path}: <{tag}> says where it goes");
            }
        }
    }
    // A script asks there; the form that it stands on is judged the same way when it is sent.
    posted.insert("/password-advice".to_owned());
    // And each route that takes a form has one.
    for route in routes.iter().filter(|route| route.method == "POST") {
        assert!(posted.contains(&route.path), "no template posts to {}", route.path);
    }
}

#[test]
fn every_link_in_a_template_leads_to_a_page() {
    let routes = table(true, true).list();
    let mut links = 0;
    for (path, text) in pages() {
        for tag in tags(&text).into_iter().filter(|tag| tag.starts_with("a ")) {
            let Some(href) =
                attribute(&tag, "href").map(|href| href.replace(' ', "")).filter(|href| href.starts_with('/'))
            else {
                continue;
            };
            links += 1;
            let is_page = routes.iter().any(|route| route.method == "GET" && is_address_of(&href, &route.path));
            assert!(is_page, "{path}: {href} is no page");
        }
    }
    assert!(links > 30, "{links} links");
}

#[test]
fn every_symbol_that_a_template_names_is_there_and_none_is_left_over() {
    let symbols = sources("static/icons", "svg");
    let names: Vec<&str> = symbols
        .iter()
        .map(|(path, text)| {
            let name = path.rsplit('/').next().and_then(|file| file.strip_suffix(".svg")).expect("a name");
            assert!(text.starts_with(&format!("<symbol id=\"{name}\"")), "{path}");
            name
        })
        .collect();
    let templates = pages();
    for (path, text) in &templates {
        for named in text.split("ui::icon(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(names.contains(&named), "{path} draws {named}");
        }
    }
    let written = [templates, sources("src", "rs")].concat();
    for name in names {
        let quoted = format!("\"{name}\"");
        assert!(written.iter().any(|(_, text)| text.contains(&quoted)), "nothing draws {name}");
    }
}

/// What the code may not call, clippy.toml says; migrations it does not read.
#[test]
fn no_migration_takes_the_time_from_the_database() {
    for (path, text) in sources("migrations", "sql") {
        let text = text.to_uppercase();
        for word in ["CURRENT_TIMESTAMP", "NOW()", "DATETIME('NOW"] {
            assert!(!text.contains(word), "{path} takes the time from the database");
        }
    }
}

#[test]
fn nothing_is_left_to_be_done() {
    for folder in [
        ("src", "rs"),
        ("templates", "html"),
        ("static", "css"),
        ("static", "js"),
        ("migrations", "sql"),
        ("tests", "rs"),
    ] {
        for (path, text) in sources(folder.0, folder.1) {
            for word in [
                concat!("TO", "DO"),
                concat!("FIX", "ME"),
                concat!("XX", "X:"),
                concat!("todo", "!("),
                concat!("dbg", "!("),
            ] {
                assert!(!text.contains(word), "{path} says {word}");
            }
        }
    }
}
