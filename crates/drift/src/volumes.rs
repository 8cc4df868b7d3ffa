//! How many rows there are, and how many were left out on the way.

use crate::{
    config::Config,
    observed::{self, Observed},
    report::{Term, Volume},
    stats::measures::share,
    version::Version,
};

/// The counts of two versions. What shrank is judged; what grew only beside the live version, for
/// over a long time a company grows. Each with its difference, not judged yet.
pub(crate) fn volumes(
    before: &Version,
    after: &Version,
    term: Term,
    config: &Config,
) -> Vec<(Volume, Option<Observed>)> {
    let growth = term == Term::Live;
    let rows = |name: &str, at: usize| {
        let (before, after) = (before.tables[at].rows, after.tables[at].rows);
        let observed = observed::count(before, after, &config.bounds, growth);
        (volume(name, Some(before), Some(after)), observed)
    };
    let mut volumes = vec![rows("people", 0), rows("jobs", 1), rows("applications", 2)];
    for name in ["duplicates", "orphans_candidate", "orphans_job"] {
        let of = |version: &Version| version.count(name).zip(version.count("applications"));
        volumes.push(left_out(name, of(before), of(after), config));
    }
    // Of prospects a record holds the applications for a job, each an item of it.
    for of in ["records_applicants", "records_vagas", "records_prospects", "items_prospects"] {
        let name = format!("rejected_{of}");
        let shares =
            |version: &Version| Some((version.ingest_count(&name)?, version.ingest_count(of)?));
        volumes.push(left_out(&name, shares(before), shares(after), config));
    }
    volumes
}

/// Rows that were left out, of how many; none where that was not recorded.
fn left_out(
    name: &str,
    before: Option<(u64, u64)>,
    after: Option<(u64, u64)>,
    config: &Config,
) -> (Volume, Option<Observed>) {
    let shares = before.zip(after);
    let observation = shares.and_then(|((x, n), (y, m))| share(x.min(n), n, y.min(m), m));
    let count = |side: Option<(u64, u64)>| side.map(|(hits, _)| hits);
    let observed = observation.map(|o| Observed::of(o, &config.bounds));
    (volume(name, count(before), count(after)), observed)
}

fn volume(name: &str, before: Option<u64>, after: Option<u64>) -> Volume {
    Volume { name: name.to_owned(), before, after, measure: None }
}
