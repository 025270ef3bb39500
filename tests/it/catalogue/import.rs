//! Importing: what differs, what is kept, and what operators are told.

use std::path::Path;

use portico::catalogue::contents::{Plan, Product};
use portico::catalogue::difference::What;
use portico::catalogue::entries::{self, Kind, Row};
use rstest::rstest;
use rstest_reuse::apply;

use super::{file_with, import_text};
use crate::support::{
    Portal, all_at_once, on_both,
    process::{Ended, portico, run},
    state::{assert_unchanged, state},
};

fn rows(portal: &Portal) -> Vec<Row> {
    portal.app.db.read(entries::all).expect("the entries")
}

fn row(portal: &Portal, kind: Kind, key: &str) -> Row {
    rows(portal).into_iter().find(|row| (row.kind, row.key.as_str()) == (kind, key)).unwrap_or_else(|| panic!("{key}"))
}

/// What an import says, line by line.
fn imported(portal: &Portal, changes: &[(&str, &str)]) -> Vec<String> {
    let differences = import_text(portal, &file_with(changes)).unwrap_or_else(|faults| panic!("{faults:?}"));
    differences.iter().map(ToString::to_string).collect()
}

const TRIAL: &str = "[plans.mapper-trial]\nproduct = \"mapper\"\nname = \"Trial\"\nterm = \"trial\"\nseats = 1\n";

#[apply(on_both)]
fn a_file_becomes_the_catalogue_and_the_same_again_changes_nothing(#[case] portal: &Portal) {
    let recorded = portal.recorded(|| {
        let lines = imported(portal, &[]);
        assert_eq!(lines.len(), 10, "{lines:#?}");
        assert!(lines.contains(&"+ plan mapper-yearly".to_owned()), "{lines:#?}");
    });
    let [activity] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((activity.actor_name.as_str(), activity.organization.as_deref()), ("Operator (ada)", None));
    assert!(activity.after.contains("+ product cloud"), "{}", activity.after);
    let plan: Plan = serde_json::from_str(&row(portal, Kind::Plan, "mapper-yearly").content).expect("a plan");
    assert_eq!((plan.product.as_str(), plan.seats, plan.credits), ("mapper", 5, 100));
    assert_eq!(plan.price.0.values().copied().collect::<Vec<_>>(), [269_000, 286_000]);
    let products = rows(portal).into_iter().filter(|row| row.kind == Kind::Product);
    assert_eq!(products.map(|row| row.key).collect::<Vec<_>>(), ["mapper", "cloud"], "in the order of the file");
    let before = state(portal);
    assert_eq!(imported(portal, &[]), Vec::<String>::new());
    assert_unchanged(&before, &state(portal), "the same file again");
}

#[apply(on_both)]
fn an_import_updates_takes_from_sale_and_puts_back(#[case] portal: &Portal) {
    imported(portal, &[]);
    let changes = [(TRIAL, ""), ("CHF = 139.00", "CHF = 149.50"), ("\"Volumes\"", "\"Volumes\", \"Reports\"")];
    assert_eq!(
        imported(portal, &changes),
        [
            "~ product mapper: includes “Orthomosaics”; “Volumes” → “Orthomosaics”; “Volumes”; “Reports”",
            "~ plan cloud-monthly: price.CHF CHF 139.00 → CHF 149.50",
            "- plan mapper-trial: taken from sale",
        ]
    );
    let withdrawn = row(portal, Kind::Plan, "mapper-trial");
    assert!(!withdrawn.on_sale);
    let trial: Plan = serde_json::from_str(&withdrawn.content).expect("it is kept as it was");
    assert_eq!(trial.name, "Trial");
    let product: Product = serde_json::from_str(&row(portal, Kind::Product, "mapper").content).expect("a product");
    assert_eq!(product.includes.len(), 3);
    let back = imported(portal, &[changes[1], changes[2], ("name = \"Trial\"", "name = \"Try it\"")]);
    assert_eq!(back, ["+ plan mapper-trial: for sale again; name “Trial” → “Try it”"]);
    assert!(row(portal, Kind::Plan, "mapper-trial").on_sale);
}

#[apply(on_both)]
fn another_order_is_a_difference_and_a_new_entry_before_others_is_not(#[case] portal: &Portal) {
    imported(portal, &[(TRIAL, "")]);
    assert_eq!(imported(portal, &[]), ["+ plan mapper-trial"]);
    let moved = [(TRIAL, ""), ("[credit_packages.credits-100]", &*format!("{TRIAL}\n[credit_packages.credits-100]"))];
    assert_eq!(imported(portal, &moved), ["~ plan: in another order"]);
}

#[apply(on_both)]
fn a_plan_keeps_its_product_and_its_term(#[case] portal: &Portal) {
    imported(portal, &[]);
    let before = state(portal);
    let text = file_with(&[
        ("term = \"yearly\"", "term = \"monthly\""),
        ("product = \"cloud\"", "product = \"mapper\"\nseats = 1"),
    ]);
    let faults = import_text(portal, &text).expect_err("both are refused");
    let line = |words: &str| 1 + text.lines().position(|line| line == words).expect(words);
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [line("[plans.mapper-yearly]"), line("[plans.cloud-monthly]")]);
    assert!(faults[0].message.contains("keeps its term “yearly”") && faults[0].message.contains("another key"));
    assert_unchanged(&before, &state(portal), "a refused import");
}

#[apply(on_both)]
fn imports_at_the_same_time_come_one_after_the_other(#[case] portal: &Portal) {
    let said = all_at_once(6, |number| {
        import_text(portal, &file_with(&[("CHF = 139.00", &format!("CHF = {}.00", 140 + number))]))
    });
    let said: Vec<_> = said.into_iter().map(|differences| differences.expect("no faults")).collect();
    let first = |differences: &&Vec<_>| differences.len() == 10;
    assert_eq!(said.iter().filter(first).count(), 1, "one adds everything: {said:#?}");
    let changed = |difference: &portico::catalogue::difference::Difference| matches!(difference.what, What::Changed(_));
    assert_eq!(said.iter().flatten().filter(|one| changed(one)).count(), 5, "the others change a price");
    assert_eq!(rows(portal).len(), 10);
}

fn catalog(portal: &Portal, file: &Path, flags: &[&str]) -> Ended {
    let mut command = portico(["catalog", "import"]);
    command.arg(file).args(flags);
    command.env("PORTICO_DATABASE_URL", portal.app.db.url().to_string()).env("USER", "ada");
    run(command)
}

#[apply(on_both)]
fn the_command_says_what_it_does_and_a_dry_run_does_nothing(#[case] portal: &Portal) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("catalogue.toml");
    std::fs::write(&file, file_with(&[])).expect("written");
    let before = state(portal);
    let ended = catalog(portal, &file, &["--dry-run"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.output.starts_with("+ seller seller\n"), "{ended:?}");
    assert!(ended.output.ends_with("10 differences; nothing is changed by a dry run."), "{ended:?}");
    assert_unchanged(&before, &state(portal), "a dry run");
    let ended = catalog(portal, &file, &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.output.ends_with("10 differences imported."), "{ended:?}");
    for flags in [&["--dry-run"][..], &[]] {
        let ended = catalog(portal, &file, flags);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.output, "The catalogue is as the file has it. Nothing is changed.");
    }
    std::fs::write(&file, file_with(&[("seats = 5", "seats = many"), ("zip = \"1000\"\n", "")])).expect("written");
    let ended = catalog(portal, &file, &[]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    let path = file.display();
    assert!(
        ended.error.starts_with(&format!("portico: {path} cannot be imported; nothing was changed.\n{path}:")),
        "{ended:?}"
    );
    assert_eq!(catalog(portal, &folder.path().join("missing.toml"), &[]).code, Some(1));
}
