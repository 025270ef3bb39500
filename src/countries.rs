//! The countries a form offers: ISO 3166-1 alpha-2 codes with their English names.
//!
//! Generated with Python's `babel` 2.18 (Unicode CLDR 48, `Locale("en").territories`) for the 249 codes of `pycountry`
//! 26.2, sorted as people look names up: accents and case do not count, so "Åland Islands" stands under A. CLDR's short
//! form is taken where its usual name carries an explanation ("Hong Kong", "Macao", "Myanmar", "Palestine").

/// One country or territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, upper case: what is stored.
    pub code: &'static str,
    /// The English name: what is shown.
    pub name: &'static str,
}

/// The name of a stored code. Only upper-case codes are known.
pub fn country_name(code: &str) -> Option<&'static str> {
    let &[first, second] = code.as_bytes() else { return None };
    let place = POSITIONS[cell(first, second)?]?;
    Some(COUNTRIES[usize::from(place)].name)
}

/// Where in `COUNTRIES` each of the 26 × 26 codes stands, as `COUNTRIES` is sorted by name.
static POSITIONS: [Option<u8>; 26 * 26] = {
    let mut positions = [None; 26 * 26];
    let mut place = 0;
    while place < COUNTRIES.len() {
        let code = COUNTRIES[place].code.as_bytes();
        match cell(code[0], code[1]) {
            Some(cell) if positions[cell].is_none() => positions[cell] = Some(place as u8),
            _ => panic!("a country code is malformed or stands twice"),
        }
        place += 1;
    }
    positions
};

const fn cell(first: u8, second: u8) -> Option<usize> {
    if !first.is_ascii_uppercase() || !second.is_ascii_uppercase() {
        return None;
    }
    Some((first - b'A') as usize * 26 + (second - b'A') as usize)
}

/// All of them, sorted by name.
#[rustfmt::skip]
pub static COUNTRIES: &[Country] = &[
    Country { code: "AF", name: "Afghanistan" },
    Country { code: "AX", name: "Åland Islands" },
    Country { code: "AL", name: "Albania" },
    Country { code: "DZ", name: "Algeria" },
    Country { code: "AS", name: "American Samoa" },
    Country { code: "AD", name: "Andorra" },
    Country { code: "AO", name: "Angola" },
    Country { code: "AI", name: "Anguilla" },
    Country { code: "AQ", name: "Antarctica" },
    Country { code: "AG", name: "Antigua & Barbuda" },
    Country { code: "AR", name: "Argentina" },
    Country { code: "AM", name: "Armenia" },
    Country { code: "AW", name: "Aruba" },
    Country { code: "AU", name: "Australia" },
    Country { code: "AT", name: "Austria" },
    Country { code: "AZ", name: "Azerbaijan" },
    Country { code: "BS", name: "Bahamas" },
    Country { code: "BH", name: "Bahrain" },
    Country { code: "BD", name: "Bangladesh" },
    Country { code: "BB", name: "Barbados" },
    Country { code: "BY", name: "Belarus" },
    Country { code: "BE", name: "Belgium" },
    Country { code: "BZ", name: "Belize" },
    Country { code: "BJ", name: "Benin" },
    Country { code: "BM", name: "Bermuda" },
    Country { code: "BT", name: "Bhutan" },
    Country { code: "BO", name: "Bolivia" },
    Country { code: "BA", name: "Bosnia & Herzegovina" },
    Country { code: "BW", name: "Botswana" },
    Country { code: "BV", name: "Bouvet Island" },
    Country { code: "BR", name: "Brazil" },
    Country { code: "IO", name: "British Indian Ocean Territory" },
    Country { code: "VG", name: "British Virgin Islands" },
    Country { code: "BN", name: "Brunei" },
    Country { code: "BG", name: "Bulgaria" },
    Country { code: "BF", name: "Burkina Faso" },
    Country { code: "BI", name: "Burundi" },
    Country { code: "KH", name: "Cambodia" },
    Country { code: "CM", name: "Cameroon" },
    Country { code: "CA", name: "Canada" },
    Country { code: "CV", name: "Cape Verde" },
    Country { code: "BQ", name: "Caribbean Netherlands" },
    Country { code: "KY", name: "Cayman Islands" },
    Country { code: "CF", name: "Central African Republic" },
    Country { code: "TD", name: "Chad" },
    Country { code: "CL", name: "Chile" },
    Country { code: "CN", name: "China" },
    Country { code: "CX", name: "Christmas Island" },
    Country { code: "CC", name: "Cocos (Keeling) Islands" },
    Country { code: "CO", name: "Colombia" },
    Country { code: "KM", name: "Comoros" },
    Country { code: "CG", name: "Congo - Brazzaville" },
    Country { code: "CD", name: "Congo - Kinshasa" },
    Country { code: "CK", name: "Cook Islands" },
    Country { code: "CR", name: "Costa Rica" },
    Country { code: "CI", name: "Côte d’Ivoire" },
    Country { code: "HR", name: "Croatia" },
    Country { code: "CU", name: "Cuba" },
    Country { code: "CW", name: "Curaçao" },
    Country { code: "CY", name: "Cyprus" },
    Country { code: "CZ", name: "Czechia" },
    Country { code: "DK", name: "Denmark" },
    Country { code: "DJ", name: "Djibouti" },
    Country { code: "DM", name: "Dominica" },
    Country { code: "DO", name: "Dominican Republic" },
    Country { code: "EC", name: "Ecuador" },
    Country { code: "EG", name: "Egypt" },
    Country { code: "SV", name: "El Salvador" },
    Country { code: "GQ", name: "Equatorial Guinea" },
    Country { code: "ER", name: "Eritrea" },
    Country { code: "EE", name: "Estonia" },
    Country { code: "SZ", name: "Eswatini" },
    Country { code: "ET", name: "Ethiopia" },
    Country { code: "FK", name: "Falkland Islands" },
    Country { code: "FO", name: "Faroe Islands" },
    Country { code: "FJ", name: "Fiji" },
    Country { code: "FI", name: "Finland" },
    Country { code: "FR", name: "France" },
    Country { code: "GF", name: "French Guiana" },
    Country { code: "PF", name: "French Polynesia" },
    Country { code: "TF", name: "French Southern Territories" },
    Country { code: "GA", name: "Gabon" },
    Country { code: "GM", name: "Gambia" },
    Country { code: "GE", name: "Georgia" },
    Country { code: "DE", name: "Germany" },
    Country { code: "GH", name: "Ghana" },
    Country { code: "GI", name: "Gibraltar" },
    Country { code: "GR", name: "Greece" },
    Country { code: "GL", name: "Greenland" },
    Country { code: "GD", name: "Grenada" },
    Country { code: "GP", name: "Guadeloupe" },
    Country { code: "GU", name: "Guam" },
    Country { code: "GT", name: "Guatemala" },
    Country { code: "GG", name: "Guernsey" },
    Country { code: "GN", name: "Guinea" },
    Country { code: "GW", name: "Guinea-Bissau" },
    Country { code: "GY", name: "Guyana" },
    Country { code: "HT", name: "Haiti" },
    Country { code: "HM", name: "Heard & McDonald Islands" },
    Country { code: "HN", name: "Honduras" },
    Country { code: "HK", name: "Hong Kong" },
    Country { code: "HU", name: "Hungary" },
    Country { code: "IS", name: "Iceland" },
    Country { code: "IN", name: "India" },
    Country { code: "ID", name: "Indonesia" },
    Country { code: "IR", name: "Iran" },
    Country { code: "IQ", name: "Iraq" },
    Country { code: "IE", name: "Ireland" },
    Country { code: "IM", name: "Isle of Man" },
    Country { code: "IL", name: "Israel" },
    Country { code: "IT", name: "Italy" },
    Country { code: "JM", name: "Jamaica" },
    Country { code: "JP", name: "Japan" },
    Country { code: "JE", name: "Jersey" },
    Country { code: "JO", name: "Jordan" },
    Country { code: "KZ", name: "Kazakhstan" },
    Country { code: "KE", name: "Kenya" },
    Country { code: "KI", name: "Kiribati" },
    Country { code: "KW", name: "Kuwait" },
    Country { code: "KG", name: "Kyrgyzstan" },
    Country { code: "LA", name: "Laos" },
    Country { code: "LV", name: "Latvia" },
    Country { code: "LB", name: "Lebanon" },
    Country { code: "LS", name: "Lesotho" },
    Country { code: "LR", name: "Liberia" },
    Country { code: "LY", name: "Libya" },
    Country { code: "LI", name: "Liechtenstein" },
    Country { code: "LT", name: "Lithuania" },
    Country { code: "LU", name: "Luxembourg" },
    Country { code: "MO", name: "Macao" },
    Country { code: "MG", name: "Madagascar" },
    Country { code: "MW", name: "Malawi" },
    Country { code: "MY", name: "Malaysia" },
    Country { code: "MV", name: "Maldives" },
    Country { code: "ML", name: "Mali" },
    Country { code: "MT", name: "Malta" },
    Country { code: "MH", name: "Marshall Islands" },
    Country { code: "MQ", name: "Martinique" },
    Country { code: "MR", name: "Mauritania" },
    Country { code: "MU", name: "Mauritius" },
    Country { code: "YT", name: "Mayotte" },
    Country { code: "MX", name: "Mexico" },
    Country { code: "FM", name: "Micronesia" },
    Country { code: "MD", name: "Moldova" },
    Country { code: "MC", name: "Monaco" },
    Country { code: "MN", name: "Mongolia" },
    Country { code: "ME", name: "Montenegro" },
    Country { code: "MS", name: "Montserrat" },
    Country { code: "MA", name: "Morocco" },
    Country { code: "MZ", name: "Mozambique" },
    Country { code: "MM", name: "Myanmar" },
    Country { code: "NA", name: "Namibia" },
    Country { code: "NR", name: "Nauru" },
    Country { code: "NP", name: "Nepal" },
    Country { code: "NL", name: "Netherlands" },
    Country { code: "NC", name: "New Caledonia" },
    Country { code: "NZ", name: "New Zealand" },
    Country { code: "NI", name: "Nicaragua" },
    Country { code: "NE", name: "Niger" },
    Country { code: "NG", name: "Nigeria" },
    Country { code: "NU", name: "Niue" },
    Country { code: "NF", name: "Norfolk Island" },
    Country { code: "KP", name: "North Korea" },
    Country { code: "MK", name: "North Macedonia" },
    Country { code: "MP", name: "Northern Mariana Islands" },
    Country { code: "NO", name: "Norway" },
    Country { code: "OM", name: "Oman" },
    Country { code: "PK", name: "Pakistan" },
    Country { code: "PW", name: "Palau" },
    Country { code: "PS", name: "Palestine" },
    Country { code: "PA", name: "Panama" },
    Country { code: "PG", name: "Papua New Guinea" },
    Country { code: "PY", name: "Paraguay" },
    Country { code: "PE", name: "Peru" },
    Country { code: "PH", name: "Philippines" },
    Country { code: "PN", name: "Pitcairn Islands" },
    Country { code: "PL", name: "Poland" },
    Country { code: "PT", name: "Portugal" },
    Country { code: "PR", name: "Puerto Rico" },
    Country { code: "QA", name: "Qatar" },
    Country { code: "RE", name: "Réunion" },
    Country { code: "RO", name: "Romania" },
    Country { code: "RU", name: "Russia" },
    Country { code: "RW", name: "Rwanda" },
    Country { code: "WS", name: "Samoa" },
    Country { code: "SM", name: "San Marino" },
    Country { code: "ST", name: "São Tomé & Príncipe" },
    Country { code: "SA", name: "Saudi Arabia" },
    Country { code: "SN", name: "Senegal" },
    Country { code: "RS", name: "Serbia" },
    Country { code: "SC", name: "Seychelles" },
    Country { code: "SL", name: "Sierra Leone" },
    Country { code: "SG", name: "Singapore" },
    Country { code: "SX", name: "Sint Maarten" },
    Country { code: "SK", name: "Slovakia" },
    Country { code: "SI", name: "Slovenia" },
    Country { code: "SB", name: "Solomon Islands" },
    Country { code: "SO", name: "Somalia" },
    Country { code: "ZA", name: "South Africa" },
    Country { code: "GS", name: "South Georgia & South Sandwich Islands" },
    Country { code: "KR", name: "South Korea" },
    Country { code: "SS", name: "South Sudan" },
    Country { code: "ES", name: "Spain" },
    Country { code: "LK", name: "Sri Lanka" },
    Country { code: "BL", name: "St. Barthélemy" },
    Country { code: "SH", name: "St. Helena" },
    Country { code: "KN", name: "St. Kitts & Nevis" },
    Country { code: "LC", name: "St. Lucia" },
    Country { code: "MF", name: "St. Martin" },
    Country { code: "PM", name: "St. Pierre & Miquelon" },
    Country { code: "VC", name: "St. Vincent & Grenadines" },
    Country { code: "SD", name: "Sudan" },
    Country { code: "SR", name: "Suriname" },
    Country { code: "SJ", name: "Svalbard & Jan Mayen" },
    Country { code: "SE", name: "Sweden" },
    Country { code: "CH", name: "Switzerland" },
    Country { code: "SY", name: "Syria" },
    Country { code: "TW", name: "Taiwan" },
    Country { code: "TJ", name: "Tajikistan" },
    Country { code: "TZ", name: "Tanzania" },
    Country { code: "TH", name: "Thailand" },
    Country { code: "TL", name: "Timor-Leste" },
    Country { code: "TG", name: "Togo" },
    Country { code: "TK", name: "Tokelau" },
    Country { code: "TO", name: "Tonga" },
    Country { code: "TT", name: "Trinidad & Tobago" },
    Country { code: "TN", name: "Tunisia" },
    Country { code: "TR", name: "Türkiye" },
    Country { code: "TM", name: "Turkmenistan" },
    Country { code: "TC", name: "Turks & Caicos Islands" },
    Country { code: "TV", name: "Tuvalu" },
    Country { code: "UG", name: "Uganda" },
    Country { code: "UA", name: "Ukraine" },
    Country { code: "AE", name: "United Arab Emirates" },
    Country { code: "GB", name: "United Kingdom" },
    Country { code: "US", name: "United States" },
    Country { code: "UY", name: "Uruguay" },
    Country { code: "UM", name: "U.S. Outlying Islands" },
    Country { code: "VI", name: "U.S. Virgin Islands" },
    Country { code: "UZ", name: "Uzbekistan" },
    Country { code: "VU", name: "Vanuatu" },
    Country { code: "VA", name: "Vatican City" },
    Country { code: "VE", name: "Venezuela" },
    Country { code: "VN", name: "Vietnam" },
    Country { code: "WF", name: "Wallis & Futuna" },
    Country { code: "EH", name: "Western Sahara" },
    Country { code: "YE", name: "Yemen" },
    Country { code: "ZM", name: "Zambia" },
    Country { code: "ZW", name: "Zimbabwe" },
];

/// The members of the European Union, in the order of their codes. Territories with codes of their own are not among them: they are
/// outside of its tax on sales.
pub static EUROPEAN_UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

pub fn is_in_european_union(code: &str) -> bool {
    EUROPEAN_UNION.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_the_union_are_countries() {
        assert!(EUROPEAN_UNION.is_sorted());
        for code in EUROPEAN_UNION {
            assert!(country_name(code).is_some() && is_in_european_union(code), "{code}");
        }
        for code in ["CH", "GB", "NO", "MC", "AX", "EL", ""] {
            assert!(!is_in_european_union(code), "{code}");
        }
    }

    #[test]
    fn every_code_finds_its_own_name() {
        assert_eq!(COUNTRIES.len(), 249);
        for country in COUNTRIES {
            assert_eq!(country_name(country.code), Some(country.name));
        }
    }

    #[test]
    fn anything_else_finds_nothing() {
        for code in ["", "C", "ch", "CHE", "XX", "ZZ", "[A", "é", "C\0"] {
            assert_eq!(country_name(code), None, "{code:?}");
        }
    }

    #[test]
    fn names_stand_where_people_look() {
        let place = |code| COUNTRIES.iter().position(|country| country.code == code);
        assert_eq!(place("AF"), Some(0));
        assert_eq!(place("AX"), Some(1));
        assert_eq!(place("ZW"), Some(248));
        assert!(place("CR") < place("CI") && place("CI") < place("HR"));
    }
}
