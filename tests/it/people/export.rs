//! The list as a CSV file.

use portico::access::Role;
use portico::config::Config;
use portico::db::DbError;
use rstest::rstest;
use rstest_reuse::apply;

use super::join;
use crate::support::{Browser, Database, Persona, Portal, acme, invite, lines, on_both, on_each_database};

fn records(browser: &Browser, query: &str) -> Vec<Vec<String>> {
    let answer = browser.get(&acme(&format!("/people/export.csv{query}")));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"acme-people.csv\"");
    assert!(answer.body.starts_with("\u{feff}\"Name\","), "for spreadsheets: its script, and quotes around everything");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(answer.body.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[apply(on_both)]
fn the_export_has_everybody_with_the_filter_of_the_page(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "late@example.com", Role::Reader);
    portal.later(chrono::Duration::days(15));
    let manager = portal.signed_in(Persona::Manager);
    portal.signed_in(Persona::Editor).get(&acme(""));
    let all = records(&manager, "");
    assert_eq!(all[0], ["Name", "E-mail", "Role", "Status", "Since (UTC)", "Expires (UTC)", "Last active (UTC)"]);
    assert_eq!(all.len(), 7);
    assert!(
        all.contains(
            &["Rita Tester", "rita@example.com", "Reader", "Active", "2026-11-23 09:30", "", ""]
                .map(str::to_owned)
                .to_vec()
        )
    );
    let edith = ["Edith Tester", "edith@example.com", "Editor", "Active", "2026-11-23 09:30", "", "2026-12-08"];
    assert!(all.contains(&edith.map(str::to_owned).to_vec()));
    let late = ["", "late@example.com", "Reader", "Expired", "2026-11-23 09:30", "2026-12-08 09:30", ""];
    assert!(all.contains(&late.map(str::to_owned).to_vec()));
    let page = manager.get(&acme("/people?role=reader&status=active&search=rita")).html();
    let link = page.attributes("a[href*=export]", "href").remove(0);
    let filtered = records(&manager, link.strip_prefix(&acme("/people/export.csv")).unwrap());
    assert_eq!(filtered.len(), 2);
    assert_eq!(filtered[1][1], "rita@example.com");
}

#[apply(on_both)]
fn cells_that_look_like_formulas_are_defused(#[case] portal: &Portal) {
    let names = ["=HYPERLINK(\"http://evil.example\",\"x\")", "+1", "-1", "@SUM(A1)", "Ann, \"the\" Best", "A;=1+1"];
    let one =
        |(number, name): (usize, &&str)| (format!("n{number}@formula.example"), (*name).to_owned(), "X".to_owned());
    let all: Vec<_> = names.iter().enumerate().map(one).collect();
    join(portal, &all, Role::Member);
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "+49@formula.example", Role::Member);
    let rows = records(&owner, "?search=formula");
    assert_eq!(rows.len(), 8);
    let row = |email: &str| rows.iter().find(|row| row[1].contains(email)).unwrap();
    for (number, name) in names.iter().enumerate().take(4) {
        assert_eq!(row(&format!("n{number}@"))[0], format!("'{name} X"));
    }
    assert_eq!(row("n4@")[0], "Ann, \"the\" Best X", "quoting is CSV's own");
    assert_eq!(row("n5@")[0], "A;'=1+1 X");
    assert_eq!(row("+49@")[1], "'+49@formula.example");
}

/// Straight into the tables, without the cost of joining.
fn add_many(portal: &Portal, many: usize, last_name: &str) {
    use diesel::prelude::*;
    use portico::ids::{MembershipId, UserId};
    use portico::schema::{memberships, people_terms, users};
    let organization = portal.organization_id();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            let now = tx.now;
            for number in 0..many {
                let (user, member) = (UserId::new(now), MembershipId::new(now));
                diesel::insert_into(users::table)
                    .values((
                        users::id.eq(&user),
                        users::email.eq(format!("many{number}@example.com")),
                        users::password_hash.eq(""),
                        users::first_name.eq("Many"),
                        users::last_name.eq(last_name),
                        users::company.eq(""),
                        users::country.eq(""),
                        users::created_at.eq(now),
                        users::updated_at.eq(now),
                    ))
                    .execute(tx.connection)?;
                diesel::insert_into(memberships::table)
                    .values((
                        memberships::id.eq(&member),
                        memberships::organization_id.eq(&organization),
                        memberships::user_id.eq(&user),
                        memberships::role.eq(Role::Member),
                        memberships::inviter_name.eq(""),
                        memberships::created_at.eq(now),
                        memberships::updated_at.eq(now),
                    ))
                    .execute(tx.connection)?;
                diesel::insert_into(people_terms::table)
                    .values((
                        people_terms::organization_id.eq(&organization),
                        people_terms::kind.eq("member"),
                        people_terms::term.eq(format!("\u{1}many people\u{1f}{member}")),
                        people_terms::entry_id.eq(member.as_str()),
                        people_terms::role.eq(Role::Member),
                    ))
                    .execute(tx.connection)?;
            }
            Ok(())
        })
        .unwrap();
}

#[apply(on_both)]
fn a_long_list_is_exported_whole_over_several_readings(#[case] portal: &Portal) {
    const MANY: usize = 1_100;
    add_many(portal, MANY, "People");
    let rows = records(&portal.signed_in(Persona::Owner), "");
    let addresses: std::collections::BTreeSet<&String> = rows.iter().skip(1).map(|row| &row[1]).collect();
    assert_eq!((rows.len(), addresses.len()), (MANY + 6, MANY + 5));
}

/// How much of a file more than one reading long has come when the reader stops to look; the rest is in nobody's hands yet.
fn begin_export(portal: &Portal, browser: &Browser) -> std::net::TcpStream {
    use std::io::{Read, Write};
    let mut stream =
        std::net::TcpStream::connect(portal.url.trim_start_matches("http://")).expect("the server listens");
    let cookie = browser.cookie("portico").expect("a session");
    let path = acme("/people/export.csv");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: portico={cookie}\r\n\r\n")
        .expect("the server reads");
    let mut status = [0; 12];
    stream.read_exact(&mut status).expect("an answer begins");
    assert_eq!(&status, b"HTTP/1.1 200");
    stream
}

fn rest(mut stream: std::net::TcpStream) -> String {
    use std::io::Read;
    let mut all = Vec::new();
    // A file that breaks off may end in an error, too.
    let _ = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

/// So many people with names of almost two kilobytes are more than the buffers between the server and a reader that does not read hold.
const BEYOND_BUFFERS: usize = 6_000;

#[apply(on_both)]
fn an_export_ends_with_the_session_and_with_the_role(#[case] portal: &Portal) {
    add_many(portal, BEYOND_BUFFERS, &"People".repeat(300));
    let (signs_out, loses_role) =
        (portal.signed_in(Persona::Manager), portal.add_person("mia@example.com", Role::Manager));
    let other = portal.signed_in_as(&loses_role.email);
    let files = [begin_export(portal, &signs_out), begin_export(portal, &other)];
    assert_eq!(signs_out.post("/sign-out", &[]).status, 303);
    portal.set_role(&loses_role.email, Role::Reader);
    for file in files {
        let text = rest(file);
        assert!(!text.ends_with("0\r\n\r\n"), "a file that breaks off does not look whole");
        assert!(text.lines().count() < BEYOND_BUFFERS, "{}", text.lines().count());
    }
}

/// On Linux, whose kernel is told how long to wait.
#[cfg(target_os = "linux")]
#[apply(on_each_database)]
fn who_reads_nothing_is_cut_off_and_holds_no_turn(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| {
        config.protection.reader_seconds = 1;
        config.protection.exports = 1;
    });
    add_many(portal, BEYOND_BUFFERS, &"People".repeat(300));
    let (manager, owner) = (portal.signed_in(Persona::Manager), portal.signed_in(Persona::Owner));
    let stuck = begin_export(portal, &manager);
    assert_eq!(owner.get(&acme("/people/export.csv?search=rita")).status, 503);
    crate::support::lines::poll("the turn is given back", || {
        (owner.get(&acme("/people/export.csv?search=rita")).status == 200).then_some(())
    });
    drop(stuck);
}

#[apply(on_both)]
fn only_so_many_exports_are_at_a_time(#[case] portal: &Portal) {
    let own = |persona: Persona| portal.scope(persona).person().user_id.clone();
    let turn = |persona: Persona| portal.app.exports.turn(&own(persona));
    actix_web::rt::System::new().block_on(async {
        let owner = [turn(Persona::Owner), turn(Persona::Owner)];
        assert!(owner.iter().all(Result::is_ok));
        let (manager, browser) = (portal.signed_in(Persona::Manager), portal.signed_in(Persona::Owner));
        let refused = browser.get(&acme("/people/export.csv"));
        assert_eq!((refused.status, refused.header("retry-after")), (429, "10"));
        assert!(refused.text().contains("Wait until one is finished"), "{}", refused.text());
        assert_eq!(manager.get(&acme("/people/export.csv")).status, 200);
        let waited = |one| lines::poll("there is a turn", || turn(one).ok());
        let others = [Persona::Reader, Persona::Editor].map(waited);
        let refused = manager.get(&acme("/people/export.csv"));
        assert_eq!((refused.status, refused.header("retry-after")), (503, "2"));
        drop((owner, others));
    });
    // What ran with the turns is gone, and so are they.
    crate::support::lines::poll("the turns are given back", || {
        (portal.signed_in(Persona::Owner).get(&acme("/people/export.csv")).status == 200).then_some(())
    });
}
