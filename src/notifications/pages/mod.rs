//! The pages about e-mail notifications.

pub mod add;
pub mod confirm;
mod form;
pub mod log;
pub mod overview;
pub mod own;
pub mod recipient;
pub mod test_mail;
pub mod threshold;
pub mod unsubscribe;
