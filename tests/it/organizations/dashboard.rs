//! The dashboard: what each role sees of the Organization.

use portico::access::Role;
use portico::db::DbError;
use portico::licences::automatic::AHEAD;
use portico::licences::cancellation;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use crate::orders;
use crate::support::{Persona, Portal, acme, invite, on_both};

#[apply(on_both)]
fn everybody_sees_company_details_and_their_own_role(#[case] portal: &Portal) {
    for persona in [Persona::Owner, Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
        let page = portal.signed_in(persona).get(&acme(""));
        assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Dashboard"));
        let role = persona.role().unwrap();
        assert_eq!(page.html().text("[aria-labelledby=role-title] .badge"), role.to_string());
        assert!(page.text().contains("Name Acme") && page.text().contains("Legal name Acme AG"));
        assert!(page.html().has_button("Leave organization"));
        let sees_people = role >= Role::Manager;
        assert_eq!(page.html().has_button("Manage People"), sees_people, "{persona:?}");
        assert_eq!(page.text().contains("Build your team"), sees_people);
        assert_eq!(page.html().has_button("Invite people"), sees_people);
        let badges = page.html().texts(".badge");
        assert_eq!(badges.iter().filter(|badge| **badge == role.to_string()).count(), 1, "the role is said once");
        assert!(page.text().contains(role.description()), "and what it allows");
    }
}

#[apply(on_both)]
fn the_team_card_counts_members_and_pending_invitations(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "late@example.com", Role::Member);
    portal.later(chrono::Duration::days(15));
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "one@example.com\ntwo@example.com", Role::Member);
    let page = owner.get(&acme("")).html();
    assert_eq!(page.texts("[aria-labelledby=team-title] .counts dd"), ["5", "2"], "an expired one is not pending");
    assert_eq!(
        page.attributes("[aria-labelledby=team-title] a.button", "href"),
        [acme("/people/invite"), acme("/people")]
    );
}

#[apply(on_both)]
fn what_is_missing_is_said_in_one_line_and_to_owners_only(#[case] portal: &Portal) {
    let page = portal.signed_in(Persona::Owner).get(&acme(""));
    assert_eq!(page.html().text(".todo p"), "Four billing details are missing.");
    assert_eq!(page.html().attributes(".todo a", "href"), [acme("/settings/complete")]);
    assert!(page.html().has_button("Complete details") && !page.html().has_button("Edit"));
    for persona in [Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
        let page = portal.signed_in(persona).get(&acme(""));
        let text = page.text();
        assert!(!text.contains("missing") && !text.contains("VAT"), "{persona:?}: {text}");
        assert!(!page.html().has_button("Complete details") && !page.html().has_button("Edit"));
    }
}

#[apply(on_both)]
fn tax_data_is_for_those_who_may_see_settings(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let form = owner.get(&acme("/settings/edit")).html();
    let fields = [
        ("version", form.value("version")),
        ("name", "Acme".to_owned()),
        ("legal_name", "Acme AG".to_owned()),
        ("tax_id", "CHE-123.456".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(owner.post(&acme("/settings/edit"), &fields).status, 303);
    for persona in [Persona::Owner, Persona::Manager, Persona::Editor, Persona::Member] {
        let sees = persona.role().unwrap() >= Role::Manager;
        assert_eq!(portal.signed_in(persona).get(&acme("")).body.contains("CHE-123.456"), sees, "{persona:?}");
    }
}

#[apply(on_both)]
fn the_switcher_and_home_lead_to_every_organization(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    owner.post("/organizations/new", &[("kind", "individual"), ("name", "Side project")]);
    let home = owner.get("/home");
    assert!(home.text().contains("Acme Owner Business") && home.text().contains("Side project Owner Individual"));
    assert!(home.html().has_button("Dashboard") && home.html().has_button("New organization"));
    let links = owner.get(&acme("")).html().attributes("header a", "href");
    assert!(links.contains(&acme("")) && links.contains(&"/organizations/side-project".to_owned()), "{links:?}");
}

#[apply(on_both)]
fn it_says_what_there_is_what_it_costs_and_what_needs_somebody(#[case] portal: &Portal) {
    portal.shop();
    portal.bought(Term::Monthly, 3, 3_900);
    portal.bought(Term::Yearly, 2, 269_000);
    portal.licence(Term::Perpetual, 1);
    portal.licence(Term::Trial, 1);
    let ends = portal.bought(Term::Yearly, 1, 78_000);
    let owner = portal.scope(Persona::Owner);
    let cancel = |tx: &mut portico::db::WriteTx| cancellation::cancel(tx, &owner, &ends);
    portal.app.write_now::<_, DbError>(cancel).expect("it is cancelled");
    portal.order(&orders::package("credits-100"));
    for persona in [Persona::Owner, Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
        let page = portal.signed_in(persona).get(&acme("")).html();
        let role = persona.role().unwrap();
        let states = page.texts("[aria-labelledby=licences-title] > .counts > div");
        let expected =
            if role >= Role::Editor { vec!["Active 3", "Trial 1", "Cancellation pending 1"] } else { vec![] };
        assert_eq!(states, expected, "{persona:?}");
        let charges = page.texts("[aria-labelledby=charges-title] .counts > div");
        let expected = match role >= Role::Manager {
            true => vec![
                "on 17 December 2026 for Mapper, Team (without tax) CHF 117.00",
                "a year for all that renews (without tax) CHF 6,784.00",
                "order waits to be paid 1",
            ],
            false => vec![],
        };
        assert_eq!(charges, expected, "{persona:?}");
        assert_eq!(page.text("main").contains("CHF"), role >= Role::Manager, "{persona:?}");
    }
}

#[apply(on_both)]
fn a_charge_that_failed_is_said_to_those_who_see_what_is_paid(#[case] portal: &Portal) {
    portal.shop();
    let licence = portal.bought(Term::Monthly, 1, 3_900);
    let grace = portal.app.config.licence_grace;
    let near = portal.licence_row(&licence).ends_at.expect("an end") - AHEAD;
    portal.later(near - portal.app.now());
    let runner = portico::background::runner(&portal.app);
    runner.run_due().expect("the jobs run");
    let expected = |persona| match persona {
        Persona::Owner => {
            "A payment failed One licence was not renewed: the last charge brought nothing. Payment method"
        }
        Persona::Manager => {
            "A payment failed One licence was not renewed: the last charge brought nothing. An Owner can see to the payment method."
        }
        _ => "",
    };
    let shown = |persona| portal.signed_in(persona).get(&acme("")).html().texts(".notice-warning").concat();
    for persona in [Persona::Owner, Persona::Manager, Persona::Editor, Persona::Member] {
        assert_eq!(shown(persona), expected(persona), "{persona:?}");
    }
    let next = portal.signed_in(Persona::Manager).get(&acme("")).html().text("[aria-labelledby=charges-title]");
    // It is tried again a day later.
    assert!(next.starts_with("Next charge on 18 December 2026"), "{next}");
    // Once it has ended for good, there is nothing to see to any more.
    portal.later(AHEAD + grace);
    assert_eq!(shown(Persona::Owner), "");
}
