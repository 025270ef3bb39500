//! Inviting many at once, pasted or from a CSV file: a result for each line.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Html, Persona, Portal, acme, invite, mails, on_both};

/// The groups of results: what each is called, and its lines.
fn groups(page: &Html) -> Vec<(String, Vec<String>)> {
    let titles = page.texts(".result summary");
    let lines = |number| page.texts(&format!(".result:nth-of-type({number}) .result-lines li"));
    titles.into_iter().enumerate().map(|(at, title)| (title, lines(at + 1))).collect()
}

fn expected(groups: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    groups.iter().map(|(title, lines)| ((*title).to_owned(), owned(lines))).collect()
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
    let told = expected(&[
        ("3 invited", &["new@example.com as Editor", "ada@example.com as Reader", "bob@example.com as Reader"]),
        (
            "2 cannot be read",
            &[
                "Line 2: not an address This is not an e-mail address.",
                "Line 6: king@example.com There is no role “king”.",
            ],
        ),
        ("1 not sent", &["boss@example.com"]),
        ("1 invited already", &["pending@example.com until 8 December 2026, 09:30 UTC"]),
        ("1 is a member already", &["rita@example.com"]),
        ("1 named twice", &["new@example.com"]),
    ]);
    assert_eq!(groups(&answer.html()), told);
    assert_eq!(answer.html().text("#results-title"), "3 invited · 3 already there · 2 mistyped · 1 not sent");
    assert_eq!(answer.html().value("emails").trim(), "not an address\nking@example.com, king\nboss@example.com, Owner");
    let pending = portal.invitation_id("pending@example.com").unwrap();
    assert_eq!(
        answer.html().attributes("input[name=selected]", "value"),
        std::slice::from_ref(&pending),
        "it can be sent again"
    );
    assert!(answer.text().contains("Your role does not allow to give this role. It stays in the field below."));
    let links = answer.html().attributes(".result-lines a", "href");
    assert_eq!(links.len(), 5, "who has an invitation has a page");
    assert!(links.contains(&acme(&format!("/people/{pending}"))));
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
    assert_eq!(again.html().text("#results-title"), "2 mistyped · 1 not sent");
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
    let told = expected(&[
        ("2 invited", &["ada@example.com as Editor", "bob@example.com as Member"]),
        (
            "2 cannot be read",
            &["Line 4: king@example.com There is no role “king”.", "Line 7: wrong This is not an e-mail address."],
        ),
        ("1 not sent", &["boss@example.com"]),
        ("1 is a member already", &["rita@example.com"]),
        ("1 named twice", &["bob@example.com"]),
    ]);
    assert_eq!(groups(&answer.html()), told);
    assert_eq!(mails(&portal.app).len(), 2);
}

#[apply(on_both)]
fn pasted_lines_and_a_file_are_numbered_through(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let answer = upload(
        &owner,
        "one@example.com",
        b"email;role\r\ntwo@example.com;reader\r\none@example.com;reader\r\nthree;\r\n",
    );
    let told = expected(&[
        ("2 invited", &["one@example.com as Member", "two@example.com as Reader"]),
        ("1 cannot be read", &["Line 4: three This is not an e-mail address."]),
        ("1 named twice", &["one@example.com"]),
    ]);
    assert_eq!(groups(&answer.html()), told);
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

#[apply(on_both)]
fn who_is_there_already_is_no_mistake_and_stays_out_of_the_field(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "pending@example.com", Role::Member);
    let mails_before = mails(&portal.app).len();
    for (typed, title) in [("rita@example.com", "1 is a member already"), ("pending@example.com", "1 invited already")]
    {
        let answer = invite(&owner, typed, Role::Member);
        assert_eq!(answer.status, 422, "nothing was sent");
        assert_eq!(groups(&answer.html())[0].0, title);
        assert_eq!(answer.html().text("#results-title"), "1 already there");
        assert_eq!(answer.html().value("emails").trim(), "", "there is nothing to correct");
        assert!(!answer.html().has("[role=alert]") && !answer.html().has("[aria-invalid]"), "and nothing is red");
    }
    assert_eq!(mails(&portal.app).len(), mails_before);
}

#[apply(on_both)]
fn what_looks_mistyped_is_asked_about_first(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let typed = "ada@example.com\nuser@gmial.con, editor\nbob@hotmial.com";
    let answer = invite(&owner, typed, Role::Member);
    assert_eq!(answer.status, 200);
    let told = expected(&[
        ("1 invited", &["ada@example.com as Member"]),
        (
            "2 look mistyped",
            &["user@gmial.con Did you mean user@gmail.com?", "bob@hotmial.com Did you mean bob@hotmail.com?"],
        ),
    ]);
    assert_eq!(groups(&answer.html()), told);
    let kept = answer.html().value("emails");
    assert_eq!(kept.trim(), "user@gmial.con, editor\nbob@hotmial.com");
    assert_eq!(answer.html().attributes("button[form=invite][name=typos]", "value"), ["correct", "keep"]);
    // Sent again as they stand, they are asked about again.
    assert_eq!(groups(&invite(&owner, &kept, Role::Member).html())[0].0, "2 look mistyped");
    assert_eq!(mails(&portal.app).len(), 1);

    let asked = answer.html().value("doubtful");
    let send = |emails: &str, typos| {
        let fields = [("emails", emails), ("role", "member"), ("typos", typos), ("doubtful", &asked)];
        owner.upload(&acme("/people/invite"), &fields, &[])
    };
    // What was typed since then has not been asked about.
    let more = send("bob@gmial.com", "correct");
    assert_eq!((more.status, more.html().text("#emails-error").as_str()), (422, ""), "{}", more.text());
    assert_eq!(groups(&more.html())[0].0, "1 looks mistyped");
    assert_eq!(groups(&send("bob@gmial.com", "keep").html())[0].0, "1 looks mistyped");
    let told = [("2 invited", &["user@gmail.com as Editor", "bob@hotmail.com as Member"][..])];
    assert_eq!(groups(&send(&kept, "correct").html()), expected(&told));
    let told = [("2 invited", &["user@gmial.con as Editor", "bob@hotmial.com as Member"][..])];
    assert_eq!(groups(&send(&kept, "keep").html()), expected(&told), "it is a hint, and never a refusal");
}

#[apply(on_both)]
fn two_spellings_that_are_corrected_to_one_address_are_one(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let emails = ("emails", "user@gmial.com\nuser@gmail.com");
    let fields = [emails, ("role", "member"), ("typos", "correct"), ("doubtful", "user@gmial.com")];
    let answer = owner.upload(&acme("/people/invite"), &fields, &[]);
    let told = [("1 invited", &["user@gmail.com as Member"][..]), ("1 named twice", &["user@gmail.com"][..])];
    assert_eq!(groups(&answer.html()), expected(&told));
}

#[apply(on_both)]
fn the_preview_is_what_is_sent(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let page = manager.get(&acme("/people/invite")).html();
    assert_eq!(page.texts(".preview > div").len(), 4, "a role that cannot be given has none");
    for role in [Role::Member, Role::Manager] {
        let email = format!("{}@example.com", role.key());
        invite(&manager, &email, role);
        let mail = portal.mails_to(&email).remove(0);
        let (text, link) = (mail.text.replace(&email, "name@example.com"), portal.link_to(&email));
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            page.text(&format!(".preview-{} .message-text", role.key())),
            words(&text.replace(&link, "/invitations/…"))
        );
        assert_eq!(page.text(&format!(".preview-{} .preview-subject", role.key())), mail.subject);
    }
}
