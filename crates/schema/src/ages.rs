//! The values of the age band: how old a candidate was on the day of the application.

/// The bands, from the youngest.
pub const BANDS: [&str; 5] = ["<25", "25-34", "35-44", "45-54", "55+"];

/// The ages, in whole years, that a birth date can say: others are slips of the keyboard.
const BELIEVED: std::ops::RangeInclusive<u32> = 14..=90;

/// The band of an age in whole years; none below 14 and above 90.
#[must_use]
pub fn band(age: u32) -> Option<&'static str> {
    let at = match age {
        _ if !BELIEVED.contains(&age) => return None,
        ..25 => 0,
        25..35 => 1,
        35..45 => 2,
        45..55 => 3,
        55.. => 4,
    };
    Some(BANDS[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_that_is_believed_has_its_band() {
        for (ages, expected) in [
            (14..=24, Some("<25")),
            (25..=34, Some("25-34")),
            (35..=44, Some("35-44")),
            (45..=54, Some("45-54")),
            (55..=90, Some("55+")),
            (0..=13, None),
            (91..=130, None),
        ] {
            for age in ages {
                assert_eq!(band(age), expected, "{age}");
            }
        }
    }
}
