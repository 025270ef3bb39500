//! What whoever creates an account accepts: the terms of use and the privacy notice of the company that runs the portal.

use clap::Args;
use url::Url;

/// Where they can be read. Nobody is asked to accept what they cannot read: without either there is no such question.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Terms")]
pub struct LegalPages {
    /// The terms of use: an https address, or a path of this site.
    #[arg(long = "terms-url", env = "PORTICO_TERMS_URL", value_name = "URL", value_parser = page)]
    pub terms: Option<String>,
    /// The privacy notice, likewise.
    #[arg(long = "privacy-url", env = "PORTICO_PRIVACY_URL", value_name = "URL", value_parser = page)]
    pub privacy: Option<String>,
}

impl LegalPages {
    /// Those of the demo.
    pub fn demo() -> Self {
        Self { terms: Some("/dev/terms".to_owned()), privacy: Some("/dev/privacy".to_owned()) }
    }

    /// Whether there is anything to accept.
    pub fn are_there(&self) -> bool {
        self.terms.is_some() || self.privacy.is_some()
    }
}

fn page(text: &str) -> Result<String, String> {
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains(['\\', '"', ' ']);
    let is_address = Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    if is_path || is_address {
        return Ok(text.to_owned());
    }
    Err("it must be an https:// address, or a path of this site such as /terms".to_owned())
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn an_address_with_tls_or_a_path_is_taken() {
        for text in ["https://www.example.com/terms", "https://example.com", "/terms", "/legal/privacy?lang=en"] {
            assert_eq!(page(text).as_deref(), Ok(text));
        }
        for text in
            ["", "terms", "http://example.com/terms", "//evil.example", "javascript:alert(1)", "/\\evil", "https://"]
        {
            assert!(page(text).is_err(), "{text}");
        }
    }
}
