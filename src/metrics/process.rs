//! What the operating system says about this process.

use std::path::Path;

/// Bytes of memory that are resident, where the system says so.
pub(super) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1_024)
}

/// Files and connections that are open, where the system says so.
pub(super) fn open_files() -> Option<u64> {
    std::fs::read_dir(Path::new("/proc/self/fd")).ok().map(|entries| entries.count() as u64)
}
