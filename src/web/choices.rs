//! The closed lists that forms offer besides countries. A key is what is stored and never changes its meaning; a label
//! is what is shown and may be reworded at any time.

/// One entry of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub key: &'static str,
    pub label: &'static str,
}

const fn choice(key: &'static str, label: &'static str) -> Choice {
    Choice { key, label }
}

/// What an Organization works in: its keys are kebab-case, "other" comes last.
pub static INDUSTRIES: &[Choice] = &[
    choice("agriculture", "Agriculture"),
    choice("archaeology-heritage", "Archaeology and cultural heritage"),
    choice("architecture", "Architecture"),
    choice("civil-engineering", "Civil engineering"),
    choice("construction", "Construction"),
    choice("drone-services", "Drone services"),
    choice("education-research", "Education and research"),
    choice("emergency-response", "Emergency response"),
    choice("energy-utilities", "Energy and utilities"),
    choice("environment-forestry", "Environment and forestry"),
    choice("forensics-public-safety", "Forensics and public safety"),
    choice("government", "Government and public administration"),
    choice("inspection", "Inspection"),
    choice("insurance", "Insurance"),
    choice("manufacturing", "Manufacturing"),
    choice("media-entertainment", "Media and entertainment"),
    choice("mining-quarrying", "Mining and quarrying"),
    choice("non-profit", "Non-profit and humanitarian work"),
    choice("oil-gas", "Oil and gas"),
    choice("real-estate", "Real estate"),
    choice("software-it", "Software and information technology"),
    choice("surveying-mapping", "Surveying and mapping"),
    choice("telecommunications", "Telecommunications"),
    choice("transport-logistics", "Transport and logistics"),
    choice("other", "Other"),
];

/// Languages people may be addressed in, by BCP 47 tag: the English name, then the language's own.
pub static LANGUAGES: &[Choice] = &[
    choice("zh-Hans", "Chinese, simplified (简体中文)"),
    choice("zh-Hant", "Chinese, traditional (繁體中文)"),
    choice("cs", "Czech (Čeština)"),
    choice("nl", "Dutch (Nederlands)"),
    choice("en", "English"),
    choice("fr", "French (Français)"),
    choice("de", "German (Deutsch)"),
    choice("id", "Indonesian (Bahasa Indonesia)"),
    choice("it", "Italian (Italiano)"),
    choice("ja", "Japanese (日本語)"),
    choice("ko", "Korean (한국어)"),
    choice("pl", "Polish (Polski)"),
    choice("pt", "Portuguese (Português)"),
    choice("es", "Spanish (Español)"),
    choice("sv", "Swedish (Svenska)"),
    choice("tr", "Turkish (Türkçe)"),
];

/// The label of a stored key.
pub fn label(choices: &[Choice], key: &str) -> Option<&'static str> {
    choices.iter().find(|choice| choice.key == key).map(|choice| choice.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_once_and_finds_its_label() {
        for choices in [INDUSTRIES, LANGUAGES] {
            for (place, choice) in choices.iter().enumerate() {
                assert_eq!(label(choices, choice.key), Some(choice.label));
                assert!(
                    choices[..place].iter().all(|earlier| earlier.key != choice.key),
                    "{} stands twice",
                    choice.key
                );
            }
            assert_eq!(label(choices, ""), None);
        }
    }

    #[test]
    fn labels_are_sorted_and_other_is_last() {
        let (other, industries) = INDUSTRIES.split_last().expect("industries");
        assert_eq!(other.key, "other");
        assert!(industries.is_sorted_by_key(|choice| choice.label));
        assert!(LANGUAGES.is_sorted_by_key(|choice| choice.label));
    }
}
