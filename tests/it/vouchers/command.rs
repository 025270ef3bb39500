//! `portico voucher create`.

use std::path::Path;

use diesel::prelude::*;
use portico::schema::vouchers;
use rstest::rstest;
use rstest_reuse::apply;

use super::{look, validate};
use crate::catalogue::{file_with, import_text};
use crate::support::{
    Persona, Portal, on_both,
    process::{Ended, portico, run},
};

fn create(portal: &Portal, arguments: &[&str]) -> Ended {
    let mut command = portico(["voucher", "create"]);
    command.args(arguments).env("PORTICO_DATABASE_URL", portal.app.db.url().to_string()).env("USER", "ada");
    run(command)
}

fn count(portal: &Portal) -> i64 {
    portal.query(|connection| vouchers::table.count().get_result(connection))
}

#[apply(on_both)]
fn codes_are_printed_once_and_can_be_redeemed(#[case] portal: &Portal) {
    import_text(portal, &file_with(&[])).expect("no faults");
    let recorded = portal.recorded(|| {
        let ended = create(portal, &["--credits", "250", "--count", "3", "--valid-until", "2099-12-31"]);
        assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""), "{ended:?}");
        let codes: Vec<&str> = ended.output.lines().collect();
        assert_eq!(codes.len(), 3, "{ended:?}");
        assert!(look(&portal.signed_in(Persona::Owner), codes[2]).text().contains("250 credits"));
    });
    assert_eq!((recorded.len(), recorded[0].action.as_str()), (1, "vouchers.created"));
    assert_eq!((recorded[0].actor_name.as_str(), recorded[0].subject_name.as_str()), ("Operator (ada)", "250 credits"));
    let ended = create(portal, &["--plan", "mapper-trial"]);
    assert_eq!(validate(&portal.signed_in(Persona::Owner), &ended.output).status, 303, "{ended:?}");
}

#[apply(on_both)]
fn a_batch_goes_into_a_new_file(#[case] portal: &Portal) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("codes.csv");
    let file = path.to_str().expect("a path");
    let arguments = ["--credits", "5", "--count", "20", "--uses", "2", "--for", "acme", "--csv", file];
    let ended = create(portal, &[&arguments[..], &["--valid-until", "2099-12-31"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.output, format!("20 codes worth 5 credits are in {file}."));
    let lines = std::fs::read_to_string(Path::new(file)).expect("the file");
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!((lines.len(), lines[0]), (21, "code,worth,uses,last day,organization"));
    assert!(lines[20].ends_with(",5 credits,2,2099-12-31,acme"), "{}", lines[20]);
    let code = lines[20].split(',').next().expect("a code");
    assert!(look(&portal.signed_in(Persona::Outsider), code).status == 404, "not of acme");
    assert_eq!(validate(&portal.signed_in(Persona::Manager), code).status, 303);
    let again = create(portal, &["--credits", "5", "--csv", file]);
    assert_eq!(again.code, Some(1), "a file that is there is not written over: {again:?}");
    assert_eq!(count(portal), 20, "and no codes are made that nobody knows");
}

#[apply(on_both)]
fn what_cannot_be_made_is_said_in_a_sentence(#[case] portal: &Portal) {
    import_text(portal, &file_with(&[])).expect("no faults");
    for (arguments, sentence) in [
        (&["--plan", "globe"][..], "no plan “globe” that gives a licence is for sale"),
        (&["--credits", "5", "--for", "nobody"], "there is no Organization “nobody”"),
        (&["--credits", "5", "--valid-until", "2020-01-01"], "2020-01-01 is over"),
        (&["--credits", "0"], "is not in 1..=1000000"),
        (&["--credits", "5", "--plan", "mapper-yearly"], "cannot be used with"),
        (&["--credits", "5", "--uses", "0"], "is not in 1..=65535"),
        (&[], "required"),
    ] {
        let ended = create(portal, arguments);
        assert!(ended.code != Some(0) && ended.error.contains(sentence), "{arguments:?}: {ended:?}");
    }
    assert_eq!(count(portal), 0);
}

/// Codes are stored nowhere: where nobody can have read them, they must be worth nothing.
#[apply(on_both)]
#[cfg(target_os = "linux")]
fn codes_that_cannot_be_handed_over_are_not_stored(#[case] portal: &Portal) {
    let mut command = portico(["voucher", "create", "--credits", "5", "--count", "3"]);
    command.env("PORTICO_DATABASE_URL", portal.app.db.url().to_string());
    command.stdout(std::fs::File::options().write(true).open("/dev/full").expect("Linux has it"));
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{output:?}");
    assert_eq!(count(portal), 0);
    let nowhere = create(portal, &["--credits", "5", "--csv", "/nowhere/codes.csv"]);
    assert!(nowhere.code == Some(1) && nowhere.error.contains("/nowhere/codes.csv"), "{nowhere:?}");
    assert_eq!(count(portal), 0);
}

/// A file of codes that are worth nothing would be taken for others.
#[test]
fn of_codes_that_cannot_be_stored_no_file_stays() {
    let portal = Portal::on_sqlite();
    let refuse = "CREATE TRIGGER no_vouchers BEFORE INSERT ON vouchers BEGIN SELECT RAISE(ABORT, 'none today'); END";
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| Ok(diesel::sql_query(refuse).execute(tx.connection)?))
        .expect("the trigger is there");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("codes.csv");
    let ended = create(&portal, &["--credits", "5", "--csv", path.to_str().expect("a path")]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.error.contains("none today. No code is worth anything: make them again"), "{ended:?}");
    assert!(!path.exists() && count(&portal) == 0);
}

#[apply(on_both)]
fn the_activity_of_a_batch_names_its_vouchers_and_stands_with_their_only_customer(#[case] portal: &Portal) {
    use portico::ids::VoucherId;
    let recorded = portal.recorded(|| {
        assert_eq!(create(portal, &["--credits", "5", "--for", "acme"]).code, Some(0));
        assert_eq!(create(portal, &["--credits", "6", "--count", "2"]).code, Some(0));
    });
    let ids: Vec<VoucherId> =
        portal.query(|connection| vouchers::table.order(vouchers::id).select(vouchers::id).load(connection));
    let [one, two] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert!(ids.iter().any(|id| one.after.contains(id.as_str())), "{one:?}");
    assert_eq!(one.organization.as_deref(), Some(portal.organization_id().as_str()));
    assert_eq!(two.organization, None);
    let named = ids.iter().filter(|id| two.after.contains(id.as_str())).count();
    assert_eq!(named, 2, "{}", two.after);
}
