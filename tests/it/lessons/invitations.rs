//! Lessons about invitations and the links in mails.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use super::{NEW_PASSWORD, NEW_PERSON, invite, organization_routes, send};
use crate::accounts::{NINA, is_signed_in, reset_token, sign_in, sign_up, token_to};
use crate::count;
use crate::support::{Browser, Persona, Portal, SLUG, on_both};

const INES: &str = "ines@example.com";

/// The status of opening and of using a link of one kind with a secret.
fn opened_and_used(browser: &Browser, kind: &str, token: &str) -> Vec<u16> {
    let password = ("password", NEW_PASSWORD);
    match kind {
        "invitation" => vec![
            browser.get(&format!("/invitations/{token}")).status,
            browser.post(&format!("/invitations/{token}/sign-up"), &NEW_PERSON).status,
            browser.post(&format!("/invitations/{token}/accept"), &[]).status,
            browser.post(&format!("/invitations/{token}/decline"), &[]).status,
        ],
        path => vec![
            browser.get(&format!("/{path}?token={token}")).status,
            browser.post(&format!("/{path}"), &[("token", token), password]).status,
        ],
    }
}

/// Row 1, CVE-2026-43913 (Vaultwarden): a role counted although its holder had not been confirmed.
#[apply(on_both)]
fn lesson_01_an_offered_role_is_no_role(#[case] portal: &Portal) {
    portal.add_user(INES);
    let ines = portal.signed_in_as(INES);
    let refused_everywhere = |when: &str| {
        for route in organization_routes() {
            let path = route.path.replace("{slug}", SLUG).replace("{id}", &portal.membership(Persona::Member));
            let answer = send(&ines, &route, &path, &[]);
            assert_eq!(answer.status, 404, "{} {path} {when}", route.method);
        }
    };
    let token = invite(portal, INES, Role::Owner);
    refused_everywhere("while the invitation waits");
    assert_eq!(ines.post(&format!("/invitations/{token}/decline"), &[]).status, 303);
    refused_everywhere("after declining");
    invite(portal, INES, Role::Owner);
    portal.later(chrono::Duration::days(6));
    assert!(is_signed_in(&ines));
    portal.later(chrono::Duration::days(6));
    assert!(is_signed_in(&ines));
    portal.later(chrono::Duration::days(4));
    refused_everywhere("after the invitation ran out");
    assert_eq!(portal.role_of(INES), None);
}

/// Row 10, CVE-2026-1529 (Keycloak): what the link said was believed, so anybody could join any Organization.
#[apply(on_both)]
fn lesson_10_role_address_and_organization_come_from_the_invitation_alone(#[case] portal: &Portal) {
    let token = invite(portal, INES, Role::Reader);
    let elsewhere = portal.scope_of("otto@example.com", "elsewhere").membership.organization_id;
    let extra = [
        ("role", "owner"),
        ("email", "eve@example.com"),
        ("organization", "elsewhere"),
        ("organization_id", elsewhere.as_str()),
        ("slug", "elsewhere"),
        ("user_id", "usr_01kb0000000000000000000000"),
        ("verified", "true"),
    ];
    let fields = [NEW_PERSON.as_slice(), &extra].concat();
    let answer =
        portal.browser().post(&format!("/invitations/{token}/sign-up?role=owner&email=eve@example.com"), &fields);
    assert_eq!((answer.status, answer.location()), (303, "/organizations/acme"));
    assert_eq!(portal.role_of(INES), Some(Role::Reader));
    assert_eq!(sign_in(&portal.browser(), "eve@example.com", NEW_PASSWORD).status, 422, "there is no such account");
    assert_eq!(count!(portal, memberships), 7, "and no other membership");

    portal.add_user(NINA);
    let nina = portal.signed_in_as(NINA);
    let token = invite(portal, NINA, Role::Member);
    assert_eq!(nina.post(&format!("/invitations/{token}/accept?role=owner"), &extra).location(), "/organizations/acme");
    assert_eq!(portal.role_of(NINA), Some(Role::Member));
    assert_eq!(count!(portal, memberships), 8);
}

/// Row 11, CVE-2026-9087 (Keycloak): a proof made for one purpose or address was taken for another.
#[apply(on_both)]
fn lesson_11_a_link_is_good_for_one_purpose_and_one_address(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    let verification = token_to(portal, NINA);
    let reset = reset_token(portal, "olga@example.com");
    let invitation = invite(portal, INES, Role::Reader);
    let before = (count!(portal, users), count!(portal, memberships));
    let signed_in = portal.signed_in(Persona::Outsider);
    for (kind, others) in [
        ("verify-email", [&reset, &invitation]),
        ("reset-password", [&verification, &invitation]),
        ("invitation", [&verification, &reset]),
    ] {
        for token in others {
            let statuses = opened_and_used(&signed_in, kind, token);
            assert!(statuses.iter().all(|status| *status == 404), "{kind}: {statuses:?}");
        }
    }
    // An id is no secret, and a hash is not what it is the hash of.
    let hash = portico::secrets::Secret::presented(&invitation).hash();
    for token in [portal.invitation_id(INES).expect("it is open"), hash] {
        let statuses = opened_and_used(&signed_in, "invitation", &token);
        assert!(statuses.iter().all(|status| *status == 404), "{statuses:?}");
    }
    assert_eq!((count!(portal, users), count!(portal, memberships)), before);
    assert_eq!(sign_in(&portal.browser(), "olga@example.com", NEW_PASSWORD).status, 422);
    assert_eq!(portal.browser().get(&format!("/reset-password?token={reset}")).status, 200, "each still works");
    assert_eq!(portal.browser().get(&format!("/verify-email?token={verification}")).status, 200);
    assert_eq!(portal.browser().get(&format!("/invitations/{invitation}")).status, 200);
}

/// Row 12, Stack Auth pull request 1365: the invited address was not compared, and "used" was checked before it was set.
#[apply(on_both)]
fn lesson_12_only_the_invited_address_accepts_and_only_once(#[case] portal: &Portal) {
    portal.add_user(INES);
    let token = invite(portal, "Ines@EXAMPLE.com", Role::Editor);
    for persona in [Persona::Outsider, Persona::Manager] {
        let other = portal.signed_in(persona);
        for act in ["accept", "decline"] {
            let answer = other.post(&format!("/invitations/{token}/{act}"), &[("email", INES)]);
            assert_eq!(answer.status, 403, "{persona:?} {act}");
            let said = format!("You are signed in as {}; this invitation is for {INES}.", persona.email());
            assert!(answer.text().contains(&said), "{}", answer.text());
        }
        let id = portal.invitation_id(INES).expect("it is open");
        assert_eq!(other.post(&format!("/home/invitations/{id}/accept"), &[]).status, 404, "{persona:?}");
        assert_eq!(other.post(&format!("/home/invitations/{id}/decline"), &[]).status, 404, "{persona:?}");
    }
    assert_eq!(portal.role_of(INES), None);

    let ines = portal.signed_in_as(INES);
    let id = portal.invitation_id(INES).expect("it is open");
    let outcomes: Vec<(u16, String)> = std::thread::scope(|scope| {
        let clicks: Vec<_> = (0..6)
            .map(|number| {
                let window = ines.copy();
                // Both ways to say yes, at once.
                let by_link = number % 2 == 0;
                let path = if by_link {
                    format!("/invitations/{token}/accept")
                } else {
                    format!("/home/invitations/{id}/accept")
                };
                scope.spawn(move || {
                    let answer = window.post(&path, &[]);
                    (answer.status, answer.location().to_owned())
                })
            })
            .collect();
        clicks.into_iter().map(|click| click.join().expect("the click is answered")).collect()
    });
    // The first click joins; the others, of the same person, only lead where the first one led.
    assert!(outcomes.iter().all(|outcome| *outcome == (303, "/organizations/acme".to_owned())), "{outcomes:?}");
    assert_eq!(count!(portal, memberships), 7);
    assert_eq!(portal.actions().iter().filter(|action| *action == "invitation.accepted").count(), 1);
}

/// Row 13, CVE-2026-2463 (Mattermost): the ids that make an invitation work were shown to people who may not invite.
#[apply(on_both)]
fn lesson_13_no_page_ever_shows_the_secret_of_a_link(#[case] portal: &Portal) {
    portal.add_user(INES);
    sign_up(&portal.browser(), NINA);
    let secrets = [
        token_to(portal, NINA),
        reset_token(portal, "olga@example.com"),
        invite(portal, INES, Role::Reader),
        invite(portal, "jo@example.com", Role::Reader),
    ];
    let hashes = secrets.clone().map(|secret| portico::secrets::Secret::presented(&secret).hash());
    let routes = portico::routes::table(true, true).list();
    let mut opened = 0;
    let browsers = Persona::ALL
        .map(|persona| portal.signed_in(persona))
        .into_iter()
        .chain([portal.signed_in_as(INES), portal.browser()]);
    for browser in browsers {
        for route in routes.iter().filter(|route| route.method == "GET") {
            // The mailbox of the demo shows mails, which is what it is there for.
            if route.path.contains("{token}") || route.path.starts_with("/dev/") || route.path.starts_with("/static/") {
                continue;
            }
            let path = route.path.replace("{slug}", SLUG).replace("{id}", &portal.membership(Persona::Member));
            for query in [
                "",
                "?status=pending",
                "?search=ines",
                &format!("?selected={}", portal.invitation_id(INES).expect("it is open")),
            ] {
                let answer = browser.get(&format!("{path}{query}"));
                opened += usize::from(answer.status == 200);
                for secret in secrets.iter().chain(&hashes) {
                    assert!(!answer.body.contains(secret.as_str()), "{path}{query}");
                }
            }
        }
    }
    assert!(opened > 100, "{opened} pages were seen");
    let owner = portal.signed_in(Persona::Owner);
    let list = owner.get(&format!("/organizations/{SLUG}/people?status=pending"));
    assert!(list.text().contains(INES), "the invitation itself is listed");
    let resent = owner
        .post(&format!("/organizations/{SLUG}/people/{}/resend", portal.invitation_id(INES).expect("it is open")), &[]);
    let page = owner.follow(resent);
    let new = portal.link_to(INES).replace("/invitations/", "");
    assert!(!page.body.contains(&new) && !page.body.contains(&secrets[2]));
}
