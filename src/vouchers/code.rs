//! The code of a voucher.

use std::fmt;

use crate::secrets::{Secret, random_bytes};

/// 32 letters and digits, of which none looks like another: no 0, 1, I and O.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// 80 bits: guessing one of a million codes takes more tries than any limit lets through.
const LENGTH: usize = 16;
const GROUP: usize = 4;

/// A code, as letters and digits alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    pub fn random() -> Self {
        Self(random_bytes::<LENGTH>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    /// What somebody typed, without spaces and hyphens and in capital letters. `None` where it cannot be a code.
    pub fn read(text: &str) -> Option<Self> {
        let is_between = |character: char| character.is_whitespace() || "-‐‑–—".contains(character);
        let code: String = text.chars().filter(|character| !is_between(*character)).collect();
        let code = code.to_ascii_uppercase();
        let is_code = code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
        is_code.then_some(Self(code))
    }

    /// What is stored and looked up.
    pub fn hash(&self) -> String {
        Secret::presented(&self.0).hash()
    }

    /// The last group, by which people recognise it. It helps nobody to guess the rest.
    pub fn ending(&self) -> &str {
        &self.0[LENGTH - GROUP..]
    }
}

impl fmt::Display for Code {
    /// `ABCD-EFGH-JKLM-NPQR`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for start in (0..LENGTH).step_by(GROUP) {
            let hyphen = if start == 0 { "" } else { "-" };
            write!(f, "{hyphen}{}", &self.0[start..start + GROUP])?;
        }
        Ok(())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = Code::random();
        let written = code.to_string();
        assert_eq!(written.len(), LENGTH + 3);
        let spaced = written.replace('-', " ");
        for typed in [written.as_str(), &spaced, &written.to_lowercase(), &format!("\t {written}\n"), &code.0] {
            assert!(Code::read(typed) == Some(code.clone()), "{typed}");
        }
        assert!(written.ends_with(code.ending()));
        for typed in ["", "ABCD", &written[1..], &format!("{written}A"), "ABCD-EFGH-JKLM-NPQ0", "ÄBCD-EFGH-JKLM-NPQR"]
        {
            assert!(Code::read(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn nothing_in_a_code_looks_like_something_else() {
        let mut all = ALPHABET.to_vec();
        all.dedup();
        assert_eq!(all.len(), 32);
        assert!(!ALPHABET.iter().any(|byte| b"01IO".contains(byte)));
    }
}
