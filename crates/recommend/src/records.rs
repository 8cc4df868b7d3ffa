//! Who is there, who applied for what, and when: all of a feature-store version but the texts.

use parquet::file::reader::ChunkReader;
use schema::{
    TableReader, statuses,
    store::{self, Applied, FeatureStore, GROUPS, Side},
    text_column,
};
use versioning::Committed;

use crate::Error;

const BATCH_ROWS: usize = 1 << 14;

/// Records whose applications have a status of [`statuses::KNOWN`], [`statuses::OTHER`] or none.
pub type Records = store::Records<Applied<'static>>;

/// Reads a committed version of the feature store.
pub(crate) fn open(features: &Committed) -> Result<Records, stage::Error> {
    let has_groups = features.manifest().output(GROUPS).is_some();
    let files = FeatureStore::open(has_groups, |file| features.open(file))?;
    Ok(read(&files)?)
}

/// Reads the files of a feature-store version.
///
/// # Errors
/// [`Error::Table`] when they are not such tables or not of one version; [`Error::Empty`] without
/// candidates or jobs.
pub fn read<R: ChunkReader + Clone + 'static>(files: &FeatureStore<R>) -> Result<Records, Error> {
    let records = files.read(|application| Applied {
        person: application.person,
        job: application.job,
        day: application.day,
        status: application.status.map(statuses::known_or_other),
    })?;
    for (side, ids) in [(Side::People, &records.people), (Side::Jobs, &records.jobs)] {
        if ids.is_empty() {
            return Err(Error::Empty { file: side.file(), expected: side.plural() });
        }
    }
    Ok(records)
}

/// A column of texts, by row.
pub(crate) fn texts<R: ChunkReader + 'static>(
    side: Side,
    source: R,
    column: &str,
) -> Result<Vec<Option<String>>, Error> {
    let mut texts = Vec::new();
    for batch in TableReader::open(side.file(), source, side.table(), &[column], BATCH_ROWS)? {
        let batch = batch?;
        texts.extend(text_column(&batch, column).iter().map(|text| text.map(str::to_owned)));
    }
    Ok(texts)
}
