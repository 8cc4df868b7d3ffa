//! Where people live and jobs are.

/// A city with its state, and its share of candidates and of jobs.
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) state: &'static str,
    pub(crate) letters: &'static str,
    /// Telephone area code.
    pub(crate) code: &'static str,
    pub(crate) share: f64,
}

const fn city(
    name: &'static str,
    state: &'static str,
    letters: &'static str,
    code: &'static str,
    share: f64,
) -> City {
    City { name, state, letters, code, share }
}

pub(crate) const CITIES: [City; 16] = [
    city("São Paulo", "São Paulo", "sp", "11", 0.34),
    city("Campinas", "São Paulo", "sp", "19", 0.06),
    city("Barueri", "São Paulo", "sp", "11", 0.04),
    city("Osasco", "São Paulo", "sp", "11", 0.03),
    city("Rio de Janeiro", "Rio de Janeiro", "rj", "21", 0.12),
    city("Niterói", "Rio de Janeiro", "rj", "21", 0.03),
    city("Belo Horizonte", "Minas Gerais", "mg", "31", 0.08),
    city("Uberlândia", "Minas Gerais", "mg", "34", 0.03),
    city("Curitiba", "Paraná", "pr", "41", 0.06),
    city("Londrina", "Paraná", "pr", "43", 0.02),
    city("Porto Alegre", "Rio Grande do Sul", "rs", "51", 0.05),
    city("Recife", "Pernambuco", "pe", "81", 0.04),
    city("Brasília", "Distrito Federal", "df", "61", 0.04),
    city("Fortaleza", "Ceará", "ce", "85", 0.02),
    city("Salvador", "Bahia", "ba", "71", 0.02),
    city("Florianópolis", "Santa Catarina", "sc", "48", 0.02),
];
