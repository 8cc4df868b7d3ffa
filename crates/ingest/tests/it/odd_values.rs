//! What a reader meets in records that are good: gaps, numbers, news, and values that are none.

use versioning::RawTable::{Applicants, Prospects, Vagas};

use crate::world::{World, clean};

#[test]
fn missing_keys_and_sections_null_and_empty_texts_are_null() {
    let day = clean(
        Applicants,
        r#"{"1": {}, "2": {"infos_basicas": null, "cv_pt": null},
                "3": {"infos_basicas": {"nome": "-", "email": "", "local": " \u00a0\t", "telefone": null},
                      "formacao_e_idiomas": {"outro_idioma": "-"}, "cargo_atual": {}}}"#,
    );
    for (row, key) in day.applicants().iter().zip(["1", "2", "3"]) {
        assert_eq!(row["codigo"], key);
        assert_eq!(row.len(), 1, "{row:?}");
    }
    assert!(day.rejects().is_empty());
}

#[test]
fn numbers_stand_for_their_text() {
    let day = World::default()
        .with(
            Vagas,
            r#"{"4": {"perfil_vaga": {"local_trabalho": 2000, "faixa_etaria": -1, "bairro": 2.5,
                      "viagens_requeridas": true}, "beneficios": {"valor_venda": 7000, "valor_compra_1": 10.255}}}"#,
        )
        .with(Prospects, r#"{"4": {"prospects": [{"codigo": 31000}]}}"#)
        .run()
        .unwrap();
    let row = &day.vagas()[0];
    assert_eq!(row["perfil_vaga.local_trabalho"], "2000");
    assert_eq!(row["perfil_vaga.faixa_etaria"], "-1");
    assert_eq!(row["perfil_vaga.bairro"], "2.5");
    assert_eq!(row["perfil_vaga.viagens_requeridas"], "true");
    assert_eq!(row["beneficios.valor_venda"], "700000");
    assert_eq!(row["beneficios.valor_compra_1"], "1026");
    assert_eq!(day.prospects()[0]["codigo"], "31000");
}

#[test]
fn keys_not_seen_before_are_passed_over_and_counted() {
    let day = World::default()
        .with(
            Applicants,
            r#"{"1": {"novo": {"a": [1, {"b": "c"}]}, "cargo_atual": {"ramal": 7}, "cv_pt": "x"},
                "2": {"novo": 1}}"#,
        )
        .with(
            Prospects,
            r#"{"4": {"prospects": [{"codigo": "1", "origem": "x"}], "aberta": true}}"#,
        )
        .run()
        .unwrap();
    assert_eq!(day.applicants()[0]["cv_pt"], "x");
    let profile = day.profile();
    assert_eq!(profile["applicants"]["unknown_keys"]["novo"], 2);
    assert_eq!(profile["applicants"]["unknown_keys"]["cargo_atual.ramal"], 1);
    assert_eq!(profile["prospects"]["unknown_keys"]["prospects.origem"], 1);
    assert_eq!(profile["prospects"]["unknown_keys"]["aberta"], 1);
    assert_eq!(day.metrics.0["unknown_keys_applicants"], 2);
}

#[test]
fn dates_money_levels_and_texts_are_normalised() {
    let day = World::default()
        .with(
            Applicants,
            r#"{"1": {"infos_basicas": {"data_criacao": "10-11-2021 07:29:49", "nome": " Jose\u0301\u0000 "},
                      "informacoes_pessoais": {"data_aceite": "30/03/2022 22:44", "data_nascimento": "0000-00-00"},
                      "informacoes_profissionais": {"remuneracao": "R$ 5.000,00"},
                      "formacao_e_idiomas": {"nivel_ingles": "AVANCADO", "nivel_espanhol": "basic",
                                             "outro_idioma": "Português - fluente"}},
                "2": {"informacoes_pessoais": {"data_aceite": "Cadastro anterior ao registro de aceite"}}}"#,
        )
        .with(
            Vagas,
            r#"{"4": {"informacoes_basicas": {"limite_esperado_para_contratacao": "00-00-0000", "data_final": "01-01-1970"},
                      "perfil_vaga": {"nivel profissional": "Sênior", "nivel_ingles": "Fluent"},
                      "beneficios": {"valor_venda": "36,00 -", "valor_compra_1": "R$"}}}"#,
        )
        .run()
        .unwrap();
    let applicants = day.applicants();
    let row = &applicants[0];
    assert_eq!(row["infos_basicas.data_criacao"], "2021-11-10");
    assert_eq!(row["infos_basicas.nome"], "José");
    assert_eq!(row["informacoes_pessoais.data_aceite"], "2022-03-30");
    assert_eq!(row.get("informacoes_pessoais.data_nascimento"), None);
    assert_eq!(row["informacoes_profissionais.remuneracao"], "500000");
    assert_eq!(row["formacao_e_idiomas.nivel_ingles"], "Avançado");
    assert_eq!(row["formacao_e_idiomas.nivel_espanhol"], "Básico");
    assert_eq!(row["formacao_e_idiomas.outro_idioma"], "Português - Fluente");
    assert_eq!(applicants[1].len(), 1);
    let vaga = &day.vagas()[0];
    assert_eq!(vaga["perfil_vaga.nivel profissional"], "Sênior");
    assert_eq!(vaga["perfil_vaga.nivel_ingles"], "Fluente");
    assert_eq!(vaga["beneficios.valor_venda"], "3600");
    assert_eq!(vaga.len(), 4, "{vaga:?}");
    assert_eq!(day.rejects(), ["applicants 1 infos_basicas.nome field nul_removed"]);
}

#[test]
fn a_bad_field_is_null_and_reported_and_its_record_stays() {
    let day = clean(
        Applicants,
        r#"{"1": {"infos_basicas": {"data_criacao": "31-02-2021", "nome": ["Ana"], "email": {"a": 1}},
                      "informacoes_profissionais": {"remuneracao": "a combinar"},
                      "formacao_e_idiomas": {"nivel_ingles": "Técnico"}, "cv_pt": "x"}}"#,
    );
    let row = &day.applicants()[0];
    assert_eq!(row["cv_pt"], "x");
    assert_eq!(row["formacao_e_idiomas.nivel_ingles"], "Técnico");
    assert_eq!(row.len(), 3, "{row:?}");
    assert_eq!(
        day.rejects(),
        [
            "applicants 1 infos_basicas.data_criacao field invalid_date",
            "applicants 1 infos_basicas.nome field wrong_type",
            "applicants 1 infos_basicas.email field wrong_type",
            "applicants 1 informacoes_profissionais.remuneracao field invalid_money",
            "applicants 1 formacao_e_idiomas.nivel_ingles field unknown_level",
        ]
    );
    let profile = day.profile();
    let columns = &profile["applicants"]["columns"];
    assert_eq!(columns["infos_basicas.data_criacao"]["set_aside"]["invalid_date"], 1);
    assert_eq!(profile["applicants"]["rejected"], 0);
    assert!(!String::from_utf8_lossy(&day.bytes("rejects.parquet")).contains("combinar"));
}

#[test]
fn a_key_repeated_within_a_record_has_its_last_value() {
    let day = World::default()
        .with(
            Applicants,
            r#"{"1": {"infos_basicas": {"nome": "A", "email": "31-02-2021", "data_criacao": "31-02-2021"},
                      "infos_basicas": {"nome": "B", "nome": "C"}, "cv_pt": "x", "cv_pt": null}}"#,
        )
        .with(
            Prospects,
            r#"{"4": {"prospects": [{"codigo": "8"}, {}], "prospects": [{"codigo": "9"}], "titulo": "T"}}"#,
        )
        .run()
        .unwrap();
    let row = &day.applicants()[0];
    assert_eq!(row["infos_basicas.nome"], "C");
    assert_eq!(row.len(), 2, "{row:?}");
    let prospects = day.prospects();
    assert_eq!(prospects.len(), 1);
    assert_eq!((&*prospects[0]["codigo"], &*prospects[0]["titulo"]), ("9", "T"));
    assert!(day.rejects().is_empty(), "{:?}", day.rejects());
}

#[test]
fn orphans_and_repeated_applications_stay_for_features_to_judge() {
    let day = clean(
        Prospects,
        r#"{"999": {"titulo": "T", "modalidade": "M", "prospects": [{"codigo": "888"}, {"codigo": "888"}]},
                "4000": {"prospects": []}, "4001": {}, "4002": {"prospects": null}}"#,
    );
    let rows = day.prospects();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let values = ["codigo_vaga", "codigo", "titulo", "modalidade"].map(|c| row[c].clone());
        assert_eq!(values, ["999", "888", "T", "M"]);
    }
    assert!(day.rejects().is_empty());
    assert_eq!(day.profile()["prospects"]["records"], 4);
}

#[test]
fn the_profile_says_how_full_how_various_and_how_wide_a_column_is() {
    let day = clean(
        Applicants,
        r#"{"1": {"infos_basicas": {"data_criacao": "01-02-2021"}, "cv_pt": "ação"},
                "2": {"infos_basicas": {"data_criacao": "01-02-2020"}, "cv_pt": "ação"},
                "3": {"cv_pt": "a b"}, "4": {}}"#,
    );
    let columns = &day.profile()["applicants"]["columns"];
    assert_eq!(columns["cv_pt"]["fill_rate"], 0.75);
    assert_eq!(columns["cv_pt"]["distinct"], 2);
    assert_eq!(columns["cv_pt"]["distinct_is"], "exact");
    assert_eq!(columns["cv_pt"]["chars_mean"], 3.666667);
    assert_eq!(columns["cv_pt"]["chars_max"], 4);
    assert_eq!(columns["infos_basicas.data_criacao"]["min"], "2020-02-01");
    assert_eq!(columns["infos_basicas.data_criacao"]["max"], "2021-02-01");
    assert_eq!(columns["cv_en"]["fill_rate"], 0.0);
}

#[test]
fn statuses_have_one_spelling_and_others_are_told_without_their_text() {
    let day = clean(
        Prospects,
        r#"{"4": {"prospects": [{"codigo": "1", "situacao_candidado": "nao aprovado  pelo RH"},
                                    {"codigo": "2", "situacao_candidado": "Ligar para Ana Prado"},
                                    {"codigo": "3", "situacao_candidado": "-"},
                                    {"codigo": "4", "situacao_candidado": "Aprovado"}]}}"#,
    );
    let rows = day.prospects();
    let statuses: Vec<_> =
        rows.iter().map(|r| r.get("situacao_candidado").map(String::as_str)).collect();
    let expected =
        [Some("Não Aprovado pelo RH"), Some("Ligar para Ana Prado"), None, Some("Aprovado")];
    assert_eq!(statuses, expected);
    assert_eq!(day.rejects(), ["prospects 4 situacao_candidado field unknown_status"]);
    let told = format!("{}{:?}{:?}", day.profile(), day.metrics, day.table(&ingest::REJECTS));
    assert!(!told.contains("Ana"), "{told}");
    let column = &day.profile()["prospects"]["columns"]["situacao_candidado"];
    assert_eq!(column["set_aside"]["unknown_status"], 1);
}
