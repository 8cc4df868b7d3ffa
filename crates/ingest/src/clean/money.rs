//! Amounts of money, in cents of whatever currency they are in.

use super::Parsed;

/// Digits before the cents that an amount may have (the column holds 14 in all).
const DIGITS: usize = 12;

/// Marks of currencies, which say nothing here: the source's amounts have no currency column.
const CURRENCIES: [&str; 8] = ["R$", "US$", "BRL", "USD", "EUR", "RS", "$", "€"];

/// The cents of an amount as people type it: `2000,00`, `R$ 5.000,00`, `1.500`, `5000`, `USD 10`,
/// `36,00 -`. A mark or dash alone says that there is none; ranges, words and negative amounts are
/// invalid.
pub(crate) fn money(clean: &str) -> Parsed<i128> {
    let bare = strip(clean);
    if bare.is_empty() {
        return Parsed::Missing;
    }
    cents(bare).map_or(Parsed::Invalid, Parsed::Value)
}

/// The cents of an amount that came as a number, rounded; invalid if negative or out of range.
pub(crate) fn cents_of(amount: f64) -> Parsed<i128> {
    let cents = (amount * 100.0).round();
    // 10^14 cents: what the column's 14 digits hold, and exact in an f64.
    if (0.0..1e14).contains(&cents) { Parsed::Value(cents as i128) } else { Parsed::Invalid }
}

/// Without currency marks at its ends and the dash that stands for an absent upper bound.
fn strip(clean: &str) -> &str {
    let mut bare = clean.trim();
    loop {
        let before = bare.len();
        bare = bare.trim_end_matches(['-', '–', ' ', '\u{a0}']).trim();
        for mark in CURRENCIES {
            if let Some(head) = bare.get(..mark.len())
                && head.eq_ignore_ascii_case(mark)
            {
                bare = bare[mark.len()..].trim_start();
            }
            if bare.len() >= mark.len()
                && let Some(tail) = bare.get(bare.len() - mark.len()..)
                && tail.eq_ignore_ascii_case(mark)
            {
                bare = bare[..bare.len() - mark.len()].trim_end();
            }
        }
        if bare.len() == before {
            return bare;
        }
    }
}

fn cents(bare: &str) -> Option<i128> {
    let (whole, fraction) = match bare.rfind([',', '.']) {
        // One or two digits behind the last mark are cents; three are thousands.
        Some(at) if bare.len() - at - 1 <= 2 => (&bare[..at], &bare[at + 1..]),
        _ => (bare, ""),
    };
    let whole = ungroup(whole)?;
    if whole.len() > DIGITS || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let cents = match fraction.len() {
        0 => 0,
        1 => fraction.parse::<i128>().ok()? * 10,
        _ => fraction.parse::<i128>().ok()?,
    };
    Some(whole.parse::<i128>().ok()? * 100 + cents)
}

/// The digits of `1.500`, `1,500,000` or `1500`: groups must be of three, behind one kind of mark.
fn ungroup(whole: &str) -> Option<String> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let Some(mark) = whole.chars().find(|c| matches!(c, '.' | ',')) else {
        return digits(whole).then(|| whole.to_owned());
    };
    let mut groups = whole.split(mark);
    let first = groups.next().filter(|g| digits(g) && g.len() <= 3)?;
    let mut all = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        all.push_str(group);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, expected) in [
            ("2000,00", 200_000),
            ("R$ 5.000,00", 500_000),
            ("r$5.000,00", 500_000),
            ("R$ 13.500,00", 1_350_000),
            ("1.500", 150_000),
            ("1,500", 150_000),
            ("5000", 500_000),
            ("5000.0", 500_000),
            ("USD 10", 1_000),
            ("10 USD", 1_000),
            ("US$ 10,5", 1_050),
            ("1.234.567,89", 123_456_789),
            ("1,234,567.89", 123_456_789),
            ("36,00 -", 3_600),
            ("0,00", 0),
        ] {
            assert_eq!(money(text), Parsed::Value(expected), "{text}");
        }
    }

    #[test]
    fn a_mark_alone_is_no_amount() {
        for text in ["R$", "R$ -", "-", "US$", "$"] {
            assert_eq!(money(text), Parsed::Missing, "{text}");
        }
    }

    #[test]
    fn ranges_words_and_signs_are_invalid() {
        for text in [
            "a combinar",
            "5000 - 6000",
            "5 mil",
            "5k",
            "-500",
            "1.2345",
            "12.34.56",
            "1.50.000",
            "1,2,3",
            ",",
            ",50",
            "9999999999999",
            "CLT 5000",
            "é",
        ] {
            assert_eq!(money(text), Parsed::Invalid, "{text}");
        }
    }

    #[test]
    fn numbers_are_rounded_to_cents() {
        assert_eq!(cents_of(10.005), Parsed::Value(1_001));
        assert_eq!(cents_of(7_000.0), Parsed::Value(700_000));
        for bad in [-1.0, f64::NAN, f64::INFINITY, 1e13] {
            assert_eq!(cents_of(bad), Parsed::Invalid, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_is_read_back_from_both_spellings(cents in 0_i128..100_000_000_000_000) {
            let (whole, rest) = (cents / 100, cents % 100);
            prop_assert_eq!(money(&format!("{whole},{rest:02}")), Parsed::Value(cents));
            prop_assert_eq!(money(&format!("R$ {whole}.{rest:02}")), Parsed::Value(cents));
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,30}|[R$€0-9 ,.-]{0,24}") {
            let _ = money(&text);
        }
    }
}
