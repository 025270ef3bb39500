//! Answering an invitation from Home.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::access::SignedIn;
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::ids::InvitationId;
use crate::invitations::answer::{self as invitations, Answer, Invitee, Key};
use crate::web::{AppError, FlashKind, flash, path_id, see_other};

/// Accepting or declining.
pub(super) type Verb = fn(&mut WriteTx<'_>, &Key, &Invitee) -> Result<Answer, DbError>;

/// The signed-in person as the one who answers. Every account's address is verified.
pub(super) fn invitee(signed_in: &SignedIn) -> Invitee {
    Invitee {
        user_id: signed_in.user_id.clone(),
        email: signed_in.email.clone(),
        name: signed_in.name(),
        address: signed_in.address.clone(),
    }
}

/// Leads on after an answer that needs no page of its own; `None` where the invitation was not to be answered.
pub(super) fn lead_on(session: &Session, answer: &Answer) -> Option<HttpResponse> {
    match answer {
        Answer::Joined { organization, slug } => {
            flash(session, FlashKind::Success, format!("Welcome to {organization}."));
            Some(see_other(&format!("/organizations/{slug}")))
        }
        Answer::AlreadyMember { organization, slug } => {
            flash(session, FlashKind::Notice, format!("You are already a member of {organization}."));
            Some(see_other(&format!("/organizations/{slug}")))
        }
        Answer::Declined { organization } => {
            flash(session, FlashKind::Notice, format!("You declined the invitation to {organization}."));
            Some(see_other("/home"))
        }
        Answer::InviterLostRank { organization } => {
            flash(
                session,
                FlashKind::Error,
                format!("This invitation can no longer be accepted. Ask an Owner of {organization} for a new one."),
            );
            Some(see_other("/home"))
        }
        Answer::Unusable | Answer::WrongAccount => None,
    }
}

pub async fn accept(
    request: HttpRequest,
    app: web::Data<App>,
    session: Session,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    answer(&request, &app, &session, &signed_in, invitations::accept).await
}

pub async fn decline(
    request: HttpRequest,
    app: web::Data<App>,
    session: Session,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    answer(&request, &app, &session, &signed_in, invitations::decline).await
}

async fn answer(
    request: &HttpRequest,
    app: &web::Data<App>,
    session: &Session,
    signed_in: &SignedIn,
    verb: Verb,
) -> Result<HttpResponse, AppError> {
    let key = Key::Id(path_id(request, "id", InvitationId::parse)?);
    let invitee = invitee(signed_in);
    let answer = app.write(move |tx| verb(tx, &key, &invitee).map_err(AppError::from)).await?;
    // Somebody else's invitation, and one that is gone, are both not found.
    lead_on(session, &answer).ok_or(AppError::NotFound)
}
