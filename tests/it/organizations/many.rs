//! Many Organizations: of one name, of names of another script, of one account.

use std::collections::BTreeSet;

use portico::db::DbError;
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::rates::Limit;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, on_both};

/// Creates Organizations by the verb, as if each were created by somebody on a day of its own, and answers their slugs.
fn found(portal: &Portal, names: impl Iterator<Item = String>) -> Vec<String> {
    let creator = portal.scope(Persona::Owner).person().clone();
    let one = |(number, name): (usize, String)| {
        let new = NewOrganization {
            kind: Kind::Individual,
            creation_key: format!("{number} {name}"),
            name,
            legal_name: String::new(),
            country: String::new(),
        };
        let outcome = portal.app.write_now::<_, DbError>(|tx| {
            tx.forget(Limit::OrganizationsCreated, creator.user_id.as_str())?;
            create(tx, &creator, &new)
        });
        let Create::Created { slug } = outcome.expect("it is created") else { panic!("{} is refused", new.name) };
        slug
    };
    names.enumerate().map(one).collect()
}

#[apply(on_both)]
fn five_hundred_of_one_name_have_slugs_of_their_own(#[case] portal: &Portal) {
    let slugs = found(portal, (0..500).map(|_| "Test".to_owned()));
    let numbered = ["test", "test-2", "test-3", "test-4", "test-5", "test-6", "test-7", "test-8", "test-9"];
    assert_eq!(slugs[..9], numbered);
    assert!(slugs[9..].iter().all(|slug| slug.len() == "test-abcdef".len()), "{:?}", &slugs[9..12]);
    assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), 500);
}

#[apply(on_both)]
fn five_hundred_names_without_a_latin_letter_have_slugs_of_their_own(#[case] portal: &Portal) {
    let names = (0..500_u32).map(|number| {
        let letter = |offset: u32| char::from_u32(0x30a2 + (number / offset) % 40).expect("a letter of Katakana");
        format!("株式会社{}{}", letter(1), letter(40))
    });
    let slugs = found(portal, names);
    assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), 500);
    assert!(slugs.iter().all(|slug| slug.starts_with("zhu-shi-hui-she-")), "{slugs:?}");
    // Nor is anything left to write an address with in these.
    let nothing = found(portal, (0..100).map(|number| "—".repeat(1 + number)));
    assert_eq!(nothing.iter().collect::<BTreeSet<_>>().len(), 100);
    assert!(nothing.iter().all(|slug| slug.starts_with("organization-")), "{nothing:?}");
}

#[apply(on_both)]
fn an_account_creates_twenty_a_day(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Member);
    let create = |number: usize| {
        let name = format!("Studio {number}");
        browser.post("/organizations/new", &[("kind", "individual"), ("name", &name), ("country", "CH")])
    };
    for number in 0..20 {
        assert_eq!(create(number).status, 303, "{number}");
    }
    let refused = create(20);
    assert_eq!((refused.status, refused.header("retry-after")), (429, "86400"));
    assert!(refused.text().contains("You have created many Organizations today."), "{}", refused.text());
    assert_eq!(refused.html().value("name"), "Studio 20", "what was typed stays");
    portal.later(chrono::Duration::days(1));
    assert_eq!(create(21).status, 303);
}
