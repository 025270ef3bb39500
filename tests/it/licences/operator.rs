//! `portico licence`: what it says, and what a running portal makes of it.

use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::page_of;
use crate::support::{
    Persona, Portal, on_both,
    process::{Ended, portico, run},
};

fn licence(portal: &Portal, arguments: &[&str]) -> Ended {
    let mut command = portico(["licence"]);
    command.args(arguments).env("PORTICO_DATABASE_URL", portal.app.db.url().to_string()).env("USER", "ada");
    run(command)
}

fn said(ended: &Ended) -> (Option<i32>, &str, &str) {
    (ended.code, &ended.output, &ended.error)
}

#[apply(on_both)]
fn an_operator_suspends_a_licence_and_lets_it_be_used_again(#[case] portal: &Portal) {
    let id = portal.licence(Term::Yearly, 2);
    let (editor, name) = (portal.signed_in(Persona::Editor), id.to_string());
    let recorded = portal.recorded(|| {
        let ended = licence(portal, &["suspend", &name]);
        assert_eq!(said(&ended), (Some(0), format!("{id} (Mapper) is suspended. Nobody lost a seat.").as_str(), ""));
    });
    let [line] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((line.action.as_str(), line.actor_name.as_str()), ("licence.suspended", "Operator (ada)"));
    assert_eq!(line.organization.as_deref(), Some(portal.organization_id().as_str()));
    assert!(licence(portal, &["suspend", &name]).output.contains("was suspended before. Nothing was changed."));
    assert_eq!(editor.post(&page_of(&id, "/occupy"), &[]).status, 409);
    let ended = licence(portal, &["resume", &name]);
    assert_eq!(said(&ended), (Some(0), format!("{id} (Mapper) can be used again.").as_str(), ""));
    assert!(licence(portal, &["resume", &name]).output.contains("was not suspended. Nothing was changed."));
    assert_eq!(editor.post(&page_of(&id, "/occupy"), &[]).status, 303);
}

#[apply(on_both)]
fn seats_are_never_fewer_than_are_in_use(#[case] portal: &Portal) {
    let id = portal.licence(Term::Yearly, 5);
    for persona in [Persona::Owner, Persona::Manager, Persona::Editor] {
        portal.occupy(&id, persona);
    }
    let name = id.to_string();
    let recorded = portal.recorded_actions(|| {
        let ended = licence(portal, &["seats", &name, "2"]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.error.contains(&format!("{id} cannot have 2 seats: 3 are in use.")), "{}", ended.error);
    });
    assert!(recorded.is_empty() && portal.licence_row(&id).seats == 5);
    let recorded = portal.recorded(|| {
        let ended = licence(portal, &["seats", &name, "3"]);
        assert_eq!(said(&ended), (Some(0), format!("{id} (Mapper) has 3 seats now, 5 before.").as_str(), ""));
    });
    assert_eq!((recorded[0].before.as_str(), recorded[0].after.as_str()), (r#"{"seats":5}"#, r#"{"seats":3}"#));
    assert!(licence(portal, &["seats", &name, "3"]).output.contains("has 3 seats. Nothing was changed."));
}

#[apply(on_both)]
fn what_names_no_licence_is_said(#[case] portal: &Portal) {
    for act in ["suspend", "resume"] {
        let ended = licence(portal, &[act, "lic_01kb1b1b1be1ea1b1b1b1b1b1b"]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.error.contains("there is no licence lic_01kb1b1b1be1ea1b1b1b1b1b1b"), "{}", ended.error);
        let ended = licence(portal, &[act, "Mapper"]);
        assert!(ended.error.contains("Mapper is not the id of a licence"), "{}", ended.error);
    }
    for seats in ["0", "-1", "70000", "many"] {
        assert_eq!(licence(portal, &["seats", "lic_01kb1b1b1be1ea1b1b1b1b1b1b", seats]).code, Some(2), "{seats}");
    }
}
