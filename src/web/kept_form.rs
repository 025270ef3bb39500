//! A form that arrived after its sender was signed out, and the page that shows it filled in again. One mechanism for every form: the
//! components of `templates/components/fields.html` ask what was typed before they write what the page would show.

use std::any::Any;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::accounts::kept_forms::KeptForm;
use crate::app::App;
use crate::error::AppError;
use crate::web::{Form, Upload, browser};

/// The parameter of a page that is to be shown filled in.
pub const KEPT: &str = "kept=true";

/// Seals what was posted, for the person who signed in with this browser last. `None` where there is nothing that can be kept.
pub async fn keep(request: &HttpRequest, payload: &mut Payload, page: &str) -> Option<String> {
    let app = App::of(request);
    let holder = browser(request).known?.latest()?;
    let fields = posted(request, payload).await.ok()?;
    Some(KeptForm::new(page, fields, app.now())?.sealed(&app.context.sealer, &holder))
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
        request.extensions().get::<Self>().filter(|FillIn(kept)| kept.page == request.path()).cloned()
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
