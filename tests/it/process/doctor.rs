//! `portico doctor`: what it finds in order, and what not.

use portico::jobs::NewJob;
use portico::money::Currency;
use portico::orders::settle::Settle;
use rstest::rstest;
use rstest_reuse::apply;

use crate::credits::Given;
use crate::orders;
use crate::support::{
    Portal, on_both, postgresql_cluster,
    process::{Ended, Process, doctor, serve, serve_beside},
};

fn line<'a>(ended: &'a Ended, check: &str) -> &'a str {
    let found = ended.output.lines().find(|line| line[6..].starts_with(check));
    found.unwrap_or_else(|| panic!("no line for {check}: {ended:?}"))
}

#[apply(on_both)]
fn the_doctor_finds_everything_in_order_but_the_mail_server(#[case] portal: &Portal) {
    let ended = doctor(&serve_beside(portal));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(line(&ended, "settings").starts_with("ok "), "{ended:?}");
    assert!(
        line(&ended, "database").starts_with("ok ") && line(&ended, "database").ends_with("is up to date"),
        "{ended:?}"
    );
    assert!(
        line(&ended, "mail server").starts_with("FAIL ") && line(&ended, "mail server").contains("refused"),
        "{ended:?}"
    );
    assert!(line(&ended, "listen address").starts_with("ok "), "{ended:?}");
    assert!(ended.error.contains("1 of the checks failed"), "{ended:?}");
}

#[test]
fn the_doctor_names_each_thing_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = serve(&format!("sqlite://{}/missing/portico.db", folder.path().display()));
    settings
        .env("PORTICO_PUBLIC_URL", "http://portal.example.com")
        .env("PORTICO_SMTP_URL", "imap://mail.example.com")
        .env("PORTICO_LISTEN", taken.local_addr().unwrap().to_string());
    let ended = doctor(&settings);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for (check, words) in [
        ("settings", "https://"),
        ("database", "does not exist"),
        ("mail server", "smtp:// or smtps://"),
        ("listen address", "in use"),
    ] {
        let line = line(&ended, check);
        assert!(line.starts_with("FAIL ") && line.contains(words), "{ended:?}");
    }
    assert!(ended.error.contains("4 of the checks failed"), "{ended:?}");
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn the_doctor_understands_a_database_that_is_still_empty() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portico.db");
    let missing = doctor(&serve(&format!("sqlite://{}", file.display())));
    assert!(
        line(&missing, "database").starts_with("ok ") && missing.output.contains("does not exist yet"),
        "{missing:?}"
    );
    assert!(!file.exists(), "looking creates nothing");
    std::fs::write(&file, "").unwrap();
    let empty = doctor(&serve(&format!("sqlite://{}", file.display())));
    assert!(line(&empty, "database").contains("migrations are pending"), "{empty:?}");
    {
        let cluster = postgresql_cluster();
        let name = cluster.create(None);
        let empty = doctor(&serve(&cluster.url(&name)));
        assert!(line(&empty, "database").contains("migrations are pending"), "{empty:?}");
    }
}

#[test]
fn the_doctor_sees_a_portal_that_runs_already_at_its_address() {
    let portal = Portal::on_sqlite();
    let process = Process::start(serve_beside(&portal));
    let mut settings = serve_beside(&portal);
    settings.env("PORTICO_LISTEN", process.url.trim_start_matches("http://"));
    let ended = doctor(&settings);
    assert!(line(&ended, "listen address").starts_with("ok "), "{ended:?}");
    assert!(line(&ended, "listen address").contains("Portico"), "{ended:?}");
}

#[apply(on_both)]
fn the_doctor_wants_to_know_the_proxy_that_ends_tls(#[case] portal: &Portal) {
    let mut settings = serve_beside(portal);
    settings.env("PORTICO_PUBLIC_URL", "https://portal.example.com");
    let ended = doctor(&settings);
    assert!(line(&ended, "settings").starts_with("ok "), "{ended:?}");
    assert!(line(&ended, "proxy").starts_with("FAIL ") && line(&ended, "proxy").contains("PORTICO_TRUSTED_PROXIES"));
    settings.env("PORTICO_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8");
    assert!(!doctor(&settings).output.contains("proxy"));
}

#[apply(on_both)]
fn the_doctor_finds_a_ledger_that_disagrees(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "ten"));
    let ended = doctor(&serve_beside(portal));
    assert!(line(&ended, "credits").ends_with("every balance is the sum of its rows"), "{ended:?}");
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            use diesel::RunQueryDsl;
            Ok(diesel::sql_query("UPDATE credit_wallets SET balance = 12").execute(tx.connection)?)
        })
        .expect("it is spoiled");
    let ended = doctor(&serve_beside(portal));
    let words = "FAIL  credits: acme has 12 credits, and its rows add up to 10";
    assert_eq!(line(&ended, "credits"), words, "{ended:?}");
    assert!(ended.error.contains("2 of the checks failed"), "{ended:?}");
}

#[apply(on_both)]
fn the_doctor_tells_of_each_recurring_job_when_it_ran_and_whether_it_fails(#[case] portal: &Portal) {
    let settings = serve_beside(portal);
    let never = doctor(&settings);
    assert!(!never.output.contains("job credits.expire"), "nothing was begun yet: {never:?}");
    portico::background::runner(&portal.app).run_due().expect("the jobs run");
    let ended = doctor(&settings);
    let good = line(&ended, "job credits.expire");
    assert!(good.starts_with("ok ") && good.contains("last run ") && good.contains(", next "), "{good}");
    for kind in portico::background::recurring() {
        assert!(line(&ended, &format!("job {kind}")).starts_with("ok "), "{ended:?}");
    }
    use diesel::prelude::*;
    use portico::schema::jobs;
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            let one = jobs::table.filter(jobs::kind.eq("credits.expire"));
            let failed = (jobs::last_error.eq("org_1: it broke"), jobs::attempts.eq(4));
            Ok(diesel::update(one).set(failed).execute(tx.connection)?)
        })
        .expect("it is stored");
    let ended = doctor(&settings);
    let bad = line(&ended, "job credits.expire");
    assert!(bad.starts_with("FAIL ") && bad.contains("failed 4 times in a row"), "{bad}");
    assert!(bad.ends_with("org_1: it broke"), "{bad}");
    assert!(ended.error.contains("2 of the checks failed"), "the mail server, too: {ended:?}");
}

#[apply(on_both)]
fn the_doctor_tells_of_money_that_fits_no_order(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&orders::plan("mapper-yearly", 1));
    let due = order.bill.total();
    portal.pay(&order);
    let ended = doctor(&serve_beside(portal));
    assert_eq!(line(&ended, "payments"), "ok    payments: all money that came fits an order", "{ended:?}");
    let other = portal.order(&orders::with_key("other", orders::plan("mapper-yearly", 1)));
    let payment = portal.payment(&other).id;
    let settled = portal.settle(&payment, &orders::paid("pi_less", 100, Currency::Chf));
    assert_eq!(settled, Settle::Unmatched);
    let ended = doctor(&serve_beside(portal));
    let words = format!(
        "note  payments: money came that nobody owes, to be given back at the provider: CHF 1.00 came for order {} of {due} at ",
        other.number
    );
    let line = line(&ended, "payments");
    assert!(line.starts_with(&words) && line.ends_with("(sandbox pi_less)"), "{line}");
    assert!(ended.error.contains("1 of the checks failed"), "the mail server alone: {ended:?}");
}

#[apply(on_both)]
fn the_doctor_knows_every_recurring_job_and_what_fails_of_the_jobs_that_move_money(#[case] portal: &Portal) {
    use diesel::prelude::*;
    use portico::schema::jobs;
    portico::background::runner(&portal.app).run_due().expect("the jobs run");
    let mut stored: Vec<String> =
        portal.query(|connection| jobs::table.filter(jobs::subject.eq("")).select(jobs::kind).load(connection));
    let mut known = portico::background::recurring();
    stored.sort();
    known.sort_unstable();
    assert_eq!(stored, known, "the doctor asks about each that there is");
    let settings = serve_beside(portal);
    let ended = doctor(&settings);
    for kind in ["orders.end", "payments.look", "orders.renewals", "look at payment method pages"] {
        let line = line(&ended, &format!("job {kind}"));
        assert!(line.starts_with("ok ") && line.contains("last run ") && line.contains(", next "), "{line}");
    }
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            for number in ["1", "2"] {
                let due_at = tx.now + chrono::Duration::days(3_650);
                let priority = portico::jobs::Priority::Usual;
                tx.add_job(NewJob { queue: "charges", kind: "orders.renew", subject: number, priority, due_at })?;
            }
            let failed = (jobs::last_error.eq("the provider is away"), jobs::attempts.eq(4));
            Ok(diesel::update(jobs::table.filter(jobs::kind.eq("orders.renew"))).set(failed).execute(tx.connection)?)
        })
        .expect("it is stored");
    let ended = doctor(&settings);
    let line = line(&ended, "jobs orders.renew");
    assert!(line.starts_with("FAIL  jobs orders.renew: 2 failed and will be tried again"), "{line}");
    assert!(line.ends_with("the provider is away"), "{line}");
}
