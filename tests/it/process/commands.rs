//! The commands: what they refuse, what they say, what they leave alone.

use std::path::Path;

use crate::support::{
    Portal, postgresql_cluster,
    process::{Ended, Process, portico, run, secret_key, serve, serve_beside},
    sources,
};

/// `portico serve` in an empty folder, with one setting changed or taken away.
fn serve_with(folder: &Path, name: &str, value: Option<&str>) -> Ended {
    let mut command = serve("sqlite://portico.db");
    command.current_dir(folder);
    match value {
        Some(value) => command.env(name, value),
        None => command.env_remove(name),
    };
    run(command)
}

fn files_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn serve_refuses_each_unsafe_setting_and_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (short_key, typed_key) = ("k".repeat(63), "k".repeat(64));
    let refused = [
        ("PORTICO_PUBLIC_URL", None, "PORTICO_PUBLIC_URL is not set"),
        ("PORTICO_PUBLIC_URL", Some("http://portal.example.com"), "must be https://"),
        ("PORTICO_PUBLIC_URL", Some("http://localhost.example.com"), "must be https://"),
        ("PORTICO_PUBLIC_URL", Some("http://192.0.2.7:8080"), "must be https://"),
        ("PORTICO_PUBLIC_URL", Some("https://portal.example.com/portal"), "without path"),
        ("PORTICO_PUBLIC_URL", Some("https://user@portal.example.com"), "without path, query or user"),
        ("PORTICO_PUBLIC_URL", Some("ftp://portal.example.com"), "plain http:// or https://"),
        ("PORTICO_PUBLIC_URL", Some("portal.example.com"), "relative URL"),
        ("PORTICO_SECRET_KEY", None, "PORTICO_SECRET_KEY is not set"),
        ("PORTICO_SECRET_KEY", Some(""), "PORTICO_SECRET_KEY has 0 bytes"),
        ("PORTICO_SECRET_KEY", Some(short_key.as_str()), "has 63 bytes; it must have at least 64"),
        ("PORTICO_SECRET_KEY", Some(typed_key.as_str()), "can be guessed"),
        ("PORTICO_SECRET_KEY_FILE", Some("missing.key"), "PORTICO_SECRET_KEY_FILE are both set"),
        ("PORTICO_PREVIOUS_SECRET_KEYS", Some("before"), "has 6 bytes"),
        ("PORTICO_PREVIOUS_SECRET_KEYS_FILE", Some("missing.key"), "missing.key cannot be read"),
        ("PORTICO_PAYMENTS", Some("paypal"), "it must be stripe or sandbox"),
        (
            "PORTICO_PAYMENTS",
            Some("stripe"),
            "PORTICO_STRIPE_SECRET_KEY is not set, which PORTICO_PAYMENTS=stripe needs",
        ),
        ("PORTICO_SMTP_URL", None, "PORTICO_SMTP_URL is not set"),
        ("PORTICO_SMTP_URL", Some("mail.example.com"), "PORTICO_SMTP_URL"),
        ("PORTICO_SMTP_URL", Some("https://mail.example.com"), "must begin with smtp:// or smtps://"),
        ("PORTICO_SMTP_URL", Some("smtp://"), "names no host"),
        ("PORTICO_MAIL_FROM", None, "PORTICO_MAIL_FROM is not set"),
        ("PORTICO_MAIL_FROM", Some("the portal"), "PORTICO_MAIL_FROM"),
        ("PORTICO_DATABASE_URL", Some("portico.db"), "must begin with sqlite:// or postgres://"),
        ("PORTICO_DATABASE_URL", Some("sqlite:/portico.db"), "must begin with sqlite:// or postgres://"),
        ("PORTICO_DATABASE_URL", Some("sqlite://"), "names no file"),
        ("PORTICO_DATABASE_URL", Some("sqlite://:memory:"), "names no file"),
        ("PORTICO_DATABASE_URL", Some("sqlite://missing/portico.db"), "the folder missing does not exist"),
        ("PORTICO_DATABASE_URL", Some("mysql://localhost/portico"), "must begin with sqlite:// or postgres://"),
        ("PORTICO_DATABASE_URL", Some("postgres://db.example.com/portico"), "in clear. Add sslmode=verify-full"),
        ("PORTICO_DATABASE_TLS", Some("no"), "PORTICO_DATABASE_TLS"),
        ("PORTICO_LISTEN", Some("localhost"), "PORTICO_LISTEN"),
        ("PORTICO_SIGN_UP", Some("anybody"), "PORTICO_SIGN_UP"),
        ("PORTICO_TERMS_URL", Some("http://example.com/terms"), "it must be an https:// address"),
        ("PORTICO_PRIVACY_URL", Some("privacy"), "or a path of this site"),
        ("PORTICO_TRUSTED_PROXIES", Some("10.0.0.0/99"), "PORTICO_TRUSTED_PROXIES"),
        ("PORTICO_LIMIT_SIGN_IN_ACCOUNT", Some("10"), "a limit is written like 10/15m"),
        ("PORTICO_LIMIT_LOGO_UPLOADS", Some("0/1h"), "at least once"),
        ("PORTICO_LOG", Some("portico=loud=very"), "PORTICO_LOG"),
        ("PORTICO_LOG_FORMAT", Some("xml"), "PORTICO_LOG_FORMAT"),
    ];
    for (name, value, sentence) in refused {
        let ended = serve_with(folder.path(), name, value);
        assert_ne!(ended.code, Some(0), "{name}={value:?}");
        assert!(ended.code.is_some(), "{name}={value:?} ended by a signal");
        assert!(ended.error.contains(name), "{name}={value:?} is not named: {}", ended.error);
        assert!(ended.error.contains(sentence), "{name}={value:?}: {}", ended.error);
        assert!(!ended.error.contains("panicked") && ended.output.is_empty(), "{ended:?}");
        assert!(!ended.error.contains(&short_key), "the key is not repeated");
        assert_eq!(files_in(folder.path()), Vec::<String>::new(), "{name}={value:?} leaves no file");
    }
}

#[test]
fn serve_takes_https_and_this_very_machine() {
    for url in
        ["https://portal.example.com", "https://portal.example.com:8443/", "http://127.0.0.1:8080", "http://[::1]"]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut command = serve("sqlite://portico.db");
        command.current_dir(folder.path()).env("PORTICO_PUBLIC_URL", url);
        let process = Process::start(command);
        assert_eq!(process.browser().get("/readyz").status, 200, "{url}");
        let cookie = process.browser().post("/sign-in", &[("email", "a@example.com"), ("password", "wrong password")]);
        assert_eq!(cookie.status, 422, "{url}");
        if url.starts_with("https") {
            process.wait_for_log("PORTICO_TRUSTED_PROXIES names none");
        }
    }
}

#[test]
fn a_mistyped_database_url_creates_no_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let urls = [
        "sqlite:portico.db",
        "sqllite://portico.db",
        "sqlite//portico.db",
        "file:portico.db",
        "postgress://localhost/portico",
        "postgres:/localhost/portico",
        "sqlite://missing/portico.db",
        "sqlite://folder",
        "sqlite://folder/",
        "sqlite://:memory:",
        "sqlite://file:portico.db?mode=rwc",
        "postgres://localhost:1/portico",
        "",
    ];
    for url in urls {
        for arguments in [["migrate"], ["serve"], ["doctor"]] {
            let mut command = portico(arguments);
            let mut settings = serve(url);
            settings.env("PORTICO_DATABASE_WAIT", "0");
            let settings = settings.get_envs().filter_map(|(key, value)| Some((key, value?)));
            let ended = run({
                command.envs(settings).current_dir(folder.path());
                command
            });
            assert_eq!(ended.code, Some(1), "{arguments:?} {url}: {ended:?}");
            assert!(!ended.error.contains("panicked"), "{ended:?}");
            assert_eq!(files_in(folder.path()), ["folder"], "{arguments:?} {url}");
            assert!(files_in(&folder.path().join("folder")).is_empty(), "{arguments:?} {url}");
        }
    }
}

#[test]
fn a_database_server_that_does_not_answer_is_named_without_its_password() {
    for url in [
        "postgres://portico:hush%2Fhush@127.0.0.1:1/portico",
        "postgres://127.0.0.1:1/portico?user=portico&password=hush%2Fhush",
    ] {
        let mut command = portico(["migrate"]);
        command.env("PORTICO_DATABASE_URL", url);
        let ended = run(command);
        assert_eq!(ended.code, Some(1));
        assert!(ended.error.contains("127.0.0.1") && ended.error.contains("refused"), "{}", ended.error);
        assert!(!ended.error.contains("hush"), "{}", ended.error);
    }
}

#[test]
fn migrate_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("portico.db").display());
    let mut urls = vec![sqlite];
    if cfg!(has_postgresql) {
        let cluster = postgresql_cluster();
        urls.push(cluster.url(&cluster.create(None)));
    }
    for url in urls {
        let migrate = || {
            let mut command = portico(["migrate"]);
            command.env("PORTICO_DATABASE_URL", &url);
            run(command)
        };
        let first = migrate();
        assert_eq!((first.code, first.error.as_str()), (Some(0), ""), "{first:?}");
        assert!(first.output.ends_with("migrations applied."), "{first:?}");
        let second = migrate();
        assert_eq!((second.code, second.error.as_str()), (Some(0), ""), "{second:?}");
        assert_eq!(second.output, format!("{url} is up to date."));
    }
}

#[test]
fn the_help_documents_every_variable_and_shows_no_secret() {
    let sources = sources("src/config", "rs");
    let named = |text: &str| -> Vec<String> {
        text.split("env = \"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    let mut variables: Vec<String> = sources.iter().flat_map(|(_, text)| named(text)).collect();
    variables.sort_unstable();
    variables.dedup();
    assert!(variables.len() >= 10 && variables.iter().all(|name| name.starts_with("PORTICO_")), "{variables:?}");
    let help = |arguments: &[&str]| {
        let mut command = portico(arguments);
        command
            .env("PORTICO_SECRET_KEY", secret_key())
            .env("PORTICO_SMTP_URL", "smtp://portico:hush@mail.example.com")
            .env("PORTICO_DATABASE_URL", "postgres://portico:hush@db.example.com/portico");
        let ended = run(command);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let shown = format!("{}{}", ended.output, ended.error);
        assert!(!shown.contains("hush") && !shown.contains(secret_key().trim()), "{shown}");
        shown
    };
    for command in ["serve", "doctor"] {
        let text = help(&[command, "--help"]);
        for name in &variables {
            assert!(text.contains(&format!("[env: {name}")), "{command} --help does not mention {name}: {text}");
        }
    }
    let documented = |command: &str, name: &str| help(&[command, "--help"]).contains(&format!("[env: {name}"));
    for name in ["PORTICO_LISTEN", "PORTICO_PUBLIC_URL", "PORTICO_SIGN_UP", "PORTICO_LOG", "PORTICO_LOG_FORMAT"] {
        assert!(documented("demo", name), "{name}");
    }
    assert!(documented("migrate", "PORTICO_DATABASE_URL"));
    let overview = help(&["--help"]);
    for command in ["demo", "serve", "migrate", "backup", "restore", "doctor"] {
        assert!(overview.contains(&format!("  {command}")), "{overview}");
    }
}

#[test]
fn a_port_in_use_is_said_in_a_sentence() {
    let portal = Portal::on_sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = serve_beside(&portal);
    command.env("PORTICO_LISTEN", &address);
    let ended = run(command);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.error.contains(&format!("portico: cannot listen on {address}")), "{ended:?}");
    assert!(ended.error.contains("in use"), "{ended:?}");
    assert!(ended.error.contains("--listen (PORTICO_LISTEN)"), "{ended:?}");
}
