//! The pages of Organizations.

pub mod complete;
mod complete_form;
pub mod dashboard;
pub mod logo;
pub mod new;
pub mod owner_news;
pub mod settings;
pub mod settings_edit;
mod settings_form;
mod view;
