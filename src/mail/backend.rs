//! Where mails go: an SMTP server, or (in the demo and in tests) nowhere, so that `/dev/mailbox` shows them.

use std::sync::{Arc, Mutex};

use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::TlsParameters;

use super::smtp::{Letter, Server, Tls};
use super::undeliverable::{Trouble, Undeliverable};
use crate::ids::MailId;
use crate::mail::Envelope;

#[derive(Clone)]
pub enum Backend {
    Smtp(Arc<Smtp>),
    /// Delivered means kept in the outbox.
    Mailbox,
}

pub struct Smtp {
    server: Server,
    from: Mailbox,
}

#[derive(Debug, thiserror::Error)]
pub enum SmtpUrlError {
    #[error("the SMTP URL cannot be read: {0}")]
    Malformed(#[from] url::ParseError),
    #[error("the SMTP URL must begin with smtp:// or smtps://")]
    Scheme,
    #[error("the SMTP URL names no host")]
    Host,
    #[error("the sender address cannot be read: {0}")]
    From(#[from] lettre::address::AddressError),
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

impl Backend {
    /// `smtps://` is TLS from the start; `smtp://` demands STARTTLS, except on this very machine, where it is used if offered.
    /// User and password in the URL are percent-encoded. `from` is an address, or `Name <address>`.
    pub fn smtp(url: &str, from: &str) -> Result<Self, SmtpUrlError> {
        let url = url::Url::parse(url)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError::Host)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_this_machine = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let (tls, port) = match url.scheme() {
            "smtps" => (Tls::Wrapped, 465),
            "smtp" if is_this_machine => (Tls::Offered, 25),
            "smtp" => (Tls::Required, 587),
            _ => return Err(SmtpUrlError::Scheme),
        };
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials = (!url.username().is_empty())
            .then(|| Credentials::new(decoded(url.username()), decoded(url.password().unwrap_or_default())));
        let parameters = TlsParameters::new(host.clone())?;
        let port = url.port().unwrap_or(port);
        let server = Server { host, port, tls, parameters, credentials, idle: Mutex::default() };
        Ok(Self::Smtp(Arc::new(Smtp { server, from: from.parse()? })))
    }

    /// Whether the mail server answers. The mailbox always does.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Mailbox => Ok(()),
            Self::Smtp(smtp) => smtp.server.check(),
        }
    }

    /// Whether a delivered mail is kept readable.
    pub(super) fn keeps_content(&self) -> bool {
        matches!(self, Self::Mailbox)
    }

    pub(super) fn deliver(&self, id: &MailId, recipient: &str, envelope: &Envelope) -> Result<(), Trouble> {
        match self {
            Self::Mailbox => Ok(()),
            Self::Smtp(smtp) => smtp.deliver(id, recipient, envelope),
        }
    }
}

impl Smtp {
    fn deliver(&self, id: &MailId, recipient: &str, envelope: &Envelope) -> Result<(), Trouble> {
        let to: Address =
            recipient.parse().map_err(|error| Trouble::Mail(Undeliverable::NoMailbox, format!("{error}")))?;
        let message = self
            .message(id, &to, envelope)
            .map_err(|error| Trouble::Mail(Undeliverable::Refused, error.to_string()))?
            .formatted();
        // Names and texts are encoded, so this is ASCII.
        let content = String::from_utf8_lossy(&message);
        self.server.send(&Letter { from: &self.from.email, to, content: &content })
    }

    fn message(&self, id: &MailId, to: &Address, envelope: &Envelope) -> Result<lettre::Message, lettre::error::Error> {
        let header = |name: &'static str, value: &str| {
            HeaderValue::dangerous_new_pre_encoded(
                HeaderName::new_from_ascii_str(name),
                value.to_owned(),
                value.to_owned(),
            )
        };
        let mut message = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(&envelope.subject)
            // The same for every attempt, so that a mail sent again after a crash is recognised.
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(MIME_VERSION_1_0)
            // Asks out-of-office programs not to answer (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"))
            // The same for Exchange, which does not know that one.
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .raw_header(header("Content-Language", "en"));
        if let Some(address) = envelope.reply_to.as_ref().and_then(|address| address.parse().ok()) {
            message = message.reply_to(Mailbox::new(None, address));
        }
        if let Some(link) = &envelope.unsubscribe {
            // Mail programs show a button for it (RFC 8058). Not folded: some read one line alone.
            message = message
                .raw_header(header("List-Unsubscribe", &format!("<{link}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        message.multipart(MultiPart::alternative_plain_html(envelope.text.clone(), envelope.html.clone()))
    }
}
