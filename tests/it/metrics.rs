//! `/metrics`: who may read it, what stands in it, and that it is there when the database is not.

use portico::secrets::Secret;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use crate::support::{
    Answer, Browser, Database, Persona, Portal, SLUG, on_both, on_each_database,
    process::{Process, serve_beside},
};

const TOKEN: &str = "a token that opens the metrics";

fn portal(database: Database) -> Portal {
    database.portal_with(|config| config.metrics_token = Some(Secret::presented(TOKEN)))
}

fn ask(browser: &Browser, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    browser.send(Method::GET, "/metrics", &[("Authorization", bearer.as_str())], Vec::new())
}

/// The value of a line that begins so.
fn value(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[apply(on_both)]
fn without_a_token_in_the_settings_there_are_none(#[case] portal: &Portal) {
    assert_eq!(ask(&portal.signed_in(Persona::Owner), TOKEN).status, 404);
}

#[apply(on_each_database)]
fn with_one_they_are_for_who_has_it(#[case] database: Database) {
    let portal = portal(database);
    let browser = portal.browser();
    for (token, status) in [("", 401), ("another", 401), (&TOKEN[1..], 401), (TOKEN, 200)] {
        assert_eq!(ask(&browser, token).status, status, "{token}");
    }
    assert_eq!(ask(&browser, "").header("www-authenticate"), "Bearer");
    assert_eq!(portal.signed_in(Persona::Owner).get("/metrics").status, 401, "a session is no token");
}

#[apply(on_each_database)]
fn they_tell_of_requests_and_of_what_waits_but_of_nobody(#[case] database: Database) {
    let portal = portal(database);
    let owner = portal.signed_in(Persona::Owner);
    let people = format!("/organizations/{SLUG}/people");
    assert_eq!(owner.get(&people).status, 200);
    assert_eq!(portal.browser().post("/forgot-password", &[("email", &Persona::Owner.email())]).status, 200);
    let answer = ask(&portal.browser(), TOKEN);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
    let text = answer.body;
    let answered = r#"portico_requests_total{route="/organizations/{slug}/people",method="GET",status="2xx"}"#;
    assert!(value(&text, answered).is_some_and(|count| count >= 1.0), "{text}");
    assert_eq!(value(&text, "portico_database_up"), Some(1.0));
    assert_eq!(value(&text, "portico_sessions"), Some(1.0));
    assert_eq!(value(&text, r#"portico_jobs_due{queue="mail",priority="0"}"#), Some(1.0), "{text}");
    assert!(value(&text, "portico_database_size_bytes").is_some_and(|bytes| bytes > 10_000.0));
    for name in ["portico_uptime_seconds", "portico_resident_memory_bytes", "portico_open_files"] {
        assert!(value(&text, name).is_some_and(|value| value > 0.0), "{name}");
    }
    for person in [SLUG, "olga", "example.com", "org_", "user_", "127.0.0.1"] {
        assert!(!text.to_lowercase().contains(person), "{person} stands in {text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[apply(on_each_database)]
fn they_tell_how_recurring_work_goes(#[case] database: Database) {
    let portal = portal(database);
    portico::background::runner(&portal.app).run_due().expect("the jobs run");
    let text = ask(&portal.browser(), TOKEN).body;
    for kind in portico::background::recurring() {
        let of = |name: &str| value(&text, &format!("portico_recurring_{name}{{kind=\"{kind}\"}}"));
        assert_eq!(of("failures"), Some(0.0), "{text}");
        assert_eq!(of("since_done_seconds"), Some(0.0), "{kind}: {text}");
        assert!(of("until_due_seconds").is_some_and(|seconds| seconds > 0.0), "{kind}: {text}");
    }
}

#[test]
fn they_have_an_address_of_their_own_which_has_nothing_else() {
    let portal = Portal::on_sqlite();
    let mut command = serve_beside(&portal);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    command.env("PORTICO_METRICS_LISTEN", &free);
    let process = Process::start(command);
    let own = Browser::new(&format!("http://{free}"));
    assert!(own.get("/metrics").body.contains("portico_build_info{version="));
    assert_eq!(own.get("/sign-in").status, 404);
    assert_eq!(process.browser().get("/metrics").status, 404);
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn they_are_there_when_the_database_is_not() {
    let portal = portal(Database::Postgresql);
    let portico::db::DatabaseUrl::Postgresql(url) = portal.app.db.url() else { panic!("this is on PostgreSQL") };
    let (server, name) = url.rsplit_once('/').expect("a database");
    let mut admin = <diesel::PgConnection as diesel::Connection>::establish(&format!("{server}/postgres")).unwrap();
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    diesel::connection::SimpleConnection::batch_execute(&mut admin, &drop).expect("the database goes");
    let answer = ask(&portal.browser(), TOKEN);
    assert_eq!(answer.status, 200);
    assert_eq!(value(&answer.body, "portico_database_up"), Some(0.0), "{}", answer.body);
    assert!(value(&answer.body, "portico_uptime_seconds").is_some());
}
