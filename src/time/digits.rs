//! Numbers as dates and times have them. A page shows a hundred moments, and by `format!` they were a sixth of what it cost.

/// `05`; the last two digits of a longer number.
pub(super) fn two(text: &mut String, number: u32) {
    for digit in [number / 10, number] {
        text.push(char::from(b'0' + (digit % 10) as u8));
    }
}

/// The day of a month: `5`, `23`.
pub(super) fn day(text: &mut String, day: u32) {
    if day < 10 {
        text.push(char::from(b'0' + day as u8));
    } else {
        two(text, day);
    }
}

/// `2026`
pub(super) fn year(text: &mut String, year: i32) {
    match u32::try_from(year) {
        Ok(year @ 1_000..=9_999) => {
            two(text, year / 100);
            two(text, year);
        }
        _ => text.push_str(&year.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut text = String::new();
        write(&mut text);
        text
    }

    #[test]
    fn they_are_what_format_makes_of_them() {
        for number in 0..100 {
            assert_eq!(written(|text| two(text, number)), format!("{number:02}"));
            assert_eq!(written(|text| day(text, number)), number.to_string());
        }
        for number in [-44, 0, 999, 1_000, 1_999, 2_026, 9_999, 10_000] {
            assert_eq!(written(|text| year(text, number)), number.to_string());
        }
    }
}
