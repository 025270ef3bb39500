//! `portico order refund`: what it says, and what comes of it.

use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{
    Persona, Portal, acme, on_both,
    process::{Ended, portico, run, serve_beside},
};

fn refund(portal: &Portal, arguments: &[&str]) -> Ended {
    let settings = serve_beside(portal);
    let mut command = portico(["order", "refund"]);
    command.args(arguments).envs(settings.get_envs().filter_map(|(key, value)| Some((key, value?))));
    command.env("PORTICO_PAYMENTS", "sandbox").env("USER", "ada");
    run(command)
}

/// Somebody confirms a change on its page, and pays it on that of the sandbox.
fn change(portal: &Portal, below: &str, fields: &[(&str, &str)]) {
    let owner = portal.signed_in(Persona::Owner);
    let shown = if fields.is_empty() { owner.get(&acme(below)) } else { owner.post(&acme(below), fields) }.html();
    let (key, total) = (shown.value("key"), shown.value("shown"));
    let form: Vec<(&str, &str)> =
        fields.iter().copied().chain([("confirmed", "yes"), ("key", &*key), ("shown", &*total)]).collect();
    let page = owner.post(&acme(below), &form);
    let paid = owner.post(page.location(), &[("act", "pay"), ("card", "good")]);
    assert!(owner.follow(owner.get(paid.location())).text().contains("Thank you"));
}

#[apply(on_both)]
fn an_operator_gives_back_a_term_and_seats(#[case] portal: &Portal) {
    portal.shop();
    portal.keep_real_time();
    let licence = portal.bought(Term::Yearly, 2, 269_000);
    let before = portal.licence_row(&licence);
    change(portal, &format!("/plans/{licence}/renew"), &[]);
    assert!(portal.licence_row(&licence).ends_at > before.ends_at);
    let year = portal.app.now().day().to_string()[..4].to_owned();
    let (first, second) = (format!("O-{year}-000001"), format!("O-{year}-000002"));
    let part = refund(portal, &[&first, "--amount", "100.00"]);
    let words = format!("CHF 100.00 of {first} given back. Credit note: CN-{year}-000001.");
    assert_eq!((part.code, part.output), (Some(0), words));
    let whole = refund(portal, &[&first]);
    let words = format!(
        "CHF 5,715.78 of {first} given back. Credit note: CN-{year}-000002. The licence is what it was before."
    );
    assert_eq!((whole.code, whole.output), (Some(0), words));
    assert_eq!(portal.licence_row(&licence).ends_at, before.ends_at);
    let again = refund(portal, &[&first]);
    assert_eq!(again.code, Some(1));
    assert!(again.error.contains("CHF 0.00 are left of"), "{again:?}");
    // More seats, of which more are taken by now than would be left.
    change(portal, &format!("/plans/{licence}/seats"), &[("quantity", "3")]);
    for persona in [Persona::Editor, Persona::Manager, Persona::Owner] {
        portal.occupy(&licence, persona);
    }
    let seats = refund(portal, &[&second]);
    assert_eq!(seats.code, Some(0), "{seats:?}");
    let words = "The licence stays as it is: 3 people have a seat, and there would be 2. Only money was given back.";
    assert!(seats.output.contains(words), "{seats:?}");
    assert_eq!(portal.licence_row(&licence).seats, 3);
}
