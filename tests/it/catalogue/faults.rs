//! What is wrong in a file: all of it at once, each with its line and what to write instead.

use portico::catalogue::file::read;
use rstest::rstest;

use super::{OFFER, SELLER, file_with};

/// The faults of a text, as `line: message`.
fn faults(text: &str) -> Vec<String> {
    read(text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// The line of a text in the file of the tests.
fn line_of(text: &str, words: &str) -> usize {
    1 + text.lines().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}"))
}

#[test]
fn the_examples_have_no_faults() {
    assert_eq!(faults(&format!("{SELLER}{OFFER}")), Vec::<String>::new());
    let document = std::fs::read_to_string("docs/catalogue.md").expect("the document");
    let example = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    assert_eq!(faults(example), Vec::<String>::new());
    assert_eq!(read(example).expect("no faults").entries.len(), 10);
}

#[rstest]
#[case::field("summary = \"Maps from images.\"", "sumary = \"Maps from images.\"", "sumary", "did you mean “summary”?")]
#[case::missing("name = \"Mapper\"\n", "", "[products.mapper]", "[products.mapper] has no “name”: write name = \"…\"")]
#[case::kind("kind = \"desktop\"", "kind = \"desk\"", "\"desk\"", "write one of \"desktop\", \"cloud\", \"mobile\"")]
#[case::term("term = \"yearly\"", "term = 1", "term = 1", "write one of \"monthly\", \"yearly\"")]
#[case::product(
    "product = \"cloud\"",
    "product = \"claud\"",
    "claud",
    "names “claud”, which is not there: did you mean “cloud”?"
)]
#[case::seats("seats = 5", "seats = -5", "seats = -5", "write a whole number from 0 to 10000")]
#[case::part("seats = 5", "seats = 2.5", "seats = 2.5", "write a whole number from 0 to 10000")]
#[case::no_seats(
    "seats = 5\n",
    "",
    "[plans.mapper-yearly]",
    "[plans.mapper-yearly] is of a desktop product, which nobody can use without a seat: write seats = 1"
)]
#[case::zero_seats("seats = 5", "seats = 0", "[plans.mapper-yearly]", "write seats = 1")]
#[case::digits("CHF = 139.00", "CHF = 139.5", "139.5", "write an amount above nothing in CHF as CHF = 1290.00")]
#[case::nothing("CHF = 139.00", "CHF = 0", "CHF = 0", "write an amount above nothing in CHF")]
#[case::quoted("CHF = 139.00", "CHF = \"139.00\"", "\"139.00\"", "without quotation marks or separators")]
#[case::currency(
    "CHF = 139.00",
    "CFH = 139.00",
    "CFH",
    "write one of AUD, CAD, CHF, EUR, GBP, JPY, USD instead of “CFH”"
)]
#[case::currency_left_out(
    "CHF = 139.00, ",
    "",
    "[plans.cloud-monthly]",
    "has no price in CHF, which [countries.CH] pays in"
)]
#[case::trial(
    "term = \"trial\"",
    "term = \"trial\"\nprice = { CHF = 1, USD = 1 }",
    "price = { CHF = 1,",
    "must not have “price”: a trial"
)]
#[case::support(
    "term = \"monthly\"",
    "term = \"monthly\"\nsupport_months = 12",
    "support_months",
    "must not have “support_months”"
)]
#[case::rate("tax_rate = 8.1", "tax_rate = 108.1", "108.1", "write percent from 0 to 100")]
#[case::tax("tax = \"VAT\"\n", "", "[countries.CH]", "needs both or none")]
#[case::country("[countries.CH]", "[countries.CHE]", "[countries.CHE]", "“CHE” in [countries.CHE] is no country")]
#[case::elsewhere("[countries.elsewhere]", "[countries.US]", "", "there is no [countries.elsewhere]")]
#[case::prefixes("invoice_prefix = \"INV-\"", "invoice_prefix = \"CN-\"", "[seller]", "must differ")]
#[case::key("[products.cloud]", "[products.Cloud]", "[products.Cloud]", "“Cloud” is no key: write small letters")]
#[case::code("[coupons.SPRING27]", "[coupons.spring]", "[coupons.spring]", "“spring” is no code: write at least four")]
#[case::discount("percent = 10\n", "", "[coupons.SPRING27]", "write percent = 10 or amount = { CHF = 50.00 }")]
#[case::day("until = 2027-06-30", "until = \"2027-06-30\"", "until", "write a day without quotation marks")]
#[case::kinds(
    "[coupons.SPRING27]",
    "[cupons.SPRING27]",
    "[cupons",
    "the file has “cupons”, which nothing reads: did you mean “coupons”?"
)]
#[case::toml("includes = [\"Sharing\"]", "includes = [\"Sharing\"", "", "this is not TOML")]
#[case::twice("[products.cloud]", "[products.mapper]", "", "this is not TOML: duplicate key")]
fn a_slip_is_told_with_its_line_and_what_to_write(
    #[case] old: &str,
    #[case] new: &str,
    #[case] place: &str,
    #[case] message: &str,
) {
    let text = file_with(&[(old, new)]);
    let faults = faults(&text);
    let expected = |fault: &&String| fault.contains(message);
    let fault = faults.iter().find(expected).unwrap_or_else(|| panic!("“{message}” is not among {faults:#?}"));
    if !place.is_empty() {
        assert_eq!(fault.split(':').next(), Some(line_of(&text, place).to_string().as_str()), "{fault}");
    }
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_their_lines() {
    let text = file_with(&[
        ("zip = \"1000\"\n", ""),
        ("kind = \"desktop\"", "kind = \"table\""),
        ("CHF = 99.00", "CHF = 99.999"),
        ("percent = 10", "percent = 10\npercentage = 10"),
    ]);
    let faults = faults(&text);
    let lines: Vec<usize> = faults.iter().map(|fault| fault.split(':').next().unwrap().parse().unwrap()).collect();
    assert_eq!(faults.len(), 4, "{faults:#?}");
    assert!(lines.is_sorted() && lines[0] == 2, "{faults:#?}");
}

#[test]
fn an_empty_file_says_what_it_needs() {
    let faults = faults("");
    assert_eq!(faults.len(), 2, "{faults:#?}");
    assert!(faults[0].starts_with("1: there is no [countries.elsewhere]"), "{faults:#?}");
    assert!(faults[1].starts_with("1: there is no [seller]"), "{faults:#?}");
}
