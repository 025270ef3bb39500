//! Forms that name many people: limited, a batch a transaction, one at a time, and exact about every line.

use portico::access::Role;
use portico::config::Config;
use portico::db::DbError;
use portico::rates::{Limit, Limits, Rate};
use portico::web::in_batches;
use rstest::rstest;
use rstest_reuse::apply;

use crate::database::Watched;
use crate::support::{Database, Persona, Portal, acme, invite, mails, on_both, on_each_database};

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| format!("guest-{number}@example.net\n")).collect()
}

#[apply(on_both)]
fn a_long_list_sent_again_says_what_was_done_and_doubles_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    // As if the form had been cut short behind its first batches.
    assert_eq!(invite(&owner, &lines(0..50), Role::Member).status, 200);
    let whole = invite(&owner, &lines(0..80), Role::Member);
    assert_eq!(whole.html().text("#results-title"), "30 invited · 50 already there");
    assert_eq!(whole.html().value("emails").trim(), "", "nothing of it is to be sent again");
    let mut sent: Vec<String> = mails(&portal.app).into_iter().map(|(to, _)| to).collect();
    sent.sort();
    sent.dedup();
    assert_eq!((sent.len(), mails(&portal.app).len()), (80, 80));
}

#[apply(on_both)]
fn what_was_done_before_the_database_went_away_stays_and_is_answered(#[case] portal: &Portal) {
    let done = actix_web::rt::System::new().block_on(in_batches(
        &portal.app,
        (0..80).collect(),
        |tx, batch: &[usize]| {
            tx.take_up_to(Limit::LogoUploads, "lines", i32::try_from(batch.len()).unwrap())?;
            if batch[0] < 50 { Ok(batch.to_vec()) } else { Err(DbError::Unreachable("away".to_owned())) }
        },
        |_| true,
    ));
    assert_eq!(done.expect("the first batches are answered"), (0..50).collect::<Vec<_>>());
    let most = Limit::LogoUploads.table().0.most;
    let left = portal.app.write_now::<_, DbError>(|tx| tx.take_up_to(Limit::LogoUploads, "lines", most)).unwrap().0;
    assert_eq!(left, most - 50, "two batches were stored, and nothing of the third");
}

#[apply(on_each_database)]
fn where_none_is_left_no_line_costs_anything(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| {
        config.limits = Limits::default().with(Limit::InvitationsAccount, Rate::new(30, 60));
    });
    let watched = Watched::new(portal);
    let owner = watched.portal.signed_in(Persona::Owner);
    let answer = invite(&owner, &lines(0..100), Role::Member);
    assert_eq!(answer.html().text("#results-title"), "30 invited · 70 not sent");
    assert_eq!(answer.text().matches("Too many invitations for one day.").count(), 1, "said once for all of them");
    assert_eq!(answer.html().value("emails").lines().count(), 70);
    watched.take();
    let refused = invite(&owner, &lines(100..600), Role::Member);
    assert_eq!(refused.status, 422);
    assert_eq!(refused.html().text("#results-title"), "500 not sent");
    let statements = watched.take();
    assert!(statements.len() < 40, "{} statements", statements.len());
    assert_eq!(mails(&portal.app).len(), 30);
}

#[apply(on_each_database)]
fn long_lists_of_one_account_are_counted_and_short_ones_are_not(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| {
        let limits = Limits::default().with(Limit::LongForms, Rate::new(2, 60));
        config.limits = limits.with(Limit::LongFormLines, Rate::new(70, 60));
    });
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(invite(&owner, &lines(0..30), Role::Member).status, 200);
    let refused = invite(&owner, &lines(100..150), Role::Member);
    assert_eq!((refused.status, refused.header("retry-after")), (429, "3600"));
    assert!(refused.text().contains("Nothing was done: wait 60 minutes"), "{}", refused.text());
    assert_eq!(refused.html().value("emails").trim(), lines(100..150).trim(), "what was typed stays");
    assert_eq!(invite(&owner, &lines(200..225), Role::Member).status, 200);
    assert_eq!(mails(&portal.app).len(), 55);
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(invite(&manager, &lines(300..340), Role::Member).status, 200, "others are not held up");
}

#[apply(on_both)]
fn a_long_list_waits_for_another_and_short_ones_for_none(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let turn = portal.app.long_forms.try_acquire().expect("nobody else is there");
    let refused = invite(&owner, &lines(0..26), Role::Member);
    assert_eq!((refused.status, refused.header("retry-after")), (503, "3"));
    assert!(refused.text().contains("Nothing was done: send the form again"), "{}", refused.text());
    assert_eq!(refused.html().value("emails").trim(), lines(0..26).trim());
    assert_eq!(invite(&owner, &lines(0..25), Role::Member).status, 200);
    drop(turn);
    assert_eq!(invite(&owner, &lines(0..26), Role::Member).status, 200);
}

#[apply(on_both)]
fn a_list_far_too_long_is_refused_before_it_is_split(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let pasted = |bytes: usize| "a,\n".repeat(bytes / 3);
    let answer = invite(&owner, &pasted(60 * 1_024), Role::Member);
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Invite at most 500 people at once."), "{}", answer.text());
    assert_eq!(invite(&owner, &pasted(70 * 1_024), Role::Member).status, 413);
    let file = |rows: usize| format!("email\n{}", ",\n".repeat(rows));
    for (rows, sentence) in [(999, "Enter at least one e-mail address."), (1_500_000, "more than 1,000 rows")] {
        let content = file(rows);
        let files: [(&str, &str, &[u8]); 1] = [("csv", "people.csv", content.as_bytes())];
        let answer = owner.upload(&acme("/people/invite"), &[("emails", ""), ("role", "member")], &files);
        assert_eq!(answer.status, 422, "{rows}");
        assert!(answer.text().contains(sentence), "{rows}: {}", answer.text());
    }
}
