//! The page of a model card: what the model is for, how good and how fair it is, and what it goes
//! by, for those who decide whether to trust it.
//!
//! After Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019).

mod pictures;
mod tables;
mod view;

use maud::{Markup, Render, html};
use stats::Estimate;
pub use view::*;

use crate::{
    Lang,
    markup::{Both, joined, list, name, text, word, wording},
    page::{Fact, Page, Section},
    report::Severity,
};

/// The page of a card.
pub fn page(card: &Card<'_>, lang: Lang) -> String {
    let (severity, headline) = verdict(card);
    Page {
        lang,
        kind: lang.pick("Cartão do modelo de matching", "Model card of the match model"),
        severity,
        headline: lang.of(headline),
        reasons: reasons(card, lang),
        advice: advice(card, lang),
        facts: facts(card, lang),
        sections: sections(card, lang),
        footer: lang.pick(
            "Cada número desta página está em model_card.json, na mesma pasta. Nenhum texto de currículo e nenhuma pessoa aparece aqui.",
            "Each figure of this page stands in model_card.json, in the same folder. No text of a CV and no person appears here.",
        ),
    }
    .html()
}

/// Whether the model puts the candidates of a job in order: on jobs that training has not seen it
/// is above a random order with its whole interval. None where no job was held out.
fn orders_within_jobs(card: &Card<'_>) -> Option<bool> {
    let of_jobs = card.splits.iter().find(|split| split.name == "job")?;
    Some(of_jobs.ndcg_at_5_lift.low.is_some_and(|low| low > 0.0))
}

fn verdict(card: &Card<'_>) -> (Severity, Both) {
    if card.nothing_to_learn {
        let headline = (
            "Não há o que aprender: o modelo não ordena melhor que o acaso",
            "There is nothing to learn: the model ranks no better than chance",
        );
        (Severity::Alert, headline)
    } else if !card.beats_baseline {
        let headline = (
            "O modelo não ordena melhor que uma árvore pequena",
            "The model ranks no better than a small tree",
        );
        (Severity::Alert, headline)
    } else if orders_within_jobs(card) == Some(false) {
        let headline = (
            "O modelo não ordena os candidatos de uma vaga: ele ordena as vagas",
            "The model does not put the candidates of a job in order: it puts jobs in order",
        );
        (Severity::Watch, headline)
    } else if !card.audit.alarms.is_empty() {
        let headline = (
            "O modelo ordena os candidatos de uma vaga, e a auditoria tem alarmes",
            "The model puts the candidates of a job in order, and the audit has alarms",
        );
        (Severity::Watch, headline)
    } else {
        let headline = (
            "O modelo ordena os candidatos de uma vaga melhor que o acaso",
            "The model puts the candidates of a job in order better than chance",
        );
        (Severity::None, headline)
    }
}

fn reasons(card: &Card<'_>, lang: Lang) -> Vec<Markup> {
    let interval = |of: &Estimate| {
        wording!(
            lang,
            "{} (de {} a {})",
            "{} (from {} to {})",
            lang.signed(of.value, 3),
            lang.signed(of.low, 3),
            lang.signed(of.high, 3)
        )
    };
    let mut all = Vec::new();
    if let Some(of_jobs) = card.splits.iter().find(|split| split.name == "job") {
        all.push(wording!(
            lang,
            "Dentro de vagas que o treino não viu, nDCG@5 acima da ordem ao acaso: {}.",
            "Within jobs that training has not seen, nDCG@5 above a random order: {}.",
            interval(&of_jobs.ndcg_at_5_lift)
        ));
    }
    let lead = |name| card.baselines.iter().find(|b| b.name == name).map(|b| b.roc_auc_difference);
    if let (Some(job), Some(candidate)) = (lead("job_only"), lead("candidate_only")) {
        all.push(wording!(
            lang,
            "AUC acima da de só a vaga: {}; de só a pessoa: {}.",
            "AUC above that of the job alone: {}; of the person alone: {}.",
            interval(&job),
            interval(&candidate)
        ));
    }
    if let Some(split) = card.splits.first() {
        all.push(wording!(
            lang,
            "AUC {} (de {} a {}) em candidaturas que o treino não viu.",
            "AUC {} (from {} to {}) on applications that training has not seen.",
            lang.decimal(split.roc_auc.value, 3),
            lang.decimal(split.roc_auc.low, 3),
            lang.decimal(split.roc_auc.high, 3)
        ));
        all.push(wording!(
            lang,
            "Erro de calibração {}: em média, a distância entre a nota e a parte que dá certo.",
            "Calibration error {}: on the mean, how far the score is from the share that succeeds.",
            lang.decimal(split.ece.value, 3)
        ));
    }
    if let Some((name, share)) = card.importance.first() {
        all.push(wording!(
            lang,
            "O que mais pesa: {} ({}).",
            "What weighs most: {} ({}).",
            word(name),
            lang.percent(*share, 0)
        ));
    }
    all
}

fn advice(card: &Card<'_>, lang: Lang) -> Vec<Markup> {
    let mut all = Vec::new();
    if !card.protected.is_empty() {
        all.push(wording!(
            lang,
            "Atenção: este modelo usa atributos protegidos ({}), como o sistema Python. Não o use para decidir sobre pessoas.",
            "Beware: this model uses protected attributes ({}), as the Python system does. Do not decide about people by it.",
            joined(card.protected.iter().map(|name| word(name)), ", ")
        ));
    }
    let purpose = match orders_within_jobs(card) {
        Some(false) => (
            "Para ver que vagas costumam ser preenchidas. Não para ordenar os candidatos de uma vaga, nem para recusar ninguém, nem para medir pessoas.",
            "For seeing which jobs usually fill. Not for putting the candidates of a job in order, not for turning anybody down, not for measuring people.",
        ),
        _ => (
            "Para ordenar as candidaturas de uma vaga antes de uma pessoa as ler. Não para recusar ninguém sem leitura, nem para comparar vagas entre si, nem para medir pessoas.",
            "For putting a job's applications in order before a person reads them. Not for turning anybody down unread, not for comparing jobs, not for measuring people.",
        ),
    };
    all.push(lang.of(purpose).render());
    all
}

fn facts(card: &Card<'_>, lang: Lang) -> Vec<Fact> {
    let fact = |term, value: Markup| Fact { term: lang.of(term), value, note: None };
    let count = |term, rows: usize| fact(term, lang.count(rows).render());
    let [train, calibration_set, held_out] = card.rows;
    let Labels { applications, positives, open_as_negatives, .. } = card.labels;
    let day = |day: Option<i32>| lang.day(day.map_or(f64::NAN, f64::from));
    let (first, last) = (card.days.map(|days| days.0), card.days.map(|days| days.1));
    let mut all = vec![
        fact(("Preset", "Preset"), word(card.preset)),
        fact(("Calibração", "Calibration"), word(card.calibration)),
        fact(("Dados", "Features"), name(card.features).render()),
        fact(
            ("Candidaturas de", "Applications from"),
            wording!(lang, "{} a {}", "{} to {}", day(first), day(last)),
        ),
        count(("Candidaturas", "Applications"), applications),
        count(("Positivos", "Positives"), positives),
        count(("Sem resposta, contadas como não", "Open, counted as none"), open_as_negatives),
        count(("Recentes demais, fora", "Too recent, left out"), card.labels.left_out_young),
        count(
            ("Nem aprovação nem recusa, fora", "Neither match nor refusal, left out"),
            card.labels.left_out_other,
        ),
        Fact {
            note: Some(wording!(
                lang,
                "{} pessoas",
                "{} people",
                lang.count(card.same_people.groups)
            )),
            ..count(
                ("Cadastros da mesma pessoa", "Records of one person"),
                card.same_people.in_groups,
            )
        },
        Fact {
            note: Some(wording!(lang, "{} textos", "{} texts", lang.count(card.same_jobs.groups))),
            ..count(("Vagas com o mesmo texto", "Jobs of one text"), card.same_jobs.in_groups)
        },
        count(("Treino", "Trained on"), train),
        count(("Calibração e limiar", "Calibration and threshold"), calibration_set),
        count(("Teste", "Held out"), held_out),
        count(("Colunas", "Columns"), card.columns),
        count(("Árvores", "Trees"), card.trees),
    ];
    if let Some(Threshold { threshold, selected_per_job }) = card.threshold {
        let selected = lang.decimal(selected_per_job, 1);
        all.push(Fact {
            note: Some(wording!(lang, "{} por vaga em média", "{} a job on the mean", selected)),
            ..fact(("Limiar", "Threshold"), lang.decimal(threshold, 3).render())
        });
    }
    all
}

fn sections(card: &Card<'_>, lang: Lang) -> Vec<Section> {
    let section =
        |id: &str, title, body| Section { id: id.to_owned(), title: lang.of(title).render(), body };
    let figures = html! {
        (tables::splits(&card.splits, lang))
        @if let Some(champion) = &card.champion { (tables::champion(champion, lang)) }
        (tables::baselines(&card.baselines, lang))
    };
    let slices = html! {
        (text(lang.pick(
            "Onde o modelo vai melhor ou pior. Grupos pequenos não têm números.",
            "Where the model does better or worse. Small groups have no figures.",
        )))
        @for slices in &card.slices { (tables::slices(slices, lang)) }
    };
    let mut all = vec![
        section("figures", ("Quão bom", "How good"), figures),
        section("pictures", ("Em imagens", "In pictures"), pictures::all(card, lang)),
        section("slices", ("Por grupo", "By group"), slices),
        section("fairness", ("Quão justo", "How fair"), fairness(&card.audit, lang)),
    ];
    if let Some(surrogate) = &card.surrogate {
        let told = wording!(
            lang,
            "Decide como o modelo em {} das candidaturas de teste; a sua AUC sobre o que o modelo seleciona é {}.",
            "It decides like the model on {} of the applications held out; its AUC on what the model selects is {}.",
            lang.percent(surrogate.agreement, 1),
            lang.decimal(surrogate.fidelity, 3)
        );
        let body = html! { (text(told)) (tables::surrogate(surrogate, lang)) };
        all.push(section("tree", ("Uma árvore que o imita", "A tree that imitates it"), body));
    }
    let checks = list(checks(card.checks.as_ref(), lang));
    all.push(section("checks", ("O que foi verificado", "What was checked"), checks));
    let limits = list(LIMITS.map(|limit| lang.of(limit).render()));
    all.push(section("limits", ("Limites", "Limits"), limits));
    all
}

fn fairness(audit: &Audit<'_>, lang: Lang) -> Markup {
    html! {
        (text(wording!(
            lang,
            "Atributos que o modelo padrão nunca lê, guardados só para esta auditoria. {} comparações foram testadas; a chance de algum alarme falso é de {}. A razão de impacto compara cada grupo com o de maior taxa (regra dos quatro quintos; NYC Local Law 144).",
            "Attributes that the default model never reads, kept for this audit alone. {} comparisons were tested; the chance of any false alarm is {}. The impact ratio sets each group against the one with the highest rate (four-fifths rule; NYC Local Law 144).",
            lang.count(audit.tests),
            lang.percent(audit.level, 0)
        )))
        @if audit.alarms.is_empty() { (text(lang.pick("Sem alarmes.", "No alarms."))) }
        (tables::alarms(&audit.alarms, lang))
        @for attribute in &audit.attributes { (tables::attribute(attribute, lang)) }
        h3 { (lang.pick("Atributos cruzados", "Attributes crossed")) }
        @for attribute in &audit.intersections {
            (tables::attribute(attribute, lang).folded(tables::known(attribute, lang)))
        }
        (tables::proxies(&audit.proxies, lang))
    }
}

fn checks(checks: Option<&Checks<'_>>, lang: Lang) -> Vec<Markup> {
    let known = lang.pick(
        "O modelo só lê o que se sabia no momento da candidatura: o compilador recusa o resto.",
        "The model reads only what was known when the application was made: the compiler refuses the rest.",
    );
    let mut items = vec![known.render()];
    let Some(checks) = checks else { return items };
    items.extend(checks.highest_single.map(|(column, auc)| {
        wording!(
            lang,
            "Nenhuma coluna sozinha diz o resultado; o que mais diz sozinho é {} (AUC {}).",
            "No column by itself tells the outcome; what tells most by itself is {} (AUC {}).",
            word(column),
            lang.decimal(auc, 3)
        )
    }));
    items.extend(checks.above_bound.iter().map(|(column, auc)| {
        wording!(
            lang,
            "Acima do limite, e conhecido a tempo: {} (AUC {}).",
            "Above the bound, and known in time: {} (AUC {}).",
            word(column),
            lang.decimal(*auc, 3)
        )
    }));
    items.extend(checks.shuffled_auc.map(|auc| {
        wording!(
            lang,
            "De rótulos embaralhados nada se aprende: AUC {} (erro-padrão {}).",
            "Of shuffled labels nothing is learnt: AUC {} (standard error {}).",
            lang.decimal(auc, 3),
            lang.decimal(checks.shuffled_se, 3)
        )
    }));
    items
}

const LIMITS: [Both; 4] = [
    (
        "O modelo aprende quem foi aprovado, não quem teria trabalhado bem.",
        "The model learns who was approved, not who would have done the work well.",
    ),
    (
        "Quem recrutou decidiu quem entrou nos dados; o que nunca foi tentado não se aprende.",
        "Recruiters decided who came into the data; what was never tried cannot be learnt.",
    ),
    (
        "De muitos cadastros só há o currículo: o que ele não diz não conta.",
        "Of many records there is only the CV: what it does not say does not count.",
    ),
    (
        "Atributos de poucos são conhecidos; onde são poucos, a auditoria nada pode dizer.",
        "Attributes are known of few; where they are few, the audit can say nothing.",
    ),
];
