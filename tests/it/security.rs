//! What the log tells of attacks: one kind of line, with who, from where and in which request.

use portico::access::Role;
use serde_json::Value;

use crate::support::{
    Persona, Portal, SLUG, invite_to,
    process::{Process, serve_beside},
};

fn started(portal: &Portal) -> Process {
    let mut command = serve_beside(portal);
    command.env("PORTICO_LOG_FORMAT", "json").env("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8");
    Process::start(command)
}

fn lines(process: &Process) -> Vec<Value> {
    process.log().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The one event of this kind.
fn event(process: &Process, what: &str, outcome: &str) -> Value {
    process.wait_for_log(&format!("\"what\":\"{what}\",\"outcome\":\"{outcome}\""));
    let is_it = |line: &&Value| line["fields"]["what"] == what && line["fields"]["outcome"] == outcome;
    let found = lines(process).iter().find(is_it).cloned().expect("it is there");
    assert_eq!(found["target"], "security");
    let fields = found["fields"].clone();
    assert!(fields["request"].as_str().is_some_and(|id| id.starts_with("req_")), "{fields}");
    assert_eq!(fields["ip"], "127.0.0.1");
    fields
}

#[test]
fn sign_ins_are_told_with_who_and_from_where_and_no_address_in_clear() {
    let portal = Portal::on_sqlite();
    let process = started(&portal);
    let email = Persona::Owner.email();
    let wrong = [("email", email.as_str()), ("password", "not this one")];
    for _ in 0..10 {
        assert_eq!(process.browser().post("/sign-in", &wrong).status, 422);
    }
    assert_eq!(process.browser().post("/sign-in", &wrong).status, 429);
    let refused = event(&process, "sign_in", "refused");
    assert!(refused["address"].is_string() && refused["user"].is_null());
    assert_eq!(event(&process, "sign_in", "limited")["address"], refused["address"]);
    assert_eq!(event(&process, "limited", "limited")["detail"], "sign-in-account");

    let editor = process.signed_in(Persona::Editor);
    let user = portal.scope(Persona::Editor).person().user_id.to_string();
    assert_eq!(event(&process, "sign_in", "success")["user"], user);
    assert_eq!(editor.post("/sign-out", &[]).status, 303);
    assert_eq!(event(&process, "sign_out", "success")["user"], user);
    assert!(!process.log().contains(&email));
}

#[test]
fn refusals_and_exports_name_the_account() {
    let portal = Portal::on_sqlite();
    let process = started(&portal);
    let people = format!("/organizations/{SLUG}/people");
    let user = |persona: Persona| {
        let organization = if persona == Persona::Outsider { "elsewhere" } else { SLUG };
        portal.scope_of(&persona.email(), organization).person().user_id.to_string()
    };
    assert_eq!(process.signed_in(Persona::Outsider).get(&people).status, 404);
    assert_eq!(event(&process, "outsider", "refused")["user"], user(Persona::Outsider));
    assert_eq!(process.signed_in(Persona::Member).get(&people).status, 403);
    let weak = event(&process, "weak_role", "refused");
    assert_eq!(
        (&weak["user"], &weak["detail"]),
        (&user(Persona::Member).into(), &"/organizations/{slug}/people".into())
    );
    let owner = process.signed_in(Persona::Owner);
    assert_eq!(owner.get(&format!("{people}/export.csv")).status, 200);
    assert_eq!(event(&process, "people_export", "success")["user"], user(Persona::Owner));
    assert_eq!(owner.get(&format!("/organizations/{SLUG}/credits/export.csv")).status, 200);
    assert_eq!(event(&process, "credits_export", "success")["user"], user(Persona::Owner));
    assert_eq!(invite_to(&owner, &format!("/organizations/{SLUG}"), "zoe@example.com", Role::Reader).status, 303);
    assert_eq!(process.browser().get("/invitations/nothing").status, 404);
    assert_eq!(event(&process, "wrong_link", "refused")["detail"], "/invitations/{token}");
    let cross = [("Sec-Fetch-Site", "cross-site"), ("Content-Type", "application/x-www-form-urlencoded")];
    let form = format!("{people}/invite");
    assert_eq!(owner.send(ureq::http::Method::POST, &form, &cross, Vec::new()).status, 403);
    event(&process, "foreign_origin", "refused");
}

#[test]
fn the_line_of_a_request_says_who_from_where_how_much_and_how_long_to_its_end() {
    let portal = Portal::on_sqlite();
    let process = started(&portal);
    let owner = process.signed_in(Persona::Owner);
    let csv = owner.get(&format!("/organizations/{SLUG}/people/export.csv")).body;
    process.wait_for_log("export.csv\",\"status\":200");
    let is_export = |line: &&Value| {
        line["fields"]["message"] == "answered"
            && line["fields"]["route"].as_str().is_some_and(|route| route.ends_with("export.csv"))
    };
    let line = lines(&process).iter().find(is_export).cloned().expect("the export was answered");
    let fields = &line["fields"];
    assert_eq!(fields["bytes"], csv.len());
    assert_eq!(fields["user"], portal.scope(Persona::Owner).person().user_id.to_string());
    assert_eq!(fields["ip"], "127.0.0.1");
    let micros = fields["duration_ms"].as_f64().expect("a number") * 1_000.0;
    assert!((micros - micros.round()).abs() < 1e-6, "{fields}");
}

#[test]
fn wrong_voucher_codes_are_told_and_not_what_was_typed() {
    let portal = Portal::on_sqlite();
    let process = started(&portal);
    let manager = process.signed_in(Persona::Manager);
    let redeem = format!("/organizations/{SLUG}/plans/redeem");
    for _ in 0..10 {
        assert_eq!(manager.post(&redeem, &[("code", "ABCD-EFGH-JKLM-NPQR")]).status, 422);
    }
    assert_eq!(manager.post(&redeem, &[("code", "ABCD-EFGH-JKLM-NPQR")]).status, 429);
    let user = portal.scope(Persona::Manager).person().user_id.to_string();
    assert_eq!(event(&process, "wrong_voucher", "refused")["user"], user);
    assert_eq!(event(&process, "wrong_voucher", "limited")["user"], user);
    assert!(!process.log().contains("ABCD"));
}
