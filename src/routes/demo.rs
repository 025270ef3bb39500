//! For anybody, in the demo only.

use super::Table;
use crate::accounts::pages::legal;
use crate::guard::Guard::Public;
use crate::mailbox;

pub(super) fn declare(table: &mut Table) {
    table.at("/dev/terms", Public).get(legal::terms);
    table.at("/dev/privacy", Public).get(legal::privacy);
    table.at("/dev/mailbox", Public).get(mailbox::list);
    table.at("/dev/mailbox/{id}", Public).get(mailbox::message);
    table.at("/dev/mailbox/{id}/html", Public).get(mailbox::html);
}
