//! Everything that the typesetter can see: its template, the data and the fonts.

use std::sync::LazyLock;

use chrono::{Datelike, Timelike};
use typst::comemo;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::PagedDocument;
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, pdf};

use super::fonts::FONTS;
use super::text::settable;
use super::{Document, PdfError};
use crate::time::Timestamp;

/// What templates call their data.
const DATA: &str = "/data.json";

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

struct Sealed {
    template: Source,
    data: Bytes,
}

impl Sealed {
    fn new(document: &Document) -> Self {
        let id = FileId::new(None, VirtualPath::new("/template.typ"));
        Self {
            template: Source::new(id, document.template.source().to_owned()),
            data: Bytes::from_string(settable(&document.data).to_string()),
        }
    }
}

impl World for Sealed {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let is_data = id.package().is_none() && *id.vpath() == VirtualPath::new(DATA);
        if is_data { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    /// Documents say when they were made, not when they were typeset.
    fn today(&self, _: Option<i64>) -> Option<Datetime> {
        None
    }
}

/// Typesets a document.
pub(super) fn typeset(document: &Document) -> Result<Vec<u8>, PdfError> {
    let compiled = typst::compile::<PagedDocument>(&Sealed::new(document)).output;
    let written = compiled.map_err(failed).and_then(|pages| written(document, &pages));
    // What it remembers of this document is of no use to the next one.
    comemo::evict(0);
    written
}

fn written(document: &Document, pages: &PagedDocument) -> Result<Vec<u8>, PdfError> {
    let options = |standards| PdfOptions {
        ident: Smart::Custom(document.id.as_str()),
        timestamp: datetime(document.made_at).map(typst_pdf::Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    let accessible = PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|error| PdfError::Failed(error.to_string()))?;
    pdf(pages, &options(accessible)).or_else(|faults| {
        // Letters that are put together in a way that no font knows. It is tagged all the same, but does not claim what it is not.
        tracing::warn!(document = %document.id, error = %failed(faults), "not PDF/UA");
        pdf(pages, &options(PdfStandards::default())).map_err(failed)
    })
}

fn datetime(at: Timestamp) -> Option<Datetime> {
    let at = at.to_utc();
    let small = |part: u32| part.try_into().unwrap_or_default();
    Datetime::from_ymd_hms(
        at.year(),
        small(at.month()),
        small(at.day()),
        small(at.hour()),
        small(at.minute()),
        small(at.second()),
    )
}

fn failed(faults: impl IntoIterator<Item = SourceDiagnostic>) -> PdfError {
    let messages: Vec<String> = faults.into_iter().map(|fault| fault.message.to_string()).collect();
    PdfError::Failed(messages.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::Template;

    /// Neither files nor packages nor the web, whatever a template asks for.
    #[test]
    fn the_typesetter_sees_nothing_else() {
        let document = Document {
            template: Template::Invoice,
            data: serde_json::json!({}),
            id: String::new(),
            made_at: Timestamp::from(chrono::DateTime::UNIX_EPOCH),
        };
        for source in [
            "#image(\"/etc/passwd\")",
            "#read(\"../Cargo.toml\")",
            "#include \"/other.typ\"",
            "#import \"@preview/cetz:0.3.0\"",
            "#image(\"https://example.com/x.png\")",
            "#datetime.today()",
        ] {
            let mut world = Sealed::new(&document);
            world.template.replace(source);
            assert!(typst::compile::<PagedDocument>(&world).output.is_err(), "{source}");
        }
    }
}
