//! Records that are one and the same: a person under several codes, a job posted again.
//!
//! People are one where they share a CPF, an e-mail address or the text of a CV; jobs where they share
//! what is asked for, word for word (activities and competences: of real jobs 16 % share that with
//! another, and only a quarter of those the title too). Whoever shares with one of a group is of the
//! group.
//!
//! A value that many records share is no identity but a placeholder, an agency's address or a broken
//! join, so it joins nobody and is counted: of people, one that more than three, or 0.1 % of them,
//! share (of real CVs 3.4 % are another's word for word, and nearly all of those are pairs; of 42,482
//! people, 42 may share one); of jobs, one that more than ten, or 2 % of them, share (a client who
//! hires by the dozen posts one text again and again, and that *is* one text). **The two errors**:
//! people of one family address are one group, which costs a split some evenness; a person under
//! more codes than that stays several.
//!
//! Jobs are also grouped by who is behind them ([`PARTIES`]): what became of a client's, a
//! requester's or a recruiter's earlier jobs says something of the next one. The name itself is not
//! kept, nor anything made from it that could be looked up: a group is named by its smallest job.
//!
//! Values are hashed as they stream by, and only codes leave this module.

use arrow_array::{Array, RecordBatch, StringArray, cast::AsArray};
use rayon::prelude::*;
use schema::{BatchBuilder, Table, TableWriter, tables, text_column};
use serde::Serialize;
use stage::OutputFile;
use twox_hash::XxHash3_64;

use crate::Error;

/// The columns of the source that say who a person is.
pub(crate) const IDENTITY: [&str; 3] =
    ["informacoes_pessoais.cpf", "informacoes_pessoais.email", "infos_basicas.email"];

/// The columns of the source that say who is behind a job.
pub(crate) const PARTIES: [&str; 3] = [
    "informacoes_basicas.cliente",
    "informacoes_basicas.solicitante_cliente",
    "informacoes_basicas.analista_responsavel",
];

/// What groups of jobs of one party are told under.
fn party(column: &'static str) -> &'static str {
    column.rsplit('.').next().unwrap_or(column)
}

/// The texts of a job that say what it is.
const JOB_TEXTS: [&str; 2] = ["principais_atividades", "competencia_tecnicas_e_comportamentais"];

/// Letters and digits that a text must have to be anybody's own: shorter ones are placeholders
/// ("currículo em anexo", "a combinar").
const OWN_TEXT: usize = 60;

/// Of how many records that share a value it is still an identity: this, or so many in a thousand.
const PEOPLE: Shared = Shared { records: 3, per_thousand: 1 };
const JOBS: Shared = Shared { records: 10, per_thousand: 20 };

#[derive(Clone, Copy)]
struct Shared {
    records: usize,
    per_thousand: usize,
}

/// What the records of a table share: hashes with the rows that have them, by kind of value.
#[derive(Default)]
pub(crate) struct Sharing {
    kinds: [Vec<(u64, u32)>; 3],
    rows: u32,
}

impl Sharing {
    /// Notes who the next people are.
    pub(crate) fn add_people(&mut self, batch: &RecordBatch) {
        let column = |name| text_column(batch, name);
        let [cpf, mail, other_mail] = IDENTITY.map(column);
        let (cv, english) = (column("cv_pt"), column("cv_en"));
        let cvs: Vec<Option<u64>> = (0..batch.num_rows())
            .into_par_iter()
            .map(|row| at(cv, row).or_else(|| at(english, row)).and_then(|text| own(&[text])))
            .collect();
        for (row, cv) in cvs.into_iter().enumerate() {
            self.note(0, at(cpf, row).and_then(document));
            self.note(1, at(mail, row).and_then(address));
            self.note(1, at(other_mail, row).and_then(address));
            self.note(2, cv);
            self.rows += 1;
        }
    }

    /// What all jobs ask for.
    pub(crate) fn of_jobs(columns: &[arrow_array::ArrayRef]) -> Self {
        let mut sharing = Self::default();
        let position = |name: &str| tables::JOBS.position(name).unwrap_or_default();
        let texts = JOB_TEXTS.map(|name| columns[position(name)].as_string::<i32>());
        for row in 0..texts[0].len() {
            let text = texts.map(|text| if text.is_valid(row) { text.value(row) } else { "" });
            sharing.note(0, own(&text));
            sharing.rows += 1;
        }
        sharing
    }

    /// Notes who is behind the next jobs, a kind a party.
    pub(crate) fn add_parties(&mut self, batch: &RecordBatch) {
        let columns = PARTIES.map(|name| text_column(batch, name));
        for row in 0..batch.num_rows() {
            for (kind, column) in columns.iter().enumerate() {
                self.note(kind, at(column, row).map(|name| hash(&name.trim().to_lowercase())));
            }
            self.rows += 1;
        }
    }

    fn note(&mut self, kind: usize, hash: Option<u64>) {
        self.kinds[kind].extend(hash.map(|hash| (hash, self.rows)));
    }

    /// The groups of people, whose codes are these.
    pub(crate) fn people(self, codes: &StringArray) -> RecordGroups<'_> {
        self.groups(tables::PEOPLE.name, codes, PEOPLE)
    }

    pub(crate) fn jobs(self, codes: &StringArray) -> RecordGroups<'_> {
        self.groups(tables::JOBS.name, codes, JOBS)
    }

    /// The groups of jobs of each party, however large.
    pub(crate) fn parties(self, codes: &StringArray) -> [RecordGroups<'_>; 3] {
        let any = Shared { records: usize::MAX, per_thousand: 0 };
        let (mut kinds, rows) = (self.kinds.into_iter(), self.rows);
        PARTIES.map(|column| {
            let kinds = [kinds.next().unwrap_or_default(), Vec::new(), Vec::new()];
            Self { kinds, rows }.groups(party(column), codes, any)
        })
    }

    fn groups<'a>(
        self,
        table: &'static str,
        codes: &'a StringArray,
        shared: Shared,
    ) -> RecordGroups<'a> {
        let rows = codes.len();
        let most = shared.records.max(rows * shared.per_thousand / 1000);
        let mut sets = Sets((0..self.rows).collect());
        let mut ignored = 0;
        for mut kind in self.kinds {
            kind.sort_unstable();
            // An address that a record has twice is one.
            kind.dedup();
            for same in kind.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
                if same.len() > most {
                    ignored += 1;
                } else {
                    same.windows(2).for_each(|pair| sets.join(pair[0].1, pair[1].1));
                }
            }
        }
        let mut members: Vec<(u32, u32)> =
            (0..self.rows).map(|row| (sets.root(row), row)).collect();
        members.sort_unstable();
        let mut records: Vec<(&str, &str)> = Vec::new();
        let mut groups = 0;
        for group in members.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let codes = group.iter().map(|(_, row)| codes.value(*row as usize));
            let Some(smallest) = codes.clone().min_by_key(|code| (code.len(), *code)) else {
                continue;
            };
            records.extend(codes.map(|code| (smallest, code)));
            groups += 1;
        }
        let number = |code: &'a str| (code.len(), code);
        records.sort_unstable_by_key(|(group, code)| (number(group), number(code)));
        RecordGroups { table, records, groups, ignored }
    }
}

pub(crate) struct RecordGroups<'a> {
    table: &'static str,
    /// The group's smallest code and a record's, ascending as numbers.
    records: Vec<(&'a str, &'a str)>,
    groups: usize,
    ignored: usize,
}

/// The figures of a table's groups.
#[derive(Serialize)]
pub(crate) struct GroupCounts {
    groups: usize,
    records: usize,
    largest: usize,
    values_ignored: usize,
}

impl RecordGroups<'_> {
    pub(crate) fn counts(&self) -> GroupCounts {
        let sizes = self.records.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len);
        GroupCounts {
            groups: self.groups,
            records: self.records.len(),
            largest: sizes.max().unwrap_or(0),
            values_ignored: self.ignored,
        }
    }
}

pub(crate) fn write(
    mut writer: TableWriter<OutputFile>,
    tables: &[&RecordGroups<'_>],
) -> Result<TableWriter<OutputFile>, Error> {
    static TABLE: Table = tables::GROUPS;
    let mut batch = BatchBuilder::new(&TABLE);
    for of in tables {
        for (group, code) in &of.records {
            batch.text(0, Some(of.table));
            batch.text(1, Some(code));
            batch.text(2, Some(group));
            batch.end_row();
        }
    }
    writer.write(&batch.finish().map_err(Error::Output)?).map_err(Error::Output)?;
    Ok(writer)
}

/// Disjoint sets: of each row its parent, and of a set's own the row itself.
struct Sets(Vec<u32>);

impl Sets {
    fn root(&mut self, mut row: u32) -> u32 {
        while self.0[row as usize] != row {
            // Each look shortens the way of the next.
            let grandparent = self.0[self.0[row as usize] as usize];
            self.0[row as usize] = grandparent;
            row = grandparent;
        }
        row
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

/// The text of a row, if it has one.
fn at(texts: &StringArray, row: usize) -> Option<&str> {
    texts.is_valid(row).then(|| texts.value(row))
}

/// A CPF: eleven digits, not all the same.
fn document(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let first = digits.chars().next()?;
    let is_one = digits.len() == 11 && digits.chars().any(|digit| digit != first);
    is_one.then(|| hash(&digits))
}

fn address(text: &str) -> Option<u64> {
    let (user, host) = text.trim().split_once('@')?;
    (!user.is_empty() && host.contains('.')).then(|| hash(&text.trim().to_lowercase()))
}

/// Texts that are long enough to be somebody's own, whatever the case and the white space.
fn own(texts: &[&str]) -> Option<u64> {
    let letters = texts.iter().flat_map(|text| text.chars()).filter(|c| c.is_alphanumeric());
    if letters.take(OWN_TEXT).count() < OWN_TEXT {
        return None;
    }
    let mut normalised = String::with_capacity(texts.iter().map(|text| text.len() + 1).sum());
    for text in texts {
        for word in text.split_whitespace() {
            for c in word.chars() {
                if c.is_ascii() {
                    normalised.push(c.to_ascii_lowercase());
                } else {
                    normalised.extend(c.to_lowercase());
                }
            }
            normalised.push(' ');
        }
        normalised.push('\n');
    }
    Some(hash(&normalised))
}

fn hash(text: &str) -> u64 {
    XxHash3_64::oneshot(text.as_bytes())
}
