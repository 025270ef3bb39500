//! What a mail is made of: a folder below `templates/mail/` with a subject, a text and an HTML part that read one struct. Moments are
//! written as whoever gets the mail reads them; a subject has none.

use askama::Template;

use crate::jobs::Priority;
use crate::time::Calendar;

/// A mail that can be written. Implemented with `message!`.
pub trait Message {
    /// Names the mail in the outbox and its folder.
    const KIND: &'static str;
    /// Which of the mails that wait goes first.
    const PRIORITY: Priority;
    fn subject(&self) -> String;
    fn text(&self, calendar: Calendar) -> String;
    fn html(&self, calendar: Calendar) -> String;
    /// Who answers a reply, where the mail is from a person.
    fn reply_to(&self) -> Option<&str> {
        None
    }
    /// Where whoever gets the mail ends mails like it, by one POST and without signing in (RFC 8058).
    fn unsubscribe(&self) -> Option<&str> {
        None
    }
}

/// Makes a struct a [`Message`] whose templates call it `mail`, and `calendar` how moments are written.
macro_rules! message {
    ($name:ty, $kind:literal, $priority:ident: $subject:literal, $text:literal, $html:literal
        $(, reply_to: $address:ident)? $(, unsubscribe: $link:ident)?) => {
        const _: () = {
            use askama::Template;

            #[derive(Template)]
            #[template(path = $subject)]
            struct Subject<'a> {
                #[allow(dead_code, reason = "not every subject names something")]
                mail: &'a $name,
            }

            #[derive(Template)]
            #[template(path = $text)]
            struct Text<'a> {
                mail: &'a $name,
                #[allow(dead_code, reason = "not every mail tells a moment")]
                calendar: $crate::time::Calendar,
            }

            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> {
                mail: &'a $name,
                #[allow(dead_code, reason = "not every mail tells a moment")]
                calendar: $crate::time::Calendar,
            }

            impl $crate::mail::Message for $name {
                const KIND: &'static str = $kind;
                const PRIORITY: $crate::jobs::Priority = $crate::jobs::Priority::$priority;

                fn subject(&self) -> String {
                    $crate::mail::rendered(&Subject { mail: self }).trim().replace(['\r', '\n'], " ")
                }

                fn text(&self, calendar: $crate::time::Calendar) -> String {
                    $crate::mail::wrapped(&$crate::mail::rendered(&Text { mail: self, calendar }))
                }

                fn html(&self, calendar: $crate::time::Calendar) -> String {
                    $crate::mail::rendered(&Html { mail: self, calendar })
                }
                $(
                    fn reply_to(&self) -> Option<&str> {
                        Some(&self.$address)
                    }
                )?
                $(
                    fn unsubscribe(&self) -> Option<&str> {
                        Some(&self.$link)
                    }
                )?
            }
        };
    };
}
pub(crate) use message;

pub(crate) fn rendered(template: &impl Template) -> String {
    template.render().expect("writing into a String cannot fail, and these templates call nothing that can")
}

/// Lines of at most 72 columns; links stay whole.
pub(crate) fn wrapped(text: &str) -> String {
    let options = textwrap::Options::new(72)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut text = textwrap::fill(text.trim_end(), options);
    text.push('\n');
    text
}
