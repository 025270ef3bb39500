//! For anybody who is signed in.

use super::Table;
use crate::accounts::pages::sign_out;
use crate::guard::Guard::SignedIn;
use crate::home;
use crate::invitations::pages::{link, waiting};
use crate::organizations::pages::new;
use crate::profile::pages::{details, picture};

pub(super) fn declare(table: &mut Table) {
    table.at("/sign-out", SignedIn).post(sign_out::submit);
    table.at("/home", SignedIn).get(home::show);
    table.at("/home/invitations/{id}/accept", SignedIn).post(waiting::accept);
    table.at("/home/invitations/{id}/decline", SignedIn).post(waiting::decline);
    table.at("/invitations/{token}/accept", SignedIn).post(link::accept);
    table.at("/invitations/{token}/switch", SignedIn).post(link::switch);
    table.at("/organizations/new", SignedIn).get(new::show).post(new::submit);
    table.at("/account/details", SignedIn).get(details::show).post(details::submit);
    table.at("/account/details/picture", SignedIn).post(picture::upload);
    table.at("/account/details/picture/remove", SignedIn).post(picture::remove);
    table.at("/account/picture", SignedIn).part().get(picture::serve);
}
