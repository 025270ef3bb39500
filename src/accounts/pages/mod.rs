//! The pages of accounts.

pub mod forgot_password;
pub mod legal;
pub mod not_me;
pub mod passkey_sign_in;
pub mod password_advice;
pub mod reset_password;
pub mod security;
pub mod send_again;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
pub mod verify_email;
