//! Which records are one and the same: the same person under several codes, the same text of a job.
//!
//! The feature store says so in `groups.parquet` ([`schema::tables::GROUPS`]). What is held out,
//! resampled or shuffled goes by groups, never by codes: a person whose second code is in the
//! training part is not unseen, whatever the code.

use serde::Serialize;

use crate::keys::Keys;

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
    /// From the row that stands for each row of a file.
    pub(crate) fn from_rows(rows: &[u32], keys: &Keys) -> Self {
        let mut of = vec![0; rows.len()];
        for (row, &group) in rows.iter().enumerate() {
            of[keys.number_at(row) as usize] = keys.number_at(group as usize);
        }
        Self { of }
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
        let alone = Groups { of: vec![0, 1, 2] };
        assert_eq!(alone.counts(), GroupCounts { records: 3, groups: 0, in_groups: 0 });
        assert_eq!(groups.group(4), groups.group(5));
    }
}
