//! `/account/privacy/edit`: choosing what to agree to.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;
use strum::IntoEnumIterator;

use super::PATH;
use crate::access::SignedIn;
use crate::error::AppError;
use crate::privacy::consents::{self, Wish};
use crate::privacy::kind::Kind;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section};

const SEEN: &str = "seen_";

/// The boxes that are ticked, and for each box whether it was ticked when it was shown: only what somebody changed in this form is
/// their choice, not what a page showed that is older than another choice of theirs.
#[derive(Clone, Debug, Deserialize)]
pub struct ChoicesForm {
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

impl ChoicesForm {
    /// `None` where the form is none of ours.
    fn wishes(&self) -> Option<Vec<Wish>> {
        let mut wishes = Vec::new();
        for kind in Kind::iter() {
            let seen = match self.fields.get(&format!("{SEEN}{}", kind.key()))?.as_str() {
                "yes" => true,
                "no" => false,
                _ => return None,
            };
            let given = self.fields.contains_key(kind.key());
            if given != seen {
                wishes.push(Wish { kind, given });
            }
        }
        Some(wishes)
    }
}

struct Choice {
    kind: Kind,
    is_given: bool,
}

#[derive(Template)]
#[template(path = "privacy/choices.html")]
struct ChoicesPage {
    layout: Layout,
    choices: Vec<Choice>,
    errors: FieldErrors,
}

impl ChoicesPage {
    fn of_mails(&self, is_mail: bool) -> impl Iterator<Item = &Choice> {
        self.choices.iter().filter(move |choice| choice.kind.is_mail() == is_mail)
    }
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let held = consents::current(connection, &signed_in.person.user_id)?;
            let is_given = |kind| held.get(&kind).is_some_and(|consent| consent.given);
            let choices = Kind::iter().map(|kind| Choice { kind, is_given: is_given(kind) }).collect();
            Ok(ChoicesPage { layout: layout.at(Section::Privacy), choices, errors: FieldErrors::none() })
        })
        .await
}

pub async fn submit(
    context: PageContext,
    signed_in: SignedIn,
    form: Form<ChoicesForm>,
) -> Result<HttpResponse, AppError> {
    const BROKEN: AppError = AppError::Unprocessable("The form did not arrive whole. Nothing was changed.");
    let wishes = form.0.wishes().ok_or(BROKEN)?;
    let changed = context.app.write(move |tx| consents::choose(tx, &signed_in.person, &wishes)).await?;
    Ok(match changed {
        0 => context.lead_to(PATH, FlashKind::Notice, "Nothing was changed."),
        _ => context.lead_to(PATH, FlashKind::Success, "Your choices are saved."),
    })
}
