//! Mail. A mail is put into the outbox by the transaction that causes it and delivered in the background: a change and the mail
//! about it are stored together or not at all, and no request waits for a mail server. What mails say stands with the nouns that
//! they are about.

mod backend;
mod delivery;
pub mod kept;
mod message;
mod outbox;
pub mod queue;
mod smtp;
mod undeliverable;

pub use backend::{Backend, SmtpUrlError};
pub use delivery::Delivery;
pub use message::Message;
pub(crate) use message::{message, rendered, wrapped};
pub use outbox::{Envelope, PURGES, QUEUE, open};
pub use undeliverable::Undeliverable;
