//! No name, contact or document leaves the stage.

use features::Config;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use schema::{Kind, Role, Rule, Table, raw, statuses};
use serde_json::json;

use crate::world::{Row, WRITTEN, World, row};

const EMAIL: &str = "aurelia.brites@exemplo.com.br";
const PHONES: [&str; 3] = ["(11) 96366-2996", "+55 21 99876-5432", "11 3456-7890"];
const CPF: &str = "529.982.247-25";
const CNPJ: &str = "11.222.333/0001-81";
const URL: &str = "https://www.linkedin.com/in/aurelia-brites";
const NAME: &str = "Aurélia Brites Quintão";

/// The columns of the source whose values are chosen from lists, where a name is a place.
const LISTED: [&str; 12] = [
    ".sexo",
    ".estado_civil",
    ".pcd",
    ".local",
    ".area_atuacao",
    ".nivel",
    ".tipo_contratacao",
    ".prazo_contratacao",
    ".prioridade_vaga",
    "perfil_vaga.pais",
    "perfil_vaga.estado",
    "perfil_vaga.cidade",
];

fn listed(column: &str) -> bool {
    let others = ["perfil_vaga.vaga_especifica_para_pcd", "perfil_vaga.areas_atuacao"];
    LISTED.iter().any(|part| column.contains(part)) || others.contains(&column)
}

/// A record of `table` with everything that must go planted in every text, among words that stay.
fn planted(table: &Table, key: &str, names: &[&str]) -> Row {
    let mut row = Row::new();
    for column in table.columns {
        let value = if column.role == Role::Key {
            key.to_owned()
        } else if names.contains(&column.name) {
            NAME.to_owned()
        } else if column.kind == Kind::Text {
            let names = if listed(column.name) { "Vitória" } else { NAME };
            format!(
                "{names}\n{EMAIL} {} {}\n{}, CPF: {CPF} CNPJ {CNPJ}\n{URL} palavra {} comum",
                PHONES[0],
                PHONES[1],
                PHONES[2],
                names.to_lowercase()
            )
        } else {
            "7".to_owned()
        };
        row.insert(column.name.to_owned(), value);
    }
    row
}

#[test]
fn nothing_planted_in_any_text_comes_out() {
    let names_of_people = ["infos_basicas.nome", "informacoes_pessoais.nome"];
    let names_of_jobs = ["informacoes_basicas.requisitante"];
    let application = planted(&raw::PROSPECTS, "1", &["nome"]);
    assert!(application["situacao_candidado"].contains(NAME));
    let world = World {
        applicants: vec![planted(&raw::APPLICANTS, "1", &names_of_people)],
        vagas: vec![planted(&raw::VAGAS, "1", &names_of_jobs)],
        prospects: vec![application],
    };
    // What is planted in the columns of lists is in no list.
    let every_value = Config { listed_minimum_records: 1, ..Config::default() };
    let store = world.run_with(&every_value).unwrap();
    let forbidden = [
        "aurelia", "aurélia", "quintão", "exemplo", "96366", "2996", "99876", "3456", "7890",
        "982.247", "529", "222.333", "0001", "linkedin", "@",
    ];
    for table in WRITTEN {
        let rows = store.rows(table);
        for (column, value) in rows.iter().flatten() {
            let value = value.to_lowercase();
            for word in forbidden {
                assert!(!value.contains(word), "{word} is in {}.{column}", table.name);
            }
        }
    }
    let figures = json!(store.metrics.0).to_string().to_lowercase();
    for word in forbidden {
        assert!(!figures.contains(word), "{word} is in the figures");
    }
    for table in &WRITTEN[..3] {
        let rows = store.rows(table);
        assert_eq!(rows.len(), 1);
        // Who was born on the day of the application has no age band.
        let written = |c: &&schema::Column| c.kind == Kind::Text && c.rule != Rule::AgeBand;
        for column in table.columns.iter().filter(written) {
            let free = column.role != Role::Key && column.role != Role::Label;
            let value = &rows[0][column.name];
            assert!(!free || value.contains("palavra"), "{}.{}", table.name, column.name);
        }
    }
    let found = store.metric("redactions").as_object().unwrap();
    assert!(found.values().any(|n| n.as_u64() > Some(0)), "{found:?}");
}

#[test]
fn what_somebody_typed_instead_of_a_status_is_other() {
    let typed = [Some("Ligar para Ana Prado ana@exemplo.com.br"), Some("aprovado"), None];
    let known = statuses::KNOWN.map(Some);
    let prospects: Vec<Row> = (1..)
        .zip(typed.iter().chain(&known))
        .map(|(job, status)| {
            let mut row = Row::from([
                ("codigo".to_owned(), "1".to_owned()),
                ("codigo_vaga".to_owned(), job.to_string()),
            ]);
            row.extend(status.map(|s| ("situacao_candidado".to_owned(), s.to_owned())));
            row
        })
        .collect();
    let key = |key: &str| Row::from([("codigo".to_owned(), key.to_owned())]);
    let world = World {
        applicants: vec![key("1")],
        vagas: prospects.iter().map(|row| key(&row["codigo_vaga"])).collect(),
        prospects,
    };
    let store = world.run();
    let rows = store.rows(&schema::tables::CANDIDATES);
    let found: Vec<_> =
        rows.iter().map(|r| r.get("situacao_candidato").map(String::as_str)).collect();
    assert_eq!(found[..3], [Some(statuses::OTHER), Some(statuses::OTHER), None]);
    assert_eq!(found[3..], known);
    let mut labels = json!({"Outro": 2, "null": 1});
    for status in statuses::KNOWN {
        labels[status] = json!(1);
    }
    assert_eq!(store.metric("labels"), &labels);
    assert_eq!(store.metric("positives"), statuses::POSITIVE.len());
}

#[test]
fn no_table_has_a_column_of_a_name_a_contact_a_document_or_a_birth_date() {
    let personal = [
        "nome",
        "email",
        "telefone",
        "cpf",
        "endereco",
        "skype",
        "linkedin",
        "facebook",
        "nascimento",
        "download_cv",
        "nome_substituto",
    ];
    for table in WRITTEN {
        // Of the birth date the age band is left.
        for column in table.columns.iter().filter(|c| c.rule != Rule::AgeBand) {
            let last = column.source.rsplit('.').next().unwrap();
            assert!(!personal.iter().any(|p| last.contains(p)), "{}.{}", table.name, column.name);
        }
    }
}

#[test]
fn no_birth_date_is_in_any_file_or_figure() {
    // 1987-04-11 in days, and as people write it.
    let (born, written) = ("6309", ["1987", "11-04", "11/04", "6309"]);
    let values = |values: &[(&str, &str)]| -> Row {
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let world = World {
        applicants: vec![values(&[
            ("codigo", "1"),
            ("informacoes_pessoais.data_nascimento", born),
            ("infos_basicas.local", "Recife, Pernambuco"),
            ("cv_pt", "analista"),
        ])],
        vagas: vec![values(&[("codigo", "7")])],
        prospects: vec![values(&[
            ("codigo", "1"),
            ("codigo_vaga", "7"),
            ("data_candidatura", "18687"),
        ])],
    };
    let store = world.run();
    for table in WRITTEN {
        for (column, value) in store.rows(table).iter().flatten() {
            for date in written {
                assert!(!value.contains(date), "{date} is in {}.{column}", table.name);
            }
        }
        // The file holds the table's columns and no others.
        let file = ParquetRecordBatchReaderBuilder::try_new(store.bytes(table)).unwrap();
        let found: Vec<_> = file.schema().fields().iter().map(|f| f.name().clone()).collect();
        assert_eq!(found, table.columns.iter().map(|c| c.name).collect::<Vec<_>>());
    }
    let figures = json!(store.metrics.0).to_string();
    for date in written {
        assert!(!figures.contains(date), "{date} is in the figures");
    }
    assert_eq!(store.rows(&schema::tables::CANDIDATES)[0]["faixa_etaria"], "25-34");
}

#[test]
fn a_role_in_a_jobs_record_takes_no_words_away() {
    let mut job = Row::new();
    for (column, value) in [
        ("codigo", "1"),
        ("informacoes_basicas.requisitante", "Gerente de Projetos"),
        ("informacoes_basicas.superior_imediato", "Superior Imediato:"),
        ("informacoes_basicas.titulo_vaga", "Gerente de Projetos"),
    ] {
        job.insert(column.to_owned(), value.to_owned());
    }
    let store = World { vagas: vec![job], ..World::default() }.run();
    assert_eq!(store.rows(&schema::tables::JOBS)[0]["titulo_vaga"], "Gerente de Projetos");
}

#[test]
fn a_candidate_may_have_the_name_of_her_city() {
    let mut person = Row::new();
    for (column, value) in [
        ("codigo", "1"),
        ("infos_basicas.nome", "Lorena Quintão"),
        ("infos_basicas.local", "Lorena, São Paulo"),
        ("cv_pt", "lorena quintão\nanalista"),
    ] {
        person.insert(column.to_owned(), value.to_owned());
    }
    let store = World { applicants: vec![person], ..World::default() }.run();
    let row = &store.rows(&schema::tables::PEOPLE)[0];
    assert_eq!(row["cidade"], "Lorena, São Paulo");
    assert!(!row["cv_candidato"].contains("lorena"), "the name is in the CV");
    assert!(row["cv_candidato"].contains("analista"));
}

#[test]
fn a_name_in_a_list_column_is_other() {
    let typed = "Eduarda Quintanilha";
    let record = |key: usize, values: &[(&str, &str)]| -> Row {
        let mut row = row(values);
        row.insert("codigo".to_owned(), key.to_string());
        row
    };
    let columns = ["perfil_vaga.cidade", "perfil_vaga.areas_atuacao", "perfil_vaga.nivel_ingles"];
    let vagas = (0..9).map(|key| {
        // Five records share a value that no list has; a name is in one.
        let (area, city) =
            if key < 5 { ("Setor Novo-", "Recife") } else { ("TI - SAP-", "Olinda") };
        let value = |own| if key == 8 { typed } else { own };
        record(
            key,
            &[(columns[0], value(city)), (columns[1], value(area)), (columns[2], value("Fluente"))],
        )
    });
    let person = |city| vec![record(1, &[("infos_basicas.local", city)])];
    let world = World {
        vagas: vagas.collect(),
        applicants: person("Eduarda Quintanilha, Pernambuco"),
        ..World::default()
    };
    let store = world.run();
    let jobs = store.rows(&schema::tables::JOBS);
    for column in ["cidade_vaga", "areas_atuacao_vaga", "nivel_ingles_vaga"] {
        assert_eq!(jobs[8][column], "Outros");
    }
    assert_eq!(jobs[0]["areas_atuacao_vaga"], "Setor Novo-");
    assert_eq!(jobs[7]["cidade_vaga"], "Olinda");
    let people = store.rows(&schema::tables::PEOPLE);
    assert_eq!(people[0]["cidade"], "Outros, Pernambuco");
    assert_eq!(people[0]["estado"], "Pernambuco");
    let expected = json!({
        "jobs": {"areas_atuacao_vaga": 1, "cidade_vaga": 1, "nivel_ingles_vaga": 1},
        "people": {"cidade": 1},
    });
    assert_eq!(store.metric("not_listed"), &expected);
}

#[test]
fn what_the_record_knows_goes_from_the_texts() {
    let cv = "analista desde 21/03/2010\nnascida aos 11.04.1987 em recife\nbia dot prates77\n\
              rua das acácias\ntelefones 3456 7890 e 9 9876 5432\ncpf no. 529 982 247 26";
    let person = row(&[
        ("codigo", "1"),
        ("infos_basicas.nome", "Beatriz Prates"),
        ("infos_basicas.telefone", "(81) 3456-7890"),
        ("informacoes_pessoais.telefone_celular", "81 99876-5432"),
        // 1987-04-11
        ("informacoes_pessoais.data_nascimento", "6309"),
        ("informacoes_pessoais.cpf", "529.982.247-26"),
        ("informacoes_pessoais.endereco", "Rua das Acácias, 12"),
        ("informacoes_pessoais.skype", "bia.prates77"),
        ("cv_pt", &format!("{cv}\nbia_prates77")),
    ]);
    let store = World { applicants: vec![person], ..World::default() }.run();
    let cv = &store.rows(&schema::tables::PEOPLE)[0]["cv_candidato"];
    for personal in ["1987", "acácias", "7890", "5432", "247", "bia_prates77"] {
        assert!(!cv.contains(personal), "{personal} is in the text");
    }
    assert!(cv.contains("analista desde 21/03/2010"));
}
