//! Paid at the provider, and the process dies before it has heard so: by an event, from whoever comes back, and by looking.

use chrono::Duration;
use diesel::prelude::*;
use portico::schema::{credit_wallets, licences, payments};
use rstest::rstest;
use rstest_reuse::apply;

use super::{CREDITS, LICENCE, Scene, begin_to_tell, send, tell};
use crate::support::bank::Bank;
use crate::support::{Database, lines::poll, on_each_database};

/// As if the payment had been begun long enough ago to be looked at.
fn begin_earlier(scene: &Scene, payment: &str) {
    let earlier = scene.portal.app.now() - Duration::minutes(10);
    scene.portal.rewrite(|connection| {
        diesel::update(payments::table.find(payment)).set(payments::created_at.eq(earlier)).execute(connection)
    });
}

#[apply(on_each_database)]
fn after_kill_9_between_payment_and_settlement_each_is_settled_once(#[case] database: Database) {
    let mut scene =
        Scene::with(database, &[(LICENCE, "2", ""), (CREDITS, "1", "SPRING27"), (LICENCE, "1", "SPRING27")]);
    begin_earlier(&scene, &scene.orders[2].payment);
    // The copy that the process gets is to have that, too.
    scene.alone = crate::support::process::Alone::of(&scene.portal);
    let [told, returned, looked_at] = &scene.orders[..] else { panic!("three orders") };
    assert_eq!(scene.bank.taken().len(), 3, "the bank has the money");

    scene.bank.hold();
    let mut process = scene.start();
    let cookie = scene.owner.cookie("portico").expect("a session");
    let back = format!("GET {}/return HTTP/1.1\r\nCookie: portico={cookie}", returned.page);
    let waiting = [begin_to_tell(&process, told), send(&process, &back, "")];
    // Both of them and the job have asked, and hear nothing.
    scene.bank.wait_for(3);
    process.kill();
    drop(waiting);
    scene.bank.let_go();
    assert_eq!(Bank::paid(&scene.db()), 0, "nothing of it was stored");
    scene.alone.forget_claims(&scene.portal);

    let process = scene.start();
    let owner = scene.owner.at(&process.url);
    tell(&process, told);
    let page = owner.follow(owner.get(&format!("{}/return", returned.page)));
    assert!(page.text().contains("Thank you: Acme has 100 credits now."), "{}", page.text());
    poll("the job has looked", || (Bank::paid(&scene.db()) == 3).then_some(()));
    scene.bank.assert_agrees(&scene.db());

    // And all of it once more, by the other ways.
    for order in [returned, looked_at, told] {
        tell(&process, order);
        assert!(owner.get(&format!("{}/return", order.page)).location().contains(&order.page));
        assert!(owner.get(&order.page).text().contains("Paid"));
    }
    scene.bank.assert_agrees(&scene.db());
    let given = scene.db().read::<_, portico::db::DbError>(|connection| {
        let seats: Vec<i32> = licences::table.order(licences::seats).select(licences::seats).load(connection)?;
        Ok((seats, credit_wallets::table.select(credit_wallets::balance).load::<i64>(connection)?))
    });
    // 100 credits come with each of the three, and 100 were bought.
    assert_eq!(given.expect("they are read"), (vec![5, 10], vec![400]));
}
