//! The pages of accounts.

mod come_back;
pub mod confirm;
pub mod forgot_password;
pub mod legal;
pub mod not_me;
pub mod passkey_confirm;
mod passkey_form;
pub mod passkey_second_step;
pub mod passkey_sign_in;
pub mod password_advice;
mod password_check;
pub mod reset_password;
pub mod second_step;
pub mod security;
pub mod send_again;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
pub mod two_factor_required;
pub mod verify_email;
