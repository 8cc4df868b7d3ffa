//! From columns of candidates and jobs to columns of the model's matrix: what is fitted on the
//! training part, stored as `preprocessor.json`, and applied alike when scoring.

use std::collections::BTreeSet;

use parquet::file::reader::ChunkReader;
use serde::{Deserialize, Serialize};
use text::{stopwords::StopWords, tfidf};

use crate::{
    Error,
    columns::Side,
    dataset::{Application, Dataset, Tables},
    encode::{self, Block, Counted},
    relations::{self, Relation, Relations},
};

pub(crate) const FORMAT: u32 = 3;

/// A text column and the size of its vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { column = \"cv_candidato\", max_features = 100 }"
)]
pub struct TextColumn {
    pub column: String,
    /// Terms kept: those that occur most.
    pub max_features: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct Params<'a> {
    pub one_hot: &'a [String],
    pub tfidf: &'a [TextColumn],
    pub stop_words: StopWords,
    /// People, or jobs, that must write a word for it to be a term.
    pub min_texts: u32,
}

/// The columns of the matrix, block by block.
///
/// Equal to scikit-learn's `ColumnTransformer` of a `OneHotEncoder(handle_unknown="ignore")` and a
/// `TfidfVectorizer` for each text column, fitted on the training applications; a missing value is
/// the empty string, which is a category like any other and a text without words. One thing is not
/// scikit-learn's: a word that fewer than `min_texts` people or jobs write is not a term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessor {
    format: u32,
    blocks: Vec<Block>,
    /// Columns that relate a candidate to a job, after all blocks of one side.
    relations: Option<Relations>,
}

impl Preprocessor {
    /// Fits every configured column on the applications of the training part.
    ///
    /// A candidate's texts are read and counted once, weighted by the number of applications: the
    /// result is that of a fit on the rows.
    pub fn fit<R: ChunkReader + Clone + 'static>(
        tables: &Tables<R>,
        dataset: &Dataset,
        train: &[Application],
        params: Params<'_>,
    ) -> Result<Self, Error> {
        let mut of_person = vec![0; dataset.people.len()];
        let mut of_job = vec![0; dataset.jobs.len()];
        for application in train {
            of_person[application.person as usize] += 1;
            of_job[application.job as usize] += 1;
        }
        let mut columns = params.columns()?;
        for (side, source, keys, times) in [
            (Side::People, &tables.people, &dataset.people, &of_person),
            (Side::Jobs, &tables.jobs, &dataset.jobs, &of_job),
        ] {
            let of_side = || columns.iter().filter(|column| column.side() == side).cloned();
            let counted = encode::count(side, source.clone(), keys, times, of_side().collect())?;
            let places = columns.iter_mut().filter(|column| column.side() == side);
            places.zip(counted).for_each(|(place, counted)| *place = counted);
        }
        let blocks = columns.into_iter().map(Counted::finish).collect();
        Ok(Self { format: FORMAT, blocks, relations: None })
    }

    pub(crate) fn with_relations(self, relations: Option<Relations>) -> Self {
        Self { relations, ..self }
    }

    pub fn relations(&self) -> Option<&Relations> {
        self.relations.as_ref()
    }

    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The blocks of one side with the number of their first column.
    pub(crate) fn blocks_of(&self, side: Side) -> Vec<(u32, &Block)> {
        let mut first = 0;
        let mut found = Vec::new();
        for block in &self.blocks {
            if block.side() == side {
                found.push((first, block));
            }
            first += block.width() as u32;
        }
        found
    }

    pub fn columns(&self) -> usize {
        self.columns_of_sides() + self.relations.as_ref().map_or(0, |_| relations::COLUMNS)
    }

    /// Of each column of the matrix, whether it says something of that side alone.
    pub(crate) fn mask_of_side(&self, side: Side) -> Vec<bool> {
        let blocks = self.blocks.iter();
        let mut mask: Vec<bool> =
            blocks.flat_map(|b| std::iter::repeat_n(b.side() == side, b.width())).collect();
        if self.relations.is_some() {
            mask.extend(Relation::ALL.map(|relation| relation.side() == Some(side)));
        }
        mask
    }

    /// Of each column of the matrix, whether it is no relation.
    pub(crate) fn mask_of_sides(&self) -> Vec<bool> {
        let mut mask = vec![true; self.columns_of_sides()];
        mask.resize(self.columns(), false);
        mask
    }

    /// Columns of the blocks: those before the relations.
    pub(crate) fn columns_of_sides(&self) -> usize {
        self.blocks.iter().map(Block::width).sum()
    }

    /// A name for each column of the matrix: `column=value`, as in `cv_candidato=python`.
    ///
    /// XGBoost allows no `[`, `]` and `<` in names: those and `%` are percent-encoded.
    pub fn names(&self) -> Vec<String> {
        let name = |block: &Block, value: &str, seen_as_category: bool| {
            let mut name = String::with_capacity(block.column().len() + value.len() + 1);
            name.push_str(block.column());
            // A column encoded both ways would give the same name twice.
            name.push_str(if seen_as_category { "~" } else { "=" });
            for c in value.chars() {
                match c {
                    '[' => name.push_str("%5B"),
                    ']' => name.push_str("%5D"),
                    '<' => name.push_str("%3C"),
                    '%' => name.push_str("%25"),
                    c => name.push(c),
                }
            }
            name
        };
        let mut categorical = BTreeSet::new();
        let mut names = Vec::with_capacity(self.columns());
        for block in &self.blocks {
            let again = !categorical.insert(block.column());
            names.extend(block.values().map(|value| name(block, value, again)));
        }
        if self.relations.is_some() {
            names.extend(Relation::ALL.map(|relation| relation.name().to_owned()));
        }
        names
    }

    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|e| Error::Preprocessor(e.to_string()))
    }

    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let fail = Error::Preprocessor;
        let read: Self = serde_json::from_slice(bytes).map_err(|e| fail(e.to_string()))?;
        if read.format != FORMAT {
            return Err(fail(format!("has format {}, expected {FORMAT}", read.format)));
        }
        for block in &read.blocks {
            let column = block.column();
            if Side::of(column) != Some(block.side()) {
                return Err(fail(format!("column `{column}` is not where the file says")));
            }
            if let Block::OneHot { categories, .. } = block
                && categories.windows(2).any(|pair| pair[0] >= pair[1])
            {
                return Err(fail(format!("categories of `{column}` are not ascending")));
            }
        }
        if let Some(relations) = &read.relations {
            relations.check().map_err(|problem| fail(format!("relations: {problem}")))?;
        }
        Ok(read)
    }
}

impl Params<'_> {
    /// The columns in matrix order, nothing counted yet.
    fn columns(&self) -> Result<Vec<Counted>, Error> {
        let side = |column: &str| {
            let unknown = || Error::Preprocessor(format!("column `{column}` is of no side"));
            Side::of(column).ok_or_else(unknown)
        };
        let one_hot = self.one_hot.iter().map(|column| {
            let (column, side) = (column.clone(), side(column)?);
            Ok(Counted::OneHot { column, side, values: BTreeSet::new() })
        });
        let tfidf = self.tfidf.iter().map(|text| {
            let params = tfidf::Params {
                stop_words: self.stop_words,
                min_texts: self.min_texts,
                max_features: Some(text.max_features),
                ..tfidf::Params::default()
            };
            let (column, side) = (text.column.clone(), side(&text.column)?);
            Ok(Counted::Tfidf { column, side, counts: params.check()?.counts() })
        });
        one_hot.chain(tfidf).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_hot(categories: &[&str]) -> Preprocessor {
        let categories = categories.iter().map(|&c| c.to_owned()).collect();
        let block = Block::OneHot { column: "cidade".to_owned(), side: Side::People, categories };
        Preprocessor { format: FORMAT, blocks: vec![block], relations: None }
    }

    #[test]
    fn names_are_fit_for_xgboost_and_can_be_read_back() {
        let names = one_hot(&["", "100%", "<b>", "São Paulo", "[x]"]).names();
        assert_eq!(
            names,
            ["cidade=", "cidade=100%25", "cidade=%3Cb>", "cidade=São Paulo", "cidade=%5Bx%5D"]
        );
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let good = one_hot(&["", "a"]).to_json().unwrap();
        assert_eq!(Preprocessor::from_json(&good).unwrap(), one_hot(&["", "a"]));
        let text = String::from_utf8(good).unwrap();
        for (from, to, says) in [
            ("\"format\":3", "\"format\":9", "format 9"),
            ("\"relations\":null", "\"relations\":[null]", "preprocessor.json"),
            ("[\"\",\"a\"]", "[\"a\",\"\"]", "not ascending"),
            ("\"people\"", "\"jobs\"", "not where"),
        ] {
            let bad = text.replace(from, to);
            assert_ne!(bad, text);
            let said = Preprocessor::from_json(bad.as_bytes()).unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
        }
    }
}
