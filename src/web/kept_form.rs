//! A form that arrived after its sender was signed out, and the page that shows it filled in again. One mechanism for every form: the
//! components of `templates/components/fields.html` ask what was typed before they write what the page would show.

use std::any::Any;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::accounts::kept_forms::KeptForm;
use crate::app::App;
use crate::error::AppError;
use crate::ids::UserId;
use crate::web::{Form, Upload, own_path};

/// The parameter of a page that is to be shown filled in.
pub const KEPT: &str = "kept=true";

/// The page that a form stands on.
pub struct FormPage {
    pub path: String,
    /// What stood in the address to which the form was sent, without its question mark: a place in a list, for example.
    pub query: String,
    /// The fields that stand in the address of the page.
    pub named_by: &'static [&'static str],
}

impl FormPage {
    /// The fields that the address of the page does not hold.
    fn others(&self, mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
        fields.retain(|(name, _)| !self.named_by.contains(&name.as_str()));
        fields
    }

    /// Where the page is. What its address cannot hold is left out.
    fn address(&self, fields: &[(String, String)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(self.query.clone());
        query.extend_pairs(fields.iter().filter(|(name, _)| self.named_by.contains(&name.as_str())));
        [query.finish(), self.query.clone()]
            .iter()
            .filter(|query| !query.is_empty())
            .map(|query| format!("{}?{query}", self.path))
            .find(|address| own_path(address).is_some())
            .unwrap_or_else(|| self.path.clone())
    }
}

/// What is left of a form whose sender has to prove first who they are.
pub struct Left {
    /// Where its page is.
    pub page: String,
    /// What was posted, sealed for its holder. `None` where there is nothing that can be kept.
    pub kept: Option<String>,
}

pub async fn keep(request: &HttpRequest, payload: &mut Payload, page: &FormPage, holder: Option<&UserId>) -> Left {
    let fields = posted(request, payload).await.unwrap_or_default();
    let address = page.address(&fields);
    let app = App::of(request);
    let kept = holder.and_then(|holder| {
        let form = KeptForm::new(&address, page.others(fields), app.now())?;
        Some(form.sealed(&app.context.sealer, holder))
    });
    Left { page: address, kept }
}

async fn posted(request: &HttpRequest, payload: &mut Payload) -> Result<Vec<(String, String)>, AppError> {
    if request.content_type().starts_with("multipart/") {
        return Ok(Upload::from_request(request, payload).await?.into_texts());
    }
    Ok(Form::from_request(request, payload).await?.0)
}

/// What the page of a form is to be filled in with. To templates, it is a value for each field.
#[derive(Clone)]
pub struct FillIn(pub KeptForm);

impl FillIn {
    /// The form that the page of a request shows filled in.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().filter(|FillIn(kept)| kept.path() == request.path()).cloned()
    }
}

impl askama::Values for FillIn {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        match key {
            // Of a box that nobody ticked, nothing was posted.
            "is filled in" => Some(&true),
            name => self.0.field(name).map(|value| value as &dyn Any),
        }
    }
}
