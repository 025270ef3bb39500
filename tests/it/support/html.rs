//! Looking at a page as a test does.

use scraper::{Html as Document, Selector};

pub struct Html(Document);

impl Html {
    pub fn parse(text: &str) -> Self {
        Self(Document::parse_document(text))
    }

    fn all(&self, css: &str) -> Vec<scraper::ElementRef<'_>> {
        let selector = Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error}"));
        self.0.select(&selector).collect()
    }

    /// The text of everything that matches, with single spaces.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let squeezed = |element: scraper::ElementRef<'_>| {
            element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
        };
        self.all(css).into_iter().map(squeezed).collect()
    }

    /// The text of the first match; empty where there is none.
    pub fn text(&self, css: &str) -> String {
        self.texts(css).into_iter().next().unwrap_or_default()
    }

    pub fn has(&self, css: &str) -> bool {
        !self.all(css).is_empty()
    }

    /// An attribute of everything that matches and has it.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        self.all(css).into_iter().filter_map(|element| element.value().attr(name)).map(str::to_owned).collect()
    }

    /// The value that a field of a form shows.
    pub fn value(&self, field: &str) -> String {
        if let Some(value) = self.attributes(&format!("input[name=\"{field}\"]:not([type=radio])"), "value").pop() {
            return value;
        }
        if let Some(value) = self.attributes(&format!("input[name=\"{field}\"][checked]"), "value").pop() {
            return value;
        }
        if let Some(value) = self.attributes(&format!("select[name=\"{field}\"] option[selected]"), "value").pop() {
            return value;
        }
        let area = self.all(&format!("textarea[name=\"{field}\"]"));
        area.first().map(|element| element.text().collect::<String>()).unwrap_or_default()
    }

    /// Whether there is a button, or a link that looks like one, with this name.
    pub fn has_button(&self, name: &str) -> bool {
        self.texts("button, a").iter().any(|text| text == name)
    }
}
