//! The fonts that documents are set in. They are in the program, so that a document looks the same wherever it is made.
//!
//! Latin, Greek and Cyrillic, Hebrew, Arabic, Thai, Georgian, Armenian, Devanagari, and the letters of Chinese and Japanese. Those of other
//! scripts, such as Korean, are replaced by a mark: see `text.rs`.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// Those that the templates name, in this order.
static FILES: [&[u8]; 9] = [
    include_bytes!("../../templates/pdf/fonts/NotoSans-Regular.ttf"),
    include_bytes!("../../templates/pdf/fonts/NotoSans-Bold.ttf"),
    include_bytes!("../../templates/pdf/fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../../templates/pdf/fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../../templates/pdf/fonts/NotoSansThai-Regular.ttf"),
    include_bytes!("../../templates/pdf/fonts/NotoSansGeorgian-Regular.ttf"),
    include_bytes!("../../templates/pdf/fonts/NotoSansArmenian-Regular.ttf"),
    include_bytes!("../../templates/pdf/fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../../templates/pdf/fonts/DroidSansFallbackFull.ttf"),
];

pub(super) struct Fonts {
    pub fonts: Vec<Font>,
    pub book: LazyHash<FontBook>,
}

/// Read once, when the first document is made.
pub(super) static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let fonts: Vec<Font> = FILES.iter().flat_map(|file| Font::iter(Bytes::new(*file))).collect();
    let book = LazyHash::new(FontBook::from_fonts(&fonts));
    Fonts { fonts, book }
});

impl Fonts {
    /// Whether one of them has the character.
    pub fn have(&self, character: char) -> bool {
        self.fonts.iter().any(|font| font.info().coverage.contains(character.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_font_is_read_and_has_its_script() {
        assert_eq!(FONTS.fonts.len(), FILES.len());
        for text in [
            "Zürich Ŵ ệ €",
            "Ελλάδα",
            "Ромашка",
            "שלום",
            "شركة",
            "บริษัท",
            "ქართული",
            "Հայ",
            "हिन्दी",
            "株式会社",
            "ﾌﾟ",
            "汉字漢字",
            "\u{fffd}",
        ] {
            for character in text.chars() {
                assert!(FONTS.have(character), "{character} of {text}");
            }
        }
        assert!(!FONTS.have('🙂') && !FONTS.have('ᚠ'));
    }
}
