//! What is wrong with a form.

use validator::{Validate, ValidationErrors};

/// What is wrong with a form, field by field in the order of the page.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors {
    /// The order of the page; others come last.
    order: &'static [&'static str],
    fields: Vec<(String, String)>,
    form: String,
}

impl FieldErrors {
    pub fn none() -> Self {
        Self::default()
    }

    /// Checks `form` by its own rules. `order` is the order of the fields on the page.
    pub fn check(form: &impl Validate, order: &'static [&'static str]) -> Self {
        let mut errors = Self { order, ..Self::default() };
        if let Err(found) = form.validate() {
            errors.add_found(&found);
        }
        errors
    }

    fn add_found(&mut self, found: &ValidationErrors) {
        for (field, problems) in found.field_errors() {
            let message = problems.iter().find_map(|problem| problem.message.clone());
            self.add(field.as_ref(), message.unwrap_or_else(|| "This is not valid.".into()));
        }
    }

    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        if self.of(field).is_empty() {
            self.fields.push((field.to_owned(), message.into()));
            let order = self.order;
            self.fields.sort_by_key(|(name, _)| order.iter().position(|known| known == name).unwrap_or(order.len()));
        }
    }

    /// An error of the form as a whole.
    pub fn add_form(&mut self, message: impl Into<String>) {
        self.form = message.into();
    }

    /// The same, for one error alone.
    pub fn form_only(message: impl Into<String>) -> Self {
        Self { form: message.into(), ..Self::default() }
    }

    pub fn field_only(field: &str, message: impl Into<String>) -> Self {
        Self { fields: vec![(field.to_owned(), message.into())], ..Self::default() }
    }

    /// The message beside a field, empty when there is none.
    pub fn of(&self, field: &str) -> &str {
        self.fields.iter().find(|(name, _)| name == field).map_or("", |(_, message)| message)
    }

    /// The message of the whole form, empty when there is none.
    pub fn form(&self) -> &str {
        &self.form
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.form.is_empty()
    }

    /// Each field with its message, for the summary on top.
    pub fn summary(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(field, message)| (field.as_str(), message.as_str())).collect()
    }
}
