//! VAT ids of businesses in the European Union: whether one is written as its country writes them. Whether it was given to anybody is
//! not known here.

/// The form of the VAT ids of a country.
struct Form {
    /// ISO 3166-1 alpha-2.
    country: &'static str,
    /// What they begin with. That of Northern Ireland, `XI`, is not here: it counts for goods, and what is sold here are services.
    prefix: &'static str,
    /// The rest: `9` is a digit, `A` a letter, `*` either, and anything else stands for itself.
    patterns: &'static [&'static str],
    check: Check,
}

/// How the digits of the rest agree with each other, in countries where that is simple to say.
#[derive(Clone, Copy)]
enum Check {
    None,
    /// The sum of the digits by their weights is a multiple.
    Weights(&'static [u32], u32),
    /// So many digits as credit cards have them.
    Luhn(usize),
    /// ISO 7064, MOD 11,10.
    Elevens,
    /// The last two digits are what is left of those before, divided.
    Rest(u64),
    /// The last two digits are what is missing of a multiple of 97 in those before.
    Belgian,
    /// The first two, where they are digits, are reckoned from the others.
    French,
}

const fn form(prefix: &'static str, patterns: &'static [&'static str], check: Check) -> Form {
    Form { country: prefix, prefix, patterns, check }
}

static FORMS: &[Form] = &[
    form("AT", &["U99999999"], Check::None),
    form("BE", &["0999999999", "1999999999"], Check::Belgian),
    form("BG", &["999999999", "9999999999"], Check::None),
    form("CY", &["99999999A"], Check::None),
    form("CZ", &["99999999", "999999999", "9999999999"], Check::None),
    form("DE", &["999999999"], Check::Elevens),
    form("DK", &["99999999"], Check::Weights(&[2, 7, 6, 5, 4, 3, 2, 1], 11)),
    form("EE", &["999999999"], Check::Weights(&[3, 7, 1, 3, 7, 1, 3, 7, 1], 10)),
    form("ES", &["A99999999", "A9999999A", "99999999A"], Check::None),
    form("FI", &["99999999"], Check::Weights(&[7, 9, 10, 5, 8, 4, 2, 1], 11)),
    form("FR", &["**999999999"], Check::French),
    Form { country: "GR", prefix: "EL", patterns: &["999999999"], check: Check::None },
    form("HR", &["99999999999"], Check::Elevens),
    form("HU", &["99999999"], Check::Weights(&[9, 7, 3, 1, 9, 7, 3, 1], 10)),
    form("IE", &["9999999A", "9999999AA", "9*99999A"], Check::None),
    form("IT", &["99999999999"], Check::Luhn(11)),
    form("LT", &["999999999", "999999999999"], Check::None),
    form("LU", &["99999999"], Check::Rest(89)),
    form("LV", &["99999999999"], Check::None),
    form("MT", &["99999999"], Check::Weights(&[3, 4, 6, 7, 8, 9, 10, 1], 37)),
    form("NL", &["999999999B99"], Check::None),
    form("PL", &["9999999999"], Check::Weights(&[6, 5, 7, 2, 3, 4, 5, 6, 7, 10], 11)),
    form("PT", &["999999999"], Check::None),
    form(
        "RO",
        &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"],
        Check::None,
    ),
    form("SE", &["999999999901"], Check::Luhn(10)),
    form("SI", &["99999999"], Check::None),
    form("SK", &["9999999999"], Check::None),
];

/// Whether a text, with whatever spaces, points and hyphens, is a VAT id as this country of the European Union writes it.
pub fn is_well_formed(text: &str, country: &str) -> bool {
    let is_left_out = |character: &char| !character.is_whitespace() && !matches!(character, '.' | '-');
    let id: String = text.chars().filter(is_left_out).map(|character| character.to_ascii_uppercase()).collect();
    FORMS.iter().filter(|form| form.country == country).any(|form| {
        id.strip_prefix(form.prefix)
            .is_some_and(|rest| form.patterns.iter().any(|pattern| fits(rest, pattern)) && form.check.holds(rest))
    })
}

fn fits(rest: &str, pattern: &str) -> bool {
    let is_one = |(character, place): (u8, u8)| match place {
        b'9' => character.is_ascii_digit(),
        b'A' => character.is_ascii_uppercase(),
        b'*' => character.is_ascii_digit() || character.is_ascii_uppercase(),
        other => character == other,
    };
    rest.len() == pattern.len() && rest.bytes().zip(pattern.bytes()).all(is_one)
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> {
    text.bytes().map(|byte| u32::from(byte.wrapping_sub(b'0')))
}

/// A number of at most ten digits.
fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

impl Check {
    /// Whether the digits of a rest that fits its pattern agree.
    fn holds(self, rest: &str) -> bool {
        match self {
            Self::None => true,
            Self::Weights(weights, modulus) => {
                let sum: u32 = digits(rest).zip(weights).map(|(digit, weight)| digit * weight).sum();
                sum.is_multiple_of(modulus)
            }
            Self::Luhn(count) => {
                let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
                let places = digits(&rest[..count]).rev().enumerate();
                let sum: u32 = places.map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit }).sum();
                sum.is_multiple_of(10)
            }
            Self::Elevens => {
                let last = rest.len() - 1;
                let step = |product: u32, digit: u32| match (product + digit) % 10 {
                    0 => 20 % 11,
                    sum => 2 * sum % 11,
                };
                (digits(&rest[..last]).fold(10, step) + number(&rest[last..]) as u32) % 10 == 1
            }
            Self::Rest(divisor) => {
                let (front, back) = rest.split_at(rest.len() - 2);
                number(front) % divisor == number(back)
            }
            Self::Belgian => {
                let (front, back) = rest.split_at(rest.len() - 2);
                (number(front) + number(back)).is_multiple_of(97)
            }
            Self::French => {
                let (key, siren) = rest.split_at(2);
                let is_old = key.bytes().all(|byte| byte.is_ascii_digit());
                !is_old || (number(siren) * 100 + 12) % 97 == number(key)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::countries::EUROPEAN_UNION;

    #[test]
    fn each_country_of_the_union_has_its_form() {
        let forms: Vec<&str> = FORMS.iter().map(|form| form.country).collect();
        assert_eq!(forms, EUROPEAN_UNION);
    }

    /// The good ones were found with python-stdnum; in each bad one of a country with a check a digit differs.
    #[test]
    fn ids_are_written_as_their_country_writes_them() {
        for (country, good, bad) in [
            ("AT", "ATU39099603", "ATU390996039"),
            ("BE", "BE0695722008", "BE0605722008"),
            ("BG", "BG261995822", "BG26199582"),
            ("CY", "CY69784649E", "CY69784649E9"),
            ("CZ", "CZ09773797", "CZ0977379"),
            ("DE", "DE178800215", "DE179800215"),
            ("DK", "DK62320109", "DK62420109"),
            ("EE", "EE372899059", "EE373899059"),
            ("ES", "ESE62467709", "ESE624677099"),
            ("FI", "FI68250671", "FI68350671"),
            ("FR", "FR80319510392", "FR80419510392"),
            ("FR", "FRDD480604875", "FRDD4806048759"),
            ("GR", "EL358795610", "EL3587956109"),
            ("HR", "HR63507733881", "HR63607733881"),
            ("HU", "HU63118092", "HU63218092"),
            ("IE", "IE1317591D", "IE1317591D9"),
            ("IE", "IE5167729CG", "IE5167729CG9"),
            ("IT", "IT03902040017", "IT03002040017"),
            ("LT", "LT875934415", "LT8759344159"),
            ("LU", "LU04383749", "LU04483749"),
            ("LV", "LV42242283782", "LV422422837829"),
            ("MT", "MT41892807", "MT41992807"),
            ("NL", "NL839978844B38", "NL839978844B389"),
            ("PL", "PL6685252003", "PL6695252003"),
            ("PT", "PT738218316", "PT7382183169"),
            ("RO", "RO61621689", "RO6162168A"),
            ("SE", "SE932451011501", "SE932551011501"),
            ("SI", "SI77309430", "SI773094309"),
            ("SK", "SK8238953756", "SK82389537569"),
        ] {
            assert!(is_well_formed(good, country), "{good}");
            assert!(!is_well_formed(bad, country), "{bad}");
        }
    }

    #[test]
    fn spaces_points_and_hyphens_are_forgiven() {
        for text in ["DE 136 695 976", "de136695976", " DE-136.695.976 ", "DE\u{a0}136695976"] {
            assert!(is_well_formed(text, "DE"), "{text:?}");
        }
        for text in ["", "136695976", "DE", "DE136695976x", "AT136695976", "DE１３６６９５９７６", "DE/136695976"]
        {
            assert!(!is_well_formed(text, "DE"), "{text:?}");
        }
    }

    #[test]
    fn an_id_is_one_of_its_own_country() {
        assert!(!is_well_formed("DE136695976", "FR"));
        assert!(!is_well_formed("GR094259216", "GR"), "Greece writes EL");
        assert!(!is_well_formed("XI432525179", "GB"));
        assert!(!is_well_formed("XI432525179", "IE"));
        assert!(!is_well_formed("CHE-123.456.788 MWST", "CH"));
    }
}
