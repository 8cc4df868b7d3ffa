//! The feature store's tables, as `features` writes them.
//!
//! Column names are those that the Python system's consumers know.

use crate::column::{Column, Kind, KnownAt::Application, Rule, Table};

/// What is said of a candidate, in `people.parquet` and in `candidates.parquet`.
const PERSON: &[Column] = &[
    Column::protected("sexo", "informacoes_pessoais.sexo"),
    Column::protected("estado_civil", "informacoes_pessoais.estado_civil"),
    Column::protected("pcd", "informacoes_pessoais.pcd"),
    Column::feature("cidade", "infos_basicas.local", Kind::Text, Application),
    Column::feature(
        "titulo_profissional",
        "informacoes_profissionais.titulo_profissional",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "area_atuacao",
        "informacoes_profissionais.area_atuacao",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "conhecimentos_tecnicos",
        "informacoes_profissionais.conhecimentos_tecnicos",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "certificacoes",
        "informacoes_profissionais.certificacoes",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "outras_certificacoes",
        "informacoes_profissionais.outras_certificacoes",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "remuneracao",
        "informacoes_profissionais.remuneracao",
        Kind::Money,
        Application,
    ),
    Column::feature(
        "nivel_profissional",
        "informacoes_profissionais.nivel_profissional",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "nivel_academico",
        "formacao_e_idiomas.nivel_academico",
        Kind::Text,
        Application,
    ),
    Column::feature("ingles", "formacao_e_idiomas.nivel_ingles", Kind::Text, Application),
    Column::feature("espanhol", "formacao_e_idiomas.nivel_espanhol", Kind::Text, Application),
    Column::feature("outros_idiomas", "formacao_e_idiomas.outro_idioma", Kind::Text, Application),
    Column::feature("cv_candidato", "cv_pt", Kind::Text, Application),
];

/// What is derived of a candidate for the audit: after all columns that Python consumers know.
const STATE: Column = Column::derived("estado", "infos_basicas.local", Rule::State);

/// What is said of a job, in `jobs.parquet` and in `candidates.parquet`.
const JOB: &[Column] = &[
    Column::feature("titulo_vaga", "informacoes_basicas.titulo_vaga", Kind::Text, Application),
    Column::feature(
        "tipo_contratacao",
        "informacoes_basicas.tipo_contratacao",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "prazo_contratacao",
        "informacoes_basicas.prazo_contratacao",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "prioridade_vaga",
        "informacoes_basicas.prioridade_vaga",
        Kind::Text,
        Application,
    ),
    Column::feature("pais_vaga", "perfil_vaga.pais", Kind::Text, Application),
    Column::feature("estado_vaga", "perfil_vaga.estado", Kind::Text, Application),
    Column::feature("cidade_vaga", "perfil_vaga.cidade", Kind::Text, Application),
    Column::feature(
        "vaga_especifica_para_pcd",
        "perfil_vaga.vaga_especifica_para_pcd",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "nivel_profissional_vaga",
        "perfil_vaga.nivel profissional",
        Kind::Text,
        Application,
    ),
    Column::feature("nivel_academico_vaga", "perfil_vaga.nivel_academico", Kind::Text, Application),
    Column::feature("nivel_ingles_vaga", "perfil_vaga.nivel_ingles", Kind::Text, Application),
    Column::feature("nivel_espanhol_vaga", "perfil_vaga.nivel_espanhol", Kind::Text, Application),
    Column::feature("outros_idiomas_vaga", "perfil_vaga.outro_idioma", Kind::Text, Application),
    Column::feature("areas_atuacao_vaga", "perfil_vaga.areas_atuacao", Kind::Text, Application),
    Column::feature(
        "competencia_tecnicas_e_comportamentais",
        "perfil_vaga.competencia_tecnicas_e_comportamentais",
        Kind::Text,
        Application,
    ),
    Column::feature(
        "principais_atividades",
        "perfil_vaga.principais_atividades",
        Kind::Text,
        Application,
    ),
];

/// The columns of all `parts`, in order; `N` must be how many there are.
const fn concat<const N: usize>(parts: &[&[Column]]) -> [Column; N] {
    let mut all = [Column::key("", ""); N];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut i = 0;
        while i < parts[part].len() {
            all[at] = parts[part][i];
            (i, at) = (i + 1, at + 1);
        }
        part += 1;
    }
    assert!(at == N, "there are fewer columns than the table says");
    all
}

/// `people.parquet`: one row a candidate, redacted, with or without applications.
pub const PEOPLE: Table = Table {
    name: "people",
    columns: &concat::<{ 2 + PERSON.len() }>(&[
        &[Column::key("codigo", "codigo")],
        PERSON,
        &[STATE],
    ]),
};

/// `jobs.parquet`: one row a job.
pub const JOBS: Table = Table {
    name: "jobs",
    columns: &concat::<{ 2 + JOB.len() }>(&[
        &[Column::key("codigo_vaga", "codigo")],
        JOB,
        &[Column::info(
            "data_requicisao",
            "informacoes_basicas.data_requicisao",
            Kind::Date,
            Application,
        )],
    ]),
};

/// `candidates.parquet`: one row an application, with the candidate's and the job's columns. The
/// status is one of [`crate::statuses::KNOWN`] or [`crate::statuses::OTHER`], or null; the age band is
/// one of [`crate::ages::BANDS`], or null.
pub const CANDIDATES: Table = Table {
    name: "candidates",
    columns: &concat::<{ 6 + PERSON.len() + JOB.len() }>(&[
        &[Column::key("codigo", "codigo"), Column::key("codigo_vaga", "codigo_vaga")],
        PERSON,
        JOB,
        &[
            Column::label("situacao_candidato", "situacao_candidado"),
            Column::info("data_candidatura", "data_candidatura", Kind::Date, Application),
            STATE,
            Column::derived("faixa_etaria", "informacoes_pessoais.data_nascimento", Rule::AgeBand),
        ],
    ]),
};

/// `groups.parquet`: the records that are one and the same, a row a record of a group of two or
/// more. `tabela` is `people` (the same person under several codes) or `jobs` (the same text),
/// `codigo` the record, `grupo` the smallest code of its group. A record without a row is a group
/// of its own. What made records one group (a document, an address, a text) is not kept.
///
/// Under `cliente`, `solicitante_cliente` and `analista_responsavel` stand the jobs (`codigo`) of one
/// client, requester or recruiter, who is not named.
pub const GROUPS: Table = Table {
    name: "groups",
    columns: &[
        Column::key("tabela", "tabela"),
        Column::key("codigo", "codigo"),
        Column::key("grupo", "grupo"),
    ],
};

/// The three tables of the feature store.
pub const ALL: &[Table] = &[PEOPLE, JOBS, CANDIDATES];
