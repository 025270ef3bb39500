//! The pages of a person about themselves.

pub mod details;
mod details_form;
pub mod picture;
pub mod preferences;
pub mod preferences_edit;
