//! What somebody can agree to, in the words that pages show.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;

use crate::stored::stored_as_text;

/// The version of the words below. Each change of them is another: `docs/privacy.md` keeps all of them, since what somebody agreed to
/// are the words that they saw.
pub const WORDING: i32 = 1;

#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    ProductNews,
    Surveys,
    Webinars,
    Training,
    Analytics,
    Diagnostics,
}

stored_as_text!(Kind);

impl Kind {
    pub fn key(self) -> &'static str {
        self.into()
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::ProductNews => "Product news",
            Self::Surveys => "Surveys",
            Self::Webinars => "Webinars",
            Self::Training => "Training offers",
            Self::Analytics => "Analytics",
            Self::Diagnostics => "Diagnostics",
        }
    }

    /// What is done with it. True of the company's tools: the portal itself only keeps the choice.
    pub fn about(self) -> &'static str {
        match self {
            Self::ProductNews => "We may e-mail you about new products and versions.",
            Self::Surveys => "We may e-mail you questions about our products and how you work with them.",
            Self::Webinars => "We may e-mail you invitations to webinars.",
            Self::Training => "We may e-mail you offers of courses and training.",
            Self::Analytics => {
                "We may evaluate how you use our products, to improve them. The pages of this portal are not evaluated."
            }
            Self::Diagnostics => {
                "When one of our products reports a fault, we may look at the report together with your account to find the cause."
            }
        }
    }

    /// Whether it is about being written to.
    pub fn is_mail(self) -> bool {
        matches!(self, Self::ProductNews | Self::Surveys | Self::Webinars | Self::Training)
    }
}
