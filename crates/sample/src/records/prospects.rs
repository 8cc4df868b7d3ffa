//! One record of `prospects.json`, pretty-printed with four spaces as the source has it.

use super::posting::title;
use super::world::{FIRST_CANDIDATE, World, colleague, dashed};
use crate::application::Application;
use crate::json::quote;
use crate::rng::{Purpose, Stream};

/// Writes the record of a job (present in `vagas.json` or not).
pub(crate) fn write(out: &mut String, world: &World, index: usize) {
    let job = &world.market.jobs[index];
    out.push_str("{\n        \"titulo\": ");
    quote(out, &title(job, index));
    out.push_str(",\n        \"modalidade\": \"\",\n        \"prospects\": [");
    let mut separator = "\n";
    for application in world.market.of_job(index) {
        out.push_str(separator);
        separator = ",\n";
        one(out, world, application);
    }
    out.push_str(if separator == "\n" { "]\n    }" } else { "\n        ]\n    }" });
}

fn one(out: &mut String, world: &World, application: &Application) {
    let mut stream = Stream::new(world.config.seed, Purpose::Remark, u64::from(application.slot));
    let person = application.person as usize;
    let identity = world.identity(person);
    let remark = if stream.chance(0.33) {
        match stream.below(5) {
            0 => format!("Encaminhado para  - PJ R$ {},00/hora", stream.between(40, 160)),
            1 => {
                format!("Falei com {}, disponível no {}", identity.name, identity.phone_written(0))
            }
            2 => format!(
                "pretensão R$ {}.500,00 CLT, retorno por {}",
                stream.between(3, 18),
                identity.email
            ),
            3 => "Sem retorno do candidato após 2 tentativas".to_owned(),
            _ => format!("Entrevista com {} agendada", colleague(&mut stream)),
        }
    } else {
        String::new()
    };
    let recruiter = colleague(&mut stream);
    let code = (FIRST_CANDIDATE + person).to_string();
    let updated = application.updated.map(dashed).unwrap_or_default();
    let fields = [
        ("nome", identity.name.as_str()),
        ("codigo", &code),
        ("situacao_candidado", application.status),
        ("data_candidatura", &dashed(application.applied)),
        ("ultima_atualizacao", &updated),
        ("comentario", &remark),
        ("recrutador", &recruiter),
    ];
    out.push_str("            {");
    let mut separator = "\n";
    for (key, value) in fields {
        out.push_str(separator);
        separator = ",\n";
        out.push_str("                \"");
        out.push_str(key);
        out.push_str("\": ");
        quote(out, value);
    }
    out.push_str("\n            }");
}
