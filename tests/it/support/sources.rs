//! The sources of the project, for rules that the compiler does not know.

use std::path::{Path, PathBuf};

/// All files with an extension below a folder of the project: their paths from the project's root on, and their texts.
pub fn sources(folder: &str, extension: &str) -> Vec<(String, String)> {
    fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, extension, found);
            } else if path.extension().is_some_and(|other| other == extension) {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(&root.join(folder), extension, &mut found);
    found.sort();
    assert!(!found.is_empty(), "there are files in {folder}");
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a text file");
            (path.strip_prefix(root).expect("it is in the project").display().to_string(), text)
        })
        .collect()
}
