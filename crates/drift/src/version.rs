//! A feature-store version as it is compared: its tables, what its manifest tells, and its columns
//! summed up.

use std::collections::BTreeMap;

use schema::calendar;
use serde_json::Value;
use versioning::Committed;

use crate::{
    config::Config,
    kinds::{self, Planned},
    observed::HitShare,
    report::{ColumnKind, VersionFacts},
    summary::{Summary, Values},
    table::VersionTable,
};

/// The tables in the order in which they are told.
pub(crate) const TABLES: [&str; 3] = ["people", "jobs", "candidates"];

/// The files of a version, opened.
pub(crate) struct Version {
    /// As in `v7`.
    pub(crate) name: String,
    logical_date: String,
    /// Equal for versions of the same bytes.
    pub(crate) content: String,
    metrics: BTreeMap<String, Value>,
    /// In the order of [`TABLES`].
    pub(crate) tables: [VersionTable; 3],
}

/// Which columns of each table are measured, in the order of [`TABLES`].
pub(crate) type Plan = [Vec<Planned>; 3];

impl Version {
    /// Opens the three tables.
    pub(crate) fn open(committed: &Committed) -> Result<Self, stage::Error> {
        let name = committed.version().to_string();
        let open = |table: &str| -> Result<VersionTable, stage::Error> {
            let blob = committed.open(&format!("{table}.parquet"))?;
            Ok(VersionTable::open(table, &name, blob)?)
        };
        let [people, jobs, candidates] = TABLES;
        let tables = [open(people)?, open(jobs)?, open(candidates)?];
        let manifest = committed.manifest();
        Ok(Self {
            logical_date: manifest.logical_date.clone(),
            content: manifest.content_hash(),
            metrics: manifest.metrics.clone(),
            tables,
            name,
        })
    }

    /// What is measured of this version.
    pub(crate) fn plan(&self) -> Result<Plan, crate::Error> {
        let [people, jobs, candidates] = &self.tables;
        Ok([
            kinds::plan(people, &[])?,
            kinds::plan(jobs, &[])?,
            kinds::plan(candidates, &[people, jobs])?,
        ])
    }

    /// The columns of a plan, made for `other`, that this version has with the same type.
    pub(crate) fn shared(&self, plan: &Plan, other: &Self) -> Plan {
        let mut plan = plan.clone();
        for (at, columns) in plan.iter_mut().enumerate() {
            columns.retain(|c| {
                let ours = self.tables[at].data_type(&c.column);
                ours.is_some() && ours == other.tables[at].data_type(&c.column)
            });
        }
        plan
    }

    /// Sums up the planned columns.
    pub(crate) fn sum_up(&self, plan: &Plan) -> Result<Summaries, crate::Error> {
        let sum_up = |at: usize| Summary::of(&self.tables[at], &plan[at]);
        Ok(Summaries { tables: [sum_up(0)?, sum_up(1)?, sum_up(2)?] })
    }

    /// What the report says of the version as such.
    pub(crate) fn facts(&self, summaries: &Summaries) -> VersionFacts {
        let [people, jobs, applications] = [0, 1, 2].map(|at| self.tables[at].rows);
        let days = summaries.application_days();
        VersionFacts {
            version: self.name.clone(),
            logical_date: self.logical_date.clone(),
            people,
            jobs,
            applications,
            first_application: days.map(|days| days.0),
            last_application: summaries.application_days().map(|days| days.1),
        }
    }

    pub(crate) fn applications(&self) -> &VersionTable {
        &self.tables[2]
    }

    /// The day that it stands for, `YYYY-MM-DD`.
    pub(crate) fn logical_date(&self) -> &str {
        &self.logical_date
    }

    /// A count that `features` gave.
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        self.metrics.get(name)?.as_u64()
    }

    /// A count that `ingest` gave and `features` told on; none in versions made before it did.
    pub(crate) fn ingest_count(&self, name: &str) -> Option<u64> {
        self.metrics.get("ingest")?.get(name)?.as_u64()
    }
}

/// The tables of a version summed up, in the order of [`TABLES`].
pub(crate) struct Summaries {
    pub(crate) tables: [Summary; 3],
}

impl Summaries {
    /// How many people, jobs or applications have a term in one column. Keys are in no summary, so
    /// they have none.
    pub(crate) fn support(&self, term: &str) -> u64 {
        self.tables.iter().map(|table| table.support(term)).max().unwrap_or(0)
    }

    /// How many applications are a match; none where there is no status.
    pub(crate) fn matches(&self, config: &Config) -> Option<HitShare> {
        let applications = &self.tables[2];
        let Values::Categories(statuses) = &applications.column("situacao_candidato")?.values
        else {
            return None;
        };
        let of = |status: &String| statuses.get(status.as_str()).copied().unwrap_or(0);
        let hits = config.positive.iter().map(of).sum();
        Some(HitShare { hits, rows: applications.rows })
    }

    /// The first and last day of an application.
    fn application_days(&self) -> Option<(String, String)> {
        let column = self.tables[2].column("data_candidatura")?;
        match &column.values {
            Values::Numbers(days) if column.kind == ColumnKind::Date => {
                Some((calendar::iso(*days.first()? as i32), calendar::iso(*days.last()? as i32)))
            }
            _ => None,
        }
    }
}
