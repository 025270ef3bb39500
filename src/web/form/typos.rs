//! Addresses that look mistyped. A hint and never a refusal: `gmial.com` may be somebody's domain.

use strsim::osa_distance;

/// Mail providers that many people use, as name and ending.
const PROVIDERS: [(&str, &str); 12] = [
    ("gmail", "com"),
    ("googlemail", "com"),
    ("hotmail", "com"),
    ("outlook", "com"),
    ("yahoo", "com"),
    ("icloud", "com"),
    ("protonmail", "com"),
    ("comcast", "net"),
    ("bluewin", "ch"),
    ("t-online", "de"),
    ("wanadoo", "fr"),
    ("libero", "it"),
];
/// Names a letter away from one of them that are providers, too.
const NAMESAKES: [&str; 5] = ["ymail", "email", "mail", "hmail", "cloud"];
/// What is typed for `com` and is no ending of any domain.
const NOT_COM: [&str; 9] = ["con", "cmo", "ocm", "vom", "xom", "comm", "coom", "ccom", "cpm"];
/// The same, but an ending: a typo behind the name of a provider alone.
const RARELY_COM: [&str; 3] = ["co", "cm", "om"];

/// The address that was probably meant, if this one looks mistyped.
pub fn meant(email: &str) -> Option<String> {
    let (local, domain) = email.rsplit_once('@')?;
    let (name, ending) = domain.split_once('.')?;
    let is_close = |(provider, expected): &&(&str, &str)| {
        let is_name = name == *provider || (!NAMESAKES.contains(&name) && osa_distance(name, provider) == 1);
        let is_mistyped_com = NOT_COM.contains(&ending) || RARELY_COM.contains(&ending);
        is_name && (ending == *expected || (*expected == "com" && is_mistyped_com))
    };
    let domain_meant = match PROVIDERS.iter().find(is_close) {
        Some((provider, expected)) => format!("{provider}.{expected}"),
        None => {
            let (rest, last) = domain.rsplit_once('.')?;
            NOT_COM.contains(&last).then(|| format!("{rest}.com"))?
        }
    };
    (domain_meant != domain).then(|| format!("{local}@{domain_meant}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_well_known_domain_is_seen() {
        for (typed, expected) in [
            ("user@gmial.com", "user@gmail.com"),
            ("user@gmial.con", "user@gmail.com"),
            ("user@gmail.co", "user@gmail.com"),
            ("user@gmai.com", "user@gmail.com"),
            ("user@gnail.com", "user@gmail.com"),
            ("user@hotmial.com", "user@hotmail.com"),
            ("user@outlok.com", "user@outlook.com"),
            ("user@yahooo.com", "user@yahoo.com"),
            ("user@iclould.com", "user@icloud.com"),
            ("user@t-onlin.de", "user@t-online.de"),
            ("user@survey.example.con", "user@survey.example.com"),
        ] {
            assert_eq!(meant(typed).as_deref(), Some(expected), "{typed}");
        }
    }

    #[test]
    fn what_is_right_and_what_only_resembles_it_is_left_alone() {
        for typed in [
            "user@gmail.com",
            "user@ymail.com",
            "user@mail.com",
            "user@email.com",
            "user@cloud.com",
            "user@yahoo.ca",
            "user@yahoo.co.uk",
            "user@hotmail.fr",
            "user@gmx.de",
            "user@gmx.net",
            "user@acme.co",
            "user@example.com",
            "user@xn--exmple-cua.net",
            "user",
            "user@",
            "@gmail.com",
        ] {
            assert_eq!(meant(typed), None, "{typed}");
        }
    }
}
