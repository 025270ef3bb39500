//! Where somebody goes on who had to prove first who they are: to the page that they asked for, or to their form as they left it.

use crate::accounts::kept_forms::{self, KeptForm};
use crate::app::App;
use crate::ids::UserId;
use crate::people::defaults;
use crate::web::{FlashKind, KEPT, PageContext, flash, own_path};

pub(super) const HOME: &str = "/home";

/// What is said above a form that comes back.
pub(super) struct Words {
    pub filled_in: &'static str,
    /// Where it could not be stored.
    pub lost: &'static str,
}

/// For whoever was signed out meanwhile.
pub(super) const SIGNED_OUT: Words = Words {
    filled_in: "You had been signed out, so nothing was sent yet. This is your form as you left it, without files and passwords: \
        look it over and send it.",
    lost: "You had been signed out, so nothing was sent, and your form could not be kept. Fill it in once more.",
};

/// The page, where the form shows what is kept, if it is this person's.
pub(super) async fn target(context: &PageContext, holder: &UserId, next: &str, kept: &str, words: Words) -> String {
    let (app, holder) = (&context.app, holder.clone());
    let Some(form) = KeptForm::open(&app.context.sealer, &holder, kept, app.now()) else {
        // A form of somebody else's is nothing to this person, nor is its page.
        let next = if kept.is_empty() { next } else { HOME };
        return first_page(app, &holder, next).await;
    };
    let page = safe_target(&form.page).to_owned();
    // Whoever has proved who they are goes on, also while the database is busy.
    if app.write(move |tx| kept_forms::store(tx, &holder, &form)).await.is_err() {
        flash(&context.session, FlashKind::Error, words.lost);
        return page;
    }
    flash(&context.session, FlashKind::Notice, words.filled_in);
    let separator = if page.contains('?') { '&' } else { '?' };
    format!("{page}{separator}{KEPT}")
}

/// Where somebody begins who has signed in: with the page that they asked for, or in their default Organization, or Home.
async fn first_page(app: &App, holder: &UserId, next: &str) -> String {
    let (target, holder) = (safe_target(next), holder.clone());
    if target != HOME {
        return target.to_owned();
    }
    // Whoever is signed in is led on, also while the database is busy.
    let default = app.read(move |connection| defaults::of_user(connection, &holder)).await.ok().flatten();
    default.map_or_else(|| HOME.to_owned(), |(slug, _)| format!("/organizations/{slug}"))
}

/// A path of this site, or Home.
pub(super) fn safe_target(next: &str) -> &str {
    own_path(next).filter(|path| !path.starts_with("/sign-")).unwrap_or(HOME)
}
