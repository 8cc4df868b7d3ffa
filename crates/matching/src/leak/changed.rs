//! Which features are written anew after the application: two versions of the feature store
//! compared.
//!
//! Of a field that is filled or corrected when somebody is hired, training sees the value of after
//! the outcome and scoring that of before. So records are compared that are in both versions and had
//! an application in the older one: those that *became* a match between the two, and those of which
//! no application is a match in either. (Records that were a match before already are left out: what
//! the outcome did to them may have been done.) A column is refused when the share of changed values
//! differs between the two by more than a bound, 10 points unless configured, and by Fisher's exact
//! test this is not chance: p under .001 after Holm's correction for the number of columns
//! (*Scandinavian Journal of Statistics* 6, 1979). The exact test, not the normal approximation,
//! for from one day to the next a handful of records become a match.
//!
//! A record most of whose values have changed is another record under the same id (an id that was
//! given again, an export of another world), not one in which somebody wrote something. Such records
//! are left out and counted ([`Replaced`]): what stands in them says nothing of when a column is
//! written. Two changed values are the fewest that make a record another one, and values that both
//! versions lack do not count, so that the change of one column is never lost in this way.
//!
//! Values are kept as 64 bits of their SHA-256, so no text of the older version is in memory.

use std::collections::BTreeSet;

use arrow_array::Array;
use parquet::file::reader::ChunkReader;
use rayon::prelude::*;
use schema::{Kind, date_column, text_column};
use serde::Serialize;
use sha2::{Digest, Sha256};
use stats::{exact::fisher, testing::holm};

use super::share::Share;
use crate::{
    Error,
    columns::{DAY, OPENED, Side},
    dataset::{Application, Dataset, Keys, Tables, file_of, value_at},
    encode::Block,
    encode::{Batch, Batches},
    leak::bounds::LeakBounds,
    preprocessor::Preprocessor,
    relations::{Demand, Fact, Profile},
};

/// The highest p-value of a difference that is taken for real.
const P_VALUE: f64 = 0.001;

/// How often the value of a feature has changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changed {
    pub column: String,
    /// Changed among the records that became a match.
    pub matches: Share,
    pub others: Share,
    /// The chance of so large a difference where there is none, corrected by Holm.
    pub p_value: f64,
}

/// The columns of the feature store that the matrix is made from, and the days that relations
/// reckon with.
pub fn columns(preprocessor: &Preprocessor) -> BTreeSet<&str> {
    let mut columns: BTreeSet<_> = preprocessor.blocks().iter().map(Block::column).collect();
    if preprocessor.relations().is_some() {
        let of_sides = Profile::COLUMNS.iter().chain(Demand::COLUMNS);
        columns.extend(of_sides.map(|column| column.name()));
        columns.extend([DAY.name(), OPENED.name()]);
    }
    columns
}

/// Records that are others than in the version before, though of the same id: among those that
/// became a match and among the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replaced {
    pub people_matches: Share,
    pub people_others: Share,
    pub jobs_matches: Share,
    pub jobs_others: Share,
}

impl Replaced {
    /// That there are such records, in a sentence; none where there are none.
    pub(crate) fn said(&self) -> Option<String> {
        let sum = |a: Share, b: Share| Share { part: a.part + b.part, of: a.of + b.of };
        let people = sum(self.people_matches, self.people_others);
        let jobs = sum(self.jobs_matches, self.jobs_others);
        (people.part + jobs.part > 0).then(|| {
            format!(
                "most values of {people} candidates and of {jobs} jobs differ from the version of the features before: they count as other records, not as rewritten ones"
            )
        })
    }
}

/// Refuses what changes with the outcome and is not accepted; gives the columns of which some value
/// has changed.
pub fn check(found: Vec<Changed>, bounds: &LeakBounds) -> Result<Vec<Changed>, Error> {
    let bound = bounds.changed_by;
    for column in found.iter().filter(|found| !bounds.accepts(&found.column)) {
        let by = (column.matches.ratio() - column.others.ratio()).abs();
        if column.p_value < P_VALUE && by > bound {
            let Changed { column, matches, others, .. } = column.clone();
            return Err(Error::ChangesAfterwards { column, matches, others, by, bound });
        }
    }
    let mut found = found;
    found.retain(|column| column.matches.part + column.others.part > 0);
    Ok(found)
}

/// Counts for each of `columns`, ascending, the records whose value differs between `before`, where
/// the statuses in `positive` are a match, and `now`; and the records that are others.
pub fn compare<R: ChunkReader + Clone + 'static>(
    before: &Tables<R>,
    positive: &[String],
    now: &Tables<R>,
    dataset: &Dataset,
    columns: &BTreeSet<&str>,
) -> Result<(Vec<Changed>, Replaced), Error> {
    let older = Dataset::of_tables(before, positive)?;
    let classes = Classes::of(&older, dataset);
    let mut found = Vec::new();
    let mut replaced = Replaced::default();
    if columns.contains(DAY.name()) {
        found.push((DAY.name(), classes.days));
    }
    for side in [Side::People, Side::Jobs] {
        let of_side: Vec<&str> =
            columns.iter().copied().filter(|c| Side::of(c) == Some(side)).collect();
        let (class, files, keys) = match side {
            Side::People => {
                (&classes.people, [&before.people, &now.people], [&older.people, &dataset.people])
            }
            Side::Jobs => (&classes.jobs, [&before.jobs, &now.jobs], [&older.jobs, &dataset.jobs]),
        };
        let counts = count(side, &of_side, files.map(Clone::clone), keys, class)?;
        found.extend(of_side.into_iter().zip(counts.changed));
        let [others, matches] = counts.replaced;
        match side {
            Side::People => (replaced.people_matches, replaced.people_others) = (matches, others),
            Side::Jobs => (replaced.jobs_matches, replaced.jobs_others) = (matches, others),
        }
    }
    found.sort_unstable_by_key(|(column, _)| *column);
    let mut found: Vec<Changed> = found
        .into_iter()
        .map(|(column, [others, matches])| Changed {
            column: column.to_owned(),
            matches,
            others,
            p_value: fisher((matches.part, matches.of), (others.part, others.of)),
        })
        .collect();
    let p: Vec<f64> = found.iter().map(|column| column.p_value).collect();
    for (column, adjusted) in found.iter_mut().zip(holm(&p)) {
        column.p_value = adjusted;
    }
    Ok((found, replaced))
}

/// What became of the applications of a record that were there before. Of several the greatest
/// counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// It had none.
    None,
    Other,
    /// One has become a match.
    Match,
    /// One was a match before.
    Settled,
}

impl Class {
    /// Its place among counts of others and of matches.
    fn place(self) -> Option<usize> {
        match self {
            Self::Other => Some(0),
            Self::Match => Some(1),
            Self::None | Self::Settled => None,
        }
    }
}

/// The classes of the newer version's records, by number.
struct Classes {
    people: Vec<Class>,
    jobs: Vec<Class>,
    /// The days of the applications themselves: changed among others and among matches.
    days: [Share; 2],
}

impl Classes {
    fn of(older: &Dataset, newer: &Dataset) -> Self {
        let numbers = |newer: &Keys, older: &Keys| -> Vec<Option<u32>> {
            newer.ids().iter().map(|id| older.find(id)).collect()
        };
        let people = numbers(&newer.people, &older.people);
        let jobs = numbers(&newer.jobs, &older.jobs);
        let mut classes = Self {
            people: vec![Class::None; people.len()],
            jobs: vec![Class::None; jobs.len()],
            days: Default::default(),
        };
        for rows in newer.rows.chunk_by(|a, b| a.pair() == b.pair()) {
            let (person, job) = rows[0].pair();
            let pair = people[person as usize].zip(jobs[job as usize]);
            let Some(pair) = pair else { continue };
            let from = older.rows.partition_point(|a| a.pair() < pair);
            let until = older.rows.partition_point(|a| a.pair() <= pair);
            let was = &older.rows[from..until];
            if was.is_empty() {
                continue;
            }
            let is_match = |rows: &[Application]| rows.iter().any(|a| a.positive);
            let class = match (is_match(was), is_match(rows)) {
                (true, _) => Class::Settled,
                (false, true) => Class::Match,
                (false, false) => Class::Other,
            };
            for record in [&mut classes.people[person as usize], &mut classes.jobs[job as usize]] {
                *record = class.max(*record);
            }
            if let Some(place) = class.place() {
                let days =
                    |rows: &[Application]| rows.iter().map(|a| a.day).collect::<BTreeSet<_>>();
                classes.days[place].of += 1;
                classes.days[place].part += u64::from(days(was) != days(rows));
            }
        }
        classes
    }
}

/// What the records of a side have come to: others first, matches second.
struct OutcomeCounts {
    /// The changed values of each column.
    changed: Vec<[Share; 2]>,
    /// Records that are others; their values are not counted.
    replaced: [Share; 2],
}

impl OutcomeCounts {
    fn none(columns: usize) -> Self {
        Self { changed: vec![Default::default(); columns], replaced: Default::default() }
    }

    fn add(mut self, other: &Self) -> Self {
        let shares = self.changed.iter_mut().flatten().chain(&mut self.replaced);
        let of_other = other.changed.iter().flatten().chain(&other.replaced);
        for (all, some) in shares.zip(of_other) {
            all.part += some.part;
            all.of += some.of;
        }
        self
    }

    /// Counts a record by its values before and now.
    fn count(&mut self, place: usize, was: &[u64], is: &[u64]) {
        let is_replaced = is_replaced(was, is);
        self.replaced[place].of += 1;
        self.replaced[place].part += u64::from(is_replaced);
        if !is_replaced {
            for ((share, was), is) in self.changed.iter_mut().zip(was).zip(is) {
                share[place].of += 1;
                share[place].part += u64::from(was != is);
            }
        }
    }
}

/// Whether most of the values that one of the two has differ, and at least two do.
fn is_replaced(was: &[u64], is: &[u64]) -> bool {
    let there = was.iter().zip(is).filter(|&(&was, &is)| (was, is) != (MISSING, MISSING));
    let (mut all, mut changed) = (0, 0);
    for (was, is) in there {
        all += 1;
        changed += usize::from(was != is);
    }
    changed >= 2 && 2 * changed > all
}

/// Counts the records of one side.
fn count<R: ChunkReader + 'static>(
    side: Side,
    columns: &[&str],
    [before, now]: [R; 2],
    [older, newer]: [&Keys; 2],
    class: &[Class],
) -> Result<OutcomeCounts, Error> {
    let mut numbers = vec![None; newer.len()];
    let mut wanted = vec![false; older.len()];
    let places = class.iter().map(|class| class.place());
    for ((number, id), place) in numbers.iter_mut().zip(newer.ids()).zip(places) {
        *number = place.and_then(|place| Some((older.find(id)?, place)));
        number.iter().for_each(|&(old, _)| wanted[old as usize] = true);
    }
    if columns.is_empty() || !wanted.contains(&true) {
        return Ok(OutcomeCounts::none(columns.len()));
    }
    let mut hashes = vec![MISSING; older.len() * columns.len()];
    let (table, names) = (side.table(), columns.iter().copied().collect());
    let read: Vec<(u32, Vec<u64>)> = Batches::open(&file_of(table), table, before, &names, older)?
        .par_bridge()
        .map(|batch| hash(&batch?, side, columns, |old| wanted[old as usize]))
        .try_reduce(Vec::new, |mut all, some| {
            all.extend(some);
            Ok(all)
        })?;
    for (old, values) in read {
        let first = old as usize * columns.len();
        hashes[first..first + columns.len()].copy_from_slice(&values);
    }
    let empty = || OutcomeCounts::none(columns.len());
    Batches::open(&file_of(table), table, now, &names, newer)?
        .par_bridge()
        .map(|batch| {
            let mut counts = empty();
            let is_wanted = |new: u32| numbers[new as usize].is_some();
            for (new, values) in hash(&batch?, side, columns, is_wanted)? {
                let Some((old, place)) = numbers[new as usize] else { continue };
                let first = old as usize * columns.len();
                counts.count(place, &hashes[first..first + columns.len()], &values);
            }
            Ok(counts)
        })
        // Sums: the order in which threads finish has no part in the result.
        .try_reduce(empty, |all, some| Ok(all.add(&some)))
}

/// The number of each wanted record of a batch, and a hash of each of its values. A missing text is
/// the empty one, as in the matrix.
fn hash(
    batch: &Batch<'_>,
    side: Side,
    columns: &[&str],
    wanted: impl Fn(u32) -> bool,
) -> Result<Vec<(u32, Vec<u64>)>, Error> {
    let mut read: Vec<(u32, Vec<u64>)> = Vec::new();
    let mut rows = Vec::new();
    for (row, number) in batch.numbers().enumerate().filter(|(_, n)| wanted(*n)) {
        rows.push(row);
        read.push((number, Vec::with_capacity(columns.len())));
    }
    for column in columns {
        let place = side.table().position(column);
        let is_date = place.is_some_and(|at| side.table().columns[at].kind == Kind::Date);
        for (&row, (_, values)) in rows.iter().zip(&mut read) {
            values.push(if is_date {
                let days = date_column(&batch.records, column);
                short_hash(days.is_valid(row).then(|| days.value(row).to_le_bytes()).as_ref())
            } else {
                short_hash(Some(value_at(text_column(&batch.records, column), row).unwrap_or("")))
            });
        }
    }
    Ok(read)
}

/// Stands for a value that is missing.
const MISSING: u64 = 0;

/// The first 64 bits of the SHA-256 of a value; [`MISSING`] of none and of an empty text.
fn short_hash(value: Option<impl AsRef<[u8]>>) -> u64 {
    value.filter(|value| !value.as_ref().is_empty()).map_or(MISSING, |value| {
        let digest = Sha256::digest(value.as_ref());
        u64::from_le_bytes(std::array::from_fn(|i| digest[i]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(part: u64, of: u64) -> Share {
        Share { part, of }
    }

    #[test]
    fn a_record_is_another_one_when_most_of_what_it_has_is_new() {
        for (was, is, replaced) in [
            // One column is never enough, however few there are.
            (&[7][..], &[8][..], false),
            (&[7, 0, 0], &[8, 0, 0], false),
            (&[7, 5], &[8, 5], false),
            (&[7, 5, 3, 0], &[8, 6, 3, 0], true),
            (&[7, 5, 3, 2], &[8, 6, 3, 2], false),
            // What is filled in or emptied has changed.
            (&[0, 0, 3], &[8, 6, 3], true),
        ] {
            assert_eq!(is_replaced(was, is), replaced, "{was:?} {is:?}");
        }
    }

    #[test]
    fn a_difference_must_be_sure_and_large() {
        let column = |matches, others, p_value| Changed {
            column: "cidade".to_owned(),
            matches,
            others,
            p_value,
        };
        let large = column(share(9, 10), share(1, 100), 1e-9);
        let bounds = LeakBounds::default();
        let refused = check(vec![large.clone()], &bounds).unwrap_err().to_string();
        assert!(refused.starts_with("cidade has changed"), "{refused}");
        assert!(refused.contains("9 of 10") && refused.contains("1 of 100"), "{refused}");
        assert!(refused.contains("differ by 0.890, expected at most 0.1 (leak.changed_by)"));
        let accepts = LeakBounds { accept: vec!["cidade".to_owned()], ..bounds.clone() };
        assert_eq!(check(vec![large.clone()], &accepts).unwrap().len(), 1);
        let unsure = Changed { p_value: 0.01, ..large };
        let small = column(share(90, 1_000), share(10, 1_000), 1e-9);
        let same = column(share(0, 10), share(0, 10), 1.0);
        let kept = check(vec![unsure.clone(), small.clone(), same], &bounds).unwrap();
        assert_eq!(kept, [unsure, small]);
    }
}
