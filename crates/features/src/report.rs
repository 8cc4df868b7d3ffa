//! What the manifest says of a run: its figures, and what each column is.

use std::collections::BTreeMap;

use schema::{calendar::iso_month, statuses, tables};
use serde_json::{Value, json};
use stage::Metrics;
use text::redact::Redactions;

use crate::{
    DROPPED, FUTURE_DATES,
    applications::{Applications, Fate},
    groups::GroupCounts,
};

/// What a run has counted.
pub(crate) struct FeaturesReport<'a> {
    pub(crate) rows_people: u64,
    pub(crate) rows_jobs: u64,
    pub(crate) rows_candidates: u64,
    pub(crate) without_applications: u64,
    pub(crate) cv_in_english: u64,
    pub(crate) future_jobs: usize,
    pub(crate) group_people: GroupCounts,
    pub(crate) group_jobs: GroupCounts,
    pub(crate) applications: &'a Applications,
    pub(crate) fates: &'a [Fate],
    pub(crate) redactions: &'a Redactions,
    /// By table and column, values that no list has.
    pub(crate) not_listed: Value,
}

impl FeaturesReport<'_> {
    /// The run's figures. `labels` counts the rows of `candidates.parquet` by status: those of
    /// [`statuses::KNOWN`], [`statuses::OTHER`] for any other, `null` for none; `positives` are
    /// those of [`statuses::POSITIVE`]; `months` are the first and last of their dates.
    pub(crate) fn metrics(&self) -> Metrics {
        let count = |fate: Fate| self.fates.iter().filter(|f| **f == fate).count();
        let mut labels: BTreeMap<&str, u64> = BTreeMap::new();
        let mut days: Option<(i32, i32)> = None;
        let kept = (0u32..).zip(self.fates).filter(|(_, fate)| **fate == Fate::Kept);
        for (i, _) in kept {
            *labels.entry(self.applications.status(i).unwrap_or("null")).or_default() += 1;
            if let Some(day) = self.applications.date(i) {
                let (first, last) = days.unwrap_or((day, day));
                days = Some((first.min(day), last.max(day)));
            }
        }
        let positives: u64 =
            statuses::POSITIVE.iter().filter_map(|status| labels.get(status)).sum();
        let mut metrics = Metrics::default();
        metrics.set("rows_people", self.rows_people);
        metrics.set("rows_jobs", self.rows_jobs);
        metrics.set("rows_candidates", self.rows_candidates);
        metrics.set("applications", self.applications.len());
        metrics.set("orphans_job", count(Fate::JobAbsent));
        metrics.set("orphans_candidate", count(Fate::CandidateAbsent));
        metrics.set("duplicates", count(Fate::Duplicate));
        metrics.set("people_without_applications", self.without_applications);
        metrics.set("cv_in_english", self.cv_in_english);
        metrics.set("redactions", json!(self.redactions));
        metrics.set("not_listed", self.not_listed.clone());
        metrics.set("labels", json!(labels));
        metrics.set("positives", positives);
        let future = self.applications.future.len();
        metrics.set(
            "future_dates",
            json!({"jobs.data_requicisao": self.future_jobs, "candidates.data_candidatura": future}),
        );
        metrics.set("groups", json!({"people": self.group_people, "jobs": self.group_jobs}));
        metrics
            .set("months", days.map_or(Value::Null, |(a, b)| json!([iso_month(a), iso_month(b)])));
        metrics
    }
}

/// What each column of each table is: its source, type, role, and when it is known.
pub(crate) fn describe() -> Value {
    let tables = tables::ALL.iter().chain([&tables::GROUPS, &DROPPED, &FUTURE_DATES]);
    tables
        .map(|table| (table.name.to_owned(), json!(table.columns)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_says_what_is_label_key_and_feature_and_when_it_is_known() {
        let described = describe();
        let column = |name: &str| {
            let columns = described["candidates"].as_array().unwrap();
            columns.iter().find(|c| c["name"] == name).unwrap().clone()
        };
        assert_eq!(column("situacao_candidato")["role"], "label");
        assert_eq!(column("situacao_candidato")["known_at"], "outcome");
        assert_eq!(column("codigo")["role"], "key");
        assert_eq!(column("sexo")["role"], "protected");
        assert_eq!(column("cv_candidato")["role"], "feature");
        for table in tables::ALL {
            for column in described[table.name].as_array().unwrap() {
                let feature = column["role"] == "feature";
                assert!(!feature || column["known_at"] == "application", "{column}");
            }
        }
    }
}
