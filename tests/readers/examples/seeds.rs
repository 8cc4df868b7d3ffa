//! Writes the files of `fuzz/corpus` that are made by a library: small, of made-up people and jobs.
//!
//! `cargo run -p readers --example seeds`

use std::{fs, path::Path, sync::Arc};

use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float32Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use boost::{Csr, Dataset, Params, train};
use neighbours::{
    Vectors,
    annoy::{Forest, Params as Trees},
    npy,
};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding, ZstdLevel},
    file::properties::{
        EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
    },
    schema::types::ColumnPath,
};
use text::tfidf;

fn write(target: &str, name: &str, bytes: impl AsRef<[u8]>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    fs::create_dir_all(&folder).expect("a folder");
    #[expect(clippy::disallowed_methods, reason = "a seed is not an artefact")]
    fs::write(folder.join(name), bytes).expect("a file");
}

fn main() {
    vectors();
    models();
    tables();
}

fn vectors() {
    let values: Vec<f32> = (0..64).map(|i| ((i * 37 % 23) as f32 - 11.0) / 7.0).collect();
    for (name, values) in [("twelve", &values[..48]), ("two", &values[..8]), ("one", &values[..4])]
    {
        let vectors = Vectors::new(values, 4).expect("whole rows");
        let forest = Forest::grow(&vectors, &Trees { trees: 2, seed: 1 }).expect("a forest");
        let mut index = Vec::new();
        forest.write_to(&mut index).expect("room in memory");
        write("annoy", &format!("{name}.ann"), index);
    }
    for (name, rows, columns) in [("rows", 3, 4), ("empty", 0, 4), ("one", 1, 1)] {
        let mut writer = npy::Writer::new(Vec::new(), rows, columns).expect("a shape");
        writer.rows(&values[..rows * columns]).expect("whole rows");
        write("npy", &format!("{name}.npy"), writer.finish().expect("all rows"));
    }
}

fn models() {
    let labels: Vec<bool> = (0..60).map(|i| i % 3 == 0).collect();
    let (mut indptr, mut indices) = (vec![0], Vec::new());
    for (i, &label) in labels.iter().enumerate() {
        indices.extend([(label, 0), (i % 5 == 0, 1)].iter().filter(|c| c.0).map(|c| c.1));
        indptr.push(indices.len());
    }
    let values = vec![1.0; indices.len()];
    let rows = Csr::new(indptr, indices, values, 2).expect("rows in order");
    for (name, trees, names) in [("one", 1, false), ("named", 2, true)] {
        let params = Params::default().n_estimators(trees).max_depth(2).check().expect("in range");
        let dataset = Dataset::new(&rows, &labels).expect("both classes");
        let mut model = train(dataset, None, &params, &|_| std::ops::ControlFlow::Continue(()))
            .expect("a model");
        if names {
            let names = ["cidade=recife", "cv_candidato=sql"].map(str::to_owned).to_vec();
            model = model.with_feature_names(names).expect("names");
        }
        let mut json = Vec::new();
        model.to_json(&mut json).expect("room in memory");
        write("trees", &format!("{name}.json"), json);
    }
    let texts = ["python e sql", "sql e java", "python e java"];
    let params = tfidf::Params { min_texts: 1, ..tfidf::Params::default() };
    let mut counts = params.check().expect("in range").counts();
    texts.iter().for_each(|text| counts.add(text, 1));
    let tfidf = serde_json::to_value(counts.finish()).expect("JSON");
    let preprocessor = serde_json::json!({
        "format": 2,
        "blocks": [
            {"kind": "one_hot", "column": "cidade", "side": "people", "categories": ["", "Recife"]},
            {"kind": "tfidf", "column": "cv_candidato", "side": "people", "tfidf": tfidf},
        ],
        "relations": null,
    });
    write("preprocessor", "blocks.json", preprocessor.to_string());
}

fn tables() {
    let texts = |texts: [&str; 6]| -> ArrayRef { Arc::new(StringArray::from(texts.to_vec())) };
    let keys = texts(["10", "11", "12", "13", "14", "15"]);
    let titles: ArrayRef = Arc::new(StringArray::from(vec![
        Some("Analista SQL"),
        Some("Analista SQL"),
        None,
        Some("Desenvolvedora Java"),
        Some(""),
        Some("Analista SQL"),
    ]));
    let days: ArrayRef = Arc::new(Date32Array::from(vec![
        Some(19_000),
        None,
        Some(19_001),
        Some(0),
        None,
        Some(-1),
    ]));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![10, 11, 12, 13, 14, 15]));
    let times: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![1_641_600_000_000; 6]));
    let money: ArrayRef = Arc::new(
        Decimal128Array::from(vec![1_234_500, 0, 99, -1, 500_000, 1])
            .with_precision_and_scale(16, 2)
            .expect("in range"),
    );
    let shares: ArrayRef = Arc::new(Float32Array::from(vec![1.5, 2.0, 3.0, 4.0, 5.0, 6.0]));
    for (name, properties) in layouts() {
        let table = [("codigo_vaga", &keys), ("titulo_vaga", &titles), ("data_requicisao", &days)];
        write("table_parquet", &format!("{name}.parquet"), file(&table, properties.clone()));
        let jobs = [
            ("codigo", &numbers),
            ("informacoes_basicas.titulo_vaga", &titles),
            ("informacoes_basicas.data_inicial", &times),
            ("beneficios.valor_venda", &money),
            ("beneficios.valor_compra_1", &shares),
        ];
        write("raw_parquet", &format!("jobs-{name}.parquet"), file(&jobs, properties.clone()));
        let pairs = [("codigo", &keys), ("codigo_vaga", &numbers)];
        write("pairs", &format!("{name}.parquet"), file(&pairs, properties));
    }
    let applications = [("codigo_vaga", &numbers), ("codigo", &keys), ("data_candidatura", &days)];
    let properties = plain().build();
    write("raw_parquet", "applications.parquet", file(&applications, properties));
}

fn plain() -> WriterPropertiesBuilder {
    // As little as can be but values: what is mutated should matter.
    WriterProperties::builder()
        .set_created_by("seeds".to_owned())
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(4))
}

fn layouts() -> Vec<(&'static str, WriterProperties)> {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let lengths = ["titulo_vaga", "informacoes_basicas.titulo_vaga"];
    let delta = lengths.into_iter().fold(plain(), |properties, column| {
        let path = ColumnPath::new(vec![column.to_owned()]);
        properties.set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY)
    });
    vec![
        ("plain", plain().build()),
        ("dictionary", plain().set_dictionary_enabled(true).build()),
        ("zstd", plain().set_compression(zstd).build()),
        ("snappy", plain().set_compression(Compression::SNAPPY).build()),
        ("pages-2", delta.set_writer_version(WriterVersion::PARQUET_2_0).build()),
    ]
}

fn file(columns: &[(&str, &ArrayRef)], properties: WriterProperties) -> Vec<u8> {
    let columns = columns.iter().map(|(name, values)| (*name, Arc::clone(values)));
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("a file");
    writer.write(&batch).expect("room in memory");
    writer.close().expect("room in memory");
    bytes
}
