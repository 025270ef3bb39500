//! Where an answer to an invitation leads.

use actix_web::HttpResponse;

use crate::access::Person;
use crate::db::{DbError, WriteTx};
use crate::people::offers::{Answer, Key};
use crate::web::{FlashKind, PageContext};

/// Accepting or declining.
pub(super) type Verb = fn(&mut WriteTx<'_>, &Key, &Person) -> Result<Answer, DbError>;

/// Leads on after an answer that needs no page of its own; `None` where the invitation was not to be answered.
pub(super) fn lead_on(context: &PageContext, answer: &Answer) -> Option<HttpResponse> {
    let (kind, message, location) = match answer {
        Answer::Joined { organization, slug } => {
            (FlashKind::Success, format!("Welcome to {organization}."), format!("/organizations/{slug}"))
        }
        Answer::AlreadyMember { organization, slug } => {
            let message = format!("You are already a member of {organization}.");
            (FlashKind::Notice, message, format!("/organizations/{slug}"))
        }
        Answer::Declined { organization } => {
            let message = format!("You declined the invitation to {organization}.");
            (FlashKind::Notice, message, "/home".to_owned())
        }
        Answer::InviterLostRank { organization } => {
            let message =
                format!("This invitation can no longer be accepted. Ask an Owner of {organization} for a new one.");
            (FlashKind::Error, message, "/home".to_owned())
        }
        Answer::Unusable | Answer::WrongAccount => return None,
    };
    Some(context.lead_to(&location, kind, message))
}
