//! `--filter`: which records may be found.
//!
//! `open,estado=São Paulo,nivel=Sênior`: every condition must hold. Values are compared without
//! regard to case and accents.

use parquet::file::reader::ChunkReader;
use schema::store::job_days;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{Error, columns::Side, day::Day, openings::is_open, records::texts};

/// How a value fits what a record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// It is the record's value, or one of several between commas.
    Part,
    /// Its words stand in the record's value, one after the other.
    Words,
}

/// A condition's name and the column that it asks.
struct Field {
    name: &'static str,
    side: Side,
    column: &'static str,
    fit: Fit,
}

const fn field(name: &'static str, side: Side, column: &'static str, fit: Fit) -> Field {
    Field { name, side, column, fit }
}

const FIELDS: [Field; 10] = [
    field("estado", Side::Jobs, "estado_vaga", Fit::Part),
    field("cidade", Side::Jobs, "cidade_vaga", Fit::Part),
    field("pais", Side::Jobs, "pais_vaga", Fit::Part),
    field("nivel", Side::Jobs, "nivel_profissional_vaga", Fit::Part),
    field("pcd", Side::Jobs, "vaga_especifica_para_pcd", Fit::Part),
    field("contratacao", Side::Jobs, "tipo_contratacao", Fit::Part),
    field("area", Side::Jobs, "areas_atuacao_vaga", Fit::Words),
    field("cidade", Side::People, "cidade", Fit::Part),
    field("nivel", Side::People, "nivel_profissional", Fit::Part),
    field("area", Side::People, "area_atuacao", Fit::Words),
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// Open at a day; at the version's own when none is given.
    Open(Option<Day>),
    Is {
        name: &'static str,
        column: &'static str,
        fit: Fit,
        value: String,
    },
}

/// What every record found must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    side: Option<Side>,
    conditions: Vec<Condition>,
}

impl Filter {
    /// Reads what was given for records of `side`.
    pub(crate) fn parse(given: &str, side: Side) -> Result<Self, Error> {
        // A comma may stand in a value: a condition begins with a name that is known, or `=`.
        let mut parts: Vec<String> = Vec::new();
        for piece in given.split(',') {
            match parts.last_mut() {
                Some(last)
                    if !piece.contains('=') && piece.trim() != "open" && last.contains('=') =>
                {
                    last.push(',');
                    last.push_str(piece);
                }
                _ => parts.push(piece.to_owned()),
            }
        }
        let conditions =
            parts.iter().map(|part| condition(part.trim(), side)).collect::<Result<_, _>>()?;
        Ok(Self { side: Some(side), conditions })
    }

    /// Whether each record of the side's table may be found. `open` is at `as_of` unless it says
    /// otherwise.
    pub(crate) fn rows<R: ChunkReader + Clone + 'static>(
        &self,
        source: &R,
        rows: usize,
        as_of: Option<Day>,
        open_days: u32,
    ) -> Result<Vec<bool>, Error> {
        let mut all = vec![true; rows];
        let Some(side) = self.side else { return Ok(all) };
        for condition in &self.conditions {
            let holds = match condition {
                Condition::Open(day) => {
                    let day = day.or(as_of);
                    job_days(source.clone())?
                        .into_iter()
                        .map(|date| is_open(date, day, open_days))
                        .collect()
                }
                Condition::Is { name, column, fit, value } => {
                    let values = texts(side, source.clone(), column)?;
                    let holds: Vec<bool> = values
                        .iter()
                        .map(|has| has.as_deref().is_some_and(|has| fits(has, value, *fit)))
                        .collect();
                    if !holds.contains(&true) {
                        return Err(nothing_is(side, name, value, &values));
                    }
                    holds
                }
            };
            all.iter_mut().zip(holds).for_each(|(all, holds)| *all &= holds);
        }
        Ok(all)
    }
}

fn condition(part: &str, side: Side) -> Result<Condition, Error> {
    let (name, value) = part.split_once('=').map_or((part, None), |(n, v)| (n.trim(), Some(v)));
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    if name == "open" && side == Side::Jobs {
        let day = value.map(str::parse).transpose();
        return day
            .map(Condition::Open)
            .map_err(|e| Error::Argument(format!("--filter open: {e}, or nothing")));
    }
    if name == "pcd" && side == Side::People {
        return Err(Error::Argument(
            "--filter pcd: a candidate's is a protected attribute, which nobody is found by; ask for a job that is reserved (`--filter pcd=Sim` with --candidate or --text)".to_owned(),
        ));
    }
    let fields = || FIELDS.iter().filter(|field| field.side == side);
    let Some(field) = fields().find(|field| field.name == name) else {
        let mut known: Vec<&str> = fields().map(|field| field.name).collect();
        if side == Side::Jobs {
            known.insert(0, "open");
        }
        let near = known.iter().min_by_key(|known| strsim::osa_distance(known, name));
        let near = near.filter(|near| strsim::osa_distance(near, name) <= 1 + near.len() / 3);
        let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
        return Err(Error::Argument(format!(
            "--filter: `{name}` is nothing that {} are filtered by: {near}expected {}",
            side.plural(),
            known.join(", ")
        )));
    };
    let Some(value) = value else {
        return Err(Error::Argument(format!("--filter {name}: expected {name}=VALUE")));
    };
    let (name, column, fit) = (field.name, field.column, field.fit);
    Ok(Condition::Is { name, column, fit, value: value.to_owned() })
}

/// That no record has a value, and those that are near it.
fn nothing_is(side: Side, name: &str, value: &str, values: &[Option<String>]) -> Error {
    let mut there: Vec<&str> = values.iter().flatten().map(String::as_str).collect();
    there.sort_unstable();
    there.dedup();
    let folded = fold(value);
    let mut near: Vec<(usize, &str)> =
        there.iter().map(|has| (strsim::osa_distance(&fold(has), &folded), *has)).collect();
    near.sort_unstable();
    let near: Vec<&str> = near
        .into_iter()
        .filter(|(distance, has)| *distance <= 1 + has.chars().count() / 3)
        .take(3)
        .map(|(_, has)| has)
        .collect();
    let near = if near.is_empty() {
        format!("there are {}", some(&there))
    } else {
        format!("near it are {}", near.join(", "))
    };
    Error::Argument(format!("--filter {name}={value}: no {} has it; {near}", side.noun()))
}

/// The first of some values.
fn some(values: &[&str]) -> String {
    const SHOWN: usize = 8;
    let more = if values.len() > SHOWN { ", …" } else { "" };
    match values {
        [] => "none at all".to_owned(),
        _ => format!("{}{more}", values[..values.len().min(SHOWN)].join(", ")),
    }
}

fn fits(has: &str, value: &str, fit: Fit) -> bool {
    let (has, value) = (fold(has), fold(value));
    match fit {
        Fit::Part => has == value || has.split(',').any(|part| part.trim() == value),
        Fit::Words => {
            let of = |text: &str| -> Vec<String> {
                let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
                words.map(str::to_owned).collect()
            };
            let (has, value) = (of(&has), of(&value));
            !value.is_empty() && has.windows(value.len()).any(|run| run == value)
        }
    }
}

/// Lower case, without accents.
fn fold(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(given: &str, side: Side) -> String {
        Filter::parse(given, side).unwrap_err().to_string()
    }

    #[test]
    fn conditions_are_separated_by_commas_and_values_may_hold_some() {
        let filter = Filter::parse("open, cidade=São Paulo, SP,nivel=Sênior", Side::Jobs).unwrap();
        let is = |name, column, value: &str| Condition::Is {
            name,
            column,
            fit: Fit::Part,
            value: value.to_owned(),
        };
        let expected = [
            Condition::Open(None),
            is("cidade", "cidade_vaga", "São Paulo, SP"),
            is("nivel", "nivel_profissional_vaga", "Sênior"),
        ];
        assert_eq!(filter.conditions, expected);
        let day = Filter::parse("open=2025-03-01", Side::Jobs).unwrap();
        assert_eq!(day.conditions, [Condition::Open("2025-03-01".parse().ok())]);
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        assert!(refused("estdo=SP", Side::Jobs).contains("did you mean `estado`?"));
        assert!(refused("estado", Side::Jobs).contains("expected estado=VALUE"));
        assert!(refused("estado=", Side::Jobs).contains("expected estado=VALUE"));
        assert!(refused("open=tomorrow", Side::Jobs).contains("expected YYYY-MM-DD, or nothing"));
        assert!(refused("open", Side::People).contains("expected cidade, nivel, area"));
        assert!(refused("pcd=Sim", Side::People).contains("protected"));
        assert!(refused("", Side::Jobs).contains("expected open, estado"));
    }

    #[test]
    fn values_fit_without_regard_to_case_and_accents() {
        for (has, value, fit, expected) in [
            ("São Paulo", "sao paulo", Fit::Part, true),
            ("São Paulo, São Paulo", "SÃO PAULO", Fit::Part, true),
            ("Santos Dumont", "Santos", Fit::Part, false),
            ("TI - Desenvolvimento/Programação-", "programacao", Fit::Words, true),
            ("TI - Desenvolvimento/Programação-", "ti desenvolvimento", Fit::Words, true),
            ("TI - Desenvolvimento/Programação-", "envolvimento", Fit::Words, false),
            ("TI", "-", Fit::Words, false),
        ] {
            assert_eq!(fits(has, value, fit), expected, "{has} / {value}");
        }
    }

    #[test]
    fn a_value_that_nothing_has_is_told_with_those_near_it() {
        let values = ["São Paulo", "Paraná"].map(|v| Some(v.to_owned()));
        let near = nothing_is(Side::Jobs, "estado", "Sao Pulo", &values).to_string();
        assert_eq!(near, "--filter estado=Sao Pulo: no job has it; near it are São Paulo");
        let far = nothing_is(Side::Jobs, "estado", "Bahia", &values).to_string();
        assert!(far.ends_with("there are Paraná, São Paulo"), "{far}");
    }
}
