//! What is erased with an account, what stays without it, and what keeps it meanwhile.

use std::collections::BTreeSet;

use chrono::Duration;
use diesel::prelude::*;
use portico::access::{Operator, Role};
use portico::db::DbError;
use portico::ids::UserId;
use portico::licences::terms::Term;
use portico::people::removal::{self, Leave, Remove};
use portico::people::suspension;
use portico::privacy::erase::{Erased, erase};
use portico::privacy::mentions::{self, Mentions};
use portico::schema::{activity, credit_entries, invitations, memberships, orders, users};
use rstest::rstest;
use rstest_reuse::apply;

use super::deletion::{confirmed, opens, pass};
use crate::accounts::{CHOSEN, sign_in, sign_up_fields, two_factor};
use crate::orders::{plan, with_key};
use crate::support::{
    Persona, Portal, SLUG, acme, batch, change_role, invite, on_both, outbox, outbox::run_due_jobs, state::state,
};
use crate::{count, vouchers};

pub(super) const ZENOBIA: &str = "zenobia@example.com";
const FORMERLY: &str = "zen@example.org";
const SECOND: &str = "second@example.com";
const RITA: &str = "rita@example.com";

impl Portal {
    pub(super) fn user_id(&self, email: &str) -> UserId {
        self.query(|connection| users::table.filter(users::email.eq(email)).select(users::id).first(connection))
    }

    /// What the log says of somebody at this moment.
    fn mentions(&self, user: &UserId) -> Mentions {
        mentions::find(&self.app.db, user, self.app.now()).expect("the log is read")
    }

    fn erase(&self, mentions: &Mentions) -> Erased {
        self.app.write_now::<_, DbError>(|tx| erase(tx, mentions)).expect("an answer")
    }
}

/// An Owner beside Olga whose account is due to be deleted.
fn due(portal: &Portal) -> UserId {
    portal.add_person(SECOND, Role::Owner);
    confirmed(portal, &portal.signed_in_as(SECOND), SECOND);
    portal.later(Duration::days(7));
    portal.user_id(SECOND)
}

/// Somebody who has done what there is to do, under two addresses and two names.
pub(super) fn a_full_life(portal: &Portal) {
    portal.add_person(FORMERLY, Role::Manager);
    let browser = portal.signed_in_as(FORMERLY);
    let names = [("first_name", "Zenobia"), ("last_name", "Quillfeather"), ("country", "CH")];
    let more = [("company", "Quill & Co"), ("seen_company", ""), ("phone", "+41 21 555 77 88"), ("seen_phone", "")];
    let seen = [("seen_first_name", "zen"), ("seen_last_name", "Tester"), ("seen_country", "CH")];
    assert_eq!(browser.post("/account/details", &[&names[..], &more[..], &seen[..]].concat()).status, 303);
    assert_eq!(browser.post("/account/security/email", &[("email", ZENOBIA)]).status, 303);
    assert_eq!(browser.post(&portal.link_to(ZENOBIA), &[]).status, 303);
    assert_eq!(browser.post(&acme("/notifications/add"), &[("email", ZENOBIA), ("expired", "true")]).status, 303);
    portal.set_role(ZENOBIA, Role::Owner);
    // Passkey, licence with access, export, another address that waits, an invitation to another Organization that waits.
    portal.shop();
    portal.places(0, ZENOBIA);
    let licence = portal.licence(Term::Yearly, 5);
    let scope = portal.scope_of(ZENOBIA, SLUG);
    portal.occupy_as(&scope, &licence);
    portal.give_access(&licence, ZENOBIA);
    let id = portal.membership(Persona::Member);
    assert_eq!(change_role(&browser, &id, Role::Member, Role::Editor).status, 303);
    for consent in ["product_news", "surveys"] {
        let others = ["product_news", "surveys", "webinars", "training", "analytics", "diagnostics"];
        let seen: Vec<String> = others.iter().map(|kind| format!("seen_{kind}")).collect();
        let mut fields: Vec<(&str, &str)> = seen.iter().map(|name| (name.as_str(), "no")).collect();
        fields.push((consent, "true"));
        assert_eq!(browser.post("/account/privacy/edit", &fields).status, 303);
    }
    assert_eq!(invite(&browser, "ada@example.com\nopen@example.com", Role::Reader).status, 200);
    portal.add_user("ada@example.com");
    let link = portal.link_to("ada@example.com");
    assert_eq!(portal.signed_in_as("ada@example.com").post(&format!("{link}/accept"), &[]).status, 303);
    let own = [("sent", "yes"), ("payments", "true")];
    assert_eq!(browser.post(&acme("/notifications/own"), &own).status, 303);
    portal.payment_fails();
    assert!(matches!(
        portal.order_as(&scope, &with_key("zenobia", plan("mapper-yearly", 2))),
        portico::orders::place::Place::Placed(_)
    ));
    let code = vouchers::code(portal, &vouchers::credits(portal, 100));
    assert_eq!(vouchers::validate(&browser, &code).status, 303);
    assert_eq!(browser.post(&acme("/plans/payment-method/open"), &[]).status, 303);
    portal.later(Duration::seconds(1));
    portal.browser().post("/forgot-password", &[("email", ZENOBIA)]);
    sign_in(&portal.browser(), ZENOBIA, "not the right password");
    two_factor::turn_on(portal, &browser);
    let removed = portal.add_person("gone@example.com", Role::Reader);
    let gone = portal.scope_of(&removed.email, SLUG).membership.id.to_string();
    assert_eq!(browser.post(&acme("/people/remove"), &[("selected", &gone)]).status, 303);
    confirmed(portal, &browser, ZENOBIA);
}

/// Where a name or an address may still stand, and why.
const KEPT: &[(&str, &str)] = &[("outbox", "the last mail, which tells that the account is deleted")];

#[apply(on_both)]
fn nothing_names_who_has_gone(#[case] portal: &Portal) {
    a_full_life(portal);
    let user = portal.user_id(ZENOBIA);
    let named = |portal: &Portal| -> Vec<(String, String)> {
        let rows =
            state(portal).into_iter().flat_map(|(table, rows)| rows.into_iter().map(move |row| (table.clone(), row)));
        let sought = ["zenobia", "quillfeather", "quill & co", FORMERLY, "555 77 88", "zen tester"];
        let is_named = |row: &str| sought.iter().any(|name| row.to_lowercase().contains(name));
        rows.filter(|(_, row)| is_named(row)).collect()
    };
    let before: BTreeSet<String> = named(portal).into_iter().map(|(table, _)| table).collect();
    for table in [
        "activity",
        "credit_entries",
        "email_changes",
        "invitations",
        "memberships",
        "notification_mails",
        "notification_recipients",
        "orders",
        "outbox",
        "payment_method_pages",
        "people_terms",
        "users",
    ] {
        assert!(before.contains(table), "the life is full enough for {table}: {before:?}");
    }
    pass(portal);
    let kept: Vec<&str> = KEPT.iter().map(|(table, _)| *table).collect();
    let left: Vec<_> = named(portal).into_iter().filter(|(table, _)| !kept.contains(&table.as_str())).collect();
    assert!(left.is_empty(), "{left:#?}");
    let mails: Vec<_> = outbox::all(&portal.app).into_iter().filter(|mail| mail.recipient == ZENOBIA).collect();
    assert_eq!(mails.len(), 1, "the last mail alone");

    // What stays says that it was somebody.
    portal.query(|connection| {
        let name: String = users::table.find(&user).select(users::first_name).first(connection)?;
        assert_eq!(name, "Deleted user");
        let placed: Vec<String> =
            orders::table.filter(orders::placed_by.eq(&user)).select(orders::placed_by_name).load(connection)?;
        assert_eq!(placed, ["Deleted user"]);
        let booked: Vec<String> = credit_entries::table.select(credit_entries::actor_name).load(connection)?;
        assert!(booked.contains(&"Deleted user".to_owned()), "{booked:?}");
        let did: Vec<(String, String)> = activity::table
            .filter(activity::actor_id.eq(&user))
            .select((activity::actor_name, activity::ip))
            .load(connection)?;
        assert!(did.len() > 10 && did.iter().all(|(name, ip)| name == "Deleted user" && ip.is_empty()), "{did:?}");
        let inviters: Vec<String> = memberships::table
            .inner_join(users::table)
            .filter(users::email.eq("ada@example.com"))
            .select(memberships::inviter_name)
            .load(connection)?;
        assert_eq!(inviters, ["Deleted user"]);
        Ok(())
    });
    assert_eq!(portal.invitation_outcomes("open@example.com"), [Some("withdrawn".to_owned())]);
    let log = portal.signed_in(Persona::Owner).get(&acme("/activity"));
    assert!(log.status == 200 && log.text().contains("Deleted user"), "{}", log.text());
    for table in [count!(portal, passkeys), count!(portal, authenticator_apps), count!(portal, recovery_codes)] {
        assert_eq!(table, 0);
    }
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn the_address_is_free_and_whoever_signs_up_with_it_finds_nothing(#[case] portal: &Portal) {
    let rita = portal.signed_in(Persona::Reader);
    let by = portal.scope_of(&Persona::Outsider.email(), "elsewhere");
    portal.invite(&by, RITA, Role::Member);
    confirmed(portal, &rita, RITA);
    pass(portal);
    // As an address that never had an account.
    let known = portal.browser().post("/forgot-password", &[("email", RITA)]);
    let unknown = portal.browser().post("/forgot-password", &[("email", "nobody@example.com")]);
    assert_eq!(
        (known.status, known.text().replace(RITA, "")),
        (unknown.status, unknown.text().replace("nobody@example.com", ""))
    );
    assert!(portal.mails_to(RITA).iter().all(|mail| !mail.text.contains("/reset-password")));
    assert!(!opens(portal, RITA));
    let browser = portal.browser();
    let fields = sign_up_fields(&browser, RITA);
    assert_eq!(crate::accounts::post(&browser, "/sign-up", &fields).status, 200);
    let link = portal.link_to(RITA);
    assert!(link.starts_with("/verify-email?token="), "{link}");
    let token = link.replace("/verify-email?token=", "");
    let answer = browser.post("/verify-email", &[("token", &token), ("password", CHOSEN)]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let browser = portal.browser();
    assert_eq!(sign_in(&browser, RITA, CHOSEN).status, 303);
    let home = browser.get("/home").text();
    assert!(home.contains("You are not in an Organization yet") && !home.contains("Elsewhere"), "{home}");
    assert_eq!(browser.get(&acme("")).status, 404);
    assert_eq!(count!(portal, consents), 0);
}

#[apply(on_both)]
fn who_became_the_sole_owner_meanwhile_keeps_the_account_and_is_told(#[case] portal: &Portal) {
    let user = due(portal);
    portal.set_role(&Persona::Owner.email(), Role::Manager);
    run_due_jobs(portal);
    assert!(opens(portal, SECOND));
    assert_eq!(portal.owners(), [SECOND]);
    let mail = portal.mails_to(SECOND).into_iter().find(|mail| mail.subject == "Your Portico account was not deleted");
    assert!(mail.expect("they are told").text.contains("Acme"));
    assert!(portal.actions().contains(&"account.deletion.blocked".to_owned()));
    assert_eq!(count!(portal, account_deletions), 0, "what they asked for has ended");
    portal.set_role(&Persona::Owner.email(), Role::Owner);
    assert_eq!(portal.erase(&portal.mentions(&user)), Erased::NotDue);
}

#[apply(on_both)]
fn of_two_owners_of_whom_one_is_deleted_while_the_other_goes_one_stays(#[case] portal: &Portal) {
    let user = due(portal);
    let mentions = portal.mentions(&user);
    let (olga, second) = (portal.scope(Persona::Owner), portal.scope_of(SECOND, SLUG));
    let (left, erased) = portal.overlapping(|tx| removal::leave(tx, &olga), |tx| erase(tx, &mentions));
    assert_eq!((left, erased), (Leave::Left, Erased::Blocked));
    assert_eq!(portal.owners(), [SECOND]);
    // The other way round, and the one who is deleted had asked for it at that moment.
    portal.set_role(&Persona::Manager.email(), Role::Owner);
    let third = portal.scope(Persona::Manager);
    confirmed(portal, &portal.signed_in_as(SECOND), SECOND);
    portal.later(Duration::days(7));
    let mentions = portal.mentions(&user);
    let (erased, removed) = portal
        .overlapping(|tx| erase(tx, &mentions), |tx| removal::remove(tx, &second, &third.membership.id, &batch()));
    assert_eq!((erased, removed), (Erased::Erased, Remove::NotAllowed));
    let left = portal.app.write_now::<_, DbError>(|tx| removal::leave(tx, &third)).expect("an answer");
    assert_eq!(left, Leave::LastOwner);
    assert_eq!(portal.owners(), [Persona::Manager.email()]);
}

#[apply(on_both)]
fn two_processes_delete_it_once_and_what_fails_is_done_again(#[case] portal: &Portal) {
    let user = due(portal);
    let mentions = portal.mentions(&user);
    let before = portal.dump();
    let failed = portal.app.write_now::<(), DbError>(|tx| {
        assert_eq!(erase(tx, &mentions)?, Erased::Erased);
        Err(DbError::Unexpected("the process ended".to_owned()))
    });
    assert!(failed.is_err());
    assert_eq!(portal.dump(), before, "all of it or nothing");
    let (one, other) = portal.overlapping(|tx| erase(tx, &mentions), |tx| erase(tx, &mentions));
    assert_eq!((one, other), (Erased::Erased, Erased::NotDue));
    run_due_jobs(portal);
    assert_eq!(portal.actions().iter().filter(|action| *action == "account.deleted").count(), 1);
    assert_eq!(portal.mails_to(SECOND).len(), 1);
}

#[apply(on_both)]
fn what_began_before_puts_nothing_back(#[case] portal: &Portal) {
    use portico::profile::details::{Field, Wish, save};
    let user = due(portal);
    let mentions = portal.mentions(&user);
    let person = portal.scope_of(SECOND, SLUG).person().clone();
    let wish = Wish { field: Field::FirstName, seen: "second".to_owned(), wanted: "Back".to_owned() };
    let (erased, saved) = portal.overlapping(
        |tx| erase(tx, &mentions),
        |tx| Ok(save(tx, &person, std::slice::from_ref(&wish)).map(drop).map_err(|error| error.to_string())),
    );
    assert_eq!(erased, Erased::Erased);
    assert!(saved.is_err());
    let name: String = portal.query(|connection| users::table.find(&user).select(users::first_name).first(connection));
    assert_eq!(name, "Deleted user");
}

#[apply(on_both)]
fn who_is_suspended_is_deleted_once_that_is_lifted(#[case] portal: &Portal) {
    let user = due(portal);
    let operator = Operator { name: "ada".to_owned() };
    let suspended = portal.app.write_now::<_, DbError>(|tx| suspension::suspend(tx, &operator, SECOND));
    assert!(matches!(suspended, Ok(suspension::Suspend::Suspended { .. })));
    run_due_jobs(portal);
    assert_eq!(portal.user_id(SECOND), user, "it is there");
    portal.app.write_now::<_, DbError>(|tx| suspension::resume(tx, &operator, SECOND)).expect("an answer");
    portal.later(Duration::hours(1));
    run_due_jobs(portal);
    assert!(!opens(portal, SECOND));
    // Nobody brings back what was deleted, by whatever it is called now.
    let resumed = portal.app.write_now::<_, DbError>(|tx| suspension::resume(tx, &operator, user.as_str()));
    assert_eq!(resumed.expect("an answer"), suspension::Resume::Unknown);
}

#[apply(on_both)]
fn an_organization_that_was_closed_keeps_nobody(#[case] portal: &Portal) {
    let olga = portal.signed_in(Persona::Owner);
    assert_eq!(olga.post(&acme("/close"), &[("name", "Acme")]).status, 303);
    confirmed(portal, &olga, &Persona::Owner.email());
    pass(portal);
    assert!(!opens(portal, &Persona::Owner.email()));
    let left: i64 = portal.query(|connection| invitations::table.count().get_result(connection));
    assert_eq!(left, 0);
}
