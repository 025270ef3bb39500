//! Single values, and what to write where they are wrong.

use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use strum::VariantArray;
use toml::de::{DeTable, DeValue};

use crate::catalogue::contents::Prices;
use crate::money::{Currency, Money, Rate};

/// What to write instead.
#[derive(Debug)]
pub(super) struct Wrong(pub(super) String);

/// How long a key is at the most.
pub(super) const KEY_LENGTH: usize = 60;

pub(super) fn text(value: &DeValue<'_>, most: usize) -> Result<String, Wrong> {
    let text = value.as_str().map(str::trim).unwrap_or_default();
    let is_fine = !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control);
    if is_fine {
        Ok(text.to_owned())
    } else {
        Err(Wrong(format!("a line of 1 to {most} characters in quotation marks")))
    }
}

/// A list of lines, each with its place in the file.
pub(super) fn texts(value: &DeValue<'_>) -> Result<Vec<(String, Range<usize>)>, Wrong> {
    const MOST: usize = 200;
    let wrong = || Wrong(format!("a list of lines in quotation marks, each of 1 to {MOST} characters: [\"…\", \"…\"]"));
    let values = value.as_array().ok_or_else(wrong)?;
    let line = |value: &toml::Spanned<DeValue<'_>>| Some((text(value.get_ref(), MOST).ok()?, value.span()));
    values.iter().map(|value| line(value).ok_or_else(wrong)).collect()
}

pub(super) fn choice<T>(value: &DeValue<'_>) -> Result<T, Wrong>
where
    T: FromStr + VariantArray + Copy + Into<&'static str>,
{
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
        let all: Vec<String> = T::VARIANTS.iter().map(|choice| format!("\"{}\"", (*choice).into())).collect();
        Wrong(format!("one of {}", all.join(", ")))
    })
}

/// A number as the file has it: digits, with or without a point.
fn digits<'v>(value: &'v DeValue<'_>) -> Option<&'v str> {
    match value {
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str()),
        DeValue::Float(number) => Some(number.as_str()),
        _ => None,
    }
}

pub(super) fn number(value: &DeValue<'_>, range: RangeInclusive<u32>) -> Result<u32, Wrong> {
    let number = digits(value).and_then(|text| text.parse().ok()).filter(|number| range.contains(number));
    number.ok_or_else(|| Wrong(format!("a whole number from {} to {}", range.start(), range.end())))
}

pub(super) fn rate(value: &DeValue<'_>) -> Result<Rate, Wrong> {
    let rate = digits(value).and_then(Rate::parse);
    rate.ok_or_else(|| {
        Wrong("percent from 0 to 100 with two digits behind the point at the most, such as 8.1".to_owned())
    })
}

/// A day without a time; answered as it is written.
pub(super) fn day(value: &DeValue<'_>) -> Result<String, Wrong> {
    let day = value.as_datetime().filter(|moment| moment.time.is_none() && moment.offset.is_none());
    let day = day.ok_or_else(|| Wrong("a day without quotation marks, such as 2026-12-31".to_owned()))?;
    Ok(day.to_string())
}

/// Amounts by currency: `{ CHF = 1290.00, JPY = 210000 }`.
pub(super) fn prices(value: &DeValue<'_>) -> Result<Prices, Wrong> {
    const EXAMPLE: &str = "{ CHF = 1290.00, JPY = 210000 }";
    let table: &DeTable<'_> =
        value.as_table().ok_or_else(|| Wrong(format!("amounts by currency, such as {EXAMPLE}")))?;
    let mut prices = Prices::default();
    for (code, value) in table {
        let code = code.get_ref();
        let currency: Currency = code.parse().map_err(|_| unknown_currency(code))?;
        let money = digits(value.get_ref()).and_then(|text| Money::parse(text, currency));
        let money = money.filter(|money| money.minor > 0).ok_or_else(|| wrong_amount(currency))?;
        prices.0.insert(currency, money.minor);
    }
    Ok(prices)
}

fn unknown_currency(code: &str) -> Wrong {
    let known: Vec<&str> = Currency::VARIANTS.iter().map(|currency| currency.code()).collect();
    Wrong(format!("one of {} instead of “{code}”", known.join(", ")))
}

fn wrong_amount(currency: Currency) -> Wrong {
    let (code, example) = (currency.code(), if currency.digits() == 0 { "1290" } else { "1290.00" });
    let why = if currency.digits() == 0 { " (it has no smaller unit)" } else { "" };
    Wrong(format!(
        "an amount above nothing in {code}{why} as {code} = {example}, without quotation marks or separators"
    ))
}

/// Whether a key has small letters, digits and hyphens alone, and begins with none.
pub(crate) fn is_key(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !key.is_empty() && key.len() <= KEY_LENGTH && !key.starts_with('-') && key.bytes().all(is_part)
}

/// Whether it is a code that customers type: capital letters and digits.
pub(super) fn is_code(key: &str) -> bool {
    (4..=KEY_LENGTH).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
