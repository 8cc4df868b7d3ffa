//! Records that are one and the same.

use schema::tables;
use serde_json::json;

use crate::world::{Row, World, row};

/// A text that is somebody's own.
fn own(word: &str) -> String {
    format!(
        "{word} trabalhou por muitos anos com sistemas de bancos e de seguros em projetos grandes de integração"
    )
}

fn world(people: Vec<Row>, vagas: Vec<Row>) -> World {
    World { applicants: people, vagas, prospects: Vec::new() }
}

fn groups(world: &World) -> Vec<(String, String, String)> {
    let rows = world.run().rows(&tables::GROUPS);
    let of = |row: &Row, name: &str| row[name].clone();
    rows.iter().map(|r| (of(r, "tabela"), of(r, "codigo"), of(r, "grupo"))).collect()
}

fn text(values: [&str; 3]) -> (String, String, String) {
    let [a, b, c] = values.map(str::to_owned);
    (a, b, c)
}

#[test]
fn a_person_under_several_codes_is_one_by_document_address_or_text() {
    let (cpf, mail) = ("informacoes_pessoais.cpf", "informacoes_pessoais.email");
    let people = vec![
        row(&[("codigo", "100"), (cpf, "123.456.789-09"), (mail, "a@b.com")]),
        row(&[("codigo", "9"), (cpf, "12345678909")]),
        row(&[("codigo", "20"), ("infos_basicas.email", "A@B.com "), ("cv_pt", &own("Ana"))]),
        row(&[("codigo", "30"), ("cv_pt", &own("ana").replace(' ', "\n  "))]),
        row(&[("codigo", "31"), ("cv_pt", &own("Bia"))]),
        row(&[("codigo", "32"), ("cv_pt", "currículo em anexo"), (cpf, "000.000.000-00")]),
        row(&[("codigo", "33"), ("cv_pt", "currículo em anexo"), (cpf, "000.000.000-00")]),
        row(&[("codigo", "34"), (mail, "-@")]),
        row(&[("codigo", "35"), (mail, "-@")]),
    ];
    let world = world(people, Vec::new());
    let expected = ["9", "20", "30", "100"].map(|code| text(["people", code, "9"]));
    assert_eq!(groups(&world), expected);
    let counts = world.run().metric("groups").clone();
    assert_eq!(
        counts["people"],
        json!({"groups": 1, "records": 4, "largest": 4, "values_ignored": 0})
    );
}

#[test]
fn a_value_that_many_share_is_no_identity() {
    let same = |i: usize| row(&[("codigo", &i.to_string()), ("cv_pt", &own("todos"))]);
    let some = |n: usize| world((1..=n).map(same).collect(), Vec::new());
    assert_eq!(groups(&some(3)).len(), 3);
    assert!(groups(&some(4)).is_empty());
    assert_eq!(some(40).run().metric("groups")["people"]["values_ignored"], 1);
}

#[test]
fn jobs_with_the_same_texts_are_one_whatever_their_title() {
    let job = |codigo: &str, title: &str, activities: &str, skills: &str| {
        row(&[
            ("codigo", codigo),
            ("informacoes_basicas.titulo_vaga", title),
            ("perfil_vaga.principais_atividades", activities),
            ("perfil_vaga.competencia_tecnicas_e_comportamentais", skills),
        ])
    };
    let vagas = vec![
        job("12", "Dev", &own("Java"), "sql"),
        job("4", "Analista", &own("Java"), "sql"),
        job("5", "Dev", &own("Java"), "cobol"),
        job("6", "Dev", "a combinar", "a combinar"),
        job("7", "Dev", "a combinar", "a combinar"),
    ];
    let expected = ["4", "12"].map(|code| text(["jobs", code, "4"]));
    assert_eq!(groups(&world(Vec::new(), vagas)), expected);
}

#[test]
fn jobs_of_one_client_requester_or_recruiter_are_told_by_their_codes_alone() {
    let job = |code: &str, client: &str, analyst: &str| {
        row(&[
            ("codigo", code),
            ("informacoes_basicas.cliente", client),
            ("informacoes_basicas.analista_responsavel", analyst),
        ])
    };
    let vagas = vec![
        job("12", "Morris Ltda", "Beatriz Furtado"),
        job("7", " morris LTDA", "Otávio Prado"),
        job("9", "Outra", "Beatriz Furtado"),
    ];
    let world = world(Vec::new(), vagas);
    let expected = [
        ["cliente", "7", "7"],
        ["cliente", "12", "7"],
        ["analista_responsavel", "9", "9"],
        ["analista_responsavel", "12", "9"],
    ];
    assert_eq!(groups(&world), expected.map(text));
}
