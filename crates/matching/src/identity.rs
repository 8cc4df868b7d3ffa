//! Which records are one and the same: the same person under several codes, the same text of a job.
//!
//! The feature store says so in `groups.parquet` ([`schema::tables::GROUPS`]). What is held out,
//! resampled or shuffled goes by groups, never by codes: a person whose second code is in the
//! training part is not unseen, whatever the code.

use parquet::file::reader::ChunkReader;
use schema::{TableReader, tables::GROUPS, text_column};
use serde::Serialize;

use crate::{
    Error,
    columns::Side,
    dataset::{Keys, file_of, value_at},
};

const BATCH_ROWS: usize = 1 << 14;

/// The group of each record of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// For each record, by number, the number of the record that its group is named after.
    of: Vec<u32>,
}

/// How many records of one side share a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GroupCounts {
    pub records: usize,
    /// Groups of two records or more.
    pub groups: usize,
    pub in_groups: usize,
}

impl Groups {
    /// Each of `records` is a group of its own.
    pub(crate) fn alone(records: usize) -> Self {
        Self { of: (0..).take(records).collect() }
    }

    /// Reads the groups of candidates and of jobs.
    pub(crate) fn read<R: ChunkReader + 'static>(
        source: R,
        people: &Keys,
        jobs: &Keys,
    ) -> Result<[Self; 2], Error> {
        let mut groups = [people, jobs].map(|keys| Self::alone(keys.len()));
        let sides = [(Side::People, people), (Side::Jobs, jobs)];
        let columns = ["tabela", "codigo", "grupo"];
        let file = file_of(&GROUPS);
        for batch in TableReader::open(&file, source, &GROUPS, &columns, BATCH_ROWS)? {
            let batch = batch?;
            let [table, record, group] = columns.map(|column| text_column(&batch, column));
            for row in 0..batch.num_rows() {
                let of_table = value_at(table, row).unwrap_or("");
                let Some(place) = sides.iter().position(|(side, _)| side.table().name == of_table)
                else {
                    continue;
                };
                let (side, keys) = sides[place];
                let find = |id: &str| {
                    let orphan = || Error::Orphan {
                        by: file.clone(),
                        noun: side.noun(),
                        id: id.to_owned(),
                        file: file_of(side.table()),
                    };
                    keys.find(id).ok_or_else(orphan)
                };
                let record = find(value_at(record, row).unwrap_or(""))?;
                groups[place].of[record as usize] = find(value_at(group, row).unwrap_or(""))?;
            }
        }
        Ok(groups)
    }

    /// The number of the record that the group of a record is named after: the same for all of a
    /// group.
    pub fn group(&self, record: u32) -> u32 {
        self.of[record as usize]
    }

    pub fn records(&self) -> usize {
        self.of.len()
    }

    /// How many records share a group.
    pub fn counts(&self) -> GroupCounts {
        let mut sizes = vec![0_usize; self.of.len()];
        self.of.iter().for_each(|&group| sizes[group as usize] += 1);
        let shared = || sizes.iter().filter(|&&size| size > 1);
        GroupCounts { records: self.of.len(), groups: shared().count(), in_groups: shared().sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_a_group_is_counted() {
        let groups = Groups { of: vec![0, 1, 1, 3, 0, 0] };
        assert_eq!(groups.counts(), GroupCounts { records: 6, groups: 2, in_groups: 5 });
        assert_eq!(Groups::alone(3).counts(), GroupCounts { records: 3, groups: 0, in_groups: 0 });
        assert_eq!(groups.group(4), groups.group(5));
    }
}
