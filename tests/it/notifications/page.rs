//! The page, for each role, and its forms.

use portico::notifications::kinds::Kinds;
use rstest::rstest;
use rstest_reuse::apply;

use super::{BOOKS, post_add, subjects};
use crate::support::{Persona, Portal, acme, on_both};

#[apply(on_both)]
fn managers_and_owners_see_who_gets_what_and_others_do_not(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds { payments: true, ..Kinds::NONE });
    portal.add_recipient("later@example.net", Kinds::ALL);
    for persona in Persona::ALL {
        let answer = portal.signed_in(persona).get(&acme("/notifications"));
        let expected = match persona {
            Persona::Owner | Persona::Manager => 200,
            Persona::Outsider => 404,
            _ => 403,
        };
        assert_eq!(answer.status, expected, "{persona:?}");
        let is_in_navigation = answer.html().texts(".side a").iter().any(|label| label == "Email notifications");
        assert_eq!(is_in_navigation, expected == 200, "{persona:?}");
        if expected != 200 {
            continue;
        }
        let rows = answer.html().texts(".people-list li");
        let own = if persona == Persona::Owner {
            " You olga@example.com Everything Choose what you get"
        } else {
            " olga@example.com Everything"
        };
        assert_eq!(
            rows,
            [
                format!("Olga Tester{own}"),
                "books@example.net Payment problems Active".to_owned(),
                "later@example.net Everything asked to confirm until 8 December 2026 Not confirmed".to_owned(),
            ]
        );
        let text = answer.text();
        assert!(text.contains("Every Owner gets every message, unless they have chosen otherwise for themselves."));
        assert!(text.contains("for monthly licences and trials 7 and 1 days before"), "{text}");
    }
}

#[apply(on_both)]
fn what_is_wrong_with_a_recipient_is_said_beside_it_and_what_was_typed_stays(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let add = acme("/notifications/add");
    let page = manager.get(&add).html();
    assert_eq!(page.attributes("input[type=checkbox][checked]", "name").len(), 4, "everything, to begin with");
    for (email, sentence) in [
        ("", "Enter an e-mail address."),
        ("books", "Enter an e-mail address like name@example.com."),
        ("a@[127.0.0.1]", "Enter an e-mail address like name@example.com."),
        ("olga@example.com", "This is the address of an Owner, who gets these messages anyway."),
    ] {
        let answer = manager.post(&add, &[("email", email), ("payments", "true")]);
        assert_eq!(answer.status, 422, "{email}");
        assert!(answer.text().contains(sentence), "{email}: {}", answer.text());
        assert_eq!(answer.html().value("email"), email);
        assert_eq!(answer.html().attributes("input[type=checkbox][checked]", "name"), ["payments"]);
    }
    let none = manager.post(&add, &[("email", BOOKS)]);
    assert_eq!(none.status, 422);
    assert!(none.text().contains("Choose at least one kind."));
    assert_eq!(post_add(&manager, " Books@EXAMPLE.net ").status, 303);
    assert_eq!(portal.recipient(BOOKS).kinds, Kinds::ALL, "one spelling");
    assert_eq!(
        manager.follow(post_add(&manager, BOOKS)).html().texts(".notice"),
        ["books@example.net is a recipient already. Nothing was changed."]
    );
}

#[apply(on_both)]
fn the_kinds_of_a_recipient_are_changed_and_recipients_removed(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds::ALL);
    let manager = portal.signed_in(Persona::Manager);
    let page = acme(&format!("/notifications/recipients/{}", portal.recipient(BOOKS).id));
    assert_eq!(manager.get(&page).html().text("h1"), BOOKS);
    let none = manager.post(&page, &[]);
    assert_eq!(none.status, 422);
    assert!(none.text().contains("Choose at least one kind."));
    assert_eq!(manager.post(&page, &[("low_credits", "true")]).status, 303);
    assert_eq!(portal.recipient(BOOKS).kinds, Kinds { low_credits: true, ..Kinds::NONE });
    assert_eq!(portal.payment_fails(), 1);
    assert_eq!(manager.post(&format!("{page}/ask"), &[]).status, 303);
    assert_eq!(subjects(portal, BOOKS).len(), 1, "there is nothing to ask");
    assert_eq!(manager.post(&format!("{page}/remove"), &[]).status, 303);
    assert_eq!(portal.recipients().len(), 0);
    assert_eq!(manager.get(&page).status, 404);
    assert_eq!(manager.post(&format!("{page}/remove"), &[]).status, 404);
    let actions = portal.actions();
    assert_eq!(actions[actions.len() - 2..], ["notifications.recipient.changed", "notifications.recipient.removed"]);
}

#[apply(on_both)]
fn what_is_low_is_a_number_that_can_be_left_out(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let (page, form) = (acme("/notifications"), acme("/notifications/threshold"));
    for wrong in ["0", "-1", "1.5", "1000000000000", "few"] {
        let answer = manager.post(&form, &[("sent", "yes"), ("below", wrong)]);
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(answer.text().contains("Enter a whole number from 1 to 1,000,000,000, or leave it empty."));
        assert_eq!(answer.html().value("below"), wrong, "what was typed is kept");
    }
    let saved = manager.follow(manager.post(&form, &[("sent", "yes"), ("below", "1’500")]));
    assert_eq!(saved.html().texts(".notice"), ["People are told when there are fewer than 1,500 credits."]);
    assert_eq!(manager.get(&page).html().value("below"), "1500");
    assert_eq!(
        manager.follow(manager.post(&form, &[("sent", "yes"), ("below", "1500")])).html().texts(".notice"),
        ["Nothing was changed."]
    );
    assert_eq!(manager.post(&form, &[("sent", "yes"), ("below", "")]).status, 303);
    assert_eq!(manager.get(&page).html().value("below"), "");
    let changed = portal.actions().into_iter().filter(|action| action == "notifications.threshold.changed");
    assert_eq!(changed.count(), 2);
    // The wallet that was opened for it changes nothing on the page of credits.
    assert!(manager.get(&acme("/credits")).text().contains("No credits yet"));
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn a_test_goes_to_everybody_who_gets_anything_and_not_often(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds { payments: true, ..Kinds::NONE });
    portal.add_recipient("later@example.net", Kinds::ALL);
    let manager = portal.signed_in(Persona::Manager);
    let test = acme("/notifications/test");
    let sent = manager.follow(manager.post(&test, &[]));
    assert!(sent.html().texts(".notice")[0].starts_with("A test is on its way to 2 addresses."));
    assert_eq!(subjects(portal, "later@example.net").len(), 1, "who has not confirmed gets none");
    for _ in 0..4 {
        assert_eq!(manager.post(&test, &[]).status, 303);
    }
    let refused = manager.post(&test, &[]);
    assert_eq!((refused.status, refused.header("retry-after")), (429, "3600"));
    assert!(refused.text().contains("Too many attempts."));
    assert_eq!(subjects(portal, &Persona::Owner.email()).len(), 5);
}

#[apply(on_both)]
fn owners_choose_for_themselves_alone(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let own = acme("/notifications/own");
    assert_eq!(owner.get(&own).html().attributes("input[type=checkbox][checked]", "name").len(), 4);
    assert_eq!(owner.post(&own, &[]).status, 422, "an empty form is none");
    assert_eq!(owner.post(&own, &[("sent", "yes")]).status, 303);
    assert_eq!(portal.payment_fails(), 0);
    let test = owner.follow(owner.post(&acme("/notifications/test"), &[]));
    assert!(test.text().contains("There is nobody to send it to"), "{}", test.text());
    assert_eq!(portal.signed_in(Persona::Manager).get(&own).status, 403);
}
