//! Where mails go.

use clap::Args;

use crate::config::ConfigError;
use crate::mail::Backend;

#[derive(Args, Clone, Debug)]
pub struct MailArgs {
    /// The mail server: `smtp://user:password@host:port` (STARTTLS) or `smtps://…` (TLS).
    #[arg(long, env = "PORTICO_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The sender of mails, such as `Portico <portal@example.com>`.
    #[arg(long, env = "PORTICO_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// How many mails are handed to the mail server at once. One of them is always for people who wait, such as for a reset.
    #[arg(long, env = "PORTICO_MAIL_LANES", default_value = "4", value_name = "COUNT",
          value_parser = clap::value_parser!(u8).range(1..=64))]
    pub mail_lanes: u8,
}

impl MailArgs {
    /// The mail server of production.
    pub fn parse(&self) -> Result<Backend, ConfigError> {
        let smtp_url = self.smtp_url.as_deref().ok_or(ConfigError::NoSmtpUrl)?;
        let from = self.mail_from.as_deref().ok_or(ConfigError::NoMailFrom)?;
        Ok(Backend::smtp(smtp_url, from)?)
    }
}
