//! Nobody gives or takes a role above their own, nobody touches somebody of higher rank, nobody raises themselves; below
//! Manager nobody does anything to anybody. It is checked again inside the transaction.

use portico::access::Role;
use portico::ids::{InvitationId, MembershipId};
use portico::organizations::organization::{self, Settings};
use portico::organizations::settings::{self, SaveSettings};
use portico::people::invite::{self, Invite, Resend, Withdraw};
use portico::people::removal::{self, Leave, Remove};
use portico::people::roles::{self, ChangeRole};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, acme, batch, change_role, invite, invite_one, mails, on_both};

const INVITED: &str = "invited@example.com";

#[apply(on_both)]
fn a_manager_cannot_make_anybody_owner(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    for persona in [Persona::Member, Persona::Manager] {
        let id = portal.membership(persona);
        let page = manager.get(&acme(&format!("/people/{id}"))).html();
        assert_eq!(page.attributes("input[name=role]", "value"), ["member", "reader", "editor", "manager"]);
        let role = persona.role().unwrap();
        let recorded = portal.recorded(|| {
            let answer = change_role(&manager, &id, role, Role::Owner);
            assert_eq!(answer.status, 403);
            assert!(answer.text().contains("nobody can give or take away a role above their own"));
        });
        assert!(recorded.is_empty());
        assert_eq!(portal.role_of(&persona.email()), Some(role));
    }
}

#[apply(on_both)]
fn a_manager_cannot_invite_an_owner(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let page = manager.get(&acme("/people/invite")).html();
    assert_eq!(page.attributes("input[name=role]", "value"), ["member", "reader", "editor", "manager"]);
    let answer = invite(&manager, INVITED, Role::Owner);
    assert_eq!(answer.status, 403);
    assert_eq!(answer.html().text("#role-error"), "You cannot give a role above your own.");
    assert_eq!(answer.html().value("emails"), INVITED);
    let answer = invite(&manager, &format!("{INVITED}, owner"), Role::Member);
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Your role does not allow to give this role."));
    assert!(portal.invitation_id(INVITED).is_none());
    assert!(mails(&portal.app).is_empty());
}

#[apply(on_both)]
fn a_manager_cannot_touch_an_owner(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let id = portal.membership(Persona::Owner);
    let list = manager.get(&acme("/people")).html();
    assert!(!list.attributes("input[name=selected]", "value").contains(&id));
    assert!(!list.attributes("tr form", "action").iter().any(|action| action.contains(&id)));
    let page = manager.get(&acme(&format!("/people/{id}")));
    assert!(page.text().contains("Only an Owner can change the role of an Owner."));
    assert!(!page.html().has("main form") && !page.html().has_button("Remove user"));
    assert_eq!(change_role(&manager, &id, Role::Owner, Role::Member).status, 403);
    let answer = manager.post(&acme("/people/remove"), &[("selected", &id)]);
    assert!(manager.follow(answer).text().contains("Your role does not allow to remove some of them."));
    assert_eq!(portal.owners(), ["olga@example.com"]);
}

#[apply(on_both)]
fn a_manager_cannot_touch_the_invitation_of_an_owner(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    invite(&owner, INVITED, Role::Owner);
    let id = portal.invitation_id(INVITED).unwrap();
    let list = manager.get(&acme("/people")).html();
    assert!(!list.has(&format!("button[formaction*=\"{id}\"]")) && !list.has(&format!("input[value=\"{id}\"]")));
    let recorded = portal.recorded(|| {
        for verb in ["resend", "withdraw"] {
            let answer = manager.post(&acme(&format!("/people/{id}/{verb}")), &[]);
            assert!(manager.follow(answer).text().contains("Your role does not allow this."), "{verb}");
        }
        let page = manager.get(&acme(&format!("/people/remove?selected={id}")));
        assert!(page.text().contains("Has a higher role than you."));
        let answer = manager.post(&acme("/people/remove"), &[("selected", &id)]);
        assert!(manager.follow(answer).text().contains("Your role does not allow to withdraw some invitations."));
        // Once it has lapsed, a Manager must not send out a weaker one in its place either.
        portal.later(chrono::Duration::days(15));
        let manager = portal.signed_in(Persona::Manager);
        let answer = invite(&manager, INVITED, Role::Member);
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("Your role does not allow to give this role."));
    });
    assert!(recorded.is_empty(), "{recorded:?}");
    assert_eq!(portal.invitation_id(INVITED), Some(id));
    assert_eq!(portal.mails_to(INVITED).len(), 1);
}

#[apply(on_both)]
fn nobody_raises_themselves(#[case] portal: &Portal) {
    for persona in [Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
        let (browser, id, role) = (portal.signed_in(persona), portal.membership(persona), persona.role().unwrap());
        assert_eq!(change_role(&browser, &id, role, Role::Owner).status, 403, "{persona:?}");
        assert_eq!(portal.role_of(&persona.email()), Some(role));
    }
}

#[apply(on_both)]
fn below_manager_nobody_sees_or_changes_people(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Member);
    let invitation = portal.invitation_id(INVITED).unwrap();
    let member = portal.membership(Persona::Member);
    for persona in [Persona::Editor, Persona::Reader, Persona::Member] {
        let browser = portal.signed_in(persona);
        let recorded = portal.recorded(|| {
            for below in ["/people", "/people/invite", "/people/export.csv", "/people/remove?selected=x", "/settings"] {
                assert_eq!(browser.get(&acme(below)).status, 403, "{persona:?} {below}");
            }
            assert_eq!(browser.get(&acme(&format!("/people/{member}"))).status, 403);
            assert_eq!(invite(&browser, "other@example.com", Role::Member).status, 403);
            assert_eq!(change_role(&browser, &member, Role::Member, Role::Member).status, 403);
            assert_eq!(browser.post(&acme("/people/remove"), &[("selected", &member)]).status, 403);
            for verb in ["resend", "withdraw"] {
                assert_eq!(browser.post(&acme(&format!("/people/{invitation}/{verb}")), &[]).status, 403);
            }
        });
        assert!(recorded.is_empty(), "{persona:?}: {recorded:?}");
    }
    assert_eq!(mails(&portal.app).len(), 1, "the Owner's invitation alone");
}

#[apply(on_both)]
fn a_role_lost_while_the_request_was_on_its_way_does_not_count(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Member);
    let invitation = InvitationId::parse(&portal.invitation_id(INVITED).unwrap()).unwrap();
    let member = MembershipId::parse(&portal.membership(Persona::Member)).unwrap();
    portal.add_person("second@example.com", Role::Owner);
    let email = Persona::Manager.email();
    // Each of these was a Manager, or an Owner, when the guard looked.
    let was_manager = portal.scope(Persona::Manager);
    let was_owner = portal.scope_of("second@example.com", crate::support::SLUG);
    portal.set_role(&email, Role::Editor);
    portal.set_role("second@example.com", Role::Manager);
    let recorded = portal.recorded(|| {
        portal
            .app
            .write_now::<_, portico::db::DbError>(|tx| {
                let scope = &was_manager;
                assert_eq!(invite_one(tx, scope, "x@example.com", Role::Member)?, Invite::NotAllowed);
                assert_eq!(invite::resend(tx, scope, &invitation)?, Resend::NotAllowed);
                assert_eq!(invite::withdraw(tx, scope, &invitation, &batch())?, Withdraw::NotAllowed);
                let lowered = roles::change(tx, scope, &member, Role::Member, Role::Reader)?;
                assert_eq!(lowered, ChangeRole::NotAllowed);
                let raised = roles::change(tx, scope, &scope.membership.id, Role::Editor, Role::Manager)?;
                assert_eq!(raised, ChangeRole::NotAllowed);
                assert_eq!(removal::remove(tx, scope, &member, &batch())?, Remove::NotAllowed);

                let scope = &was_owner;
                assert_eq!(invite_one(tx, scope, "x@example.com", Role::Owner)?, Invite::NotAllowed);
                let raised = roles::change(tx, scope, &member, Role::Member, Role::Owner)?;
                assert_eq!(raised, ChangeRole::NotAllowed);
                let first = portico::access::Membership::find(
                    tx.connection,
                    &portal.scope(Persona::Owner).person().user_id,
                    "acme",
                )?;
                assert_eq!(removal::remove(tx, scope, &first.unwrap().id, &batch())?, Remove::NotAllowed);
                let stored = organization::load(tx.connection, scope.organization_id())?;
                let changed = Settings { city: "Bern".to_owned(), ..stored.settings.clone() };
                assert_eq!(settings::save(tx, scope, &changed, stored.version)?, SaveSettings::NotAllowed);
                Ok(())
            })
            .unwrap();
    });
    assert!(recorded.is_empty(), "{recorded:?}");
}

#[apply(on_both)]
fn somebody_removed_while_the_request_was_on_its_way_changes_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Member);
    let invitation = InvitationId::parse(&portal.invitation_id(INVITED).unwrap()).unwrap();
    let member = MembershipId::parse(&portal.membership(Persona::Member)).unwrap();
    let scope = portal.scope(Persona::Manager);
    portal.take_out(&Persona::Manager.email());
    let recorded = portal.recorded(|| {
        portal
            .app
            .write_now::<_, portico::db::DbError>(|tx| {
                assert_eq!(invite_one(tx, &scope, "x@example.com", Role::Member)?, Invite::NotAllowed);
                assert_eq!(invite::resend(tx, &scope, &invitation)?, Resend::NotAllowed);
                assert_eq!(invite::withdraw(tx, &scope, &invitation, &batch())?, Withdraw::NotAllowed);
                let changed = roles::change(tx, &scope, &member, Role::Member, Role::Reader)?;
                assert_eq!(changed, ChangeRole::NotAllowed);
                assert_eq!(removal::remove(tx, &scope, &member, &batch())?, Remove::NotAllowed);
                assert_eq!(removal::leave(tx, &scope)?, Leave::Gone);
                Ok(())
            })
            .unwrap();
    });
    assert!(recorded.is_empty(), "{recorded:?}");
}
