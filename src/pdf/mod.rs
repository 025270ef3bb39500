//! Documents as PDF: a template of `templates/pdf/`, filled with data.
//!
//! * What anybody typed is data and stays text: it is handed over as JSON, never put into the template.
//! * The typesetter sees its template, the data and the fonts that are in the program: no file, no network, no clock.
//! * The same data give the same bytes. Documents are tagged for screen readers, as PDF/UA-1 asks for.
//! * They are typeset one at a time on a thread of their own, which gives way to those that answer pages.

mod fonts;
mod text;
mod world;

use serde_json::Value;

use crate::threads::{Busy, Threads};
use crate::time::Timestamp;

/// What a document is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    Invoice,
}

impl Template {
    fn source(self) -> &'static str {
        match self {
            Self::Invoice => include_str!("../../templates/pdf/invoice.typ"),
        }
    }
}

/// A document that is to be typeset.
#[derive(Clone, Debug)]
pub struct Document {
    pub template: Template,
    /// What the template reads.
    pub data: Value,
    /// What tells it apart from all others.
    pub id: String,
    /// When it was made: not now, but whenever it is typeset.
    pub made_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// Others wait already.
    #[error("documents are being typeset")]
    Busy,
    /// The template and the data do not fit: a defect.
    #[error("a document cannot be typeset: {0}")]
    Failed(String),
}

impl From<Busy> for PdfError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

/// Typesets documents, one at a time.
#[derive(Clone)]
pub struct Typesetter(Threads<()>);

impl Typesetter {
    pub fn start() -> Self {
        Self(Threads::start("documents", 1))
    }

    pub async fn typeset(&self, document: Document) -> Result<Vec<u8>, PdfError> {
        let turn = self.0.turn().await?;
        self.0.run(turn, move |()| world::typeset(&document)).await?
    }
}
