//! Mail from the running program through a real mail server.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::process::invite;
use crate::support::{
    Persona, Portal, invite_to,
    lines::poll,
    on_both, outbox,
    process::{Process, run, serve_beside},
    smtp::{Certificate, Options, Received, SmtpServer},
};

/// Starts the program beside `portal` with a mail server.
fn started(portal: &Portal, smtp_url: &str, certificate: Option<&Certificate>) -> Process {
    let mut command = serve_beside(portal);
    command.env("PORTICO_SMTP_URL", smtp_url);
    if let Some(certificate) = certificate {
        command.env("SSL_CERT_FILE", certificate.alone());
    }
    Process::start(command)
}

/// One invitation, as the mail server got it.
fn invited(portal: &Portal, smtp: &SmtpServer, smtp_url: &str, certificate: Option<&Certificate>) -> Received {
    let process = started(portal, smtp_url, certificate);
    invite(&process.signed_in_again(portal, Persona::Owner), &["ada@example.com"]);
    let mail = smtp.wait_for_messages(1).remove(0);
    assert_eq!(smtp.count("message"), 1);
    mail
}

#[apply(on_both)]
fn a_mail_is_delivered_with_its_headers_and_both_parts_and_erased_from_the_outbox(#[case] portal: &Portal) {
    let smtp = SmtpServer::start();
    let mut command = serve_beside(portal);
    command.env("PORTICO_SMTP_URL", smtp.url()).env("PORTICO_MAIL_FROM", "Pörtico <portal@example.com>");
    let process = Process::start(command);
    invite(&process.signed_in_again(portal, Persona::Owner), &["ada@example.com"]);
    let mail = smtp.wait_for_messages(1).remove(0);

    assert_eq!(
        (mail.sender.as_str(), mail.recipients.as_slice()),
        ("portal@example.com", &["ada@example.com".to_owned()][..])
    );
    assert_eq!(mail.header("from"), "Pörtico <portal@example.com>");
    assert_eq!(mail.header("to"), "ada@example.com");
    assert_eq!(mail.header("subject"), "Olga Tester invites you to Acme on Portico");
    assert_eq!(mail.header("auto-submitted"), "auto-generated");
    assert_eq!(mail.header("x-auto-response-suppress"), "All");
    assert_eq!(mail.header("content-language"), "en");
    assert_eq!(mail.header("reply-to"), "olga@example.com");
    let end = mail.header("list-unsubscribe");
    assert!(end.starts_with("<http://localhost/invitations/") && end.ends_with("/block>"), "{end}");
    assert_eq!(mail.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    assert_eq!(mail.header("mime-version"), "1.0");
    let id = mail.header("message-id");
    assert!(id.starts_with("<mail_") && id.ends_with("@example.com>"), "{id}");
    assert!(!mail.header("date").is_empty());
    assert_eq!(mail.kind, "multipart/alternative");
    assert!(mail.text.contains("http://localhost/invitations/"), "{}", mail.text);
    assert!(mail.html.contains("Accept invitation") && mail.html.contains("http://localhost/invitations/"));
    assert!(!mail.tls && mail.user.is_none());

    let row = poll("the mail is marked", || {
        Some(outbox::to(&portal.app, "ada@example.com")).filter(|row| row.delivered_at.is_some())
    });
    assert_eq!((row.due_at, row.trouble()), (None, ""));
    assert!(row.sealed.is_empty(), "what was delivered is erased");
    process.stop();
    assert_eq!(smtp.count("message"), 1);
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn a_subject_outside_ascii_arrives_as_it_was_written() {
    let smtp = SmtpServer::start();
    let portal = Portal::on_sqlite();
    let process = started(&portal, &smtp.url(), None);
    let owner = process.signed_in_again(&portal, Persona::Owner);
    let fields = [("kind", "individual"), ("name", "Zoë’s Vermessung – 測量"), ("country", "CH")];
    let slug = owner.post("/organizations/new", &fields).location().to_owned();
    assert_eq!(invite_to(&owner, &slug, "ada@example.com", Role::Owner).status, 303);
    let mail = smtp.wait_for_messages(1).remove(0);
    assert_eq!(mail.header("subject"), "Olga Tester invites you to Zoë’s Vermessung – 測量 on Portico");
    assert!(mail.text.contains("Zoë’s Vermessung – 測量") && mail.html.contains("Zoë’s Vermessung – 測量"));
    assert!(mail.raw.is_ascii(), "nothing but ASCII on the wire: {}", mail.raw);
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn a_name_with_line_breaks_puts_no_header_into_a_mail() {
    let smtp = SmtpServer::start();
    let portal = Portal::on_sqlite();
    let process = started(&portal, &smtp.url(), None);
    let owner = process.signed_in_again(&portal, Persona::Owner);
    let name = "Acme\r\nBcc: victim\r\n\r\nBuy now";
    let fields = [("kind", "individual"), ("name", name), ("country", "CH")];
    let slug = owner.post("/organizations/new", &fields).location().to_owned();
    let people = format!("{slug}/people/invite");
    let answer = owner.upload(&people, &[("emails", "ada@example.com"), ("role", "owner")], &[]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let mail = smtp.wait_for_messages(1).remove(0);
    assert_eq!(mail.recipients, ["ada@example.com"]);
    assert!(mail.all("bcc").is_empty(), "{}", mail.raw);
    let words: Vec<&str> = mail.header("subject").split_whitespace().collect();
    assert_eq!(words.join(" "), "Olga Tester invites you to Acme Bcc: victim Buy now on Portico");
    assert_eq!(mail.kind, "multipart/alternative");

    let addresses =
        ["\"eve\r\nBcc: victim\"@example.com", "eve@example.com\r\nBcc: victim@example.com", "eve@example.com\0"];
    for address in addresses {
        owner.upload(&people, &[("emails", address), ("role", "owner")], &[]);
    }
    drop(process);
    for mail in smtp.received() {
        assert!(mail.all("bcc").is_empty(), "{}", mail.raw);
        assert_eq!(mail.recipients, [mail.header("to")]);
    }
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn starttls_with_a_trusted_certificate_encrypts_the_mail() {
    let certificate = Certificate::make();
    let options = Options { certificate: Some(certificate.with_key()), ..Options::default() };
    let smtp = SmtpServer::start_with(&options);
    for host in ["localhost", "127.0.0.1"] {
        let portal = Portal::on_sqlite();
        let process = started(&portal, &format!("smtp://{host}:{}", smtp.port), Some(&certificate));
        let before = smtp.count("message");
        invite(&process.signed_in_again(&portal, Persona::Owner), &["ada@example.com"]);
        let mail = smtp.wait_for_messages(before + 1).remove(before);
        assert!(mail.tls, "{host}");
    }
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn tls_from_the_start_encrypts_the_mail() {
    let certificate = Certificate::make();
    let options = Options { certificate: Some(certificate.with_key()), wrapped: true, ..Options::default() };
    let smtp = SmtpServer::start_with(&options);
    let url = format!("smtps://localhost:{}", smtp.port);
    assert!(invited(&Portal::on_sqlite(), &smtp, &url, Some(&certificate)).tls);
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn a_mail_server_that_demands_a_sign_in_gets_it() {
    let certificate = Certificate::make();
    let certificate_file = Some(certificate.with_key());
    let account = Some("por/tico:p@ss word".to_owned());
    let options = Options { certificate: certificate_file, account, ..Options::default() };
    let smtp = SmtpServer::start_with(&options);
    let url = format!("smtp://por%2Ftico:p%40ss%20word@localhost:{}", smtp.port);
    let mail = invited(&Portal::on_sqlite(), &smtp, &url, Some(&certificate));
    assert_eq!((mail.user.as_deref(), mail.tls), (Some("por/tico"), true));
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn a_wrong_password_for_the_mail_server_loses_no_mail() {
    let options = Options { account: Some("portico:right".to_owned()), ..Options::default() };
    let smtp = SmtpServer::start_with(&options);
    let portal = Portal::on_sqlite();
    let wrong = format!("smtp://portico:wrong@127.0.0.1:{}", smtp.port);
    let process = started(&portal, &wrong, None);
    invite(&process.signed_in_again(&portal, Persona::Owner), &["ada@example.com"]);
    let row = outbox::failed(&portal.app, "ada@example.com");
    assert!(!process.log().contains("wrong@") && !process.output().contains("wrong@"));
    drop(process);
    assert!(row.due_at.is_some() && row.trouble().contains("535"), "{row:?}");
    assert!(!row.sealed.is_empty());

    outbox::try_again(&portal.app);
    let right = wrong.replace("wrong", "right");
    let _process = started(&portal, &right, None);
    assert_eq!(smtp.wait_for_messages(1)[0].recipients, ["ada@example.com"]);
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn nothing_goes_out_in_clear_past_a_certificate_that_is_not_trusted() {
    let (certificate, other) = (Certificate::make(), Certificate::make());
    for wrapped in [false, true] {
        let options = Options { certificate: Some(certificate.with_key()), wrapped, ..Options::default() };
        let smtp = SmtpServer::start_with(&options);
        let portal = Portal::on_sqlite();
        let url = format!("smtp{}://localhost:{}", if wrapped { "s" } else { "" }, smtp.port);
        let process = started(&portal, &url, Some(&other));
        invite(&process.signed_in_again(&portal, Persona::Owner), &["ada@example.com"]);
        let row = outbox::failed(&portal.app, "ada@example.com");
        drop(process);
        assert_eq!((smtp.count("mail"), smtp.count("message")), (0, 0));
        assert!(row.due_at.is_some() && row.trouble().to_lowercase().contains("certificate"), "{row:?}");

        outbox::try_again(&portal.app);
        let _process = started(&portal, &url, Some(&certificate));
        smtp.wait_for("message", 1);
        assert!(smtp.wait_for_messages(1)[0].tls);
    }
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn nothing_goes_out_in_clear_to_another_machine_without_starttls() {
    let smtp = SmtpServer::start();
    let portal = Portal::on_sqlite();
    // This address leads to this machine without being one of its own, so STARTTLS is demanded.
    let process = started(&portal, &format!("smtp://0.0.0.0:{}", smtp.port), None);
    invite(&process.signed_in_again(&portal, Persona::Owner), &["ada@example.com"]);
    let row = outbox::failed(&portal.app, "ada@example.com");
    drop(process);
    assert_eq!((smtp.count("mail"), smtp.count("message")), (0, 0));
    assert!(row.due_at.is_some() && row.trouble().contains("STARTTLS"), "{row:?}");
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn the_doctor_says_what_is_wrong_with_the_mail_server() {
    let certificate = Certificate::make();
    let options = Options { certificate: Some(certificate.with_key()), wrapped: true, ..Options::default() };
    let smtp = SmtpServer::start_with(&options);
    let portal = Portal::on_sqlite();
    let doctor = |trusted: bool| {
        let mut command = serve_beside(&portal);
        command.env("PORTICO_SMTP_URL", format!("smtps://localhost:{}", smtp.port));
        if trusted {
            command.env("SSL_CERT_FILE", certificate.alone());
        }
        let settings: Vec<_> =
            command.get_envs().map(|(key, value)| (key.to_owned(), value.map(ToOwned::to_owned))).collect();
        let mut doctor = crate::support::process::portico(["doctor"]);
        doctor.envs(settings.into_iter().filter_map(|(key, value)| Some((key, value?))));
        run(doctor)
    };
    let healthy = doctor(true);
    assert_eq!(healthy.code, Some(0), "{healthy:?}");
    assert!(healthy.output.contains("ok    mail server: answers"), "{healthy:?}");
    let sick = doctor(false);
    assert_eq!(sick.code, Some(1), "{sick:?}");
    let line = sick.output.lines().find(|line| line.starts_with("FAIL  mail server: ")).unwrap_or_default();
    assert!(line.contains("certificate"), "{sick:?}");
}
