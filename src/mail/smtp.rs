//! The dialogue with the mail server.
//!
//! Connections are kept from one mail to the next. A message and its end leave in one piece: in two, the second would wait for a
//! delayed acknowledgement of the first, 40 ms with every mail. What has been sent in full must not be given up early, since the
//! server may have taken it: its answer to that has the ten minutes of RFC 5321 4.5.3.2.6.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use super::undeliverable::{Stage, Trouble};

/// How long connecting may take, and each answer up to the greeting's.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// How long the answer to a command may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// How long the answer to a whole message may take.
const TAKEN_WITHIN: Duration = Duration::from_secs(600);
/// How long a connection without work is kept: less than servers keep theirs.
const IDLE: Duration = Duration::from_secs(20);

pub(super) enum Tls {
    /// From the start.
    Wrapped,
    /// By STARTTLS, which the server must offer.
    Required,
    /// By STARTTLS where the server offers it.
    Offered,
}

/// A mail server, and how it is talked to.
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub parameters: TlsParameters,
    pub credentials: Option<Credentials>,
    pub idle: Mutex<Vec<(SmtpConnection, Instant)>>,
}

/// A mail as it is handed over.
pub(super) struct Letter<'a> {
    pub from: &'a Address,
    pub to: Address,
    /// The message with its headers, ASCII, in lines that end with CR LF.
    pub content: &'a str,
}

impl Server {
    /// Whether the server answers and lets this installation in.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut connection = self.connect().map_err(|error| chain(&error))?;
        let answered = connection.command(Noop);
        connection.abort();
        answered.map(drop).map_err(|error| chain(&error))
    }

    /// Hands a mail over.
    pub(super) fn send(&self, letter: &Letter<'_>) -> Result<(), Trouble> {
        let kept = self.kept().and_then(|mut connection| {
            // The server may have closed it meanwhile. Nothing has been said yet, so another one is as good.
            let named = self.name_sender(&mut connection, letter);
            named.is_ok().then_some(connection)
        });
        let mut connection = match kept {
            Some(connection) => connection,
            None => {
                let mut connection = self.connect().map_err(|error| trouble(Stage::Before, &error))?;
                self.name_sender(&mut connection, letter).map_err(|error| trouble(Stage::Before, &error))?;
                connection
            }
        };
        match hand_over(&mut connection, letter) {
            Ok(()) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((connection, Instant::now()));
                Ok(())
            }
            Err((stage, error)) => {
                connection.abort();
                Err(trouble(stage, &error))
            }
        }
    }

    /// A connection that has been used not long ago. Older ones are closed.
    fn kept(&self) -> Option<SmtpConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let (connection, since) = idle.pop()?;
        if since.elapsed() < IDLE {
            return Some(connection);
        }
        // Those below have been idle longer.
        idle.clear();
        None
    }

    fn connect(&self) -> Result<SmtpConnection, Error> {
        let hello = ClientId::default();
        let wrapped = matches!(self.tls, Tls::Wrapped).then_some(&self.parameters);
        let server = (self.host.as_str(), self.port);
        let mut connection = SmtpConnection::connect(server, Some(CONNECT_WITHIN), &hello, wrapped, None)?;
        let starts_tls = match self.tls {
            Tls::Wrapped => false,
            Tls::Required => true,
            Tls::Offered => connection.can_starttls(),
        };
        if starts_tls {
            connection.starttls(&self.parameters, &hello)?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials)?;
        }
        Ok(connection)
    }

    fn name_sender(&self, connection: &mut SmtpConnection, letter: &Letter<'_>) -> Result<(), Error> {
        // A connection that cannot be told its limits breaks with the next command.
        let _ = connection.set_timeout(Some(ANSWER_WITHIN));
        let needs_utf8 = !letter.to.to_string().is_ascii() || !letter.from.to_string().is_ascii();
        let offers_utf8 = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        let options = if needs_utf8 && offers_utf8 { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
        connection.command(Mail::new(Some(letter.from.clone()), options)).map(drop)
    }
}

fn hand_over(connection: &mut SmtpConnection, letter: &Letter<'_>) -> Result<(), (Stage, Error)> {
    connection.command(Rcpt::new(letter.to.clone(), Vec::new())).map_err(|error| (Stage::Recipient, error))?;
    connection.command(Data).map_err(|error| (Stage::Content, error))?;
    let _ = connection.set_timeout(Some(TAKEN_WITHIN));
    connection.command(terminated(letter.content)).map_err(|error| (Stage::Content, error))?;
    Ok(())
}

/// A message with its end: lines that begin with a dot get another one (RFC 5321 4.5.2).
fn terminated(content: &str) -> String {
    let mut text = content.replace("\r\n.", "\r\n..");
    if text.starts_with('.') {
        text.insert(0, '.');
    }
    if !text.ends_with("\r\n") {
        text.push_str("\r\n");
    }
    text.push_str(".\r\n");
    text
}

/// What an error means for the mail.
fn trouble(stage: Stage, error: &Error) -> Trouble {
    match error.status() {
        Some(code) if error.is_permanent() => Trouble::refused(stage, code.into(), chain(error)),
        _ => Trouble::Server(chain(error)),
    }
}

/// An error with its causes.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_at_the_beginning_of_lines_are_doubled() {
        assert_eq!(terminated(".a\r\n.b\r\nc."), "..a\r\n..b\r\nc.\r\n.\r\n");
        assert_eq!(terminated("a\r\n"), "a\r\n.\r\n");
    }
}
