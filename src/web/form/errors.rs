//! What is wrong with a form.

use validator::{Validate, ValidationErrors};

/// What a field is called, where its messages do not say so themselves.
fn label(field: &str) -> Option<&'static str> {
    Some(match field {
        "first_name" => "First name",
        "last_name" => "Last name",
        "password" => "Password",
        "company" => "Company",
        "name" => "Organization name",
        "website" => "Website",
        "legal_name" => "Legal name",
        "postal_address" => "Address",
        "zip" => "ZIP",
        "city" => "City",
        "tax_id" => "VAT or tax id",
        "passkey_name" => "Name",
        "job_title" => "Job title",
        "phone" => "Phone",
        "officer_name" => "Name of the officer",
        "officer_position" => "Position of the officer",
        "invitation_domains" => "Domains that can be invited",
        "officer_phone" => "Phone of the officer",
        _ => return None,
    })
}

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

    /// The same, where a field is called something else on the page than in the form.
    pub fn renamed(mut self, field: &str, shown: &str) -> Self {
        for (name, _) in self.fields.iter_mut().filter(|(name, _)| name == field) {
            shown.clone_into(name);
        }
        self
    }

    /// An error of the form as a whole.
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

    /// Each field with its message, for the summary on top, where it must be understood without the field beside it.
    pub fn summary(&self) -> Vec<(&str, String)> {
        let named = |field: &str, message: &str| match (label(field), message.strip_prefix("Use ")) {
            (Some(label), Some(rest)) => format!("{label}: use {rest}"),
            _ => message.to_owned(),
        };
        self.fields.iter().map(|(field, message)| (field.as_str(), named(field, message))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_summary_says_names_its_field() {
        let mut errors = FieldErrors::field_only("zip", "Use at most 20 characters.");
        errors.add("password", "Use at least 12 characters.");
        errors.add("city", "Enter the city.");
        let said: Vec<String> = errors.summary().into_iter().map(|(_, message)| message).collect();
        assert_eq!(
            said,
            ["ZIP: use at most 20 characters.", "Password: use at least 12 characters.", "Enter the city."]
        );
        assert_eq!(errors.of("zip"), "Use at most 20 characters.");
    }
}
