//! Where mails go: an SMTP server, or (in the demo and in tests) nowhere, so that `/dev/mailbox` shows them.

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport};

use crate::ids::MailId;
use crate::mail::Envelope;

/// How long one exchange with the mail server may take.
const SMTP_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub enum Backend {
    Smtp(Box<Smtp>),
    /// Delivered means kept in the outbox.
    Mailbox,
}

#[derive(Clone)]
pub struct Smtp {
    transport: SmtpTransport,
    from: Mailbox,
    /// The domain of Message-IDs.
    domain: String,
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

/// Why a mail was not delivered.
#[derive(Debug)]
pub(super) struct DeliveryError {
    pub message: String,
    /// Trying the same mail again cannot help: the server refused its recipient or its content for good.
    pub is_final: bool,
}

impl Backend {
    /// `smtps://` is TLS from the start; `smtp://` demands STARTTLS, except on this very machine, where it is used if offered.
    /// User and password in the URL are percent-encoded. `from` is an address, or `Name <address>`.
    pub fn smtp(url: &str, from: &str) -> Result<Self, SmtpUrlError> {
        let url = url::Url::parse(url)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError::Host)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_this_machine = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let parameters = TlsParameters::new(host.to_owned())?;
        let (tls, port) = match url.scheme() {
            "smtps" => (Tls::Wrapper(parameters), 465),
            "smtp" if is_this_machine => (Tls::Opportunistic(parameters), 25),
            "smtp" => (Tls::Required(parameters), 587),
            _ => return Err(SmtpUrlError::Scheme),
        };
        let mut builder = SmtpTransport::builder_dangerous(host)
            .port(url.port().unwrap_or(port))
            .tls(tls)
            .timeout(Some(SMTP_TIMEOUT));
        if !url.username().is_empty() {
            let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
            builder = builder
                .credentials(Credentials::new(decoded(url.username()), decoded(url.password().unwrap_or_default())));
        }
        let from: Mailbox = from.parse()?;
        let domain = from.email.domain().to_owned();
        Ok(Self::Smtp(Box::new(Smtp { transport: builder.build(), from, domain })))
    }

    /// Whether the mail server answers. The mailbox always does.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Mailbox => Ok(()),
            Self::Smtp(smtp) => match smtp.transport.test_connection() {
                Ok(true) => Ok(()),
                Ok(false) => Err("the mail server did not answer NOOP".to_owned()),
                Err(error) => Err(chain(&error)),
            },
        }
    }

    /// Whether a delivered mail is kept readable.
    pub(super) fn keeps_content(&self) -> bool {
        matches!(self, Self::Mailbox)
    }

    pub(super) fn deliver(&self, id: &MailId, recipient: &str, envelope: &Envelope) -> Result<(), DeliveryError> {
        let Self::Smtp(smtp) = self else { return Ok(()) };
        let refused = |message: String| DeliveryError { message, is_final: true };
        let to: Address = recipient.parse().map_err(|error| refused(format!("recipient: {error}")))?;
        let message = lettre::Message::builder()
            .from(smtp.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&envelope.subject)
            // The same for every attempt, so that a mail sent again after a crash is recognised.
            .message_id(Some(format!("<{id}@{}>", smtp.domain)))
            .header(lettre::message::header::MIME_VERSION_1_0)
            .raw_header_auto_generated()
            .multipart(MultiPart::alternative_plain_html(envelope.text.clone(), envelope.html.clone()))
            .map_err(|error| refused(error.to_string()))?;
        smtp.transport.send(&message).map(drop).map_err(|error| {
            let code = error.status().map(u16::from);
            // 530 to 538 speak of this installation's sign-in at the server, not of the mail; and a server that turns this
            // machine away at the door has not seen the mail at all.
            let is_about_mail = error.is_permanent() && !matches!(code, Some(530..=538));
            let is_final = is_about_mail && self.check().is_ok();
            DeliveryError { message: chain(&error), is_final }
        })
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

trait AutoGenerated {
    fn raw_header_auto_generated(self) -> Self;
}

impl AutoGenerated for lettre::message::MessageBuilder {
    /// Asks out-of-office programs not to answer (RFC 3834).
    fn raw_header_auto_generated(self) -> Self {
        use lettre::message::header::{HeaderName, HeaderValue};
        self.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
    }
}
