//! Mail. A mail is put into the outbox by the transaction that causes it and delivered in the background: a change and the mail
//! about it are stored together or not at all, and no request waits for a mail server.

mod backend;
mod delivery;
mod messages;
mod outbox;

pub use backend::{Backend, SmtpUrlError};
pub use delivery::Delivery;
pub use messages::{
    AccountExists, InvitationMail, Message, PasswordChanged, PasswordReset, Removed, RoleChanged, Verification,
};
pub use outbox::{Envelope, Outbox};
