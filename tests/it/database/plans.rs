//! How the database finds the rows of each statement that pages, forms and the background work run: by an index.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl};
use portico::access::Role;
use portico::accounts::deletions;
use portico::background;
use portico::db::{Connection, DbError};
use portico::ids::PaymentId;
use portico::installation;
use portico::invoices::listing;
use portico::licences::terms::Term;
use portico::money::Money;
use portico::notifications::add::Add;
use portico::notifications::due::Span;
use portico::notifications::ends::tell_of_ends;
use portico::notifications::kinds::Kinds;
use portico::orders::events::receive;
use portico::orders::payment;
use portico::orders::refund::{self, Ask};
use portico::payments::provider::{CheckoutState, Event, Method, NewCharge, NewRefund, News, Paid, ProviderKind};
use portico::privacy::erase::{Erased, erase};
use portico::privacy::mentions;
use portico::routes::table;
use portico::schema::{account_deletions, licences};
use portico::secrets::Secret;
use rstest::rstest;
use rstest_reuse::apply;

use super::batches;
use super::statements::{add_credits, add_people, pages};
use super::watch::Watched;
use crate::catalogue;
use crate::credits::Given;
use crate::invoices;
use crate::orders;
use crate::renewals::sold;
use crate::support::{
    Persona, Portal, SLUG, acme, on_both, outbox,
    places::ELSEWHERE,
    state::{lines, tables},
    till::{Say, paid},
};
use crate::top_up::switched_on;

/// Everything that can be done with credits.
fn work_with_credits(server: &Portal) {
    server.grant(Given::new(20, "ends").until("2026-11-23T09:31:00Z"));
    server.spend(2_000, "much");
    server.spend(10, "little");
    server.reverse("much");
    server.later(chrono::Duration::minutes(2));
    server.spend(1, "after");
    server.reverse("ends");
    server.reverse("little");
    server.grant(Given::new(20, "mistaken"));
    server.reverse("mistaken");
}

/// Everything that can be done with invoices.
fn work_with_invoices(server: &Portal) {
    let bill = invoices::bill(&[("Mapper, Yearly", 1, 99_000)]);
    let [one, _] = std::array::from_fn(|_| server.invoice(&bill));
    for _ in 0..2 {
        server.credit_note(&one.id, Some(100));
    }
    let scope = server.scope(Persona::Owner);
    server.app.db.read(|connection| listing::of_order(connection, &scope, &one.order_id)).expect("they are found");
}

/// Everything that can be done with payments.
fn work_with_payments(server: &Portal) {
    let (provider, owner) = (server.provider(), server.signed_in(Persona::Owner));
    let pay = |page: &str| assert_eq!(owner.post(page, &[("act", "pay"), ("card", "good")]).status, 303);
    let session = server.checkout();
    pay(&format!("/sandbox/checkout/{session}"));
    let Ok(CheckoutState::Paid(paid)) = provider.look(&session) else { panic!("it was paid") };
    let Paid { provider_payment, amount, method } = paid;
    let Method { customer, id, .. } = method.expect("it is kept");
    let (payment, description) = (PaymentId::new(server.app.now()), String::new());
    let charge = NewCharge { payment, customer, method: id, amount, description };
    provider.charge(&charge).expect("it is charged");
    provider.look_at_charge(&charge).expect("it is found");
    for key in ["one", "two"] {
        let (key, provider_payment) = (key.to_owned(), provider_payment.clone());
        let amount = Money { minor: 100, ..amount };
        provider.refund(&NewRefund { key, provider_payment, amount }).expect("it is given back");
    }
    provider.close_checkout(&server.checkout()).expect("it is closed");
    // Kept, replaced, and told of by the job that looks.
    for _ in 0..2 {
        let page = owner.post(&acme("/plans/payment-method/open"), &[]);
        pay(page.location());
        owner.get(&acme("/plans/payment-method/return"));
    }
    owner.post(&acme("/plans/payment-method/open"), &[]);
    server.later(chrono::Duration::minutes(11));
}

/// Everything of which people are told.
fn work_with_notifications(server: &Portal) {
    server.call_low(Some(1_000_000));
    server.grant(Given::new(2_000_000, "above"));
    server.spend(1_900_000, "below");
    server.payment_fails();
    server.licence(Term::Trial, 1);
    let (organization, since) = (server.organization_id(), server.app.now());
    let grace = chrono::Duration::days(14);
    for days in [10, 17] {
        let span = Span { since, until: since + chrono::Duration::days(days) };
        let told = server.app.write_now::<_, DbError>(|tx| tell_of_ends(tx, &organization, span, grace));
        assert_eq!(told.expect("they are told"), 1);
    }
}

/// Everything that is charged while nobody is there: what is said later, declined and paid.
fn work_with_charges(server: &Portal) {
    let desk = switched_on(server);
    let near = server.app.now() + chrono::Duration::days(3);
    for _ in 0..2 {
        let licence = server.licence_of(&sold(Term::Monthly));
        server.rewrite(|connection| {
            diesel::update(licences::table.find(&licence)).set(licences::ends_at.eq(near)).execute(connection)
        });
    }
    desk.till.says(&[Say::Later, Say::Decline("insufficient funds"), Say::Pay]);
    server.spend(server.balance() - 40, "charged");
    desk.work();
    desk.pass(2, chrono::Duration::minutes(20));
    desk.till.decide(paid);
    desk.pass(3, chrono::Duration::days(1));
}

/// An account is deleted, of somebody who has invited others and was invited.
fn work_with_deletions(server: &Portal) {
    let email = "leaving@example.com";
    let user = server.add_person(email, Role::Manager).user_id;
    server.invite(&server.scope_of(email, SLUG), "invited@example.com", Role::Member);
    server.invite(&server.scope_of(&Persona::Outsider.email(), ELSEWHERE), email, Role::Member);
    assert_eq!(server.add_recipient(email, Kinds::ALL), Add::Added);
    let now = server.app.now();
    let erased = server.app.write_now::<_, DbError>(|tx| {
        deletions::ask(tx, &user, &Secret::random())?;
        deletions::confirm(tx, &user)?;
        let rows = account_deletions::table.filter(account_deletions::user_id.eq(&user));
        diesel::update(rows).set(account_deletions::due_at.eq(Some(now))).execute(tx.connection)?;
        deletions::due(tx.connection, None, 10, now)
    });
    assert_eq!(erased.expect("it is due"), std::slice::from_ref(&user));
    let mentions = mentions::find(&server.app.db, &user, now).expect("the log is read");
    let erased = server.app.write_now::<_, DbError>(|tx| erase(tx, &mentions));
    assert_eq!(erased.expect("an answer"), Erased::Erased);
}

/// Everything that can be done with orders.
fn work_with_orders(server: &Portal) {
    server.shop();
    let order = server.order(&orders::with_coupon("SPRING27", orders::plan("mapper-yearly", 1)));
    server.pay(&order);
    let operator = server.operator();
    server
        .app
        .write_now::<_, DbError>(|tx| {
            let Ask::Asked { refund: asked, .. } = refund::ask(tx, &operator, &order.number, None)? else {
                panic!("{order:?}")
            };
            refund::finish(tx, &operator, &asked, "re_1")?;
            refund::refuse(tx, &asked.id, "late")?;
            let event = Event { id: "evt_1".to_owned(), news: News::Other };
            receive(tx, ProviderKind::Sandbox, &event)?;
            payment::unmatched(tx.connection, 10).map(drop)
        })
        .expect("it is done");
    // One that is paid, one that is given up, and one that nobody pays.
    for number in ["1", "2", "3"] {
        let order = server.order(&orders::with_key(number, orders::package("credits-100")));
        server.payment(&order);
    }
    server.later(chrono::Duration::hours(25));
    background::runner(&server.app).run_due().expect("the jobs run");
    // The forms that ask for them come later.
    server.set_details([""; 4]);
}

/// Every statement that the portal runs when everything is done once.
fn everything(portal: &Portal) -> BTreeSet<String> {
    let watched = Watched::new(portal);
    let server = &watched.portal;
    add_people(portal, 0, 600);
    add_credits(portal, 0, 200);
    work_with_credits(server);
    work_with_notifications(server);
    work_with_invoices(server);
    work_with_payments(server);
    work_with_orders(server);
    let forms: Vec<_> = table(true, true).list().into_iter().filter(|route| route.method == "POST").collect();
    for (number, route) in forms.iter().enumerate() {
        let email = format!("somebody-{number}@example.com");
        let is_for_strangers = route.path.ends_with("/sign-up");
        if !is_for_strangers {
            portal.add_person(&email, Role::Owner);
        }
        let browser = if is_for_strangers { server.browser() } else { server.signed_in_as(&email) };
        let places = portal.places(number, &email);
        let answer = places.sample(route).post(&browser, &places.path(&route.path));
        // An order is not paid.
        let is_kept_open = route.path == "/organizations/{slug}/close" && answer.status == 409;
        assert!(answer.status < 400 || is_kept_open, "{}: {} {}", route.path, answer.status, answer.text());
        // Once more, and with something wrong: what a form does then is found by index too.
        places.sample(route).post(&browser, &places.path(&route.path));
        browser
            .post(&places.path(&route.path), &[("email", "otto@example.com"), ("token", "wrong"), ("role", "owner")]);
    }
    let places = portal.places(forms.len(), "guest@example.net");
    for persona in Persona::ALL {
        let browser = server.signed_in(persona);
        for page in pages(&places, "after=YQ&search=a&role=member&status=active") {
            browser.get(&page);
        }
        browser.get(&format!(
            "/organizations/acme/people/remove?selected={}&selected={}",
            places.person, places.invitation
        ));
        browser.get("/organizations/acme/people?after=YQ&role=member&status=pending");
        browser.get("/organizations/acme/people?after=YQ&search=a&role=member");
    }
    // Many forms that came after their senders were signed out, so that the plans are those of many, and one more.
    let store_many = "INSERT INTO kept_forms (user_id, sealed, expires_at) SELECT id, CAST('' AS BYTEA), \
         CAST('2030-01-01 00:00:00' AS TIMESTAMP) FROM users LIMIT 400";
    portal
        .app
        .write_now(|tx| Ok::<_, DbError>(diesel::sql_query(store_many).execute(tx.connection)?))
        .expect("they are stored");
    let browser = server.signed_in(Persona::Owner);
    let cookie = browser.cookie("portico").expect("a session");
    browser.post("/sign-out", &[]);
    browser.set_cookie("portico", &cookie);
    let kept = browser.post("/organizations/new", &[("name", "Kept")]).html().value("kept");
    let again = [("email", &*Persona::Owner.email()), ("password", crate::support::PASSWORD), ("kept", &kept)];
    browser.follow(browser.post("/sign-in", &again));
    portal.later(chrono::Duration::minutes(10));
    server.signed_in(Persona::Owner).get("/home");
    let keys = &server.app.config.secret_keys;
    server.app.write_now(|tx| installation::adopt(tx, keys)).expect("the key is stored");
    outbox::run_due_jobs(server);
    let catalogue = catalogue::file_with(&[]);
    for text in [catalogue.as_str(), catalogue::SELLER, &catalogue] {
        catalogue::import_text(server, text).expect("it is imported");
    }
    work_with_charges(server);
    work_with_deletions(server);
    // After what ran out is removed, so that there is something in that table when the plans are read.
    let owner = server.signed_in(Persona::Owner);
    for form in ["resend", "roles", "remove"] {
        owner.get(&format!("/organizations/acme/people/{form}?role=member&status=pending&all=yes"));
    }
    let guests = "/organizations/acme/people/remove?search=person1";
    let seen = owner.get(&format!("{guests}&all=yes")).html().value("seen");
    assert_eq!(owner.post(guests, &[("all", "yes"), ("seen", &seen)]).status, 303);
    let statements: BTreeSet<String> = watched.take().into_iter().collect();
    assert!(statements.len() > 60, "{}", statements.len());
    for table in portal.query(|connection| Ok(tables(connection))) {
        assert!(statements.iter().any(|sql| sql.contains(&table)), "nothing was asked of {table}");
    }
    statements
}

/// Whether a statement that asks for what is behind a row, by two columns at once, looks both up in an index: many rows may share what
/// stands in the first.
fn goes_on_where_it_was(sql: &str, plan: &[String]) -> bool {
    let asks = |text: &str| ["<", ">"].iter().any(|sign| text.contains(&format!("){sign}(")));
    let is_by_index = |step: &String| {
        let step = step.replace(' ', "").replace("ROW(", "(");
        asks(&step) && !step.starts_with("Filter:")
    };
    !asks(&sql.replace(' ', "")) || plan.iter().any(is_by_index)
}

/// The steps of a plan that look at every row of a table.
fn scans(connection: &mut Connection, sql: &str) -> Vec<String> {
    match connection {
        Connection::Sqlite(_) => {
            let plan = plan_of_sqlite(connection, sql);
            let scan = |step: &&String| {
                // What a subquery has found may be gone through: how it found that is among the steps, too.
                let is_found = step.starts_with("SCAN (subquery-");
                let is_of_rows =
                    !step.starts_with("SCAN CONSTANT ROW") && !step.ends_with("VALUES CLAUSE") && !is_found;
                let is_scan = step.starts_with("SCAN ") && is_of_rows;
                is_scan || step.contains("AUTOMATIC")
            };
            let is_by_role = sql.starts_with("SELECT") && sql.contains("`people_terms`.`role` = ");
            let is_by_index_of_roles = plan.iter().any(|step| step.contains("people_terms_role"));
            let mut found: Vec<String> = plan.iter().filter(scan).cloned().collect();
            if !goes_on_where_it_was(sql, &plan) {
                found.push("what is behind a row is looked for by one column of two".to_owned());
            }
            // An index of the list alone finds the few Owners among all people, one after the other.
            if is_by_role && !is_by_index_of_roles {
                found.push("a role is looked for among everybody".to_owned());
            }
            found
        }
        Connection::Postgresql(_) => {
            let plan = plan_of_postgresql(connection, sql);
            let mut found: Vec<String> = plan.iter().filter(|step| step.contains("Seq Scan")).cloned().collect();
            if !goes_on_where_it_was(sql, &plan) {
                found.push("what is behind a row is looked for by one column of two".to_owned());
            }
            // An index that is read from its beginning to its end is as bad: it must be asked for something.
            let scans =
                plan.iter().filter(|step| step.contains("Index Scan") || step.contains("Index Only Scan")).count();
            let conditions = plan.iter().filter(|step| step.contains("Index Cond:")).count();
            if conditions < scans {
                found.push(format!("{scans} scans, {conditions} conditions: {plan:#?}"));
            }
            found
        }
    }
}

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresqlStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    detail: String,
}

fn plan_of_sqlite(connection: &mut Connection, sql: &str) -> Vec<String> {
    let Connection::Sqlite(sqlite) = connection else { panic!("this is for SQLite") };
    let steps: Vec<SqliteStep> =
        diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(sqlite).unwrap_or_else(|e| panic!("{sql}: {e}"));
    steps.into_iter().map(|step| step.detail).collect()
}

fn plan_of_postgresql(connection: &mut Connection, sql: &str) -> Vec<String> {
    let Connection::Postgresql(postgresql) = connection else { panic!("this is for PostgreSQL") };
    let parameters = (1..100).take_while(|number| sql.contains(&format!("${number}"))).count();
    let values = vec!["NULL"; parameters].join(", ");
    let values = if parameters == 0 { String::new() } else { format!("({values})") };
    postgresql.batch_execute(&format!("PREPARE one AS {sql}")).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let steps: Vec<PostgresqlStep> = diesel::sql_query(format!("EXPLAIN EXECUTE one{values}"))
        .load(postgresql)
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    postgresql.batch_execute("DEALLOCATE one").expect("the statement is forgotten");
    steps.into_iter().map(|step| step.detail).collect()
}

/// A table of a few rows is read as a whole, whatever index there is. This test has some: as far as PostgreSQL's planner knows, their
/// rows belong to a thousand Organizations, licences and orders, and there are more renewals.
fn there_are_many_of_each(portal: &Portal) {
    let renewals = "INSERT INTO renewals (id, licence_id, organization_id, term_ends_at, first_try_at, ended_at, outcome) \
                    SELECT id, id, organization_id, past.day, past.day, past.day, 'paid' \
                    FROM licences, (SELECT CAST('2020-01-01 00:00:00' AS TIMESTAMP) AS day) AS past";
    let pending = "INSERT INTO pending_sign_ins (id, user_id, token_hash, next, kept, created_at, expires_at) \
                   SELECT 'psi_' || number, (SELECT MIN(id) FROM users), 'hash ' || number, '', '', past.day, past.day \
                   FROM generate_series(1, 1000) AS number, (SELECT CAST('2020-01-01 00:00:00' AS TIMESTAMP) AS day) AS past";
    let say = "DO $$ DECLARE one RECORD; BEGIN FOR one IN \
                 SELECT table_name, column_name FROM information_schema.columns \
                 WHERE table_schema = 'public' AND column_name LIKE '%\\_id' AND data_type = 'text' \
                   AND table_name <> 'invitations' \
               LOOP EXECUTE format('ALTER TABLE %I ALTER %I SET (n_distinct = 1000)', one.table_name, one.column_name); \
               END LOOP; END $$";
    portal.rewrite(|connection| match connection {
        Connection::Postgresql(postgresql) => {
            diesel::sql_query(renewals).execute(postgresql)?;
            diesel::sql_query(pending).execute(postgresql)?;
            diesel::sql_query(say).execute(postgresql)
        }
        Connection::Sqlite(_) => Ok(0),
    });
}

fn assert_found_by_index(portal: &Portal, statements: &BTreeSet<String>) {
    there_are_many_of_each(portal);
    let found = portal.app.db.read::<_, DbError>(|connection| {
        if let Connection::Postgresql(postgresql) = connection {
            // Each row that is looked at is dear.
            postgresql.batch_execute(
                "SET cpu_tuple_cost = 1; \
                 ANALYZE; SET enable_seqscan = off; SET enable_mergejoin = off; SET enable_hashjoin = off; SET enable_material = off; \
                 SET plan_cache_mode = force_generic_plan",
            )?;
        }
        let mut found = Vec::new();
        for sql in statements {
            for step in scans(connection, sql) {
                found.push(format!("{step}\n    in {sql}"));
            }
        }
        // The reader sees a scan where there is one.
        let scan = "SELECT * FROM users WHERE company = 'x'";
        assert_eq!(scans(connection, scan).len(), 1);
        assert!(lines(connection, "SELECT 'heard' AS line") == ["heard"]);
        Ok(found)
    });
    let found = found.expect("the plans are read");
    assert!(found.is_empty(), "{} statements look at every row:\n{}", found.len(), found.join("\n"));
}

#[apply(on_both)]
fn every_statement_finds_its_rows_by_an_index(#[case] portal: &Portal) {
    assert_found_by_index(portal, &everything(portal));
}

/// What goes on where the batch before ended is another statement.
#[apply(on_both)]
fn what_comes_in_several_batches_finds_each_by_an_index(#[case] portal: &Portal) {
    let watched = Watched::new(portal);
    let statements = batches::going_on(&watched);
    assert_found_by_index(portal, &statements);
}
