//! What is expensive of ingest, cut into shards: a raw file each. A shard reads, parses and cleans
//! its file and leaves the parts; the run puts those of all files together.
//!
//! A file is not cut further: where a record begins is known only from the beginning of its file.
//! Who has one very large file splits it at the source (`part-*`).

use schema::Table;
use stage::{Cancelled, Inputs, Progress, RawFile, Shard};
use versioning::Memo;

use crate::{
    Config, Error,
    pipeline::each_part,
    run::TABLES,
    stored::{self, Keeper, PIECE_BYTES, StoredParts},
};

/// One for each raw file.
pub(crate) fn plan(inputs: &Inputs) -> Result<Vec<Shard>, stage::Error> {
    let files = TABLES.iter().map(|(raw, ..)| inputs.raw(*raw).len()).sum::<usize>();
    let of = u32::try_from(files.max(1)).map_err(stage::Error::failed)?;
    Ok((0..of).map(|index| Shard::Part { index, of }).collect())
}

/// Leaves the parts of a shard's files in the memo; gives how many rows they have.
pub(crate) fn leave(
    inputs: &Inputs,
    config: &Config,
    shard: &Shard,
    progress: &dyn Progress,
) -> Result<u64, Error> {
    let files = TABLES
        .iter()
        .flat_map(|(raw, table, _)| inputs.raw(*raw).iter().map(move |file| (*table, file)));
    let mine = (0..).zip(files).filter(|(number, _)| match shard {
        Shard::File { .. } => true,
        Shard::Part { index, of } => number % of == *index,
    });
    let mut rows = 0;
    for (_, (table, file)) in mine {
        let phase = progress.phase(table.name, Some(file.blob.len()), "bytes")?;
        let done = |bytes| phase.advance(bytes);
        rows += leave_file(inputs.memo(), table, file, config, PIECE_BYTES, done)?;
    }
    Ok(rows)
}

fn leave_file(
    memo: &Memo,
    table: &'static Table,
    file: &RawFile,
    config: &Config,
    piece_bytes: usize,
    mut done: impl FnMut(u64) -> Result<(), Cancelled>,
) -> Result<u64, Error> {
    if let Some(rows) = StoredParts::open(memo, table, file, config).rows()? {
        return Ok(rows);
    }
    let mut keeper = Keeper::new(memo, table, file, config, piece_bytes);
    let (files, nothing) = (std::slice::from_ref(file), Memo::default());
    let encode = |part| stored::encode(table, &part);
    each_part(table, files, &nothing, config, encode, |part| {
        done(part.read)?;
        keeper.add(&part)
    })?;
    keeper.finish()
}

#[cfg(test)]
mod tests {
    use stage::{Outputs, Silent};
    use versioning::{Artefact, Blob, Key, Lake, ListRequest, RawTable};

    use super::*;
    use crate::clean_tables;

    fn file(name: &str, json: String) -> RawFile {
        RawFile {
            name: name.to_owned(),
            sha256: format!("of {name}"),
            blob: Blob::from(json.into_bytes()),
        }
    }

    /// Three tables, of which `vagas` has many blocks.
    fn inputs(vagas: String) -> Inputs {
        let applicants = r#"{"1": {"cv_pt": "x"}}"#.to_owned();
        let prospects = r#"{"1": {"prospects": [{"codigo": "1"}]}}"#.to_owned();
        Inputs::of_raw(
            [
                (RawTable::Applicants, vec![file("raw/applicants.json", applicants)]),
                (RawTable::Vagas, vec![file("raw/vagas.json", vagas)]),
                (RawTable::Prospects, vec![file("raw/prospects.json", prospects)]),
            ]
            .into(),
        )
    }

    fn vagas() -> String {
        let records = (0..500).map(|i| match i % 9 {
            4 => format!("\"{i}\": null"),
            5 => format!("\"{}\": {{}}", i - 2),
            _ => format!(
                r#""{i}": {{"informacoes_basicas": {{"titulo_vaga": "T{i}", "data_inicial": "{i}"}}, "k{i}": 0}}"#
            ),
        });
        format!("{{{}}}", records.collect::<Vec<_>>().join(","))
    }

    fn config() -> Config {
        Config { max_reject_share: 1.0, block_bytes: 1 << 10, ..Config::default() }
    }

    /// The bytes of each file and the figures, or the error.
    fn run(inputs: &Inputs) -> Result<(Vec<Vec<u8>>, stage::Metrics), String> {
        let dir = tempfile::tempdir().unwrap();
        let out = Outputs::new(dir.path().to_owned());
        let metrics =
            clean_tables(inputs, &config(), &out, &Silent).map_err(|error| error.to_string())?;
        let files = ["applicants.parquet", "vagas.parquet", "prospects.parquet"];
        let files = files.iter().chain(&["rejects.parquet", "profile.json"]);
        Ok((files.map(|f| std::fs::read(dir.path().join(f)).unwrap()).collect(), metrics))
    }

    fn leave(inputs: &Inputs, lake: &Lake) -> Result<u64, Error> {
        let (memo, files) = (lake.memo(Artefact::Processed), inputs.raw(RawTable::Vagas));
        leave_file(&memo, TABLES[1].1, &files[0], &config(), 4 << 10, |_| Ok(()))
    }

    fn pieces(lake: &Lake) -> Vec<Key> {
        let below = ListRequest::below(&Key::new("processed/_shards").unwrap());
        lake.data().list(&below).unwrap().objects.into_iter().map(|o| o.key).collect()
    }

    #[test]
    fn of_several_pieces_any_may_be_lost() {
        let inputs = inputs(vagas());
        let expected = run(&inputs).unwrap();
        let lake = Lake::in_memory();
        let rows = leave(&inputs, &lake).unwrap();
        assert_eq!(rows, 500 - 56);
        let all = pieces(&lake);
        assert!(all.len() > 3, "{}", all.len());
        let inputs = inputs.with_memo(lake.memo(Artefact::Processed));
        assert_eq!(run(&inputs).unwrap(), expected);
        for piece in [all.len() - 1, 2, 1, 0] {
            lake.data().delete(&all[piece]).unwrap();
            assert_eq!(run(&inputs).unwrap(), expected, "without {piece}");
        }
        // A shard that was cut off begins again, and what it adds is what was there.
        assert_eq!(leave(&inputs, &lake).unwrap(), rows);
        assert_eq!(pieces(&lake), all);
        assert_eq!(leave(&inputs, &lake).unwrap(), rows);
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused_with_the_same_words_after_its_shard() {
        let mut json = vagas();
        json.truncate(json.len() - 100);
        let inputs = inputs(json);
        let lake = Lake::in_memory();
        let shard = leave(&inputs, &lake).unwrap_err().to_string();
        assert!(shard.starts_with("raw/vagas.json: byte "), "{shard}");
        // What it had read before stays, and serves nobody wrongly.
        assert!(pieces(&lake).len() > 3);
        assert_eq!(run(&inputs).unwrap_err(), shard);
        assert_eq!(run(&inputs.with_memo(lake.memo(Artefact::Processed))).unwrap_err(), shard);
    }
}
