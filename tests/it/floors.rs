//! The floors of the house: a module imports only from floors below its own. Read from every `use` line and every path inside the
//! code of `src`, so that no circle can creep in.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::sources;

/// From top to bottom; a floor has one module. The pages of a noun are a floor of their own: they see the verbs of all nouns, and
/// no verb sees them.
const FLOORS: &[&str] = &[
    "main",
    "lib",
    "cli",
    "demo",
    "server",
    "service_manager",
    "routes",
    "guard",
    "home",
    "mailbox",
    "closing::pages",
    "organizations::pages",
    "invitations::pages",
    "people::pages",
    "licences::pages",
    "vouchers::pages",
    "catalogue::pages",
    "accounts::pages",
    "profile::pages",
    "privacy::pages",
    "credits::pages",
    "orders::pages",
    "payments::pages",
    "invoices::pages",
    "notifications::pages",
    "activity::pages",
    "invitations",
    "web",
    "background",
    "app",
    "exports",
    "config",
    "error",
    "closing",
    "orders",
    "notifications",
    "organizations",
    "privacy",
    "profile",
    "people",
    "vouchers",
    "licences",
    "accounts",
    "credits",
    "invoices",
    "payments",
    "catalogue",
    "billing",
    "activity",
    "mail",
    "audit",
    "changes",
    "limits",
    "jobs",
    "access",
    "readiness",
    "metrics",
    "installation",
    "db",
    "schema",
    "pdf",
    "pictures",
    "passwords",
    "glance",
    "threads",
    "shares",
    "security",
    "metrics::counts",
    "secrets",
    "paging",
    "ids",
    "time",
    "names",
    "money",
    "stored",
    "numbers",
    "countries",
    "network",
    "rates",
    "open_files",
    "roll",
    "links",
    "demo_accounts",
];

/// What may know HTTP and pages: everything from here up.
const LOWEST_THAT_KNOWS_HTTP: &str = "error";

/// The path of the module that a file is: `src/people/pages/list.rs` is `people::pages::list`.
fn module_of(file: &str) -> String {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    path.replace('/', "::")
}

/// The floor that a path belongs to: the longest that it begins with.
fn floor_of(path: &str) -> Option<usize> {
    let is_below = |floor: &&str| path == *floor || path.starts_with(&format!("{floor}::"));
    let floor = FLOORS.iter().filter(|floor| is_below(floor)).max_by_key(|floor| floor.len())?;
    FLOORS.iter().position(|other| other == floor)
}

/// The code without its comments.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The end of a path that stands at the beginning of `text`, and the paths that it and its group `{…}` lead to.
fn expand(before: &str, text: &str, found: &mut BTreeSet<String>) -> usize {
    let is_part = |character: char| character.is_alphanumeric() || "_:".contains(character);
    let end = text.find(|character| !is_part(character)).unwrap_or(text.len());
    let path = format!("{before}{}", &text[..end]);
    if !text[end..].starts_with('{') || !path.ends_with("::") {
        found.insert(path.trim_end_matches("::").trim_end_matches("::self").to_owned());
        return end;
    }
    let mut at = end + 1;
    while let Some(rest) = text.get(at..) {
        let skipped = rest.len() - rest.trim_start_matches([' ', '\n', ',']).len();
        at += skipped;
        if text[at..].starts_with('}') {
            return at + 1;
        }
        let length = expand(&path, &text[at..], found);
        let renamed = text[at + length..].find([',', '}']).unwrap_or(0);
        at += length + renamed;
    }
    at
}

/// All paths of this crate that a file names, `super` resolved.
fn named(module: &str, text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        expand("", &code[at + "crate::".len()..], &mut found);
    }
    let parent = |path: &str| path.rsplit_once("::").map(|(parent, _)| parent.to_owned());
    for (at, _) in code.match_indices("super::").filter(|(at, _)| !code[..*at].ends_with("super::")) {
        let (mut rest, mut base) = (&code[at..], Some(module.to_owned()));
        while let Some(after) = rest.strip_prefix("super::") {
            (rest, base) = (after, base.and_then(|base| parent(&base)));
        }
        if let Some(base) = base {
            expand(&format!("{base}::"), rest, &mut found);
        }
    }
    found
}

fn house() -> BTreeMap<String, BTreeSet<String>> {
    sources("src", "rs")
        .into_iter()
        .map(|(file, text)| {
            let module = module_of(&file);
            let named = named(&module, &text);
            (module, named)
        })
        .collect()
}

#[test]
fn every_file_is_on_a_floor_and_imports_from_below() {
    let house = house();
    assert!(house.len() > 100, "{}", house.len());
    let mut imports = 0;
    for (module, named) in &house {
        let floor = floor_of(module).unwrap_or_else(|| panic!("{module} is on no floor"));
        for path in named {
            let below = floor_of(path).unwrap_or_else(|| panic!("{module} names {path}, which is on no floor"));
            imports += 1;
            assert!(floor <= below, "{module} ({}) imports {path} from above ({})", FLOORS[floor], FLOORS[below]);
        }
    }
    assert!(imports > 500, "{imports} imports were read");
    for floor in FLOORS {
        assert!(house.keys().any(|module| module == floor || module.starts_with(&format!("{floor}::"))), "{floor}");
    }
}

/// Within a floor, files may use each other, but not in a circle.
#[test]
fn no_files_of_a_noun_use_each_other_in_a_circle() {
    let house = house();
    let file_of = |path: &str| {
        let is_in = |module: &&String| path == module.as_str() || path.starts_with(&format!("{module}::"));
        house.keys().filter(is_in).max_by_key(|module| module.len()).cloned()
    };
    // What `mod.rs` passes on is named by it, and leads back to the file that uses it: only files themselves count.
    let is_file = |module: &String| house.keys().all(|other| !other.starts_with(&format!("{module}::")));
    let uses: BTreeMap<&String, BTreeSet<String>> = house
        .iter()
        .map(|(module, named)| {
            (
                module,
                named.iter().filter_map(|path| file_of(path)).filter(|file| file != module && is_file(file)).collect(),
            )
        })
        .collect();
    for start in house.keys() {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(module) = next.pop() {
            for used in &uses[module] {
                assert!(used != start, "{start} uses {module}, which uses {start}");
                if seen.insert(used) {
                    next.push(house.get_key_value(used).expect("a file").0);
                }
            }
        }
    }
}

#[test]
fn verbs_and_what_is_below_them_know_neither_http_nor_pages() {
    let lowest = floor_of(LOWEST_THAT_KNOWS_HTTP).expect("a floor");
    for (file, text) in sources("src", "rs") {
        let floor = floor_of(&module_of(&file)).expect("it is on a floor");
        if floor <= lowest {
            continue;
        }
        let code = code(&text);
        assert!(!code.contains("actix"), "{file} knows HTTP");
        // Mails are templates, too: those of a noun stand with its verbs.
        let is_mail = file.starts_with("src/mail/") || file.ends_with("/mail.rs");
        assert!(is_mail || !code.contains("askama"), "{file} knows templates");
    }
}

#[test]
fn pages_do_not_query_and_only_the_database_knows_which_it_is() {
    for (file, text) in sources("src", "rs") {
        let (module, code) = (module_of(&file), code(&text));
        let is_page = module.contains("::pages::") || ["home", "mailbox"].contains(&module.as_str());
        assert!(!is_page || !code.contains("diesel"), "{file} queries");
        assert!(
            module == "db" || module.starts_with("db::") || !code.contains("Connection::Sqlite"),
            "{file} knows which database it is"
        );
    }
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let text = "use crate::a::{self, b::{C, d}, e as f};\nuse super::g;\nfn h() { crate::i::j(super::super::k); }";
    let named: Vec<String> = named("x::y::z", text).into_iter().collect();
    assert_eq!(named, ["a", "a::b::C", "a::b::d", "a::e", "i::j", "x::k", "x::y::g"]);
}
