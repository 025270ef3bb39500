//! The pages of Organizations.

pub mod complete;
mod complete_form;
pub mod dashboard;
pub mod logo;
pub mod new;
pub mod owner_news;
pub mod session_length;
pub mod settings;
pub mod settings_edit;
mod settings_form;
pub mod two_factor;
mod view;
