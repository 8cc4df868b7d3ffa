//! From a table's source columns to its own: what to read, and where names of persons stand.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, RecordBatch, StringArray, builder::StringBuilder, cast::AsArray,
};
use arrow_select::concat::concat;
use schema::{Column, Kind, Rule, Table, date_column, raw, tables, text_column};
use text::redact::Record;

use crate::{
    Error, age, groups,
    lists::Lists,
    persons::person,
    redact::{Redaction, says_something},
    state::state,
};

/// A table of the feature store that is made of one table of the source.
pub(crate) struct Extract {
    pub(crate) table: &'static Table,
    pub(crate) source: &'static Table,
    /// The columns of the source that name persons, whose names are redacted from the same row.
    names: &'static [&'static str],
    /// The columns of the source with what else is the person's own.
    own: Own,
    /// What of such a column's value is a name.
    name: fn(&str) -> Option<&str>,
    /// The table's columns whose values are chosen from lists: contacts and documents are redacted
    /// from them too, but no names, for a list of cities holds Lorena, Salvador and Vitória. What is
    /// in no list goes ([`Lists`]).
    listed: &'static [&'static str],
    /// Columns of the source that are read, but for what is derived of them.
    beside: &'static [&'static str],
    /// A text column of the table, and the column of the source that stands in where it is null.
    fallback: Option<(&'static str, &'static str)>,
}

/// Columns of the source that say what is a person's own, by what they hold.
pub(crate) struct Own {
    born: Option<&'static str>,
    phones: &'static [&'static str],
    documents: &'static [&'static str],
    contacts: &'static [&'static str],
    streets: &'static [&'static str],
}

/// People: what candidates write is freed of their own name. A candidate without a Portuguese CV is
/// described by the English one, if there is one: the better half of nothing for a model of words.
pub(crate) const PEOPLE: Extract = Extract {
    table: &tables::PEOPLE,
    source: &raw::APPLICANTS,
    names: &["infos_basicas.nome", "informacoes_pessoais.nome"],
    own: Own {
        born: Some(age::BORN),
        phones: &[
            "infos_basicas.telefone",
            "infos_basicas.telefone_recado",
            "informacoes_pessoais.telefone_celular",
            "informacoes_pessoais.telefone_recado",
        ],
        documents: &["informacoes_pessoais.cpf"],
        contacts: &[
            "infos_basicas.email",
            "informacoes_pessoais.email",
            "informacoes_pessoais.email_secundario",
            "informacoes_pessoais.skype",
            "informacoes_pessoais.url_linkedin",
            "informacoes_pessoais.facebook",
        ],
        streets: &["informacoes_pessoais.endereco"],
    },
    name: |value| Some(value),
    listed: &[
        "sexo",
        "estado_civil",
        "pcd",
        "cidade",
        "area_atuacao",
        "nivel_profissional",
        "nivel_academico",
        "ingles",
        "espanhol",
    ],
    beside: &groups::IDENTITY,
    fallback: Some(("cv_candidato", "cv_en")),
};

/// Jobs: what clients and recruiters write is freed of the names of those whom the record names in
/// full.
pub(crate) const JOBS: Extract = Extract {
    table: &tables::JOBS,
    source: &raw::VAGAS,
    names: &[
        "informacoes_basicas.solicitante_cliente",
        "informacoes_basicas.requisitante",
        "informacoes_basicas.analista_responsavel",
        "informacoes_basicas.superior_imediato",
        "informacoes_basicas.nome",
        "informacoes_basicas.nome_substituto",
    ],
    own: Own {
        born: None,
        phones: &["informacoes_basicas.telefone"],
        documents: &[],
        contacts: &[],
        streets: &[],
    },
    name: person,
    listed: &[
        "tipo_contratacao",
        "prazo_contratacao",
        "prioridade_vaga",
        "pais_vaga",
        "estado_vaga",
        "cidade_vaga",
        "vaga_especifica_para_pcd",
        "nivel_profissional_vaga",
        "nivel_academico_vaga",
        "nivel_ingles_vaga",
        "nivel_espanhol_vaga",
        "areas_atuacao_vaga",
    ],
    beside: &groups::PARTIES,
    fallback: None,
};

impl Extract {
    /// The columns of the source to read.
    pub(crate) fn columns(&self) -> Vec<&'static str> {
        let own = self.table.columns.iter().map(|c| c.source);
        let fallback = self.fallback.map(|(_, from)| from);
        let Own { born, phones, documents, contacts, streets } = &self.own;
        let persons = [phones, documents, contacts, streets].into_iter().flat_map(|c| c.iter());
        own.chain(self.names.iter().copied())
            .chain(persons.copied())
            .chain(*born)
            .chain(self.beside.iter().copied())
            .chain(fallback)
            .collect()
    }

    /// The listed columns of the table, each with the column of the source.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let columns = self.table.columns.iter().filter(|c| self.listed.contains(&c.name));
        columns.map(|column| (column.name, column.source))
    }

    /// Of each row of a batch of the source, what it says of its person.
    fn records<'a>(&self, batch: &'a RecordBatch) -> Vec<Record<'a>> {
        let texts = |names: &[&str]| -> Vec<&'a StringArray> {
            names.iter().map(|name| text_column(batch, name)).collect()
        };
        let names = texts(self.names);
        let [phones, documents, contacts, streets] =
            [self.own.phones, self.own.documents, self.own.contacts, self.own.streets].map(texts);
        let born = self.own.born.map(|name| date_column(batch, name));
        let of_row = |columns: &[&'a StringArray], row: usize| -> Vec<&'a str> {
            let given = columns.iter().filter(|column| column.is_valid(row));
            let mut values: Vec<&str> = given.map(|column| column.value(row)).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        (0..batch.num_rows())
            .map(|row| Record {
                names: of_row(&names, row).into_iter().filter_map(self.name).collect(),
                born: born.and_then(|born| age::birth(born, row)),
                phones: of_row(&phones, row),
                documents: of_row(&documents, row),
                contacts: of_row(&contacts, row),
                streets: of_row(&streets, row),
            })
            .collect()
    }

    /// The position of the column that keeps whole what `derived` is a part of.
    fn whole(&self, derived: &Column) -> Option<usize> {
        let columns = self.table.columns.iter().take_while(|c| !c.is_derived());
        columns.enumerate().find(|(_, c)| c.source == derived.source).map(|(at, _)| at)
    }

    /// The table's rows of a batch of the source, redacted; and how many rows have a text from
    /// the column that stands in.
    pub(crate) fn rows(
        &self,
        batch: &RecordBatch,
        redaction: &mut Redaction,
        lists: &mut Lists,
    ) -> Result<(RecordBatch, usize), Error> {
        let mut stood_in = 0;
        let owners = redaction.owners(&self.records(batch));
        let nobody = redaction.nobody();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.table.columns.len());
        for column in self.table.columns {
            if column.rule == Rule::State {
                // Of the redacted column, so that what went there is not here.
                let whole = self.whole(column);
                let places = whole.map(|at| columns[at].as_string());
                columns.push(places.map_or_else(
                    || unreachable!("{} stands before its whole", column.name),
                    states,
                ));
                continue;
            }
            let found = batch.column_by_name(column.source).map_or_else(
                || unreachable!("the reader was asked for {}", column.source),
                std::clone::Clone::clone,
            );
            if column.kind != Kind::Text || column.role == schema::Role::Key {
                columns.push(found);
                continue;
            }
            let mut texts = text_column(batch, column.source).clone();
            if let Some((own, from)) = self.fallback
                && own == column.name
            {
                (texts, stood_in) = coalesce(&texts, text_column(batch, from));
            }
            columns.push(if self.listed.contains(&column.name) {
                lists.hold(column.name, &redaction.column(&texts, &nobody))
            } else {
                Arc::new(redaction.column(&texts, &owners))
            });
        }
        let rows = RecordBatch::try_new(self.table.arrow(), columns)
            .map_err(Error::assemble(self.table.name))?;
        Ok((rows, stood_in))
    }
}

fn states(places: &StringArray) -> ArrayRef {
    let states = places.iter().map(|place| state(place?).filter(|state| says_something(state)));
    Arc::new(states.collect::<StringArray>())
}

/// `first`, and where that is null `second`; and how often the latter gave a text.
fn coalesce(first: &StringArray, second: &StringArray) -> (StringArray, usize) {
    let gives = |row: usize| first.is_null(row) && second.is_valid(row);
    let count = (0..first.len()).filter(|&row| gives(row)).count();
    if count == 0 {
        return (first.clone(), 0);
    }
    let mut both = StringBuilder::with_capacity(first.len(), first.value_data().len());
    for row in 0..first.len() {
        let from = if gives(row) { second } else { first };
        both.append_option(from.is_valid(row).then(|| from.value(row)));
    }
    (both.finish(), count)
}

/// The text column `name` of all `batches` of `table` as one.
pub(crate) fn concat_text(
    table: &'static str,
    batches: &[RecordBatch],
    name: &str,
) -> Result<StringArray, Error> {
    let parts: Vec<&dyn Array> = batches.iter().map(|b| text_column(b, name) as _).collect();
    if parts.is_empty() {
        return Ok(StringArray::new_null(0));
    }
    let whole = concat(&parts).map_err(Error::assemble(table))?;
    Ok(whole.as_string().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_is_filled_from_the_second_column_and_counted() {
        let first = StringArray::from(vec![Some("a"), None, None]);
        let second = StringArray::from(vec![Some("x"), Some("y"), None]);
        let (both, count) = coalesce(&first, &second);
        assert_eq!(both, StringArray::from(vec![Some("a"), Some("y"), None]));
        assert_eq!(count, 1);
    }

    #[test]
    fn every_column_that_is_read_is_one_of_the_source() {
        for extract in [PEOPLE, JOBS] {
            for column in extract.columns() {
                assert!(extract.source.position(column).is_some(), "{column}");
            }
        }
    }

    #[test]
    fn every_listed_column_is_a_text_of_its_table() {
        for extract in [PEOPLE, JOBS] {
            for name in extract.listed {
                let column = extract.table.position(name).map(|at| extract.table.columns[at]);
                assert_eq!(column.map(|c| c.kind), Some(Kind::Text), "{name}");
            }
        }
    }

    #[test]
    fn a_state_is_taken_from_the_redacted_place() {
        assert_eq!(
            PEOPLE.whole(&tables::PEOPLE.columns[tables::PEOPLE.position("estado").unwrap()]),
            tables::PEOPLE.position("cidade")
        );
        let masked = format!("a, {}", text::redact::MARK);
        let places = StringArray::from(vec![
            Some("Recife, Pernambuco"),
            Some("Recife"),
            None,
            Some(&masked),
        ]);
        let found = states(&places);
        let expected = StringArray::from(vec![Some("Pernambuco"), None, None, None]);
        assert_eq!(found.as_string::<i32>(), &expected);
    }

    #[test]
    fn no_column_of_the_tables_comes_from_a_name() {
        for extract in [PEOPLE, JOBS] {
            for column in extract.table.columns {
                assert!(!extract.names.contains(&column.source), "{}", column.name);
            }
        }
    }
}
