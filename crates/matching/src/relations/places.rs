//! Where somebody lives and where a job is.

use serde::{Deserialize, Serialize};

use super::words::folded;

const STATES: [(&str, &str); 27] = [
    ("acre", "ac"),
    ("alagoas", "al"),
    ("amapa", "ap"),
    ("amazonas", "am"),
    ("bahia", "ba"),
    ("ceara", "ce"),
    ("distrito federal", "df"),
    ("espirito santo", "es"),
    ("goias", "go"),
    ("maranhao", "ma"),
    ("mato grosso", "mt"),
    ("mato grosso do sul", "ms"),
    ("minas gerais", "mg"),
    ("para", "pa"),
    ("paraiba", "pb"),
    ("parana", "pr"),
    ("pernambuco", "pe"),
    ("piaui", "pi"),
    ("rio de janeiro", "rj"),
    ("rio grande do norte", "rn"),
    ("rio grande do sul", "rs"),
    ("rondonia", "ro"),
    ("roraima", "rr"),
    ("santa catarina", "sc"),
    ("sao paulo", "sp"),
    ("sergipe", "se"),
    ("tocantins", "to"),
];

/// Lines at the head of a CV in which people say where they live.
const HEAD: usize = 15;

/// The cities of the jobs of the training part, folded, ascending: those that can be the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Cities(Vec<String>);

/// A city by its number in [`Cities`] and a state by its number in the list of states; either may
/// not be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) city: Option<u32>,
    pub(super) state: Option<u8>,
}

impl Place {
    fn or(self, other: Self) -> Self {
        Self { city: self.city.or(other.city), state: self.state.or(other.state) }
    }
}

impl Cities {
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut cities: Vec<_> = names.map(folded).filter(|name| !name.is_empty()).collect();
        cities.sort_unstable();
        cities.dedup();
        Self(cities)
    }

    /// Whether the cities stand in the order that look-ups need.
    pub(super) fn are_ascending(&self) -> bool {
        self.0.windows(2).all(|pair| pair[0] < pair[1])
    }

    pub(super) fn of_job(&self, city: &str, state: &str) -> Place {
        Place { city: self.find(&folded(city)), state: state_of(&folded(state)) }
    }

    /// A place from `City, State` and the like.
    pub(super) fn read(&self, text: &str) -> Place {
        let mut parts = text.split(['/', ',', '-', '–', '|', '(', ')', ':']).map(folded);
        let mut found = Place::default();
        // A city and a state may have one name: the first is the city.
        while let Some(part) = parts.next() {
            if let Some(city) = self.find(&part) {
                found.city = Some(city);
                let named = parts.next().and_then(|next| state_of(&next));
                found.state = named.or(found.state);
                return found;
            }
            found.state = found.state.or_else(|| state_of(&part));
        }
        found
    }

    /// The place in the head of a CV: the first line that names one of the cities.
    pub(super) fn in_cv(&self, cv: &str) -> Place {
        let lines = cv.lines().take(HEAD).filter(|line| line.len() <= 120);
        lines.map(|line| self.read(line)).find(|place| place.city.is_some()).unwrap_or_default()
    }

    /// The place of the column, and from the CV what it does not say.
    pub(super) fn of_person(&self, column: &str, cv: &str) -> Place {
        let said = self.read(column);
        if said.city.is_some() { said } else { said.or(self.in_cv(cv)) }
    }

    fn find(&self, folded: &str) -> Option<u32> {
        let place = self.0.binary_search_by(|city| city.as_str().cmp(folded)).ok()?;
        u32::try_from(place).ok()
    }
}

fn state_of(folded: &str) -> Option<u8> {
    let at = STATES.iter().position(|(name, letters)| *name == folded || *letters == folded)?;
    u8::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_from_columns_and_from_cvs() {
        let cities =
            Cities::of(["São Paulo", "Recife", "Rio de Janeiro", "", "Recife"].into_iter());
        assert!(cities.are_ascending());
        let job = cities.of_job("São Paulo", "São Paulo");
        for said in ["São Paulo, São Paulo", "sao paulo/sp", "Centro - São Paulo - SP"] {
            assert_eq!(cities.read(said), job, "{said}");
        }
        assert_eq!(
            cities.of_person("", "·\n·\nrecife/pe\nanalista"),
            cities.of_job("recife", "PE")
        );
        let elsewhere = cities.read("Olinda, Pernambuco");
        assert_eq!((elsewhere.city, elsewhere.state), (None, cities.of_job("", "pe").state));
        assert_eq!(cities.of_person("", "java e python"), Place::default());
    }
}
