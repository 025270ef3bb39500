//! Which database a URL means.

use std::path::PathBuf;

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, created when it does not exist. Its folder must exist.
    Sqlite(PathBuf),
    /// A whole `postgres://` URL.
    Postgresql(String),
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DatabaseUrlError {
    #[error("the database URL must begin with sqlite:// or postgres://")]
    Scheme,
    #[error("the database URL names no file after sqlite://")]
    NoFile,
    #[error("{0} is a folder, not a database")]
    Folder(PathBuf),
    #[error("the folder {0} does not exist, so no SQLite database can be created in it")]
    NoFolder(PathBuf),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            // SQLite itself would take the latter two for a database in memory and for a URL with options of its own.
            if path.is_empty() || path.ends_with('/') || path == ":memory:" || path.starts_with("file:") {
                return Err(DatabaseUrlError::NoFile);
            }
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgresql(url.to_owned()))
        } else {
            Err(DatabaseUrlError::Scheme)
        }
    }
}

impl DatabaseUrl {
    /// Refuses a file whose folder is missing, which is what a mistyped path looks like.
    pub fn check(&self) -> Result<(), DatabaseUrlError> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        if path.is_dir() {
            return Err(DatabaseUrlError::Folder(path.clone()));
        }
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                Err(DatabaseUrlError::NoFolder(folder.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

impl std::fmt::Display for DatabaseUrl {
    /// The URL without its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgresql(text) => match url::Url::parse(text) {
                Ok(mut url) => {
                    if url.password().is_some() {
                        let _ = url.set_password(Some("***"));
                    }
                    // Where there are parameters, passwords may be among them.
                    if url.query().is_some() {
                        url.set_query(Some("***"));
                    }
                    write!(f, "{url}")
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}
