//! `portico demo`, as somebody sees it who tries Portico for the first time.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use portico::access::Role;

use crate::support::{
    Answer, Browser, invite_to,
    lines::poll,
    process::{Process, portico, run},
};

const PASSWORD: &str = "portico-demo-2026";
const ORGANIZATION: &str = "/organizations/aerial-survey-group";

fn demo(data: &Path) -> Command {
    let mut command = portico(["demo", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(data);
    command
}

fn signed_in(process: &Process, email: &str) -> Browser {
    let browser = process.browser();
    let answer = browser.post("/sign-in", &[("email", email), ("password", PASSWORD)]);
    assert_eq!((answer.status, answer.location()), (303, "/home"), "{email}");
    browser
}

/// Every page that a page links to, on this site.
fn links(page: &Answer) -> Vec<String> {
    let mut links = page.html().attributes("a[href]", "href");
    links.extend(page.html().attributes("img[src], script[src]", "src"));
    links.extend(page.html().attributes("link[href]", "href"));
    links.retain(|link| link.starts_with('/'));
    links
}

#[test]
fn a_first_start_prints_what_is_needed_and_every_linked_page_of_every_account_opens() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("not/there/yet");
    let process = Process::start(demo(&data));
    process.wait_for_output("outsider@example.com");
    let output = process.output();
    assert!(output.contains(&format!("{}/dev/mailbox", process.url)), "{output}");
    assert!(output.contains(PASSWORD) && output.contains(&data.display().to_string()), "{output}");
    let accounts = [
        ("owner@example.com", "Owner"),
        ("manager@example.com", "Manager"),
        ("editor@example.com", "Editor"),
        ("reader@example.com", "Reader"),
        ("member@example.com", "Member"),
        ("outsider@example.com", "Outsider"),
    ];
    for (email, role) in accounts {
        let line = output.lines().find(|line| line.contains(email)).unwrap_or_default();
        assert!(line.contains(role), "{email}: {line}");
        let pages = walk(&signed_in(&process, email));
        assert!(pages.contains("/organizations/new"), "{email}: {pages:?}");
        let is_in = role != "Outsider";
        assert_eq!(pages.contains(ORGANIZATION), is_in, "{email}");
        let manages = matches!(role, "Owner" | "Manager");
        for below in ["/people", "/settings", "/people/invite", "/credits"] {
            assert_eq!(pages.contains(&format!("{ORGANIZATION}{below}")), manages, "{email} {below}");
        }
        assert_eq!(pages.contains(&format!("{ORGANIZATION}/settings/edit")), role == "Owner", "{email}");
        let northwind = matches!(role, "Owner" | "Outsider");
        assert_eq!(pages.contains("/organizations/northwind-mapping"), northwind, "{email}");
        let health = process.browser().get("/readyz");
        assert_eq!((health.status, health.body.as_str()), (200, "ready"));
    }
}

/// Opens every page that can be reached by links from home, and answers their paths.
fn walk(browser: &Browser) -> BTreeSet<String> {
    let mut waiting = vec!["/home".to_owned()];
    let (mut seen, mut icons) = (BTreeSet::new(), BTreeSet::new());
    while let Some(link) = waiting.pop() {
        let link = link.split('#').next().unwrap_or_default().to_owned();
        let path = link.split('?').next().unwrap_or_default().to_owned();
        // One person stands for all of them, as does one mail, one order and one invoice.
        let kind = match path.split('/').collect::<Vec<_>>()[..] {
            ["", "organizations", slug, "plans", of @ ("orders" | "invoices"), id, ref below @ ..]
                if id.contains('_') =>
            {
                format!("/organizations/{slug}/plans/{of}/{{id}}/{}", below.join("/"))
            }
            ["", "organizations", slug, "people", id] if id.contains('_') => {
                format!("/organizations/{slug}/people/{{id}}")
            }
            ["", "dev", "mailbox", _] => "/dev/mailbox/{id}".to_owned(),
            ["", "dev", "mailbox", _, "html"] => "/dev/mailbox/{id}/html".to_owned(),
            _ => path,
        };
        if !seen.insert(kind) {
            continue;
        }
        // Whoever is signed in is led on from there: pages of anybody link it.
        if link == "/sign-in" {
            continue;
        }
        let page = browser.get(&link);
        assert_eq!(page.status, 200, "{link}");
        if page.header("content-type").starts_with("text/html") {
            waiting.extend(links(&page));
            icons.extend(page.html().attributes("use[href]", "href"));
        }
    }
    for icon in icons {
        let (file, name) = icon.split_once('#').expect("a symbol in a file");
        assert!(browser.get(file).body.contains(&format!("id=\"{name}\"")), "{icon}");
    }
    seen
}

#[test]
fn a_second_start_keeps_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(demo(folder.path()));
    let owner = signed_in(&process, "owner@example.com");
    assert_eq!(invite_to(&owner, ORGANIZATION, "new.colleague@example.com", Role::Reader).status, 303);
    let people = |browser: &Browser| browser.get(&format!("{ORGANIZATION}/people?search=new.colleague")).text();
    assert!(people(&owner).contains("new.colleague@example.com"));
    process.stop();

    let process = Process::start(demo(folder.path()));
    let owner = owner.at(&process.url);
    assert!(people(&owner).contains("new.colleague@example.com"), "the data and the session are still there");
    let names: BTreeSet<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.contains("portico.db") && names.contains("secret.key"), "{names:?}");
}

#[cfg(unix)]
#[test]
fn the_key_of_the_demo_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _process = Process::start(demo(folder.path()));
    let mode = std::fs::metadata(folder.path().join("secret.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn localhost_is_either_loopback_address_and_the_banner_is_all_that_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(demo(folder.path()));
    process.wait_for_output("Stop:");
    let port = process.url.rsplit(':').next().unwrap().to_owned();
    let has_ipv6 = std::net::TcpListener::bind("[::1]:0").is_ok();
    for address in ["127.0.0.1", "[::1]"].into_iter().filter(|address| has_ipv6 || !address.starts_with('[')) {
        let stream = std::net::TcpStream::connect(format!("{address}:{port}"));
        assert!(stream.is_ok(), "{address}: {stream:?}");
    }
    process.browser().get("/sign-in");
    process.browser().get("/readyz");
    let style = process.browser().get("/sign-in").html().attributes("link[rel=stylesheet]", "href").remove(0);
    process.browser().get(&style);
    let log = poll("the last request is logged", || {
        Some(process.log()).filter(|log| log.matches("route=\"/sign-in\"").count() == 2)
    });
    for noise in ["actix_server", "mail delivered", "/static/{name}", "/readyz", "\u{1b}["] {
        assert!(!log.contains(noise), "{noise}: {log}");
    }
}

#[test]
fn a_port_in_use_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = portico(["demo", "--listen", &address, "--data"]);
    command.arg(folder.path());
    let ended = run(command);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""), "{ended:?}");
    assert!(
        ended.error.contains(&format!("cannot listen on {address}")) && ended.error.contains("in use"),
        "{ended:?}"
    );
    assert!(ended.error.contains("--listen (PORTICO_LISTEN)"), "{ended:?}");
}

#[test]
fn a_data_directory_that_cannot_be_used_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    for data in [file.clone(), file.join("below"), Path::new("/proc/portico").to_owned()] {
        let ended = run(demo(&data));
        assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""), "{ended:?}");
        let expected = format!("portico: the data directory {} cannot be used: ", data.display());
        assert!(ended.error.contains(&expected) && !ended.error.contains("panicked"), "{ended:?}");
    }
}

/// Permissions bind root, too, without the capability to override them.
#[cfg(unix)]
fn bound_by_permissions(command: &Command) -> Option<Command> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let mut bound = if is_root {
        let setpriv = ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"];
        let works = Command::new("setpriv").args(setpriv).arg("true").status().is_ok_and(|status| status.success());
        if !works {
            panic!("root cannot give up its privileges here: run the tests as somebody else");
        }
        let mut bound = Command::new("setpriv");
        bound.args(setpriv).arg(command.get_program());
        bound
    } else {
        Command::new(command.get_program())
    };
    bound.args(command.get_args());
    Some(bound)
}

#[cfg(unix)]
#[test]
fn a_read_only_data_directory_is_said_in_a_sentence() {
    use std::os::unix::fs::PermissionsExt;
    let allow = |path: &Path, mode: u32| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let folder = tempfile::tempdir().unwrap();

    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    allow(&empty, 0o555);
    let Some(command) = bound_by_permissions(&demo(&empty)) else {
        return;
    };
    let ended = run(command);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.error.contains(&empty.display().to_string()), "{ended:?}");
    assert!(ended.error.contains("Permission denied"), "{ended:?}");

    // The folder and all in it, or just the file: SQLite itself would only notice at the first change.
    let used = folder.path().join("used");
    Process::start(demo(&used)).stop();
    let database = used.join("portico.db");
    for (folder_mode, file_mode) in [(0o555, 0o444), (0o755, 0o444)] {
        allow(&database, file_mode);
        allow(&used, folder_mode);
        let ended = run(bound_by_permissions(&demo(&used)).expect("it worked above"));
        assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.error.contains(&database.display().to_string()), "{ended:?}");
        assert!(ended.error.contains("attempt to write a readonly database"), "{ended:?}");
    }
    for path in [&empty, &used] {
        allow(path, 0o755);
    }
}

/// Killed while it writes its company, again and again: the next start writes all of it.
#[test]
fn a_first_start_that_is_killed_leaves_no_broken_demo() {
    use diesel::prelude::*;
    use portico::schema::users;
    // A plain connection, which keeps nobody from writing.
    let users_in = |path: &Path| {
        let mut connection = SqliteConnection::establish(&path.display().to_string()).ok()?;
        users::table.count().get_result::<i64>(&mut connection).ok().filter(|count| *count > 0)
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portico.db");
    let mut first = Alive(demo(folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    poll("somebody is there", || file.exists().then(|| users_in(&file)).flatten());
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    let there = users_in(&file);
    assert_eq!(there, Some(39), "all of them, or none");
    let process = Process::start(demo(folder.path()));
    let outsider = signed_in(&process, "outsider@example.com");
    assert!(outsider.get("/home").text().contains("Northwind Mapping"));
    let owner = signed_in(&process, "owner@example.com");
    assert!(owner.get("/home").text().contains("Aerial Survey Group"));
}

/// A process that is killed when the test forgets about it.
struct Alive(std::process::Child);

impl Drop for Alive {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_company_has_licences_in_every_state_and_people_who_use_them() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(demo(folder.path()));
    let owner = signed_in(&process, "owner@example.com");
    let page = owner.get(&format!("{ORGANIZATION}/plans")).html();
    let mut states = page.texts(".plan .badge-status");
    states.sort();
    assert_eq!(
        states,
        ["Active", "Active", "Active", "Active", "Cancellation pending", "Expired", "In grace", "Suspended", "Trial"]
    );
    assert!(page.texts(".plan").iter().any(|plan| plan.contains("10 of 12")), "{:?}", page.texts(".plan"));
    let attention = owner.get(ORGANIZATION).html().texts("[aria-labelledby=attention-title] dd");
    // One in grace; one that ends in days, and the trial; one suspended.
    assert_eq!(attention, ["1", "2", "1"]);
    // A Member sees what they were given.
    let member = signed_in(&process, "member@example.com").get(&format!("{ORGANIZATION}/plans")).html();
    assert_eq!(member.texts(".plan h3"), ["Cloud Advanced", "Fields", "Mapper"]);
}
