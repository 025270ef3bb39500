//! What all pages share: the layer around every request, layout and navigation, forms, errors as pages, paging, headers, static
//! files.

pub mod assets;
pub mod choices;
mod client_ip;
mod compress;
mod cookie_keys;
pub mod countries;
mod cursor;
mod envelope;
mod error_page;
mod extract;
mod flash;
pub mod form;
pub mod health;
mod kept_form;
mod layout;
mod link_unusable;
mod long_form;
pub mod metrics;
mod navigation;
mod origin;
mod page;
mod picture;
mod request_line;
mod role_lost;
mod security;
mod session_cookie;
mod too_often;

pub use client_ip::{client_ip, client_network};
pub use cookie_keys::{cookie_key, renew_cookie, reseal_cookie};
pub use cursor::Cursor;
pub use envelope::envelope;
pub use flash::{Flash, FlashAction, FlashKind, flash};
pub use form::{FieldErrors, Form, Query, Upload};
pub use kept_form::{FillIn, KEPT, keep};
pub use layout::{Layout, logo_path};
pub use link_unusable::LinkUnusable;
pub use long_form::{NotNow, count_form, form_turn, in_batches, work_on};
pub use navigation::Section;
pub use origin::{OriginPolicy, check_host, check_origin};
pub use page::{PageContext, path_id, path_text, see_other};
pub use picture::picture;
pub use role_lost::role_lost;
pub use security::{security_event, security_event_by, security_event_of};
pub use session_cookie::{browser, cookie_name, forget, remember};
pub use too_often::{too_often_sentence, with_retry_after};
