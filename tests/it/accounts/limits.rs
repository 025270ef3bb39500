//! How often something may be tried, by whom, and for how long.

use chrono::Duration;
use ipnet::IpNet;
use portico::config::Config;
use portico::rates::{Limit, Limits};
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{CHOSEN, NINA, OLGA, is_signed_in, mail_count, post, reset_token, sign_in, sign_up, sign_up_fields};
use crate::support::{Answer, Browser, Database, PASSWORD, Persona, Portal, on_both, on_each_database};

const WRONG: &str = "not the right password";

/// Checks that an attempt is refused for now, and answers for how long.
fn wait_of(answer: &Answer) -> Duration {
    assert_eq!(answer.status, 429, "{}", answer.text());
    let seconds = answer.header("retry-after").parse().expect("Retry-After in seconds");
    assert!(seconds > 0);
    Duration::seconds(seconds)
}

/// Uses up a limit but for `left`.
fn use_up(portal: &Portal, limit: Limit, who: &str, count: i32) {
    let taken = portal.app.write_now::<_, portico::db::DbError>(|tx| tx.take_up_to(limit, who, count));
    assert_eq!(taken.expect("the counter is written"), (count, None));
}

fn sign_in_from(browser: &Browser, forwarded: &[&str], email: &str, password: &str) -> Answer {
    let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
    headers.extend(forwarded.iter().map(|value| ("X-Forwarded-For", *value)));
    let fields = [("email", email), ("password", password)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    browser.send(Method::POST, "/sign-in", &headers, body.into_bytes())
}

#[apply(on_both)]
fn after_ten_wrong_passwords_even_the_right_one_must_wait(#[case] portal: &Portal) {
    let email = OLGA.email();
    for attempt in 1..=10 {
        assert_eq!(sign_in(&portal.browser(), &email, WRONG).status, 422, "attempt {attempt}");
    }
    let refused = sign_in(&portal.browser(), &email, PASSWORD);
    let wait = wait_of(&refused);
    assert!(wait <= Duration::minutes(15) + Duration::seconds(1), "{wait}");
    assert!(refused.text().contains("Too many attempts. Wait 15 minutes"), "{}", refused.text());
    assert_eq!(refused.html().attributes("#email", "value"), [email.as_str()], "the form keeps the address");
    assert!(!refused.body.contains(PASSWORD));
    assert_eq!(portal.app.passwords.checked(), 10, "the eleventh password is not looked at");

    portal.later(Duration::minutes(15) - Duration::seconds(1));
    let left = wait_of(&sign_in(&portal.browser(), &email, PASSWORD));
    assert!(left <= Duration::seconds(2), "{left}");
    portal.later(left);
    assert_eq!(sign_in(&portal.browser(), &email, PASSWORD).status, 303);
}

#[apply(on_both)]
fn an_unknown_address_is_limited_just_the_same(#[case] portal: &Portal) {
    for _ in 0..10 {
        assert_eq!(sign_in(&portal.browser(), "nobody@example.com", WRONG).status, 422);
    }
    wait_of(&sign_in(&portal.browser(), "Nobody@Example.com ", WRONG));
}

#[apply(on_both)]
fn a_limit_of_one_account_stops_nobody_else_and_no_session(#[case] portal: &Portal) {
    let session = portal.signed_in(OLGA);
    for _ in 0..10 {
        sign_in(&portal.browser(), &OLGA.email(), WRONG);
    }
    wait_of(&sign_in(&portal.browser(), &OLGA.email(), PASSWORD));
    assert!(is_signed_in(&session));
    assert_eq!(sign_in(&portal.browser(), &Persona::Manager.email(), PASSWORD).status, 303);
}

#[apply(on_both)]
fn slips_before_a_sign_in_leave_the_browser_its_own_tries(#[case] portal: &Portal) {
    let browser = portal.browser();
    for _ in 0..2 {
        for _ in 0..9 {
            assert_eq!(sign_in(&browser, &OLGA.email(), WRONG).status, 422);
        }
        assert_eq!(sign_in(&browser, &OLGA.email(), PASSWORD).status, 303);
    }
    assert_eq!(sign_in(&browser, &OLGA.email(), WRONG).status, 422);
    wait_of(&sign_in(&browser, &OLGA.email(), PASSWORD));
}

#[apply(on_both)]
fn sign_ups_that_are_refused_hash_nothing(#[case] portal: &Portal) {
    use_up(portal, Limit::AccountMailNetwork, "127.0.0.1", 59);
    let forms: Vec<_> = (0..8).map(|number| (portal.browser(), format!("nina-{number}@example.com"))).collect();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked = forms.iter().map(|(browser, email)| {
            let fields = sign_up_fields(browser, email);
            scope.spawn(move || post(browser, "/sign-up", &fields).status)
        });
        asked.collect::<Vec<_>>().into_iter().map(|answer| answer.join().expect("it is answered")).collect()
    });
    statuses.sort_unstable();
    // One worker has one turn to hash: who waited for it looks again.
    assert_eq!((statuses, portal.app.passwords.checked()), ([[200].as_slice(), &[429; 7]].concat(), 1));
}

/// Eight cores have seven turns, of which a network has three.
#[test]
fn a_network_that_hashes_without_end_leaves_turns_to_others() {
    let portal = &Portal::on_sqlite_with(|config: &mut Config| {
        config.workers = 8;
        config.trusted_proxies = vec!["127.0.0.0/8".parse::<IpNet>().expect("a network")];
    });
    let passwords = portal.app.passwords.clone();
    let turns: Vec<_> = actix_web::rt::System::new().block_on(async {
        let mut turns = Vec::new();
        for _ in 0..3 {
            turns.push(passwords.turn("2001:db8:1::/48").await.expect("it has a share"));
        }
        turns
    });
    let from = |ip: &str| sign_in_from(&portal.browser(), &[ip], &OLGA.email(), PASSWORD).status;
    assert_eq!(from("198.51.100.8"), 303);
    assert_eq!(from("2001:db8:1:2::1"), 503, "another /64 of the same /48 is the same network");
    drop(turns);
    assert_eq!(from("2001:db8:1:2::1"), 303);
}

#[apply(on_both)]
fn choosing_a_new_password_ends_the_wait(#[case] portal: &Portal) {
    for _ in 0..10 {
        sign_in(&portal.browser(), &OLGA.email(), WRONG);
    }
    assert!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).text().contains("or reset your password"));
    let token = reset_token(portal, &OLGA.email());
    assert_eq!(portal.browser().post("/reset-password", &[("token", &token), ("password", CHOSEN)]).status, 303);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), CHOSEN).status, 303);
}

#[apply(on_both)]
fn many_wrong_guesses_at_once_are_never_more_than_the_limit(#[case] portal: &Portal) {
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..32)
            .map(|number| {
                let browser = portal.browser();
                scope.spawn(move || sign_in(&browser, &OLGA.email(), &format!("guess number {number}")).status)
            })
            .collect();
        guesses.into_iter().map(|guess| guess.join().expect("the guess is answered")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [[422; 10].as_slice(), [429; 22].as_slice()].concat());
    assert_eq!(portal.app.passwords.checked(), 10);
}

#[apply(on_both)]
fn several_people_of_one_network_can_sign_in_at_once_again_and_again(#[case] portal: &Portal) {
    std::thread::scope(|scope| {
        for number in 0..12 {
            let persona = Persona::ALL[number % 3];
            scope.spawn(move || {
                for _ in 0..4 {
                    assert_eq!(sign_in(&portal.browser(), &persona.email(), PASSWORD).status, 303);
                }
            });
        }
    });
}

#[apply(on_both)]
fn a_network_that_guesses_for_many_accounts_must_wait(#[case] portal: &Portal) {
    use_up(portal, Limit::SignInNetwork, "127.0.0.1", 98);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 303, "the right password is not counted");
    assert_eq!(sign_in(&portal.browser(), "a@example.com", WRONG).status, 422);
    assert_eq!(sign_in(&portal.browser(), "b@example.com", WRONG).status, 422);
    let wait = wait_of(&sign_in(&portal.browser(), &OLGA.email(), PASSWORD));
    portal.later(wait);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 303);
}

#[apply(on_both)]
fn an_address_gets_five_mails_an_hour_from_strangers_whatever_they_ask_for(#[case] portal: &Portal) {
    // Whoever has no account is sent nothing when they ask for a new password.
    for (address, other, sent) in [(OLGA.email(), "manuel@example.com", 5), (NINA.to_owned(), "noah@example.com", 3)] {
        let before = mail_count(portal);
        for request in 0..5 {
            let browser = portal.browser();
            if request % 2 == 0 {
                sign_up(&browser, &address);
            } else {
                assert_eq!(browser.post("/forgot-password", &[("email", &address)]).status, 200);
            }
        }
        let mailed = mail_count(portal) - before;
        assert_eq!(mailed, sent, "{address}");
        let browser = portal.browser();
        wait_of(&post(&browser, "/sign-up", &sign_up_fields(&browser, &address)));
        let wait = wait_of(&portal.browser().post("/forgot-password", &[("email", &address.to_uppercase())]));
        assert!(wait <= Duration::hours(1) + Duration::seconds(1));
        assert_eq!(mail_count(portal) - before, mailed, "nothing more is sent");
        sign_up(&portal.browser(), other);
        portal.later(wait);
        sign_up(&portal.browser(), &address);
    }
}

#[apply(on_both)]
fn a_network_can_have_sixty_mails_sent_an_hour(#[case] portal: &Portal) {
    use_up(portal, Limit::AccountMailNetwork, "127.0.0.1", 59);
    assert_eq!(portal.browser().post("/forgot-password", &[("email", &OLGA.email())]).status, 200);
    let sent = mail_count(portal);
    wait_of(&portal.browser().post("/forgot-password", &[("email", &Persona::Manager.email())]));
    let browser = portal.browser();
    wait_of(&post(&browser, "/sign-up", &sign_up_fields(&browser, NINA)));
    assert_eq!(mail_count(portal), sent);
}

#[apply(on_both)]
fn limits_survive_a_restart_and_hold_for_all_servers_together(#[case] portal: &Portal) {
    for _ in 0..6 {
        assert_eq!(sign_in(&portal.browser(), &OLGA.email(), WRONG).status, 422);
    }
    let second = portal.second_server();
    for _ in 0..4 {
        assert_eq!(sign_in(&second.browser(), &OLGA.email(), WRONG).status, 422);
    }
    wait_of(&sign_in(&second.browser(), &OLGA.email(), PASSWORD));
    wait_of(&sign_in(&portal.browser(), &OLGA.email(), PASSWORD));
}

#[apply(on_both)]
fn a_forwarded_address_is_not_believed_of_anybody(#[case] portal: &Portal) {
    for number in 0..10 {
        let claimed = format!("198.51.100.{number}");
        let browser = portal.browser();
        assert_eq!(sign_in_from(&browser, &[&claimed], &format!("a{number}@example.com"), WRONG).status, 422);
    }
    use_up(portal, Limit::SignInNetwork, "127.0.0.1", 90);
    wait_of(&sign_in_from(&portal.browser(), &["203.0.113.9"], &OLGA.email(), PASSWORD));
    assert!(!portal.dump().contains("198.51.100."), "nor is it noted anywhere");
}

#[apply(on_each_database)]
fn behind_a_trusted_proxy_the_forwarded_address_counts(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| {
        config.trusted_proxies =
            vec!["127.0.0.0/8".parse::<IpNet>().expect("a network"), "10.0.0.0/8".parse().expect("a network")]
    });
    let client = "198.51.100.7";
    use_up(portal, Limit::SignInNetwork, client, 100);
    let email = OLGA.email();
    wait_of(&sign_in_from(&portal.browser(), &[client], &email, PASSWORD));
    assert_eq!(sign_in_from(&portal.browser(), &["198.51.100.8"], &email, PASSWORD).status, 303);
    assert!(portal.dump().contains("198.51.100.8"), "the session notes it");
    // What stands left of the address that the nearest trusted proxy saw, the client wrote.
    wait_of(&sign_in_from(&portal.browser(), &["203.0.113.1, 198.51.100.7"], &email, PASSWORD));
    wait_of(&sign_in_from(&portal.browser(), &["203.0.113.1", "198.51.100.7"], &email, PASSWORD));
    wait_of(&sign_in_from(&portal.browser(), &["127.0.0.1, 198.51.100.7, 10.1.2.3"], &email, PASSWORD));
    assert_eq!(sign_in_from(&portal.browser(), &["198.51.100.7, 203.0.113.1"], &email, PASSWORD).status, 303);
    assert_eq!(sign_in_from(&portal.browser(), &["198.51.100.7, nonsense"], &email, PASSWORD).status, 303);
}

#[apply(on_each_database)]
fn a_network_of_version_six_is_what_a_customer_gets(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| {
        config.trusted_proxies =
            vec!["127.0.0.0/8".parse::<IpNet>().expect("a network"), "10.0.0.0/8".parse().expect("a network")]
    });
    use_up(portal, Limit::SignInNetwork, "2001:db8:1:2::/64", 100);
    let email = OLGA.email();
    for address in ["2001:db8:1:2::1", "2001:0db8:0001:0002:ffff:ffff:ffff:ffff"] {
        wait_of(&sign_in_from(&portal.browser(), &[address], &email, PASSWORD));
    }
    assert_eq!(sign_in_from(&portal.browser(), &["2001:db8:1:3::1"], &email, PASSWORD).status, 303);
    // Version 4 in the clothes of version 6 is version 4.
    use_up(portal, Limit::SignInNetwork, "198.51.100.7", 100);
    wait_of(&sign_in_from(&portal.browser(), &["::ffff:198.51.100.7"], &email, PASSWORD));
}

#[apply(on_each_database)]
fn a_limit_is_what_it_is_set_to(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| {
        config.limits = Limits::default().with(Limit::SignInAccount, "2/1h".parse().expect("a rate"));
    });
    let email = OLGA.email();
    for _ in 0..2 {
        assert_eq!(sign_in(&portal.browser(), &email, WRONG).status, 422);
    }
    assert_eq!(wait_of(&sign_in(&portal.browser(), &email, PASSWORD)), Duration::hours(1));
}

#[apply(on_both)]
fn a_window_of_a_clock_that_was_ahead_is_not_waited_for(#[case] portal: &Portal) {
    let email = OLGA.email();
    portal.later(Duration::days(365));
    for _ in 0..10 {
        assert_eq!(sign_in(&portal.browser(), &email, WRONG).status, 422);
    }
    wait_of(&sign_in(&portal.browser(), &email, PASSWORD));
    portal.later(-Duration::days(365));
    for _ in 0..9 {
        assert_eq!(sign_in(&portal.browser(), &email, WRONG).status, 422);
    }
    assert_eq!(sign_in(&portal.browser(), &email, PASSWORD).status, 303);
}
