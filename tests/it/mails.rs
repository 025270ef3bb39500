//! What mails say. Each kind is compared, whole, with the snapshot of its name in `tests/it/mails/`; after a wanted change
//! `INSTA_UPDATE=always cargo test mails` writes them anew, and the difference is read before it is committed.

use chrono::Duration;
use portico::access::Role;
use portico::db::DbError;
use portico::licences::terms::Term;
use portico::mail::{Envelope, Message};
use portico::orders::{refund, too_late};
use portico::people::mail::{InvitationMail, Removed};
use portico::time::{Calendar, Clock};
use rstest::rstest;
use rstest_reuse::apply;

use crate::accounts::{passkeys, two_factor};
use crate::credits::Given;
use crate::support::{
    Browser, Html, PASSWORD, Persona, Portal, SLUG, acme, invite, on_both, outbox, sources, start_of_time,
};

/// Every kind of mail; each has one snapshot.
const KINDS: &[&str] = &[
    "account_deletion",
    "account_deletion_told",
    "account_exists",
    "data_export",
    "email_change",
    "email_changed",
    "email_taken",
    "invitation",
    "licences_expired",
    "licences_expiring",
    "low_credits",
    "money_back",
    "new_browser",
    "notification_confirmation",
    "notification_test",
    "organization_closed",
    "organization_restored",
    "owner_news",
    "ownership_answered",
    "ownership_offered",
    "passkey_changed",
    "password_changed",
    "password_guessed",
    "password_known",
    "password_reset",
    "payment_problem",
    "receipt",
    "removed",
    "role_changed",
    "two_factor_changed",
    "verification",
];

/// Secrets are 43 characters of URL-safe text behind a `/` or a `=`; nothing else in a mail looks like that.
const SECRET: &str = "([/=])[A-Za-z0-9_-]{43}\\b";

#[test]
fn each_kind_of_mail_has_one_snapshot() {
    let found: Vec<String> = sources("tests/it/mails", "snap").into_iter().map(|(path, _)| path).collect();
    let expected: Vec<String> = KINDS.iter().map(|kind| format!("tests/it/mails/{kind}.snap")).collect();
    assert_eq!(found, expected);
    let folders: Vec<String> = sources("templates/mail", "txt").into_iter().map(|(path, _)| path).collect();
    for path in folders.iter().filter(|path| path.ends_with("/subject.txt")) {
        let kind = path.trim_start_matches("templates/mail/").trim_end_matches("/subject.txt");
        assert!(KINDS.contains(&kind), "no test reads the mail {kind}");
    }
}

/// A mail as text: its subject, its text, and what a person sees of its HTML. Addresses and secrets are named instead of shown.
fn seen(portal: &Portal, mail: &Envelope) -> String {
    let html = Html::parse(&mail.html);
    let preview = html.text("[aria-hidden=true]");
    let mut lines = vec![
        format!("Subject: {}", mail.subject),
        format!("\n== Text\n{}", mail.text),
        format!("== HTML\nTitle: {}", html.text("title")),
        format!("Preview: {}", preview.trim_end_matches(|one: char| !one.is_ascii_graphic())),
    ];
    lines.extend(html.texts("h1, p"));
    let (links, labels) = (html.attributes("a[href]", "href"), html.texts("a[href]"));
    lines.extend(labels.iter().zip(&links).map(|(label, link)| format!("[{label}]({link})")));
    let public_url = &portal.app.config.public_url;
    lines.join("\n").replace(public_url.as_str(), "https://portal.test")
}

/// Compares the only mail to an address with the file of its kind.
fn assert_mail(portal: &Portal, kind: &str, recipient: &str) -> Envelope {
    let mut mails = portal.mails_to(recipient);
    assert_eq!(mails.len(), 1, "mails to {recipient}");
    let mail = mails.remove(0);
    assert_says(portal, kind, &mail);
    mail
}

fn assert_says(portal: &Portal, kind: &str, mail: &Envelope) {
    assert!(KINDS.contains(&kind), "{kind} is not in the list of kinds");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("mails");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(SECRET, "${1}SECRET");
    settings.add_filter("own_[a-z0-9]{26}", "[offer]");
    settings.bind(|| insta::assert_snapshot!(kind, seen(portal, mail)));
    assert!(!mail.subject.contains(['\r', '\n']));
    for line in mail.text.lines() {
        assert!(line.chars().count() <= 72 || line.starts_with("http"), "{line}");
    }
}

/// The button and the link in the text lead to the same place.
fn assert_button(mail: &Envelope, label: &str) -> String {
    let html = Html::parse(&mail.html);
    let links = html.attributes("a.button", "href");
    assert_eq!((html.texts("a.button"), links.len()), (vec![label.to_owned()], 1));
    let line = mail.text.lines().skip_while(|line| *line != format!("{label}:")).nth(1).unwrap_or_default();
    assert_eq!(line, links[0], "{}", mail.text);
    line.to_owned()
}

fn sign_up(browser: &Browser, email: &str) {
    let fields = [
        ("first_name", "Ada"),
        ("last_name", "Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("country", "GB"),
        ("terms", "on"),
    ];
    let answer = browser.post("/sign-up", &fields);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn forget(browser: &Browser, email: &str) {
    assert_eq!(browser.post("/forgot-password", &[("email", email)]).status, 200);
}

#[apply(on_both)]
fn the_mail_that_confirms_an_address_says_what_to_do_and_until_when(#[case] portal: &Portal) {
    sign_up(&portal.browser(), "ada@example.com");
    let mail = assert_mail(portal, "verification", "ada@example.com");
    let link = assert_button(&mail, "Confirm e-mail address");
    assert_eq!(link, format!("{}{}", portal.app.config.public_url, portal.link_to("ada@example.com")));
    assert!(mail.text.contains("24 November 2026, 09:30 UTC"), "24 hours later");
}

#[apply(on_both)]
fn the_mail_to_an_address_that_has_an_account_holds_no_secret(#[case] portal: &Portal) {
    sign_up(&portal.browser(), &Persona::Owner.email());
    let mail = assert_mail(portal, "account_exists", &Persona::Owner.email());
    assert_button(&mail, "Sign in");
    let is_secret = |word: &str| word.len() >= 43 && !word.contains(' ');
    let bare = mail.text.replace(&portal.app.config.public_url, "");
    assert!(!bare.split_whitespace().any(is_secret), "{bare}");
    assert!(
        !mail.text.contains("Lovelace") && !mail.html.contains("Lovelace"),
        "what the stranger typed is not repeated"
    );
}

#[apply(on_both)]
fn the_mail_for_a_new_password_says_that_it_works_for_an_hour(#[case] portal: &Portal) {
    forget(&portal.browser(), &Persona::Owner.email());
    let mail = assert_mail(portal, "password_reset", &Persona::Owner.email());
    assert_button(&mail, "Set a new password");
    assert!(mail.text.contains("10:30 UTC"), "an hour later");
}

#[apply(on_both)]
fn the_notice_after_a_new_password_holds_no_secret(#[case] portal: &Portal) {
    let browser = portal.browser();
    forget(&browser, &Persona::Owner.email());
    let link = portal.link_to(&Persona::Owner.email());
    let token = link.split('=').nth(1).expect("a token");
    portal.later(Duration::minutes(1));
    let answer = browser.post("/reset-password", &[("token", token), ("password", "a brand new harbour")]);
    assert_eq!(answer.status, 303);
    let notice = portal.mails_to(&Persona::Owner.email()).pop().expect("a notice");
    assert!(!notice.text.contains("a brand new harbour") && !notice.text.contains(token));
    assert_says(portal, "password_changed", &notice);
    assert_button(&notice, "Reset password");
}

#[apply(on_both)]
fn the_notice_after_a_change_of_the_password_says_that_this_browser_stays(#[case] portal: &Portal) {
    let fields = [("current_password", PASSWORD), ("password", "a brand new harbour")];
    assert_eq!(portal.signed_in(Persona::Owner).post("/account/security/password", &fields).status, 303);
    let notice = portal.mails_to(&Persona::Owner.email()).pop().expect("a notice");
    for part in [&notice.text, &Html::parse(&notice.html).text("body")] {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(part.contains("All other browsers were signed out.") && !part.contains("everywhere"), "{part}");
        assert!(part.contains("Then somebody knows your password. Reset your password now."), "{part}");
    }
}

#[apply(on_both)]
fn a_new_browser_is_told_with_a_way_to_end_it(#[case] portal: &Portal) {
    portal.later(Duration::minutes(5));
    let fields = [("email", &*Persona::Owner.email()), ("password", PASSWORD)];
    assert_eq!(portal.browser().post("/sign-in", &fields).status, 303);
    let mail = assert_mail(portal, "new_browser", &Persona::Owner.email());
    let link = assert_button(&mail, "This was not me");
    assert_eq!(link, format!("{}{}", portal.app.config.public_url, portal.link_to(&Persona::Owner.email())));
}

#[apply(on_both)]
fn a_new_passkey_is_told_with_a_way_to_its_page(#[case] portal: &Portal) {
    passkeys::add(portal, &portal.signed_in(Persona::Owner), "Work laptop");
    let mail = assert_mail(portal, "passkey_changed", &Persona::Owner.email());
    let link = assert_button(&mail, "Open Security");
    assert_eq!(link, format!("{}/account/security", portal.app.config.public_url));
}

#[apply(on_both)]
fn two_factor_authentication_is_told_in_each_of_its_turns(#[case] portal: &Portal) {
    let (browser, email) = (portal.signed_in(Persona::Owner), Persona::Owner.email());
    let (_, codes) = two_factor::turn_on(portal, &browser);
    let mail = assert_mail(portal, "two_factor_changed", &email);
    let link = assert_button(&mail, "Open Security");
    assert_eq!(link, format!("{}/account/security", portal.app.config.public_url));
    let newest = |subject: &str| {
        let mail = portal.mails_to(&email).into_iter().find(|mail| mail.subject == subject).expect("a mail");
        for line in mail.text.lines() {
            assert!(line.chars().count() <= 72 || line.starts_with("http"), "{line}");
        }
        format!("{} {}", Html::parse(&mail.html).text("h1"), mail.text.replace('\n', " "))
    };
    assert_eq!(browser.post("/sign-out", &[]).status, 303);
    assert_eq!(two_factor::with_recovery_code(&browser, &email, &codes[0]).location(), "/home");
    let used = newest("A recovery code of your Portico account was used");
    assert!(used.starts_with("A recovery code was used") && used.contains("9 codes are left."), "{used}");
    assert_eq!(browser.post("/account/security/two-factor/codes", &[]).status, 200);
    assert!(newest("New recovery codes for your Portico account").contains("do not work any more"));
    assert_eq!(browser.post("/account/security/two-factor/off", &[]).status, 303);
    assert!(newest("Two-factor authentication is off for your Portico account").contains("alone signs in now"));
}

#[apply(on_both)]
fn a_password_that_somebody_knows_is_told_with_a_way_to_another(#[case] portal: &Portal) {
    let (browser, email) = (portal.signed_in(Persona::Owner), Persona::Owner.email());
    two_factor::turn_on(portal, &browser);
    outbox::deliver(&portal.app);
    let thief = portal.browser();
    two_factor::give_password(&thief, &email);
    for _ in 0..10 {
        assert_eq!(two_factor::enter(&thief, "000000").status, 422);
    }
    let mails = portal.mails_to(&email);
    let mail = mails.iter().find(|mail| mail.subject.starts_with("Somebody knows")).expect("a mail");
    assert_says(portal, "password_known", mail);
    assert_button(mail, "Reset password");
}

#[apply(on_both)]
fn another_address_is_confirmed_refused_and_told(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let ask = |email: &str| owner.post("/account/security/email", &[("email", email)]).status;
    assert_eq!(ask(&Persona::Manager.email()), 303);
    let mail = assert_mail(portal, "email_taken", &Persona::Manager.email());
    assert_button(&mail, "Sign in");
    assert!(!mail.text.contains("olga@example.com") && !mail.html.contains("olga@example.com"));
    assert_eq!(ask("olga@elsewhere.example"), 303);
    let mail = assert_mail(portal, "email_change", "olga@elsewhere.example");
    assert_button(&mail, "Confirm new address");
    assert!(mail.text.contains("24 November 2026, 09:30 UTC") && !mail.text.contains("Olga"), "{}", mail.text);
    assert_eq!(owner.post(&portal.link_to("olga@elsewhere.example"), &[]).status, 303);
    assert_mail(portal, "email_changed", &Persona::Owner.email());
}

#[apply(on_both)]
fn the_mail_about_an_export_has_its_link_and_says_until_when(#[case] portal: &Portal) {
    assert_eq!(portal.signed_in(Persona::Owner).post("/account/privacy/export", &[]).status, 303);
    outbox::run_due_jobs(portal);
    let mail = assert_mail(portal, "data_export", &Persona::Owner.email());
    assert_button(&mail, "Download my data");
    assert!(mail.text.contains("24 November 2026, 09:30 UTC"), "24 hours later");
}

#[apply(on_both)]
fn the_mails_about_a_deletion_say_how_the_account_is_kept_and_what_became_of_it(#[case] portal: &Portal) {
    let (browser, email) = (portal.signed_in(Persona::Reader), Persona::Reader.email());
    let act = |path: &str| {
        portal.later(Duration::seconds(1));
        assert_eq!(browser.post(path, &[]).status, 303, "{path}");
        portal.mails_to(&email).pop().expect("a mail")
    };
    let mail = act("/account/privacy/deletion");
    assert_says(portal, "account_deletion", &mail);
    assert_button(&mail, "Confirm the deletion");
    let mail = act(&portal.link_to(&email));
    assert_says(portal, "account_deletion_told", &mail);
    let link = assert_button(&mail, "Keep my account");
    assert!(link.ends_with("/account/privacy"), "{link}");
    let mail = act("/account/privacy/deletion/keep");
    assert_eq!(mail.subject, "Your Portico account stays");
    assert!(mail.text.contains("you kept it"), "{}", mail.text);
}

#[apply(on_both)]
fn who_guesses_a_password_is_told_of_with_moment_and_address(#[case] portal: &Portal) {
    for _ in 0..10 {
        let wrong = [("email", &*Persona::Owner.email()), ("password", "not the right password")];
        assert_eq!(portal.browser().post("/sign-in", &wrong).status, 422);
    }
    let mail = assert_mail(portal, "password_guessed", &Persona::Owner.email());
    assert_button(&mail, "Reset password");
    assert!(mail.text.contains("23 November 2026, 09:30 UTC from"), "{}", mail.text);
}

#[apply(on_both)]
fn an_invitation_names_the_inviter_the_organization_the_role_and_the_last_moment(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(invite(&owner, "ada@example.com", Role::Manager).status, 303);
    let mail = assert_mail(portal, "invitation", "ada@example.com");
    assert_eq!(mail.subject, "Olga Tester invites you to Acme on Portico");
    assert_button(&mail, "Accept invitation");
    let page = Html::parse(&mail.html).text("body");
    for part in [&mail.text.split_whitespace().collect::<Vec<_>>().join(" "), &page] {
        for words in
            ["Olga Tester", "olga@example.com", "Acme", "Manager", "ada@example.com", "8 December 2026, 09:30 UTC"]
        {
            assert!(part.contains(words), "{words}: {part}");
        }
    }
}

#[apply(on_both)]
fn a_role_change_names_both_roles_and_who_made_it(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let path = format!("/organizations/{SLUG}/people/{}/role", portal.membership(Persona::Editor));
    assert_eq!(owner.post(&path, &[("role", "manager"), ("current", "editor")]).status, 303);
    let mail = assert_mail(portal, "role_changed", &Persona::Editor.email());
    let link = assert_button(&mail, "Open the dashboard");
    assert_eq!(link, format!("{}/organizations/{SLUG}", portal.app.config.public_url));
}

#[apply(on_both)]
fn a_receipt_says_what_was_bought_and_where_its_invoice_is(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&crate::orders::plan("mapper-yearly", 2));
    portal.pay(&order);
    let mail = portal.mails_to(&Persona::Owner.email()).pop().expect("a mail");
    let link = assert_button(&mail, "Open the order");
    assert!(link.ends_with(&format!("/plans/orders/{}", order.id)), "{link}");
    let seen = seen(portal, &mail).replace(order.id.as_str(), "[order]");
    insta::with_settings!({ snapshot_path => "mails", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("receipt", seen);
    });
}

#[apply(on_both)]
fn who_paid_too_late_is_told_that_it_is_given_back(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&crate::orders::plan("mapper-yearly", 2));
    let payment = portal.payment(&order);
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            let all = order.bill.total;
            let refund = refund::store(tx, &payment, all, "Portico".to_owned())?;
            too_late::given_back(tx, &refund, "re_1")
        })
        .expect("it is given back");
    let mail = portal.mails_to(&Persona::Owner.email()).pop().expect("a mail");
    let link = assert_button(&mail, "Open the order");
    assert!(link.ends_with(&format!("/plans/orders/{}", order.id)), "{link}");
    let seen = seen(portal, &mail).replace(order.id.as_str(), "[order]");
    insta::with_settings!({ snapshot_path => "mails", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("money_back", seen);
    });
}

#[apply(on_both)]
fn a_removal_says_what_ended_and_what_stays(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Reader);
    let answer = owner.post(&format!("/organizations/{SLUG}/people/remove"), &[("selected", &id)]);
    assert_eq!(answer.status, 303);
    assert_mail(portal, "removed", &Persona::Reader.email());
}

#[apply(on_both)]
fn owners_are_told_of_a_new_one_and_where_to_end_that(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let path = format!("/organizations/{SLUG}/people/{}/role", portal.membership(Persona::Editor));
    let changed =
        portal.signed_in(Persona::Owner).post(&path, &[("role", "owner"), ("current", "editor"), ("confirmed", "yes")]);
    assert_eq!(changed.status, 303);
    let mail = assert_mail(portal, "owner_news", "second@example.com");
    assert_button(&mail, "Open User Management");
}

#[apply(on_both)]
fn an_offer_of_ownership_and_its_answer_say_who_is_what(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let offer = [("email", &*Persona::Editor.email()), ("role", "manager")];
    assert_eq!(owner.post(&acme("/ownership"), &offer).status, 303);
    let mail = assert_mail(portal, "ownership_offered", &Persona::Editor.email());
    let link = assert_button(&mail, "Look at the offer");
    assert_eq!(mail.reply_to.as_deref(), Some("olga@example.com"));
    assert!(mail.text.contains("30 November 2026, 09:30 UTC"), "7 days later: {}", mail.text);
    let path = link.replace(&portal.app.config.public_url, "");
    assert_eq!(portal.signed_in(Persona::Editor).post(&format!("{path}/accept"), &[]).status, 303);
    let mail = assert_mail(portal, "ownership_answered", &Persona::Owner.email());
    assert_button(&mail, "Open the dashboard");
}

/// The mails about licences, credits and payments: each says which, and how to hear no more of them.
fn assert_notification(portal: &Portal, kind: &str, label: &str, path: &str) {
    let mail = assert_mail(portal, kind, &Persona::Owner.email());
    let link = assert_button(&mail, label);
    assert_eq!(link, format!("{}{path}", portal.app.config.public_url));
    let unsubscribe = mail.unsubscribe.clone().expect("a link that ends them");
    assert!(mail.text.contains(&unsubscribe) && mail.html.contains(&unsubscribe));
}

#[apply(on_both)]
fn licences_that_end_soon_are_named_with_their_last_day(#[case] portal: &Portal) {
    portal.licence(Term::Monthly, 2);
    portal.later(Duration::days(24));
    outbox::run_due_jobs(portal);
    assert_notification(portal, "licences_expiring", "Open Plans and License", &acme("/plans"));
}

#[apply(on_both)]
fn licences_that_have_ended_are_named_with_how_long_seats_are_kept(#[case] portal: &Portal) {
    portal.licence(Term::Trial, 2);
    portal.licence(Term::Monthly, 2);
    portal.later(Duration::days(33));
    outbox::run_due_jobs(portal);
    assert_notification(portal, "licences_expired", "Open Plans and License", &acme("/plans"));
}

#[apply(on_both)]
fn few_credits_are_told_with_what_is_few(#[case] portal: &Portal) {
    portal.grant(Given::new(2_000, "welcome"));
    portal.call_low(Some(1_500));
    portal.spend(900, "job");
    outbox::run_due_jobs(portal);
    assert_notification(portal, "low_credits", "Open Credit History", &acme("/credits"));
}

#[apply(on_both)]
fn a_payment_that_failed_is_told_with_what_happens_next(#[case] portal: &Portal) {
    portal.payment_fails();
    assert_notification(portal, "payment_problem", "Open the payment method", &acme("/plans/payment-method"));
}

#[apply(on_both)]
fn a_test_of_notifications_says_who_sent_it(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(manager.post(&acme("/notifications/test"), &[]).status, 303);
    assert_notification(portal, "notification_test", "Open Email notifications", &acme("/notifications"));
}

#[apply(on_both)]
fn an_address_is_asked_by_name_until_when(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let fields = [("email", "books@example.net"), ("expiring", "true"), ("payments", "true")];
    assert_eq!(manager.post(&acme("/notifications/add"), &fields).status, 303);
    let mail = assert_mail(portal, "notification_confirmation", "books@example.net");
    let link = assert_button(&mail, "Confirm this address");
    assert_eq!(link, format!("{}{}", portal.app.config.public_url, portal.link_to("books@example.net")));
    assert_eq!(mail.reply_to.as_deref(), Some("manuel@example.com"));
    assert!(mail.text.contains("8 December 2026, 09:30 UTC"), "15 days later: {}", mail.text);
}

#[test]
fn names_in_a_mail_are_text_and_never_markup_or_headers() {
    let mail = InvitationMail {
        organization: "<b>Acme</b> & \"Söhne\"".to_owned(),
        inviter: "Eve\r\nBcc: victim@example.com\n".to_owned(),
        inviter_email: "eve@example.com".to_owned(),
        role: Role::Reader,
        email: "ada@example.com".to_owned(),
        link: "https://portal.test/invitations/x".to_owned(),
        block_link: "https://portal.test/invitations/x/block".to_owned(),
        expires: Clock::fixed(start_of_time()).now(),
    };
    assert!(!mail.subject().contains(['\r', '\n']), "{:?}", mail.subject());
    assert!(mail.subject().contains("<b>Acme</b> & \"Söhne\""), "a subject is not HTML: {}", mail.subject());
    assert!(
        mail.text(Calendar::USUAL).contains("<b>Acme</b> & \"Söhne\""),
        "nor is the text: {}",
        mail.text(Calendar::USUAL)
    );
    let html = mail.html(Calendar::USUAL);
    assert!(!html.contains("<b>Acme") && !html.contains("\"Söhne\""), "{html}");
    assert!(Html::parse(&html).text("body").contains("<b>Acme</b> & \"Söhne\""), "{html}");
}

#[test]
fn somebody_without_a_first_name_is_greeted_all_the_same() {
    let mail = Removed {
        first_name: String::new(),
        organization: "Acme".to_owned(),
        by: "Olga Tester".to_owned(),
        by_email: "olga@example.com".to_owned(),
    };
    assert!(mail.text(Calendar::USUAL).starts_with("Hello,\n"), "{}", mail.text(Calendar::USUAL));
    assert!(Html::parse(&mail.html(Calendar::USUAL)).texts("p").contains(&"Hello,".to_owned()));
}

#[apply(on_both)]
fn the_end_of_an_organization_is_told_with_the_last_day_to_restore_it(#[case] portal: &Portal) {
    use portico::access::Operator;
    use portico::closing::restore::restore;
    use portico::db::DbError;

    assert_eq!(portal.signed_in(Persona::Owner).post(&acme("/close"), &[("name", "Acme")]).status, 303);
    assert_mail(portal, "organization_closed", &Persona::Manager.email());
    let by = Operator { name: String::new() };
    portal.app.write_now::<_, DbError>(|tx| restore(tx, &by, "acme", Duration::days(30))).unwrap();
    let mails = portal.mails_to(&Persona::Owner.email());
    assert_eq!(mails.len(), 2);
    let mail = mails.iter().find(|mail| mail.subject.contains("open again")).expect("a mail");
    assert_says(portal, "organization_restored", mail);
    assert_button(mail, "Open the dashboard");
}
