//! What all pages share: errors as pages, layout, flash messages, forms, paging, the origin check, headers, static files.

mod address;
pub mod assets;
pub mod choices;
pub mod countries;
mod cursor;
mod envelope;
mod error;
mod flash;
pub mod form;
pub mod health;
mod layout;
mod moment;
mod origin;
mod page;

pub use address::{client_address, network_of};
pub use cursor::Cursor;
pub use envelope::{envelope, waiting};
pub use error::{AppError, Forbidden, Helper};
pub use flash::{Flash, FlashKind, flash};
pub use form::{FieldErrors, Form, Query, Upload};
pub use layout::{Layout, Section};
pub use moment::{When, exact};
pub use origin::check_origin;
pub use page::{PageContext, path_id, path_text, see_other};
