//! The source's tables, as `ingest` cleans them.
//!
//! A column's name is its path in the source's JSON joined by dots, which is also its name where
//! the same table arrives as Parquet: a table of `processed/` can be given to `ingest` again.

use crate::column::{
    Column, Kind,
    KnownAt::{self, Application, Later, Outcome},
    Table,
};

/// A column of the source: kept as it came but for cleaning.
const fn source(name: &'static str, kind: Kind, known_at: KnownAt) -> Column {
    Column::info(name, name, kind, known_at)
}

/// `applicants`: one row a candidate, by `codigo`.
pub const APPLICANTS: Table = Table {
    name: "applicants",
    columns: &[
        Column::key("codigo", "codigo"),
        source("infos_basicas.telefone_recado", Kind::Text, Application),
        source("infos_basicas.telefone", Kind::Text, Application),
        source("infos_basicas.objetivo_profissional", Kind::Text, Application),
        source("infos_basicas.data_criacao", Kind::Date, Application),
        source("infos_basicas.inserido_por", Kind::Text, Application),
        source("infos_basicas.email", Kind::Text, Application),
        source("infos_basicas.local", Kind::Text, Application),
        source("infos_basicas.sabendo_de_nos_por", Kind::Text, Application),
        source("infos_basicas.data_atualizacao", Kind::Date, Later),
        source("infos_basicas.codigo_profissional", Kind::Text, Application),
        source("infos_basicas.nome", Kind::Text, Application),
        source("informacoes_pessoais.data_aceite", Kind::Date, Application),
        source("informacoes_pessoais.nome", Kind::Text, Application),
        source("informacoes_pessoais.cpf", Kind::Text, Application),
        source("informacoes_pessoais.fonte_indicacao", Kind::Text, Application),
        source("informacoes_pessoais.email", Kind::Text, Application),
        source("informacoes_pessoais.email_secundario", Kind::Text, Application),
        source("informacoes_pessoais.data_nascimento", Kind::Date, Application),
        source("informacoes_pessoais.telefone_celular", Kind::Text, Application),
        source("informacoes_pessoais.telefone_recado", Kind::Text, Application),
        source("informacoes_pessoais.sexo", Kind::Text, Application),
        source("informacoes_pessoais.estado_civil", Kind::Text, Application),
        source("informacoes_pessoais.pcd", Kind::Text, Application),
        source("informacoes_pessoais.endereco", Kind::Text, Application),
        source("informacoes_pessoais.skype", Kind::Text, Application),
        source("informacoes_pessoais.url_linkedin", Kind::Text, Application),
        source("informacoes_pessoais.facebook", Kind::Text, Application),
        source("informacoes_pessoais.download_cv", Kind::Text, Application),
        source("informacoes_profissionais.titulo_profissional", Kind::Text, Application),
        source("informacoes_profissionais.area_atuacao", Kind::Text, Application),
        source("informacoes_profissionais.conhecimentos_tecnicos", Kind::Text, Application),
        source("informacoes_profissionais.certificacoes", Kind::Text, Application),
        source("informacoes_profissionais.outras_certificacoes", Kind::Text, Application),
        source("informacoes_profissionais.remuneracao", Kind::Money, Application),
        source("informacoes_profissionais.nivel_profissional", Kind::Text, Application),
        source("formacao_e_idiomas.nivel_academico", Kind::Text, Application),
        source("formacao_e_idiomas.nivel_ingles", Kind::Text, Application),
        source("formacao_e_idiomas.nivel_espanhol", Kind::Text, Application),
        source("formacao_e_idiomas.outro_idioma", Kind::Text, Application),
        source("formacao_e_idiomas.instituicao_ensino_superior", Kind::Text, Application),
        source("formacao_e_idiomas.cursos", Kind::Text, Application),
        source("formacao_e_idiomas.ano_conclusao", Kind::Text, Application),
        source("cargo_atual.id_ibrati", Kind::Text, Outcome),
        source("cargo_atual.data_admissao", Kind::Date, Outcome),
        source("cargo_atual.data_ultima_promocao", Kind::Date, Outcome),
        source("cargo_atual.cargo_atual", Kind::Text, Outcome),
        source("cargo_atual.cliente", Kind::Text, Outcome),
        source("cargo_atual.email_corporativo", Kind::Text, Outcome),
        source("cargo_atual.projeto_atual", Kind::Text, Outcome),
        source("cargo_atual.unidade", Kind::Text, Outcome),
        source("cargo_atual.nome_superior_imediato", Kind::Text, Outcome),
        source("cargo_atual.email_superior_imediato", Kind::Text, Outcome),
        source("cv_pt", Kind::Text, Application),
        source("cv_en", Kind::Text, Application),
    ],
};

/// `vagas`: one row a job, by `codigo`.
pub const VAGAS: Table = Table {
    name: "vagas",
    columns: &[
        Column::key("codigo", "codigo"),
        source("informacoes_basicas.data_requicisao", Kind::Date, Application),
        source("informacoes_basicas.limite_esperado_para_contratacao", Kind::Date, Application),
        source("informacoes_basicas.titulo_vaga", Kind::Text, Application),
        source("informacoes_basicas.vaga_sap", Kind::Text, Application),
        source("informacoes_basicas.cliente", Kind::Text, Application),
        source("informacoes_basicas.solicitante_cliente", Kind::Text, Application),
        source("informacoes_basicas.empresa_divisao", Kind::Text, Application),
        source("informacoes_basicas.requisitante", Kind::Text, Application),
        source("informacoes_basicas.analista_responsavel", Kind::Text, Application),
        source("informacoes_basicas.tipo_contratacao", Kind::Text, Application),
        source("informacoes_basicas.prazo_contratacao", Kind::Text, Application),
        source("informacoes_basicas.objetivo_vaga", Kind::Text, Application),
        source("informacoes_basicas.prioridade_vaga", Kind::Text, Application),
        source("informacoes_basicas.origem_vaga", Kind::Text, Application),
        source("informacoes_basicas.superior_imediato", Kind::Text, Application),
        source("informacoes_basicas.nome", Kind::Text, Application),
        source("informacoes_basicas.telefone", Kind::Text, Application),
        source("informacoes_basicas.data_inicial", Kind::Date, Application),
        source("informacoes_basicas.data_final", Kind::Date, Application),
        source("informacoes_basicas.nome_substituto", Kind::Text, Application),
        source("perfil_vaga.pais", Kind::Text, Application),
        source("perfil_vaga.estado", Kind::Text, Application),
        source("perfil_vaga.cidade", Kind::Text, Application),
        source("perfil_vaga.bairro", Kind::Text, Application),
        source("perfil_vaga.regiao", Kind::Text, Application),
        source("perfil_vaga.local_trabalho", Kind::Text, Application),
        source("perfil_vaga.vaga_especifica_para_pcd", Kind::Text, Application),
        source("perfil_vaga.faixa_etaria", Kind::Text, Application),
        source("perfil_vaga.horario_trabalho", Kind::Text, Application),
        source("perfil_vaga.nivel profissional", Kind::Text, Application),
        source("perfil_vaga.nivel_academico", Kind::Text, Application),
        source("perfil_vaga.nivel_ingles", Kind::Text, Application),
        source("perfil_vaga.nivel_espanhol", Kind::Text, Application),
        source("perfil_vaga.outro_idioma", Kind::Text, Application),
        source("perfil_vaga.areas_atuacao", Kind::Text, Application),
        source("perfil_vaga.principais_atividades", Kind::Text, Application),
        source("perfil_vaga.competencia_tecnicas_e_comportamentais", Kind::Text, Application),
        source("perfil_vaga.demais_observacoes", Kind::Text, Application),
        source("perfil_vaga.viagens_requeridas", Kind::Text, Application),
        source("perfil_vaga.equipamentos_necessarios", Kind::Text, Application),
        source("perfil_vaga.habilidades_comportamentais_necessarias", Kind::Text, Application),
        source("beneficios.valor_venda", Kind::Money, Application),
        source("beneficios.valor_compra_1", Kind::Money, Application),
        source("beneficios.valor_compra_2", Kind::Money, Application),
    ],
};

/// `prospects`: one row an application, by `codigo_vaga` (the job) and `codigo` (the candidate).
pub const PROSPECTS: Table = Table {
    name: "prospects",
    columns: &[
        Column::key("codigo_vaga", "codigo_vaga"),
        Column::key("codigo", "codigo"),
        source("titulo", Kind::Text, Application),
        source("modalidade", Kind::Text, Application),
        source("nome", Kind::Text, Application),
        source("situacao_candidado", Kind::Text, Outcome),
        source("data_candidatura", Kind::Date, Application),
        source("ultima_atualizacao", Kind::Date, Outcome),
        source("comentario", Kind::Text, Outcome),
        source("recrutador", Kind::Text, Outcome),
    ],
};

/// The three tables of the source.
pub const ALL: &[Table] = &[APPLICANTS, VAGAS, PROSPECTS];
