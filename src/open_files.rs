//! How many connections and files the process may have open.

/// As many as are raised to; more would only be memory that attackers fill.
const MOST: u64 = 65_536;
/// Kept for databases, mail servers and files.
const KEPT: u64 = 128;
/// What is assumed where it cannot be asked for.
const ASSUMED: u64 = 1_024;

/// Raises the soft limit of open files as far as the system lets it, and answers how many connections fit below it beside
/// `others`.
pub fn raise(others: u64) -> usize {
    let limit = raised().unwrap_or(ASSUMED);
    usize::try_from(limit.saturating_sub(KEPT + others).max(KEPT)).unwrap_or(usize::MAX)
}

#[cfg(target_os = "linux")]
fn raised() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let (soft, hard) = (limit.current.unwrap_or(MOST), limit.maximum.unwrap_or(MOST));
    let wanted = hard.min(MOST);
    if soft >= wanted {
        return Some(soft.min(MOST));
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }) {
        Ok(()) => Some(wanted),
        Err(error) => {
            tracing::warn!(%error, soft, "the limit of open files cannot be raised");
            Some(soft)
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn raised() -> Option<u64> {
    None
}
