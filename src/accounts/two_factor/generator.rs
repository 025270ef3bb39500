//! The codes that an authenticator app makes: RFC 6238 with SHA-1, six digits and thirty seconds, which every app can.

use std::fmt::Write;

use qrcode::{Color, EcLevel};
use totp_rs::{Builder, Totp};

use crate::time::Timestamp;

/// By what the app calls the portal.
const ISSUER: &str = "Portico";
/// How much of the key stands together, so that it can be typed.
const GROUP: usize = 4;
/// As much white as the standard wants around the picture, in squares.
const MARGIN: usize = 4;

/// What app and portal share, for one account.
pub struct Generator(Totp);

impl Generator {
    pub fn new(secret: &[u8], email: &str) -> Self {
        // A colon would end the name in the address that apps read.
        let builder =
            Builder::new().with_secret(secret).with_issuer(Some(ISSUER)).with_account_name(email.replace(':', " "));
        Self(builder.build_noncompliant())
    }

    /// `otpauth://…`, which an app on the same device opens.
    pub fn uri(&self) -> String {
        self.0.to_url().expect("it has a name without a colon")
    }

    /// For whoever types it.
    pub fn key(&self) -> String {
        let key = self.0.secret().to_base32();
        let groups = key.as_bytes().chunks(GROUP).map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join(" ")
    }

    pub fn qr_code(&self) -> QrCode {
        QrCode::new(&self.uri())
    }

    /// Of which moment this code is, in steps since 1970, where it is one of about now. People type it with spaces.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let digits: String = code.chars().filter(|character| !character.is_whitespace()).collect();
        let step = self.0.check(&digits, (now.unix_millis() / 1_000).try_into().ok()?)?;
        step.try_into().ok()
    }
}

/// A picture that apps read, as one path over a square.
pub struct QrCode {
    /// The side of the square, with its margin.
    pub size: usize,
    pub path: String,
}

impl QrCode {
    fn new(text: &str) -> Self {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).expect("it is far below 2,331 bytes");
        let width = code.width();
        let mut path = String::new();
        for (index, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (index % width + MARGIN, index / width + MARGIN);
                write!(path, "M{x} {y}h1v1h-1z").expect("a string takes everything");
            }
        }
        Self { size: width + 2 * MARGIN, path }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from(DateTime::from_timestamp(seconds, 0).expect("a moment"))
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let generator = Generator::new(b"12345678901234567890", "ada@example.com");
        // The last six digits of those of its appendix B.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(generator.step_of(code, at(seconds)), Some(seconds / 30), "{code}");
            let spaced = format!(" {} {}\u{a0}", &code[..3], &code[3..]);
            assert_eq!(generator.step_of(&spaced, at(seconds)), Some(seconds / 30), "{spaced}");
            let step = seconds / 30 * 30;
            assert!(
                generator.step_of(code, at(step - 30)).is_some() && generator.step_of(code, at(step + 59)).is_some()
            );
            assert!(
                generator.step_of(code, at(step - 31)).is_none() && generator.step_of(code, at(step + 60)).is_none()
            );
        }
        for wrong in ["", "28708", "2870822", "287083", "28708a", "+87082", "２８７０８２"] {
            assert_eq!(generator.step_of(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_told_whose_key_it_is() {
        let generator = Generator::new(b"12345678901234567890", "ada+b@example.com");
        assert_eq!(
            generator.uri(),
            "otpauth://totp/Portico:ada%2Bb%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Portico"
        );
        assert_eq!(generator.key(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let picture = generator.qr_code();
        assert!(picture.size > 40 && picture.path.starts_with("M4 4h1v1h-1z"), "{}", picture.path);
    }
}
