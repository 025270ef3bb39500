//! A PostgreSQL that is stopped, stalled or silent: nobody waits for it, and nobody has to do anything when it is back.

use std::time::{Duration, Instant};

use portico::db::DatabaseUrl;

use crate::support::{
    Cluster, Persona, Portal, SLUG,
    lines::poll,
    process::{Process, portico, run, serve, serve_beside},
    state::state,
};

/// No answer may take longer, whatever the database does: several times the limit, on a machine that does other work, too. How exactly
/// it is kept is measured by the fault `postgresql-stalled`.
const AT_MOST: Duration = Duration::from_secs(10);

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn every_answer_comes_in_time_while_the_database_stands_still() {
    let cluster = Cluster::start().expect("PostgreSQL starts");
    let portal = Portal::on_cluster(&cluster);
    let process = Process::start(serve_beside(&portal));
    let before = state(&portal);
    // Beside the process, whose time is that of the machine: a session of the test's own time would be over there.
    let browsers: Vec<_> = (0..8).map(|_| portal.signed_in(Persona::Owner)).collect();
    let dashboard = format!("/organizations/{SLUG}");
    let id = portal.membership(Persona::Reader);
    let elsewhere = browsers[0].at(&process.url);
    assert_eq!(elsewhere.get(&dashboard).status, 200);

    cluster.signal("STOP");
    std::thread::scope(|scope| {
        for (number, browser) in browsers.iter().enumerate() {
            let (dashboard, id) = (&dashboard, &id);
            scope.spawn(move || {
                let began = Instant::now();
                let answer = if number % 2 == 0 {
                    browser.get(dashboard)
                } else {
                    let role = [("role", "editor"), ("current", "reader")];
                    browser.post(&format!("{dashboard}/people/{id}/role"), &role)
                };
                assert!(began.elapsed() < AT_MOST, "{:?}", began.elapsed());
                assert_eq!((answer.status, answer.header("retry-after")), (503, "2"));
            });
        }
    });
    // From now on nobody waits at all, which would take minutes, and what needs no database is shown.
    let began = Instant::now();
    for _ in 0..50 {
        assert_eq!(browsers[0].get(&dashboard).status, 503);
        assert_eq!(portal.browser().get("/sign-in").status, 200);
        assert_eq!(portal.browser().get("/readyz").status, 503);
        assert_eq!(portal.browser().get("/healthz").status, 200);
    }
    assert!(began.elapsed() < AT_MOST, "{:?}", began.elapsed());
    assert_eq!(elsewhere.get(&dashboard).status, 503);
    // A process ends although it has work in the database that does not end.
    let began = Instant::now();
    let mut process = process;
    process.signal("TERM");
    process.wait();
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());

    cluster.signal("CONT");
    poll("it is ready again", || (portal.browser().get("/readyz").status == 200).then_some(()));
    assert_eq!(browsers[0].get(&dashboard).status, 200);
    let after = state(&portal);
    for table in ["memberships", "activity"] {
        assert_eq!(before[table], after[table], "what was answered with 503 is not stored");
    }
}

/// A server that takes connections and says nothing.
fn silent() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("postgres://portico@{}/portico", listener.local_addr().expect("an address"));
    (listener, url)
}

#[test]
fn commands_do_not_wait_for_a_server_that_says_nothing() {
    let (_listener, url) = silent();
    for command in ["migrate", "doctor"] {
        let mut command = portico([command]);
        command.env("PORTICO_DATABASE_URL", &url);
        let began = Instant::now();
        let ended = run(command);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(format!("{ended:?}").contains("timeout expired"), "{ended:?}");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    }
}

#[test]
fn serve_waits_for_a_database_that_is_not_there_yet_and_gives_up() {
    let mut command = serve("postgres://127.0.0.1:1/portico");
    command.env("PORTICO_DATABASE_WAIT", "2");
    let ended = run(command);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.error.contains("waiting for the database") && ended.error.contains("refused"), "{ended:?}");
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_server_that_turned_read_only_refuses_changes_for_now_and_its_connections_are_given_up() {
    use diesel::connection::SimpleConnection;
    let portal = Portal::on_postgresql();
    let DatabaseUrl::Postgresql(url) = portal.app.db.url() else { panic!("this is on PostgreSQL") };
    let name = url.rsplit_once('/').expect("a database").1;
    let admin = |statement: &str| {
        let mut admin: diesel::PgConnection = diesel::Connection::establish(url).expect("it answers");
        admin.batch_execute("SET default_transaction_read_only = off").expect("it does");
        admin.batch_execute(statement).expect("it does");
    };
    let owner = portal.signed_in(Persona::Owner);
    let create = || owner.post("/organizations/new", &[("kind", "individual"), ("name", "After")]);
    let terminate = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    );
    admin(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    admin(&terminate);
    let answer = create();
    assert_eq!((answer.status, answer.header("retry-after")), (503, "2"), "{}", answer.text());
    assert_eq!(owner.get("/home").status, 200, "reading goes on");
    admin(&format!("ALTER DATABASE {name} SET default_transaction_read_only = off"));
    poll("changes are taken on new connections", || (create().status == 303).then_some(()));
}
