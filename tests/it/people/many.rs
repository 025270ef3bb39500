//! Inviting many at once, pasted or from a CSV file: a result for each line.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Html, Persona, Portal, acme, invite, mails, on_both};

/// Line, address and sentence of each result.
fn results(page: &Html) -> Vec<(String, String, String)> {
    let column = |css: &str| page.texts(&format!(".table-results tbody {css}"));
    let (lines, emails, outcomes) = (column("td:first-child"), column("th"), column("td:last-child"));
    lines.into_iter().zip(emails).zip(outcomes).map(|((line, email), outcome)| (line, email, outcome)).collect()
}

fn upload(browser: &Browser, pasted: &str, file: &[u8]) -> Answer {
    let fields = [("emails", pasted), ("role", "member")];
    browser.upload(&acme("/people/invite"), &fields, &[("csv", "people.csv", file)])
}

#[apply(on_both)]
fn each_pasted_line_has_its_own_result(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, "pending@example.com", Role::Member);
    let pasted = "New@Example.com, editor\n\
        not an address\n\
        new@example.com\n\
        rita@example.com\n\
        PENDING@example.com\n\
        king@example.com, king\n\
        boss@example.com, Owner\n\
        Ada Lovelace <ada@example.com>; bob@example.com\n\
        \n";
    let answer = invite(&manager, pasted, Role::Reader);
    assert_eq!(answer.status, 200);
    let expected = [
        ("1", "new@example.com", "Invited as Editor."),
        ("2", "not an address", "This is not an e-mail address."),
        ("3", "new@example.com", "The address is on the list above already."),
        ("4", "rita@example.com", "Is already a member. Nothing was sent."),
        (
            "5",
            "pending@example.com",
            "Is already invited until 8 December 2026, 09:30 UTC. Use “Resend” in the list to send it again.",
        ),
        ("6", "king@example.com", "There is no role “king”."),
        ("7", "boss@example.com", "Your role does not allow to give this role."),
        ("8", "ada@example.com", "Invited as Reader."),
        ("9", "bob@example.com", "Invited as Reader."),
    ];
    let expected = expected.map(|(line, email, outcome)| (line.to_owned(), email.to_owned(), outcome.to_owned()));
    assert_eq!(results(&answer.html()), expected);
    assert!(answer.text().contains("3 sent. 6 not sent."), "{}", answer.text());
    let mut sent: Vec<String> = mails(&portal.app).into_iter().map(|(to, _)| to).collect();
    sent.sort();
    assert_eq!(sent, ["ada@example.com", "bob@example.com", "new@example.com", "pending@example.com"]);
    assert!(portal.mails_to("new@example.com")[0].text.contains("Your role would be: Editor"));
    let actions = portal.actions();
    assert_eq!(actions.iter().filter(|action| *action == "invitation.sent").count(), 4);
}

#[apply(on_both)]
fn lines_that_failed_stay_in_the_form_as_they_were_meant(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let answer =
        invite(&manager, "new@example.com\nboss@example.com, owner\nking@example.com, king\nnonsense", Role::Member);
    let kept = answer.html().value("emails");
    assert_eq!(kept.trim(), "boss@example.com, owner\nking@example.com, king\nnonsense");
    // Sent again as it stands, nobody gets another role than the one that was written.
    let again = invite(&manager, &kept, Role::Member);
    assert_eq!(again.status, 422);
    assert!(portal.invitation_id("boss@example.com").is_none());
    assert!(again.text().contains("None sent. 3 not sent."), "{}", again.text());
}

#[apply(on_both)]
fn one_good_line_leads_back_to_the_list(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let answer = invite(&owner, "one@example.com", Role::Owner);
    assert_eq!((answer.status, answer.location()), (303, acme("/people").as_str()));
    let list = owner.follow(answer).text();
    assert!(list.contains("An invitation is on its way to one@example.com."));
    assert!(list.contains("one@example.com Not joined yet Owner Pending"), "{list}");
}

#[apply(on_both)]
fn one_bad_line_is_said_beside_the_field(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for (typed, sentence) in [
        ("", "Enter at least one e-mail address."),
        (" \n , ; ", "Enter at least one e-mail address."),
        ("nonsense", "This is not an e-mail address."),
        ("a@localhost", "This is not an e-mail address."),
        ("rita@example.com", "Is already a member. Nothing was sent."),
    ] {
        let answer = invite(&owner, typed, Role::Member);
        assert_eq!(answer.status, 422, "{typed}");
        assert_eq!(answer.html().text("#emails-error"), sentence);
        assert_eq!(answer.html().value("emails").trim(), typed.trim());
    }
    let answer = owner.upload(&acme("/people/invite"), &[("emails", "x@example.com"), ("role", "king")], &[]);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.html().text("#role-error"), "Choose one of the roles.");
    assert_eq!(answer.html().value("emails").trim(), "x@example.com");
    assert!(mails(&portal.app).is_empty());
}

#[apply(on_both)]
fn a_csv_file_with_a_role_column_is_read_line_by_line(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let file = "\u{feff}Name,E-mail,Role\n\
        \"Lovelace, Ada\",Ada@Example.com,Editor\n\
        Bob,bob@example.com,\n\
        Boss,boss@example.com,owner\n\
        King,king@example.com,king\n\
        Bob again,BOB@example.com,reader\n\
        Rita,rita@example.com,reader\n\
        Nobody,,reader\n\
        Wrong,wrong,reader\n";
    let answer = upload(&manager, "", file.as_bytes());
    assert_eq!(answer.status, 200);
    let found = results(&answer.html());
    let found: Vec<(&str, &str)> = found.iter().map(|(_, email, outcome)| (email.as_str(), outcome.as_str())).collect();
    assert_eq!(
        found,
        [
            ("ada@example.com", "Invited as Editor."),
            ("bob@example.com", "Invited as Member."),
            ("boss@example.com", "Your role does not allow to give this role."),
            ("king@example.com", "There is no role “king”."),
            ("bob@example.com", "The address is on the list above already."),
            ("rita@example.com", "Is already a member. Nothing was sent."),
            ("wrong", "This is not an e-mail address."),
        ]
    );
    assert_eq!(mails(&portal.app).len(), 2);
}

#[apply(on_both)]
fn pasted_lines_and_a_file_are_numbered_through(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let answer =
        upload(&owner, "one@example.com", b"email;role\r\ntwo@example.com;reader\r\none@example.com;reader\r\n");
    let found = results(&answer.html());
    assert_eq!(found.iter().map(|(line, ..)| line.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(found[1].2, "Invited as Reader.");
    assert_eq!(found[2].2, "The address is on the list above already.");
}

#[apply(on_both)]
fn a_file_that_is_no_list_is_refused_beside_its_field(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let files: [(&[u8], &str); 4] = [
        (b"Name,Role\nAda,Owner\n", "The file has no column named email."),
        (b"\xff\xfe\x00a", "The file is not valid UTF-8 text."),
        (b"email\na\0b@example.com\n", "This is not a CSV file with one address in each row."),
        (b"\x89PNG\r\n\x1a\n", "The file is not valid UTF-8 text."),
    ];
    for (file, sentence) in files {
        let answer = upload(&owner, "kept@example.com", file);
        assert_eq!(answer.status, 422, "{sentence}");
        assert_eq!(answer.html().text("#csv-error"), sentence);
        assert_eq!(answer.html().value("emails").trim(), "kept@example.com");
    }
    assert_eq!(upload(&owner, "", b"email,role\n").status, 422, "a heading alone");
    assert!(mails(&portal.app).is_empty(), "a refused file sends nothing to the pasted addresses either");
}

#[apply(on_both)]
fn more_than_five_hundred_lines_are_refused_as_a_whole(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let many: Vec<String> = (0..501).map(|number| format!("p{number}@example.com")).collect();
    let answer = invite(&owner, &many.join("\n"), Role::Member);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.html().text("#emails-error"), "Invite at most 500 people at once.");
    let answer = upload(&owner, "", format!("email\n{}", many.join("\n")).as_bytes());
    assert_eq!(answer.status, 422);
    assert!(mails(&portal.app).is_empty());
}
