//! The keys of the installation: in the environment, or in files that a service manager hands over.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::secrets::{SecretKey, SecretKeys, UnfitKey};

#[derive(Args, Clone, Debug)]
pub struct SecretKeyArgs {
    /// Signs and encrypts cookies and mails in the outbox: at least 64 bytes, the same on every process.
    #[arg(long, env = "PORTICO_SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// A file that holds it instead.
    #[arg(long, env = "PORTICO_SECRET_KEY_FILE", value_name = "FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// Keys that still open what was sealed with them, separated by commas: see "Changing the key" in the README.
    #[arg(long, env = "PORTICO_PREVIOUS_SECRET_KEYS", value_name = "KEYS", hide_env_values = true)]
    pub previous_secret_keys: Option<String>,
    /// A file that holds them instead, one a line.
    #[arg(long, env = "PORTICO_PREVIOUS_SECRET_KEYS_FILE", value_name = "FILE")]
    pub previous_secret_keys_file: Option<PathBuf>,
}

const KEY: &str = "PORTICO_SECRET_KEY";
const KEY_FILE: &str = "PORTICO_SECRET_KEY_FILE";
const PREVIOUS: &str = "PORTICO_PREVIOUS_SECRET_KEYS";
const PREVIOUS_FILE: &str = "PORTICO_PREVIOUS_SECRET_KEYS_FILE";

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    #[error("PORTICO_SECRET_KEY is not set: make one with `openssl rand -base64 64 | tr -d '\\n'`")]
    Missing,
    #[error("{0} and {1} are both set: which of them counts?")]
    Both(&'static str, &'static str),
    #[error("{name}: {} cannot be read: {error}", path.display())]
    File { name: &'static str, path: PathBuf, error: std::io::Error },
    #[error("{name} {why}")]
    Unfit { name: &'static str, why: UnfitKey },
}

impl SecretKeyArgs {
    pub fn parse(&self) -> Result<SecretKeys, SecretKeyError> {
        let current = one_of((KEY, &self.secret_key), (KEY_FILE, &self.secret_key_file))?;
        let (name, text) = current.ok_or(SecretKeyError::Missing)?;
        let previous = (PREVIOUS, &self.previous_secret_keys);
        let previous = one_of(previous, (PREVIOUS_FILE, &self.previous_secret_keys_file))?.unwrap_or_default();
        let others = previous.1.split([',', '\n']).map(str::trim).filter(|text| !text.is_empty());
        Ok(SecretKeys {
            current: key(name, &text)?,
            others: others.map(|text| key(previous.0, text)).collect::<Result<_, _>>()?,
        })
    }

    /// The files among them that everybody on this machine may read.
    pub fn exposed(&self) -> Vec<&Path> {
        let files = [&self.secret_key_file, &self.previous_secret_keys_file];
        files.into_iter().flatten().map(PathBuf::as_path).filter(|path| is_exposed(path)).collect()
    }
}

fn key(name: &'static str, text: &str) -> Result<SecretKey, SecretKeyError> {
    SecretKey::new(text).map_err(|why| SecretKeyError::Unfit { name, why })
}

type Named<'a, T> = (&'static str, &'a Option<T>);

/// What is set or stands in the file, without the line's end that either may have got, and what that setting is called.
fn one_of(text: Named<'_, String>, file: Named<'_, PathBuf>) -> Result<Option<(&'static str, String)>, SecretKeyError> {
    match (text.1, file.1) {
        (Some(_), Some(_)) => Err(SecretKeyError::Both(text.0, file.0)),
        (Some(set), None) => Ok(Some((text.0, set.trim().to_owned()))),
        (None, None) => Ok(None),
        (None, Some(path)) => match std::fs::read_to_string(path) {
            Ok(content) => Ok(Some((file.0, content.trim().to_owned()))),
            Err(error) => Err(SecretKeyError::File { name: file.0, path: path.clone(), error }),
        },
    }
}

#[cfg(unix)]
fn is_exposed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const EVERYBODY_READS: u32 = 0o004;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & EVERYBODY_READS != 0)
}

#[cfg(not(unix))]
fn is_exposed(_: &Path) -> bool {
    false
}
