//! What mails say. Each is a folder below `templates/mail/` with a subject, a text and an HTML part that share one struct.

use askama::Template;

/// A mail that can be written: its kind names its folder.
pub trait Message {
    const KIND: &'static str;
    fn subject(&self) -> String;
    fn text(&self) -> String;
    fn html(&self) -> String;
}

macro_rules! messages {
    ($(
        $(#[$doc:meta])*
        $name:ident ($kind:literal: $subject:literal, $text:literal, $html:literal) { $($field:ident),* $(,)? }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $(pub $field: String,)*
        }

        impl Message for $name {
            const KIND: &'static str = $kind;

            fn subject(&self) -> String {
                messages!(@part $subject { $($field),* } self).trim().replace(['\r', '\n'], " ")
            }

            fn text(&self) -> String {
                wrapped(&messages!(@part $text { $($field),* } self))
            }

            fn html(&self) -> String {
                messages!(@part $html { $($field),* } self)
            }
        }
    )*};
    (@part $path:literal { $($field:ident),* } $message:ident) => {{
        #[derive(Template)]
        #[template(path = $path)]
        struct Part<'a> {
            $(#[allow(dead_code, reason = "not every part says everything")] $field: &'a str,)*
        }
        rendered(&Part { $($field: &$message.$field,)* })
    }};
}

fn rendered(template: &impl Template) -> String {
    template.render().expect("writing into a String cannot fail, and these templates call nothing that can")
}

/// Lines of at most 72 columns; links stay whole.
fn wrapped(text: &str) -> String {
    let options = textwrap::Options::new(72)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut text = textwrap::fill(text.trim_end(), options);
    text.push('\n');
    text
}

messages! {
    /// The link that proves the address of a new account.
    Verification("verification": "mail/verification/subject.txt", "mail/verification/body.txt", "mail/verification/body.html") {
        first_name, link, expires,
    }
    /// Somebody signed up with an address that has an account.
    AccountExists("account_exists": "mail/account_exists/subject.txt", "mail/account_exists/body.txt", "mail/account_exists/body.html") {
        first_name, sign_in_link, reset_link_page,
    }
    PasswordReset("password_reset": "mail/password_reset/subject.txt", "mail/password_reset/body.txt", "mail/password_reset/body.html") {
        first_name, link, expires,
    }
    /// The notice after a password was changed.
    PasswordChanged("password_changed": "mail/password_changed/subject.txt", "mail/password_changed/body.txt", "mail/password_changed/body.html") {
        first_name, at, forgot_link,
    }
    InvitationMail("invitation": "mail/invitation/subject.txt", "mail/invitation/body.txt", "mail/invitation/body.html") {
        organization, inviter, inviter_email, role, role_description, email, link, expires,
    }
    RoleChanged("role_changed": "mail/role_changed/subject.txt", "mail/role_changed/body.txt", "mail/role_changed/body.html") {
        first_name, organization, by, old_role, new_role, role_description, link,
    }
    Removed("removed": "mail/removed/subject.txt", "mail/removed/body.txt", "mail/removed/body.html") {
        first_name, organization, by,
    }
}
