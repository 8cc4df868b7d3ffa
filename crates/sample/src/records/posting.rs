//! One record of `vagas.json`.

use super::world::{World, colleague, dashed};
use crate::Law;
use crate::catalogue::{ACADEMIC, AREAS, CLIENTS, FLUENCY, LEVELS, PER_AREA, skill};
use crate::job::Job;
use crate::json::Writer;
use crate::rng::{Purpose, Stream};
use crate::text::{self, Tongue};

/// `Sênior Java -`: a level and a required skill of the job's area, or the trade's name.
pub(super) fn title(job: &Job, index: usize) -> String {
    let level = LEVELS[usize::from(job.level)].0;
    let area = usize::from(job.area);
    let own: Vec<usize> = job.required.iter().filter(|number| number / PER_AREA == area).collect();
    let named = skill(own[index % own.len()]).name;
    match index % 4 {
        0 => format!("{level} {named} -"),
        1 => format!("{} {level}", AREAS[area].profession[0]),
        2 => format!("{named} {level} - {index}"),
        _ => format!("{level} {named}"),
    }
}

/// Writes the record of a job; `scratch` is a buffer to write texts in.
pub(crate) fn write(json: &mut Writer, scratch: &mut String, world: &World, index: usize) {
    let job = &world.market.jobs[index];
    let mut stream = Stream::new(world.config.seed, Purpose::Posting, index as u64);
    json.open("");
    basics(json, &mut stream, job, index);
    profile(json, scratch, &mut stream, world, job, index);
    benefits(json, &mut stream, job);
    json.close();
}

fn basics(json: &mut Writer, stream: &mut Stream, job: &Job, index: usize) {
    let day = job.opened;
    json.open("informacoes_basicas");
    json.text("data_requicisao", &dashed(day));
    let limit = match stream.unit() {
        u if u < 0.27 => "00-00-0000".to_owned(),
        u if u < 0.55 => "01-01-1970".to_owned(),
        _ => dashed(day + stream.below(60) as u16),
    };
    json.text("limite_esperado_para_contratacao", &limit);
    json.text("titulo_vaga", &title(job, index));
    let sap = AREAS[usize::from(job.area)].name.contains("SAP") || stream.chance(0.03);
    json.text("vaga_sap", if sap { "Sim" } else { "Não" });
    let people = job.terms.map(|terms| Staff::of(terms.client, stream.clone()));
    let client = stream.pick(&CLIENTS);
    json.text("cliente", job.terms.map_or(client, |terms| CLIENTS[usize::from(terms.client)]));
    let requester = colleague(stream);
    json.text("solicitante_cliente", people.as_ref().map_or(&requester, |p| &p.requester));
    json.text(
        "empresa_divisao",
        stream.pick(&["Decision São Paulo", "Decision São Paulo", "Decision Campinas"]),
    );
    json.text("requisitante", &colleague(stream));
    let analyst = colleague(stream);
    json.text("analista_responsavel", people.as_ref().map_or(&analyst, |p| &p.analyst));
    let contract = stream.pick(&[
        "PJ/Autônomo",
        "CLT Full",
        "PJ/Autônomo, CLT Full",
        "CLT Cotas",
        "Hunting",
        "CLT Full, PJ/Autônomo",
        "Cooperado",
        "",
    ]);
    json.text("tipo_contratacao", job.contract.unwrap_or(contract));
    json.text("prazo_contratacao", stream.pick(&["Indeterminado", "Determinado", ""]));
    json.text(
        "objetivo_vaga",
        stream.pick(&["Contratação", "Contratação", "Banco de talentos", ""]),
    );
    let priority = stream.pick(&[
        "Alta: Alta complexidade 3 a 5 dias",
        "Média: Média complexidade 6 a 10 dias",
        "Baixa: Baixa complexidade 1 a 2 dias",
        "",
    ]);
    json.text("prioridade_vaga", priority);
    json.text("origem_vaga", stream.pick(&["Nova Posição", "Substituição", "Demanda Interna", ""]));
    json.text("superior_imediato", "Superior Imediato:");
    json.text("nome", "");
    json.text("telefone", "");
    if stream.chance(0.3) {
        let start = day + stream.below(40) as u16;
        json.text("data_inicial", &dashed(start));
        let end = dashed(start + stream.between(30, 200) as u16);
        json.text("data_final", if stream.chance(0.3) { "00-00-0000" } else { &end });
    }
    if stream.chance(0.1) {
        json.text("nome_substituto", &colleague(stream));
    }
    json.close();
}

/// Who works for a client's jobs, where a client has people of its own.
struct Staff {
    requester: String,
    analyst: String,
}

impl Staff {
    /// Two of a client's few.
    fn of(client: u8, mut choice: Stream) -> Staff {
        let mut one_of = |kind: u64, count: usize| {
            let number = (kind * 100 + u64::from(client)) * 10 + choice.below(count) as u64;
            colleague(&mut Stream::new(STAFF, Purpose::Terms, number))
        };
        Staff { requester: one_of(0, 4), analyst: one_of(1, 3) }
    }
}

/// Seed of the names of clients' people.
const STAFF: u64 = 0x57af_f000;

fn profile(
    json: &mut Writer,
    scratch: &mut String,
    stream: &mut Stream,
    world: &World,
    job: &Job,
    index: usize,
) {
    let place = job.place();
    json.open("perfil_vaga");
    json.text("pais", if stream.chance(0.995) { "Brasil" } else { "" });
    json.text("estado", place.state);
    json.text("cidade", place.name);
    json.text("bairro", if stream.chance(0.05) { "Centro" } else { "" });
    json.text("regiao", "");
    json.text("local_trabalho", stream.pick(&["1000", "2000", "2000", ""]));
    json.text(
        "vaga_especifica_para_pcd",
        match stream.below(20) {
            0 => "Sim",
            1..4 => "",
            _ => "Não",
        },
    );
    json.text("faixa_etaria", "De: Até:");
    json.text("horario_trabalho", if stream.chance(0.1) { "Comercial" } else { "" });
    json.text("nivel profissional", LEVELS[usize::from(job.level)].0);
    json.text("nivel_academico", ACADEMIC[usize::from(job.academic)].0);
    json.text("nivel_ingles", FLUENCY[usize::from(job.english)].0);
    json.text("nivel_espanhol", FLUENCY[usize::from(job.spanish)].0);
    json.text("outro_idioma", if stream.chance(0.02) { "-" } else { "" });
    let mut areas = format!("{}-", AREAS[usize::from(job.area)].name);
    if let Some(second) = job.second {
        areas.push_str(AREAS[usize::from(second)].name);
        areas.push('-');
    }
    json.text("areas_atuacao", &areas);
    let tongue = if stream.chance(0.15) { Tongue::English } else { Tongue::Portuguese };
    text::activities(scratch, stream, job, &world.spellings, tongue);
    json.text("principais_atividades", scratch);
    let dial = (world.config.seed, world.config.drift);
    match world.config.law {
        Law::Relation => {
            text::competences(scratch, stream, (job, index), &world.spellings, tongue, dial);
        }
        Law::Operations => {
            text::prose(scratch, stream, (job, index), &world.spellings, tongue, dial);
        }
    }
    json.text("competencia_tecnicas_e_comportamentais", scratch);
    let remark = if stream.chance(0.2) { "Trabalho híbrido, início imediato" } else { "" };
    json.text("demais_observacoes", remark);
    json.text("viagens_requeridas", stream.pick(&["Não", "Sim", ""]));
    json.text("equipamentos_necessarios", if stream.chance(0.3) { "Nenhum -" } else { "" });
    if stream.chance(0.25) {
        json.text(
            "habilidades_comportamentais_necessarias",
            "Boa comunicação e trabalho em equipe",
        );
    }
    json.close();
}

fn benefits(json: &mut Writer, stream: &mut Stream, job: &Job) {
    let pay = 30 + 15 * usize::from(job.level) + stream.below(20);
    json.open("beneficios");
    let sale = if stream.chance(0.4) { format!("{pay},00 -") } else { "-".to_owned() };
    json.text("valor_venda", &sale);
    let cost = if stream.chance(0.4) { format!("R$ {},00", pay * 2 / 3) } else { "R$".to_owned() };
    json.text("valor_compra_1", &cost);
    json.text("valor_compra_2", if stream.chance(0.1) { "R$" } else { "" });
    json.close();
}
