//! Settings: seeing, editing, what is missing, and two people who edit at once.

use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Browser, Html, Persona, Portal, acme, at_once, on_both};

pub(super) const EDIT: &str = "/organizations/acme/settings/edit";
const TEXTS: [&str; 16] = [
    "version",
    "kind",
    "name",
    "website",
    "industry",
    "language",
    "legal_name",
    "postal_address",
    "zip",
    "city",
    "country",
    "tax_id",
    "officer_name",
    "officer_position",
    "officer_phone",
    "invitation_domains",
];

/// The fields of the form as the page shows them, with some changed.
pub(super) fn filled(page: &Html, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> =
        TEXTS.iter().map(|field| ((*field).to_owned(), page.value(field))).collect();
    for ticked in ["tax_exempt", "managers_may_purchase"] {
        if page.has(&format!("input[name={ticked}][checked]")) {
            fields.push((ticked.to_owned(), "true".to_owned()));
        }
    }
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

pub(super) fn post(browser: &Browser, fields: &[(String, String)]) -> crate::support::Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(EDIT, &fields)
}

pub(super) fn save(browser: &Browser, changes: &[(&str, &str)]) -> crate::support::Answer {
    post(browser, &filled(&browser.get(EDIT).html(), changes))
}

#[apply(on_both)]
fn everything_that_is_saved_is_shown_and_recorded(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let changes = [
        ("name", "Acme Mapping"),
        ("website", "https://www.acme.example"),
        ("industry", "agriculture"),
        ("language", "de"),
        ("legal_name", "Acme Mapping AG"),
        ("postal_address", "Route 1"),
        ("zip", "1000"),
        ("city", "Lausanne"),
        ("country", "CH"),
        ("tax_id", "CHE-123.456.789"),
        ("officer_name", "Dora Data"),
        ("officer_position", "Counsel"),
        ("officer_phone", "+41 21 000 00 00"),
    ];
    let recorded = portal.recorded(|| {
        let answer = save(&owner, &changes);
        assert_eq!((answer.status, answer.location()), (303, acme("/settings").as_str()), "{}", answer.text());
        let page = owner.follow(answer).text();
        assert!(page.contains("Settings saved."));
        for shown in [
            "Name Acme Mapping",
            "https://www.acme.example",
            "Legal name Acme Mapping AG",
            "Route 1",
            "1000 Lausanne",
            "Switzerland",
            "CHE-123.456.789",
            "Name Dora Data",
            "Position Counsel",
            "Phone +41 21 000 00 00",
        ] {
            assert!(page.contains(shown), "{shown} is missing in {page}");
        }
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_role.as_str()), ("organization.settings.changed", "owner"));
    assert!(row.before.contains(r#""name":"Acme""#) && row.after.contains(r#""name":"Acme Mapping""#), "{row:?}");
    assert!(!row.after.contains("country"), "what stays the same is not recorded: {}", row.after);
    let form = owner.get(EDIT).html();
    for (field, value) in changes {
        assert_eq!(form.value(field), value, "{field}");
    }
    assert_eq!(owner.get(&acme("")).status, 200, "the address stays though the name changed");
    assert!(portal.signed_in(Persona::Reader).get("/home").text().contains("Acme Mapping"));
}

#[apply(on_both)]
fn what_invoices_need_is_not_called_optional(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let labels = owner.get(EDIT).html().texts("label");
    for name in ["Address", "ZIP", "City", "Country", "VAT or tax id"] {
        assert!(labels.contains(&format!("{name} (needed for invoices)")), "{name}: {labels:?}");
    }
    assert!(labels.contains(&"Website (optional)".to_owned()) && labels.contains(&"Legal name".to_owned()));
    owner.post("/organizations/new", &[("kind", "individual"), ("name", "Solo")]);
    let labels = owner.get("/organizations/solo/settings/edit").html().texts("label");
    for label in ["Legal name (optional)", "VAT or tax id (optional)", "City (needed for invoices)"] {
        assert!(labels.contains(&label.to_owned()), "{label}: {labels:?}");
    }
}

#[apply(on_both)]
fn a_manager_sees_settings_and_only_an_owner_edits(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let page = manager.get(&acme("/settings"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Only an Owner can change these settings."));
    assert!(!page.html().has_button("Edit") && !page.html().has_button("Complete details"));
    let recorded = portal.recorded(|| {
        assert_eq!(manager.get(EDIT).status, 403);
        assert_eq!(manager.post(EDIT, &[("version", "1"), ("name", "Mine")]).status, 403);
    });
    assert!(recorded.is_empty());
    assert_eq!(portal.signed_in(Persona::Editor).get(&acme("/settings")).status, 403);
}

#[apply(on_both)]
fn a_stale_form_is_told_keeps_what_was_typed_and_can_be_sent_again(#[case] portal: &Portal) {
    portal.add_person("second@example.com", portico::access::Role::Owner);
    let (one, other) = (portal.signed_in(Persona::Owner), portal.signed_in_as("second@example.com"));
    let opened = one.get(EDIT).html();
    save(&other, &[("city", "Bern"), ("zip", "3000")]);
    let mine = filled(&opened, &[("city", "Lausanne"), ("officer_name", "Dora <Data>"), ("tax_exempt", "true")]);
    let recorded = portal.recorded(|| {
        let answer = post(&one, &mine);
        assert_eq!(answer.status, 409);
        let page = answer.html();
        assert!(answer.text().contains("Somebody else saved these settings while you were editing."));
        assert_eq!(
            [page.value("city"), page.value("officer_name"), page.value("zip")],
            ["Lausanne", "Dora <Data>", ""]
        );
        assert!(page.has("input[name=tax_exempt][checked]"));
        assert!(!page.value("version").is_empty() && page.value("version") != opened.value("version"));
        let differences =
            ["ZIP Empty 3000", "City Lausanne Bern", "Exempt from tax Yes No", "Officer’s name Dora <Data> Empty"];
        assert_eq!(page.texts(".differences tbody tr"), differences, "one sees what one would overwrite");
    });
    assert!(recorded.is_empty(), "nothing is overwritten unseen");
    assert!(one.get(&acme("/settings")).text().contains("3000 Bern"));
    let again = filled(&post(&one, &mine).html(), &[]);
    assert_eq!(post(&one, &again).status, 303, "saving again is a decision");
    assert_eq!(other.get(EDIT).html().value("city"), "Lausanne");
}

#[apply(on_both)]
fn of_two_who_save_at_once_one_is_told(#[case] portal: &Portal) {
    portal.add_person("second@example.com", portico::access::Role::Owner);
    let (one, other) = (portal.signed_in(Persona::Owner), portal.signed_in_as("second@example.com"));
    for round in 0..4 {
        let page = one.get(EDIT).html();
        let (first, second) = (format!("First {round}"), format!("Second {round}"));
        let (ours, theirs) = (filled(&page, &[("city", &first)]), filled(&page, &[("city", &second)]));
        let recorded = portal.recorded_actions(|| {
            let (a, b) = at_once(|| post(&one, &ours).status, || post(&other, &theirs).status);
            let mut statuses = [a, b];
            statuses.sort();
            assert_eq!(statuses, [303, 409]);
        });
        assert_eq!(recorded, ["organization.settings.changed"]);
    }
}

#[apply(on_both)]
fn a_double_click_saves_once_and_changing_nothing_records_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let form = filled(&owner.get(EDIT).html(), &[("city", "Lausanne")]);
    let recorded = portal.recorded_actions(|| {
        assert_eq!(post(&owner, &form).status, 303);
        let again = post(&owner, &form);
        assert_eq!(again.status, 303, "the same again is no conflict");
        assert!(owner.follow(again).text().contains("Nothing was changed."));
        save(&owner, &[]);
    });
    assert_eq!(recorded, ["organization.settings.changed"]);
}

#[apply(on_both)]
fn bad_input_is_said_beside_its_field_and_nothing_is_saved(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let long = |length: usize| "x".repeat(length);
    let cases = [
        ("name", String::new()),
        ("name", long(101)),
        ("website", "javascript:alert(1)".to_owned()),
        ("website", "www.acme.example".to_owned()),
        ("website", format!("https://www.acme.example/{}", long(200))),
        ("industry", "alchemy".to_owned()),
        ("language", "xx".to_owned()),
        ("legal_name", long(201)),
        ("postal_address", long(201)),
        ("zip", long(21)),
        ("city", long(101)),
        ("country", "XX".to_owned()),
        ("tax_id", long(51)),
        ("officer_name", long(101)),
        ("officer_position", long(101)),
        ("officer_phone", long(51)),
    ];
    let recorded = portal.recorded(|| {
        for (field, value) in &cases {
            let answer = save(&owner, &[(field, value), ("tax_exempt", "true")]);
            assert_eq!(answer.status, 422, "{field}: {value}");
            let page = answer.html();
            assert!(!page.text(&format!("#{field}-error")).is_empty(), "{field}");
            assert!(page.has(&format!(".notice-error a[href=\"#{field}\"]")), "{field}");
            assert!(page.has("input[name=tax_exempt][checked]"), "what was typed is kept");
        }
        assert_eq!(save(&owner, &[("version", "one")]).status, 400);
    });
    assert!(recorded.is_empty());
    // White space around is not part of a name, and the kind is never changed by a form.
    save(&owner, &[("name", "  Acme \r\n Two "), ("kind", "individual")]);
    let page = owner.get(&acme("/settings")).text();
    assert!(page.contains("Name Acme Two") && page.contains("Kind Business"), "{page}");
}

#[apply(on_both)]
fn who_lost_the_role_while_saving_is_told_as_at_any_other_page(#[case] portal: &Portal) {
    use portico::access::{Permission, Role, Scope};
    use portico::error::AppError;
    let answer = |scope: &Scope| {
        let asked = portico::web::role_lost(&portal.app, scope, Permission::EditSettings);
        actix_web::rt::System::new().block_on(asked)
    };
    let mut scope = portal.scope(Persona::Editor);
    scope.membership.role = Role::Owner;
    let AppError::Forbidden(forbidden) = answer(&scope) else { panic!("a member is not sent away") };
    assert_eq!((forbidden.needed, forbidden.helpers[0].email.as_str()), (Role::Owner, "olga@example.com"));
    portal.take_out(&Persona::Editor.email());
    assert!(matches!(answer(&scope), AppError::NotFound));
}
