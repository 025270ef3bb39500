//! Looks which programs the tests can use, so that what cannot run here is shown as "ignored" by `cargo test` rather than passed.
//! The program itself needs nothing of this.

// A build script speaks to cargo by printing.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders that programs are looked for in: PostgreSQL's own on Debian, and the path.
fn folders() -> Vec<PathBuf> {
    let postgresql = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = postgresql.map(|version| version.path().join("bin")).collect();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders
}

fn found(program: &str) -> Option<PathBuf> {
    folders().into_iter().map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Tells the tests that something is there; looks again when it goes, or when something comes to where it would be. A place that is not
/// there is not named: Cargo would take it for changed each time, and build everything anew.
fn tell(name: &str, is_there: bool, looked_at: &[PathBuf]) {
    println!("cargo::rustc-check-cfg=cfg({name})");
    if is_there {
        println!("cargo::rustc-cfg={name}");
    }
    for path in looked_at.iter().filter(|path| path.exists()) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PATH");
    let [initdb, chromium, driver] = ["initdb", "chromium", "chromedriver"].map(found);
    let places = ["/usr/lib/postgresql", "/usr/bin"].map(PathBuf::from);
    tell("has_postgresql", initdb.is_some(), &places);
    tell("has_browser", chromium.is_some() && driver.is_some(), &[]);
    let poppler = ["pdftotext", "pdfinfo"].map(found);
    tell("has_poppler", poppler.iter().all(Option::is_some), &[]);
    // Debian's own Python, since that is whose package it is.
    let aiosmtpd = Command::new("/usr/bin/python3").args(["-c", "import aiosmtpd"]).output();
    // Programs that behave like Stripe, where `tests/stripe/install` puts them. It touches this file when they come.
    let fakes = Path::new("target/tools/stripe");
    let parts = ["python/bin/python", "node", "node_modules/emulate/package.json"].map(|part| fakes.join(part));
    tell("has_stripe", parts.iter().all(|part| part.exists()), &parts);
    tell("has_smtp", aiosmtpd.is_ok_and(|output| output.status.success()), &[]);
}
