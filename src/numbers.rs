//! Numbers as people read them.

/// `1,234`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Reads `1234` or `1,234`, also with the marks that other countries set. Nothing else.
pub fn read(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|character| !",'’ ".contains(*character)).collect();
    let is_number = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_however_they_are_grouped() {
        for (text, number) in [("0", Some(0)), ("1234", Some(1_234)), ("1,234", Some(1_234)), ("1'234", Some(1_234))] {
            assert_eq!(read(text), number, "{text}");
        }
        for text in ["", "-1", "+1", "1.5", "1e3", "ten", "1234567890123456789"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
