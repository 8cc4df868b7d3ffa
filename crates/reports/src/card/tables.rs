//! The tables of the card.

use maud::{Markup, Render, html};
use stats::Estimate;

use super::view::{
    Alarm, Attribute, Baseline, Champion, Group, GroupMeasure, ModelMeasure, Proxy, Slices, Split,
    Surrogate,
};
use crate::{
    Lang,
    markup::{name, soft, word, wording},
    table::{self, Cell, Table, number, text},
};

/// An estimate with its interval under it.
fn estimate(estimate: &Estimate, show: impl Fn(f64) -> String) -> Cell {
    let value = estimate.value.map_or_else(|| "–".to_owned(), &show);
    number(match (estimate.value, estimate.low, estimate.high) {
        (Some(_), Some(low), Some(high)) => {
            let (low, high) = (show(low), show(high));
            // The unit once.
            html! { (value) br; (soft(format!("[{}; {high}]", low.trim_end_matches('%')))) }
        }
        _ => value.render(),
    })
}

/// A split, a model or a group as the language calls it.
fn named(key: &str, lang: Lang) -> Markup {
    let both = match key {
        "candidate" => ("pessoas não vistas", "unseen people"),
        "job" => ("vagas não vistas", "unseen jobs"),
        "temporal" => ("depois do treino", "after the training"),
        "stratified" => ("ao acaso", "at random"),
        "prior" => ("a taxa média", "the mean rate"),
        "decision_tree" => ("árvore de decisão", "decision tree"),
        "job_only" => ("só a vaga", "the job alone"),
        "candidate_only" => ("só a pessoa", "the person alone"),
        "without_relations" => {
            ("pessoa e vaga, sem as características do par", "person and job without pair features")
        }
        "new" => ("primeira candidatura", "first application"),
        "returning" => ("já se candidatou antes", "applied before"),
        "pt" => ("português", "Portuguese"),
        "en" => ("inglês", "English"),
        "es" => ("espanhol", "Spanish"),
        "other" => ("outro ou curto demais", "other or too short"),
        "?" => ("desconhecido", "unknown"),
        _ => return word(key),
    };
    lang.of(both).render()
}

fn too_few(too_few: bool, lang: Lang) -> Cell {
    text(if too_few { lang.pick("poucos dados", "too few") } else { "" })
}

/// The figures under each split.
pub(super) fn splits(splits: &[Split<'_>], lang: Lang) -> Table {
    let caption = lang.pick(
        "O modelo julgado em pessoas, vagas e dias que o treino não viu. Entre colchetes, o intervalo de 95 % sobre pessoas.",
        "The model judged on people, jobs and days that training has not seen. In brackets the 95 % interval over people.",
    );
    let places = |value: &Estimate| estimate(value, |value| lang.decimal(value, 3));
    let signed = |value: &Estimate| estimate(value, |value| lang.signed(value, 3));
    Table::new(
        lang,
        lang.pick("Avaliação", "Evaluation"),
        caption,
        splits,
        &[
            (("Julgado em", "Judged on"), &|row| text(named(row.name, lang))),
            (("Candidaturas", "Applications"), &|row| number(lang.count(row.rows))),
            (("Positivos", "Positives"), &|row| number(lang.count(row.positives))),
            (("AUC", "AUC"), &|row| places(&row.roc_auc)),
            (("PR-AUC", "PR-AUC"), &|row| places(&row.pr_auc)),
            (("Log-loss", "Log-loss"), &|row| places(&row.log_loss)),
            (("Brier", "Brier"), &|row| places(&row.brier)),
            (("Erro de calibração", "Calibration error"), &|row| places(&row.ece)),
            (("nDCG@5 acima do acaso", "nDCG@5 above random"), &|row| signed(&row.ndcg_at_5_lift)),
            (("Recall@5 acima do acaso", "Recall@5 above random"), &|row| {
                signed(&row.recall_at_5_lift)
            }),
        ],
    )
}

/// The model beside the live one.
pub(super) fn champion(champion: &Champion<'_>, lang: Lang) -> Table {
    let caption = wording!(
        lang,
        "O modelo ao lado do que está no ar ({}), em {} candidaturas que nenhum dos dois viu. Diferença positiva: o novo é pior.",
        "The model beside the live one ({}), on {} applications that neither has seen. A positive difference: the new one is worse.",
        name(champion.live),
        lang.count(champion.rows)
    );
    let measure = |measure| {
        lang.of(match measure {
            ModelMeasure::LogLoss => ("log-loss", "log-loss"),
            ModelMeasure::PrAuc => ("PR-AUC", "PR-AUC"),
            ModelMeasure::Order => ("ordem dentro da vaga", "order within a job"),
            ModelMeasure::Calibration => {
                ("calibração dos últimos 90 dias", "calibration of the last 90 days")
            }
            ModelMeasure::ImpactRatio => ("menor razão de impacto", "lowest impact ratio"),
        })
    };
    let name = lang.pick("Novo e no ar", "New and live");
    Table::new(
        lang,
        name,
        caption,
        &champion.measures,
        &[
            (("Medida", "Measure"), &|row| text(measure(row.measure))),
            (("Atributo", "Attribute"), &|row| table::word(row.of.unwrap_or_default())),
            (("Novo", "New"), &|row| number(lang.decimal(row.new, 4))),
            (("No ar", "Live"), &|row| number(lang.decimal(row.live, 4))),
            (("Pior por", "Worse by"), &|row| number(lang.signed(row.worse_by, 4))),
            (("Erro-padrão", "Standard error"), &|row| {
                number(lang.decimal(row.standard_error, 4))
            }),
            (("p ajustado", "Adjusted p"), &|row| number(lang.probability(row.p_adjusted))),
        ],
    )
}

/// Simpler models beside it.
pub(super) fn baselines(baselines: &[Baseline<'_>], lang: Lang) -> Table {
    let caption = lang.pick(
        "Modelos mais simples nas mesmas candidaturas, calibrados do mesmo modo; à direita, quanto a AUC do modelo é maior.",
        "Simpler models on the same applications, calibrated alike; on the right, how much greater the model’s AUC is.",
    );
    let places = |value: &Estimate| estimate(value, |value| lang.decimal(value, 3));
    let name = lang.pick("Modelos mais simples", "Simpler models");
    Table::new(
        lang,
        name,
        caption,
        baselines,
        &[
            (("Modelo", "Model"), &|row| text(named(row.name, lang))),
            (("AUC", "AUC"), &|row| places(&row.roc_auc)),
            (("PR-AUC", "PR-AUC"), &|row| places(&row.pr_auc)),
            (("Log-loss", "Log-loss"), &|row| places(&row.log_loss)),
            (("Diferença de AUC", "AUC difference"), &|row| {
                estimate(&row.roc_auc_difference, |value| lang.signed(value, 3))
            }),
        ],
    )
}

/// The groups of one slicing.
pub(super) fn slices(slices: &Slices<'_>, lang: Lang) -> Table {
    let title = lang.of(match slices.by {
        "cv_language" => ("Língua do currículo", "Language of the CV"),
        "area" => ("Área da vaga", "Area of the job"),
        "level" => ("Nível da vaga", "Level of the job"),
        "month" => ("Mês", "Month"),
        _ => ("Pessoa nova ou já conhecida", "New or returning person"),
    });
    Table::new(
        lang,
        title,
        title,
        &slices.groups,
        &[
            (("Grupo", "Group"), &|row| text(named(row.group, lang))),
            (("Candidaturas", "Applications"), &|row| number(lang.count(row.rows))),
            (("Positivos", "Positives"), &|row| number(lang.count(row.positives))),
            (("AUC", "AUC"), &|row| estimate(&row.roc_auc, |value| lang.decimal(value, 3))),
            (("Previsto", "Predicted"), &|row| number(lang.percent(row.mean_probability, 1))),
            (("Observado", "Observed"), &|row| number(lang.percent(row.rate, 1))),
            (("Observação", "Remark"), &|row| too_few(row.too_few, lang)),
        ],
    )
    .folded(title)
}

/// What a table of an attribute's groups is of.
pub(super) fn known(attribute: &Attribute<'_>, lang: Lang) -> Markup {
    wording!(
        lang,
        "{}: conhecido em {} das candidaturas",
        "{}: known of {} of applications",
        word(attribute.name),
        lang.percent(attribute.known, 1)
    )
}

/// The groups of an attribute, or of two crossed.
pub(super) fn attribute(attribute: &Attribute<'_>, lang: Lang) -> Table {
    let percents = |value: &Estimate| estimate(value, |value| lang.percent(value, 1));
    let ratio = |value: &Estimate| estimate(value, |value| lang.decimal(value, 2));
    let group = |group: &Group<'_>| match group.name {
        Some(name) => table::word(name),
        None => text(lang.pick("desconhecido", "unknown")),
    };
    Table::new(
        lang,
        attribute.name,
        known(attribute, lang),
        &attribute.groups,
        &[
            (("Grupo", "Group"), &|row| group(row)),
            (("Candidaturas", "Applications"), &|row| number(lang.count(row.rows))),
            (("Taxa observada", "Observed rate"), &|row| percents(&row.observed.rate)),
            (("Razão", "Ratio"), &|row| ratio(&row.observed.impact_ratio)),
            (("Selecionadas", "Selected"), &|row| percents(&row.selection.rate)),
            (("Razão de impacto", "Impact ratio"), &|row| ratio(&row.selection.impact_ratio)),
            (("Entre as 5 da vaga", "In the job’s first 5"), &|row| percents(&row.top.rate)),
            (("Razão de impacto", "Impact ratio"), &|row| ratio(&row.top.impact_ratio)),
            (("Acima da mediana", "Above the median"), &|row| ratio(&row.scoring.impact_ratio)),
            (("Positivos encontrados", "Positives found"), &|row| {
                percents(&row.true_positives.rate)
            }),
            (("Erro de calibração", "Calibration gap"), &|row| {
                estimate(&row.calibration_gap, |value| lang.signed(value, 3))
            }),
            (("Observação", "Remark"), &|row| too_few(row.too_few, lang)),
        ],
    )
}

/// The alarms of the audit.
pub(super) fn alarms(alarms: &[Alarm<'_>], lang: Lang) -> Table {
    let caption = lang.pick(
        "Grupos que ficam abaixo de quatro quintos do grupo de maior taxa, e não por acaso.",
        "Groups that fare below four fifths of the group with the highest rate, and not by chance.",
    );
    let measure = |measure| {
        lang.of(match measure {
            GroupMeasure::Outcome => ("taxa observada (rótulos)", "observed rate (labels)"),
            GroupMeasure::Selection => ("selecionadas no limiar", "selected at the threshold"),
            GroupMeasure::Top => ("entre as primeiras da vaga", "among the first of the job"),
            GroupMeasure::Scoring => ("acima da mediana", "above the median"),
            GroupMeasure::TruePositives => ("positivos encontrados", "positives found"),
            GroupMeasure::Calibration => ("calibração", "calibration"),
        })
    };
    Table::new(
        lang,
        lang.pick("Alarmes", "Alarms"),
        caption,
        alarms,
        &[
            (("Atributo", "Attribute"), &|row| table::word(row.attribute)),
            (("Grupo", "Group"), &|row| table::word(row.group)),
            (("Medida", "Measure"), &|row| text(measure(row.measure))),
            (("Do grupo", "Of the group"), &|row| number(lang.percent(row.figure, 1))),
            (("Maior", "Highest"), &|row| number(lang.percent(row.highest_figure, 1))),
            (("Razão", "Ratio"), &|row| number(lang.decimal(row.ratio, 2))),
            (("p ajustado", "Adjusted p"), &|row| number(lang.probability(row.p_adjusted))),
        ],
    )
}

/// How well the inputs give attributes away.
pub(super) fn proxies(proxies: &[Proxy<'_>], lang: Lang) -> Table {
    let caption = lang.pick(
        "Quanto as entradas do modelo revelam cada atributo: 0,5 é nada, 1 é tudo.",
        "How well the inputs of the model give each attribute away: 0.5 is not at all, 1 is wholly.",
    );
    let name = lang.pick("Entradas que revelam atributos", "Inputs that give attributes away");
    Table::new(
        lang,
        name,
        caption,
        proxies,
        &[
            (("Atributo e grupo", "Attribute and group"), &|row| {
                text(html! { (word(row.attribute)) ": " (word(row.group)) })
            }),
            (("AUC", "AUC"), &|row| estimate(&row.auc, |value| lang.decimal(value, 3))),
            (("Coluna que mais diz", "Column that says most"), &|row| {
                table::word(row.column.unwrap_or_default())
            }),
        ],
    )
}

/// The tree that says nearly the same, a node a line.
pub(super) fn surrogate(surrogate: &Surrogate<'_>, lang: Lang) -> Table {
    let caption = lang.pick(
        "Uma árvore pequena que imita o modelo, para ler. Um valor ausente conta como 0.",
        "A small tree that imitates the model, to be read. A missing value counts as 0.",
    );
    let branch = |is_below| match is_below {
        None => "",
        Some(true) => lang.pick("abaixo: ", "below: "),
        Some(false) => lang.pick("senão: ", "else: "),
    };
    Table::new(
        lang,
        lang.pick("Árvore", "Tree"),
        caption,
        &surrogate.rules,
        &[
            (("Pergunta", "Question"), &|row| {
                text(html! {
                    ("\u{2003}".repeat(row.depth)) (branch(row.is_below))
                    @if let Some(column) = row.column { (word(column)) }
                })
            }),
            (("Limiar", "Threshold"), &|row| number(lang.decimal(row.threshold, 3))),
            (("Selecionadas", "Selected"), &|row| number(lang.percent(row.rate, 1))),
        ],
    )
    .unsorted()
}
