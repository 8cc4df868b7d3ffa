//! Parquet as others write it: other types, missing, further and wrong columns.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    NullArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray,
    builder::{ListBuilder, StringBuilder, StructBuilder},
};
use arrow_schema::{DataType, Field};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};
use stage::ErrorName;
use versioning::RawTable::{self, Applicants, Prospects, Vagas};

use crate::world::World;

fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    compressed(columns, Compression::UNCOMPRESSED)
}

fn compressed(columns: Vec<(&str, ArrayRef)>, codec: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(codec).build();
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn with(table: RawTable, bytes: Vec<u8>) -> World {
    let name = format!("raw/{}.parquet", table.name());
    World::default().with_files(table, vec![(name, bytes)])
}

#[test]
fn strings_and_typed_columns_are_read_alike() {
    let (day, micros) = (18_941, 18_941_i64 * 86_400_000_000 + 5);
    let bytes = file(vec![
        ("codigo", Arc::new(Int64Array::from(vec![1, 2, 2, 3]))),
        ("informacoes_basicas.titulo_vaga", texts(&[Some(" Dev "), Some("-"), None, None])),
        (
            "informacoes_basicas.data_requicisao",
            Arc::new(Date32Array::from(vec![Some(day), Some(0), None, Some(i32::MAX)])),
        ),
        (
            "informacoes_basicas.data_final",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(micros), Some(-1), None, None])
                    .with_timezone("UTC"),
            ),
        ),
        ("informacoes_basicas.vaga_sap", Arc::new(NullArray::new(4))),
        ("perfil_vaga.cidade", Arc::new(Float64Array::from(vec![7.0, f64::NAN, 2.5, 0.0]))),
        ("perfil_vaga.estado", Arc::new(BooleanArray::from(vec![true, false, true, true]))),
        (
            "beneficios.valor_venda",
            Arc::new(
                Decimal128Array::from(vec![Some(12_345_i128), Some(-1_000), None, None])
                    .with_precision_and_scale(9, 3)
                    .unwrap(),
            ),
        ),
        ("beneficios.valor_compra_1", Arc::new(Int64Array::from(vec![5, 6, 7, 8]))),
        ("novidade", texts(&[None, None, None, None])),
    ]);
    let day = with(Vagas, bytes).run().unwrap();
    let rows = day.vagas();
    assert_eq!(rows.len(), 3);
    let row = &rows[0];
    assert_eq!(row["codigo"], "1");
    assert_eq!(row["informacoes_basicas.titulo_vaga"], "Dev");
    assert_eq!(row["informacoes_basicas.data_requicisao"], "2021-11-10");
    assert_eq!(row["informacoes_basicas.data_final"], "2021-11-10");
    assert_eq!(row["perfil_vaga.cidade"], "7");
    assert_eq!(row["perfil_vaga.estado"], "true");
    assert_eq!(row["beneficios.valor_venda"], "1235");
    assert_eq!(row["beneficios.valor_compra_1"], "500");
    assert_eq!(rows[1]["informacoes_basicas.data_final"], "1969-12-31");
    assert_eq!(rows[1].get("perfil_vaga.cidade"), None);
    assert_eq!(
        day.rejects(),
        [
            "vagas 2 beneficios.valor_venda field invalid_money",
            "vagas 2 · record duplicate_key",
            "vagas 3 informacoes_basicas.data_requicisao field invalid_date",
        ]
    );
    assert_eq!(day.profile()["vagas"]["unknown_keys"]["novidade"], 4);
}

#[test]
fn structs_are_read_as_their_dotted_names() {
    let fields = [
        ("data_requicisao", texts(&[Some("02-03-2021"); 2])),
        ("titulo_vaga", texts(&[Some("Dev"), None])),
    ];
    let fields =
        fields.map(|(name, array)| (Arc::new(Field::new(name, DataType::Utf8, true)), array));
    let nested: ArrayRef = Arc::new(StructArray::from(fields.to_vec()));
    let bytes =
        file(vec![("codigo", texts(&[Some("1"), Some("2")])), ("informacoes_basicas", nested)]);
    let day = with(Vagas, bytes).run().unwrap();
    let rows = day.vagas();
    assert_eq!(rows[0]["informacoes_basicas.titulo_vaga"], "Dev");
    assert_eq!(rows[1]["informacoes_basicas.data_requicisao"], "2021-03-02");
    assert_eq!(rows[1].get("informacoes_basicas.titulo_vaga"), None);
    assert!(day.rejects().is_empty());
}

#[test]
fn a_row_beyond_the_limit_is_set_aside_as_a_record_of_json_is() {
    let long = "x".repeat(2_000);
    let bytes = file(vec![
        ("codigo", texts(&[Some("1"), Some("2")])),
        ("informacoes_basicas.titulo_vaga", texts(&[Some(&long), Some("Dev")])),
    ]);
    let mut world = with(Vagas, bytes);
    world.config.max_record_bytes = 1_024;
    let day = world.run().unwrap();
    assert_eq!(day.vagas().len(), 1);
    assert_eq!(day.rejects(), ["vagas 1 · record too_large"]);
}

#[test]
fn every_codec_of_other_writers_is_read() {
    let codecs = [
        Compression::SNAPPY,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
        Compression::BROTLI(parquet::basic::BrotliLevel::default()),
        Compression::ZSTD(parquet::basic::ZstdLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ];
    for codec in codecs {
        let bytes = compressed(vec![("codigo", texts(&[Some("1"), Some("2")]))], codec);
        assert_eq!(with(Vagas, bytes).run().unwrap().vagas().len(), 2, "{codec}");
    }
}

#[test]
fn applications_are_a_row_each_and_need_both_keys() {
    let bytes = file(vec![
        ("codigo_vaga", texts(&[Some("4"), Some("4"), None, Some("4")])),
        ("codigo", texts(&[Some("1"), Some("1"), Some("2"), Some("x")])),
    ]);
    let day = with(Prospects, bytes).run().unwrap();
    assert_eq!(day.prospects().len(), 2);
    assert_eq!(
        day.rejects(),
        ["prospects · codigo_vaga item missing_key", "prospects 4 codigo item bad_key"]
    );
}

#[test]
fn a_job_with_the_list_of_its_applications_is_a_row_an_application() {
    let field = |name| Field::new(name, DataType::Utf8, true);
    let fields = vec![field("codigo"), field("situacao_candidado")];
    let mut list = ListBuilder::new(StructBuilder::from_fields(fields, 4));
    for (codes, is_there) in
        [(&["1", "2"][..], true), (&[], true), (&[], false), (&["x", "3"], true)]
    {
        for code in codes {
            let element = list.values();
            for (column, value) in [*code, "Prospect"].into_iter().enumerate() {
                element.field_builder::<StringBuilder>(column).unwrap().append_value(value);
            }
            element.append(true);
        }
        list.append(is_there);
    }
    let bytes = file(vec![
        ("codigo_vaga", texts(&[Some("7"), Some("8"), Some("9"), Some("10")])),
        ("titulo", texts(&[Some("Dev"), None, None, Some("DBA")])),
        ("prospects", Arc::new(list.finish())),
    ]);
    for block_rows in [1, 100] {
        let mut world = with(Prospects, bytes.clone());
        world.config.block_rows = block_rows;
        let day = world.run().unwrap();
        let rows = day.prospects();
        let pairs: Vec<_> = rows
            .iter()
            .map(|row| [&row["codigo_vaga"], &row["codigo"], &row["titulo"]].map(String::as_str))
            .collect();
        assert_eq!(pairs, [["7", "1", "Dev"], ["7", "2", "Dev"], ["10", "3", "DBA"]]);
        assert_eq!(day.rejects(), ["prospects 10 codigo item bad_key"]);
        assert_eq!(day.profile()["prospects"]["unknown_keys"], serde_json::json!({}));
    }
}

#[test]
fn a_file_without_its_key_or_with_a_wrong_type_is_refused() {
    let refused = |table, bytes| {
        let error = with(table, bytes).run().err().unwrap();
        assert_eq!(error.name, ErrorName::BadInput);
        error.to_string()
    };
    let message = refused(Applicants, file(vec![("id", texts(&[Some("1")]))]));
    assert!(
        message.starts_with(
            "raw/applicants.parquet: expected a key column `codigo`, found the columns id"
        ),
        "{message}"
    );
    let bytes = file(vec![
        ("codigo", texts(&[Some("1")])),
        ("infos_basicas.data_criacao", Arc::new(Int64Array::from(vec![20_210_101]))),
    ]);
    let message = refused(Applicants, bytes);
    assert!(
        message.starts_with(
            "raw/applicants.parquet: column `infos_basicas.data_criacao`: expected strings, dates or timestamps, found Int64"
        ),
        "{message}"
    );
    let message = refused(Applicants, b"not parquet".to_vec());
    assert!(message.starts_with("raw/applicants.parquet: cannot be read as Parquet"), "{message}");
}

#[test]
fn bytes_that_are_texts_decimals_that_are_numbers_and_columns_without_values_are_read() {
    let bytes =
        |values: &[Option<&[u8]>]| -> ArrayRef { Arc::new(BinaryArray::from(values.to_vec())) };
    let decimal = |values: Vec<i128>, scale| -> ArrayRef {
        let array = Decimal128Array::from(values).with_precision_and_scale(38, scale);
        Arc::new(array.unwrap())
    };
    let mut nothing = ListBuilder::new(StringBuilder::new());
    (0..2).for_each(|_| nothing.append_null());
    let bytes = file(vec![
        ("codigo", decimal(vec![310_000, 310_010], 1)),
        ("cv_pt", bytes(&[Some("ação".as_bytes()), Some(b"a\xe7\xe3o")])),
        ("infos_basicas.local", decimal(vec![15, 20], 1)),
        ("infos_basicas.data_criacao", Arc::new(Float64Array::from(vec![None, None]))),
        ("infos_basicas.email", Arc::new(nothing.finish())),
    ]);
    let day = with(Applicants, bytes).run().unwrap();
    let rows = day.applicants();
    assert_eq!((&*rows[0]["codigo"], &*rows[1]["codigo"]), ("31000", "31001"));
    assert_eq!((&*rows[0]["cv_pt"], rows[1].get("cv_pt")), ("ação", None));
    assert_eq!((&*rows[0]["infos_basicas.local"], &*rows[1]["infos_basicas.local"]), ("1.5", "2"));
    assert_eq!(rows[0].get("infos_basicas.data_criacao"), None);
    assert_eq!(day.rejects(), ["applicants 31001 cv_pt field wrong_type"]);
    // With a value, such a column is refused by name.
    let bytes = file(vec![
        ("codigo", texts(&[Some("1")])),
        ("infos_basicas.data_criacao", Arc::new(Float64Array::from(vec![Some(1.5)]))),
    ]);
    let error = with(Applicants, bytes).run().err().unwrap();
    assert!(error.message.contains("infos_basicas.data_criacao"), "{error}");
}
