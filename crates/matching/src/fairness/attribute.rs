//! A protected attribute of applications.

use std::collections::BTreeMap;

/// An attribute: which group each row is in, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    name: String,
    groups: Vec<String>,
    of_row: Vec<Option<u32>>,
}

impl Attribute {
    /// Of the value of each row; none or white space is unknown. The groups are the values that
    /// occur, ascending.
    pub fn new<S: AsRef<str>>(name: &str, values: impl IntoIterator<Item = Option<S>>) -> Self {
        let values: Vec<Option<S>> = values.into_iter().collect();
        let known = |value: &'_ Option<S>| {
            value.as_ref().map(|v| v.as_ref().trim().to_owned()).filter(|v| !v.is_empty())
        };
        let mut numbers: BTreeMap<String, u32> =
            values.iter().filter_map(known).map(|value| (value, 0)).collect();
        for (number, of) in (0..).zip(numbers.values_mut()) {
            *of = number;
        }
        let of_row = values.iter().map(|value| numbers.get(&known(value)?).copied()).collect();
        Self { name: name.to_owned(), groups: numbers.into_keys().collect(), of_row }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of its groups, ascending; some may have no rows.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The number of the group of each row; none is unknown.
    pub fn of_rows(&self) -> &[Option<u32>] {
        &self.of_row
    }

    /// The attribute of the rows at these places, with all its groups.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            name: self.name.clone(),
            groups: self.groups.clone(),
            of_row: rows.iter().map(|&row| self.of_row[row]).collect(),
        }
    }

    /// Two attributes crossed, each over two sets of rows: the groups are the pairs that occur in
    /// either; a row of which one is unknown is unknown.
    pub(super) fn crossed((a, b): (&Self, &Self), (c, d): (&Self, &Self)) -> (Self, Self) {
        let pairs = |x: &Self, y: &Self| -> Vec<Option<(u32, u32)>> {
            let both = x.of_row.iter().zip(&y.of_row);
            both.map(|(&x, &y)| Some((x?, y?))).collect()
        };
        let (first, second) = (pairs(a, c), pairs(b, d));
        let mut numbers: BTreeMap<(u32, u32), u32> =
            first.iter().chain(&second).flatten().map(|&pair| (pair, 0)).collect();
        for (number, of) in (0..).zip(numbers.values_mut()) {
            *of = number;
        }
        let groups: Vec<String> = numbers
            .keys()
            .map(|&(x, y)| format!("{} × {}", a.groups[x as usize], c.groups[y as usize]))
            .collect();
        let of = |pairs: Vec<Option<(u32, u32)>>| Self {
            name: format!("{} × {}", a.name, c.name),
            groups: groups.clone(),
            of_row: pairs.iter().map(|pair| numbers.get(pair.as_ref()?).copied()).collect(),
        };
        (of(first), of(second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_ascend_and_blanks_are_unknown() {
        let values = [Some("M"), None, Some(" F "), Some(""), Some("M"), Some("  ")];
        let sex = Attribute::new("sexo", values);
        assert_eq!(sex.groups(), ["F", "M"]);
        assert_eq!(sex.of_rows(), [Some(1), None, Some(0), None, Some(1), None]);
        let some = sex.select(&[2, 1]);
        assert_eq!((some.groups(), some.of_rows()), (sex.groups(), &[Some(0), None][..]));
        let none = Attribute::new("sexo", [None::<&str>; 3]);
        assert_eq!((none.groups().len(), none.of_rows()), (0, &[None; 3][..]));
    }

    #[test]
    fn crossed_groups_are_the_pairs_that_occur() {
        let sex = Attribute::new("sexo", [Some("F"), Some("M"), Some("F"), None]);
        let state = Attribute::new("estado", [Some("SP"), Some("RJ"), None, Some("SP")]);
        let of = |rows: &[usize]| (sex.select(rows), state.select(rows));
        let (all, some) = (of(&[0, 1, 2, 3]), of(&[1]));
        let (a, b) = Attribute::crossed((&all.0, &some.0), (&all.1, &some.1));
        assert_eq!((a.name(), a.groups()), ("sexo × estado", b.groups()));
        assert_eq!(a.groups(), ["F × SP", "M × RJ"]);
        assert_eq!(a.of_rows(), [Some(0), Some(1), None, None]);
        assert_eq!(b.of_rows(), [Some(1)]);
    }
}
