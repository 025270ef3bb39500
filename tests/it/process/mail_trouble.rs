//! Mail when something goes wrong: nothing is lost, and nothing is sent twice beyond the one mail in flight.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;

use chrono::Duration;
use portico::app::App;
use portico::db::{Connection, DbError};
use portico::mail::{Backend, Undeliverable};
use portico::people::mail::Removed;
use portico::time::Clock;
use rstest::rstest;
use rstest_reuse::apply;

use crate::process::invite;
use crate::support::{
    Persona, Portal,
    lines::poll,
    on_both, outbox,
    process::{Process, serve_beside},
    smtp::{Options, Received, SmtpServer},
};

/// The way to a real mail server.
fn server(smtp_url: &str) -> Backend {
    Backend::smtp(smtp_url, "Portico <portal@example.com>").expect("the URL is right")
}

/// Puts a mail into the outbox.
fn send(app: &App, recipient: &str) {
    let mail = Removed {
        first_name: String::new(),
        organization: "Acme".to_owned(),
        by: "Olga Tester".to_owned(),
        by_email: "olga@example.com".to_owned(),
    };
    app.write_now::<_, DbError>(|tx| tx.send(recipient, &mail)).expect("the mail is stored");
}

/// How often each mail has arrived, by its Message-ID.
fn arrivals(received: &[Received]) -> BTreeMap<&str, usize> {
    let mut arrivals = BTreeMap::new();
    for mail in received {
        *arrivals.entry(mail.header("message-id")).or_default() += 1;
    }
    arrivals
}

fn wait_until_all_are_marked(portal: &Portal) {
    poll("all mails are marked", || {
        let all = outbox::all(&portal.app);
        all.iter().all(|mail| mail.delivered_at.is_some()).then_some(())
    });
}

/// A port on which nobody listens for now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn mails_wait_while_the_server_is_down_and_arrive_when_it_is_up_again() {
    let smtp = SmtpServer::start();
    let portal = Portal::on_sqlite();
    let mut command = serve_beside(&portal);
    let process = Process::start({
        command.env("PORTICO_SMTP_URL", smtp.url());
        command
    });
    let owner = process.signed_in_again(&portal, Persona::Owner);
    invite(&owner, &["before@example.com"]);
    smtp.wait_for_messages(1);
    wait_until_all_are_marked(&portal);
    let port = smtp.end();
    let people = ["ada@example.com", "bob@example.com", "eve@example.com"];
    invite(&owner, &people);
    for email in people {
        outbox::failed(&portal.app, email);
    }
    let options = Options { port, ..Options::default() };
    let smtp = SmtpServer::start_with(&options);
    let received = smtp.wait_for_messages(3);
    wait_until_all_are_marked(&portal);
    drop(process);
    let mut recipients: Vec<&str> = received.iter().map(|mail| mail.recipients[0].as_str()).collect();
    recipients.sort_unstable();
    assert_eq!(recipients, people);
    assert_eq!(smtp.count("message"), 3);
    for mail in outbox::all(&portal.app) {
        assert!(mail.delivered_at.is_some() && mail.due_at.is_none() && mail.sealed.is_empty(), "{mail:?}");
    }
}

#[test]
fn a_mail_is_tried_less_and_less_often_and_given_up_after_three_days() {
    let portal = Portal::on_sqlite();
    let backend = server(&format!("smtp://127.0.0.1:{}", free_port()));
    let deliver = || outbox::deliver_through(&portal.app, backend.clone());
    send(&portal.app, "ada@example.com");
    let started = portal.app.context.clock.now();
    let mut waits = Vec::new();
    loop {
        assert_eq!(deliver(), 1);
        assert_eq!(deliver(), 0, "not again before its time");
        let mail = outbox::to(&portal.app, "ada@example.com");
        assert!(mail.trouble().contains("refused"), "{mail:?}");
        let Some(due_at) = mail.due_at else { break };
        let now = portal.app.context.clock.now();
        waits.push((due_at - now).num_seconds());
        portal.later(due_at - now);
    }
    assert_eq!(waits[..11], [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_800, 1_800]);
    assert!(waits[11..].iter().all(|wait| *wait == 1_800));
    let tried_for = portal.app.context.clock.now() - started;
    assert!(tried_for > Duration::days(3) && tried_for < Duration::days(3) + Duration::hours(1), "{tried_for}");
    let mail = outbox::to(&portal.app, "ada@example.com");
    assert_eq!((mail.delivered_at, mail.failed_as), (None, Some(Undeliverable::Unreachable)));
    assert!(mail.sealed.is_empty(), "the content of what is given up is erased");
}

#[apply(on_both)]
fn a_temporary_refusal_is_tried_again_until_it_is_taken(#[case] portal: &Portal) {
    let mut smtp = SmtpServer::start();
    let backend = server(&smtp.url());
    let deliver = || outbox::deliver_through(&portal.app, backend.clone());
    smtp.refuse_data("451 4.3.0 Try again later");
    send(&portal.app, "ada@example.com");
    assert_eq!(deliver(), 1);
    let mail = outbox::to(&portal.app, "ada@example.com");
    assert!(mail.due_at.is_some() && mail.trouble().contains("4.3.0 Try again later"), "{mail:?}");
    smtp.accept();
    assert_eq!(deliver(), 0);
    portal.later(Duration::seconds(5));
    assert_eq!(deliver(), 1);
    assert_eq!(smtp.wait_for_messages(1).len(), 1);
    let mail = outbox::to(&portal.app, "ada@example.com");
    assert_eq!((mail.due_at, mail.sealed.len()), (None, 0));
    assert!(mail.delivered_at.is_some());
}

#[apply(on_both)]
fn a_recipient_that_does_not_exist_is_given_up_once_the_server_has_taken_others(#[case] portal: &Portal) {
    let mut smtp = SmtpServer::start();
    let backend = server(&smtp.url());
    let deliver = || outbox::deliver_through(&portal.app, backend.clone());
    smtp.refuse("nobody@example.com", "550 5.1.1 No such user");
    for recipient in ["nobody@example.com", "ada@example.com"] {
        send(&portal.app, recipient);
    }
    assert_eq!(deliver(), 2);
    let mail = outbox::to(&portal.app, "nobody@example.com");
    assert!(mail.due_at.is_some() && mail.failed_as.is_none(), "one refusal is not believed: {mail:?}");
    assert_eq!(smtp.wait_for_messages(1)[0].recipients, ["ada@example.com"]);
    portal.later(Duration::minutes(1));
    send(&portal.app, "bob@example.com");
    assert_eq!(deliver(), 2);
    let mail = outbox::to(&portal.app, "nobody@example.com");
    if mail.failed_as.is_none() {
        // It was tried before the other one.
        portal.later(Duration::minutes(10));
        assert_eq!(deliver(), 1);
    }
    let mail = outbox::to(&portal.app, "nobody@example.com");
    assert_eq!((mail.due_at, mail.delivered_at, mail.failed_as), (None, None, Some(Undeliverable::NoMailbox)));
    assert!(
        mail.failure.contains("550") && mail.failure.contains("No such user") && mail.sealed.is_empty(),
        "{mail:?}"
    );
    smtp.accept();
    portal.later(Duration::days(2));
    assert_eq!(deliver(), 0, "what was given up is not tried again");
}

/// A server that refuses everybody has another trouble than the mails.
#[apply(on_both)]
fn mails_that_are_refused_like_all_others_are_not_lost(#[case] portal: &Portal) {
    let mut smtp = SmtpServer::start();
    let backend = server(&smtp.url());
    let deliver = || outbox::deliver_through(&portal.app, backend.clone());
    for (recipient, answer) in [
        ("ada@example.com", "550 not now"),
        ("bob@example.com", "554 5.7.1 Relay access denied"),
        ("eve@example.com", "550 5.1.1 No such user"),
    ] {
        smtp.refuse(recipient, answer);
        send(&portal.app, recipient);
        assert_eq!(deliver(), 1);
        portal.later(Duration::minutes(1));
        assert!(deliver() >= 1, "it is tried again");
        smtp.accept();
        portal.later(Duration::minutes(10));
        deliver();
        assert!(outbox::to(&portal.app, recipient).delivered_at.is_some());
    }
    assert_eq!(smtp.wait_for_messages(3).len(), 3);
}

/// A server that turns everybody away at the door (a black list, a quota) says nothing about the mail.
#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn a_server_that_refuses_this_machine_loses_no_mail() {
    let portal = Portal::on_sqlite();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut stream| stream.write_all(b"554 5.7.1 Your address is blocked\r\n"));
        }
    });
    send(&portal.app, "ada@example.com");
    assert_eq!(outbox::deliver_through(&portal.app, server(&format!("smtp://127.0.0.1:{port}"))), 1);
    let mail = outbox::to(&portal.app, "ada@example.com");
    assert!(mail.due_at.is_some() && mail.trouble().contains("554"), "{mail:?}");

    let smtp = SmtpServer::start();
    portal.later(Duration::seconds(5));
    assert_eq!(outbox::deliver_through(&portal.app, server(&smtp.url())), 1);
    assert_eq!(smtp.wait_for_messages(1).len(), 1);
}

/// As many people as are invited at once below.
const PEOPLE: [&str; 5] =
    ["ada@example.com", "bob@example.com", "cleo@example.com", "dora@example.com", "emil@example.com"];

/// Everything arrived, and at most one mail twice.
fn assert_nothing_lost(received: &[Received], twice_at_most: usize) {
    let mut recipients: Vec<&str> = received.iter().map(|mail| mail.recipients[0].as_str()).collect();
    recipients.sort_unstable();
    recipients.dedup();
    assert_eq!(recipients, PEOPLE);
    let arrivals = arrivals(received);
    assert_eq!(arrivals.len(), PEOPLE.len(), "a mail keeps its Message-ID: {arrivals:?}");
    let twice = arrivals.values().filter(|count| **count > 1).count();
    assert!(twice <= twice_at_most && arrivals.values().all(|count| *count <= 2), "{arrivals:?}");
}

/// Delivers what a process had claimed when it died, once its claim has run out.
fn deliver_after_the_claim(portal: &Portal, smtp: &SmtpServer) {
    // The other process has written down what it has sent: at three minutes past, all its claims have run out.
    poll("the others are marked", || {
        let marked = outbox::all(&portal.app).iter().filter(|mail| mail.delivered_at.is_some()).count();
        (marked == PEOPLE.len() - 1).then_some(())
    });
    let clock = Clock::fixed(Clock::System.now().to_utc() + Duration::minutes(3));
    let later = App::new(portal.app.config.clone(), portal.app.db.clone(), clock, server(&smtp.url()));
    assert_eq!(outbox::deliver(&later), 1, "the one mail in flight");
}

/// A process whose mail server has a mail and does not answer, and the command that starts it again.
fn in_the_middle_of_a_mail(portal: &Portal, smtp: &mut SmtpServer) -> (Process, Command) {
    let start = || {
        let mut command = serve_beside(portal);
        command.env("PORTICO_SMTP_URL", smtp.url()).env("PORTICO_MAIL_LANES", "1");
        command
    };
    let (process, again) = (Process::start(start()), start());
    smtp.hold();
    invite(&process.signed_in_again(portal, Persona::Owner), &PEOPLE);
    smtp.wait_for_messages(1);
    (process, again)
}

#[apply(on_both)]
fn a_crash_before_the_server_answers_loses_nothing_and_repeats_one_mail_at_most(#[case] portal: &Portal) {
    let mut smtp = SmtpServer::start();
    let (mut process, again) = in_the_middle_of_a_mail(portal, &mut smtp);
    process.kill();
    smtp.accept();
    let process = Process::start(again);
    smtp.wait_for("answered", 4);
    deliver_after_the_claim(portal, &smtp);
    process.stop();
    assert_nothing_lost(&smtp.received(), 1);
    for mail in outbox::all(&portal.app) {
        assert!(mail.delivered_at.is_some() && mail.sealed.is_empty(), "{mail:?}");
    }
}

#[apply(on_both)]
fn a_crash_between_the_answer_of_the_server_and_the_mark_repeats_that_one_mail_only(#[case] portal: &Portal) {
    let mut smtp = SmtpServer::start();
    let (mut process, again) = in_the_middle_of_a_mail(portal, &mut smtp);
    // While the outbox is locked here, the process knows that the mail was taken but cannot write it down.
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            if let Connection::Postgresql(postgresql) = tx.connection {
                diesel::connection::SimpleConnection::batch_execute(postgresql, "LOCK TABLE outbox IN EXCLUSIVE MODE")?;
            }
            smtp.accept();
            smtp.wait_for("answered", 1);
            process.kill();
            Ok(())
        })
        .expect("the lock is given back");
    assert_eq!(smtp.count("message"), 1);
    assert!(outbox::all(&portal.app).iter().all(|mail| mail.delivered_at.is_none()));

    let process = Process::start(again);
    smtp.wait_for("answered", 5);
    deliver_after_the_claim(portal, &smtp);
    process.stop();
    let received = smtp.received();
    assert_nothing_lost(&received, 1);
    assert_eq!(arrivals(&received)[received[0].header("message-id")], 2, "nobody could know that it was sent");
}

/// SQLite has one process. Several runners on either database: see `jobs.rs`.
#[test]
#[cfg_attr(not(all(has_postgresql, has_smtp)), ignore = "PostgreSQL or aiosmtpd is not installed")]
fn two_processes_on_one_database_deliver_each_mail_once() {
    let portal = &Portal::on_postgresql();
    let smtp = SmtpServer::start();
    let processes = [(), ()].map(|()| {
        let mut command = serve_beside(portal);
        command.env("PORTICO_SMTP_URL", smtp.url());
        Process::start(command)
    });
    let owners = processes.each_ref().map(|process| process.signed_in_again(portal, Persona::Owner));
    let emails: Vec<String> = (0..60).map(|number| format!("person{number}@example.com")).collect();
    std::thread::scope(|scope| {
        for (owner, part) in owners.iter().zip(emails.chunks(30)) {
            let part: Vec<&str> = part.iter().map(String::as_str).collect();
            scope.spawn(move || invite(owner, &part));
        }
    });
    smtp.wait_for("answered", emails.len());
    for process in processes {
        process.stop();
    }
    let received = smtp.received();
    let arrivals = arrivals(&received);
    assert_eq!(arrivals.len(), emails.len());
    assert!(arrivals.values().all(|count| *count == 1), "{arrivals:?}");
    assert!(outbox::all(&portal.app).iter().all(|mail| mail.delivered_at.is_some()));
}
