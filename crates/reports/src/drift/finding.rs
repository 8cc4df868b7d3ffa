//! A finding in a sentence: what changed, how much, by which rule it matters; and what to do.

use maud::{Markup, Render, html};

use super::words;
use crate::{
    Lang,
    markup::{bold, joined, soft, word, wording},
    report::{
        Aspect, Calibration, CategoryShift, CohortRate, ColumnDrift, Comparison, Finding, Measure,
        Part, Report, SchemaChange, Severity, Subject, TableArrivals,
    },
};

/// A finding in full: what changed and how much, then the rule.
pub(super) fn sentence(report: &Report, finding: &Finding, lang: Lang) -> Markup {
    let told = told(report, finding, lang);
    match &finding.measure {
        Some(measure) => html! { (told) ". " (soft(rule(measure, lang))) },
        None => html! { (told) "." },
    }
}

/// What changed. Where the report has not what the finding is of, only what it is about.
fn told(report: &Report, finding: &Finding, lang: Lang) -> Markup {
    let comparison = comparison(report, finding);
    let told = match &finding.subject {
        Subject::Column { table, column } => comparison.and_then(|comparison| {
            self::column(&comparison.columns, table, column, finding.aspect, lang)
        }),
        Subject::ArrivedColumn { table, column } => arrived(report, finding, table)
            .and_then(|arrived| self::column(&arrived.columns, table, column, finding.aspect, lang)),
        Subject::ArrivedVolume(table) => {
            arrived(report, finding, table).and_then(|arrived| arrived_volume(arrived, lang))
        }
        Subject::ArrivedRate => {
            let rate = report.arrivals.present().and_then(|arrivals| arrivals.rate.as_ref());
            rate.map(|found| self::rate(found, lang))
        }
        Subject::Calibration => {
            let scores = report.live_scores.present();
            scores.and_then(|s| s.calibration.as_ref()).map(|found| calibration(found, lang))
        }
        Subject::Volume(name) => comparison.and_then(|comparison| volume(comparison, name, lang)),
        Subject::Schema(table) => comparison.map(|found| schema(&found.schema, table, lang)),
        Subject::LabelRate => comparison.and_then(|c| c.label_rate.as_ref()).map(|rate| {
            wording!(
                lang,
                "A fração de candidaturas que terminam em match foi de {} para {}",
                "The share of applications that end in a match went from {} to {}",
                lang.percent(rate.before, 1),
                lang.percent(rate.after, 1)
            )
        }),
        Subject::Words { terms } => {
            comparison.map(|comparison| words_moved(comparison, terms, lang))
        }
        Subject::Embeddings(side) => comparison
            .and_then(|comparison| comparison.embeddings.iter().find(|found| found.side == *side))
            .map(|found| {
                wording!(
                    lang,
                    "Os embeddings de {} mudaram: um classificador separa os antigos dos novos com AUC de {}",
                    "The embeddings of {} moved: a classifier tells old from new with an AUC of {}",
                    words::side(side, lang),
                    lang.decimal(found.auc, 3)
                )
            }),
        Subject::LiveScores => report.live_scores.present().map(|scores| {
            wording!(
                lang,
                "A nota média que o modelo em produção dá foi de {} para {}",
                "The mean score that the live model gives went from {} to {}",
                lang.decimal(scores.mean_before, 3),
                lang.decimal(scores.mean_after, 3)
            )
        }),
    };
    told.unwrap_or_else(|| about(finding, lang))
}

/// The comparison that made a finding. Several baselines may be named: then it is the one that tells
/// this finding.
pub(super) fn comparison<'a>(report: &'a Report, finding: &Finding) -> Option<&'a Comparison> {
    let mut found = report.comparisons.iter().filter(|one| Some(one.term) == finding.term);
    found.clone().find(|one| one.reasons.contains(finding)).or_else(|| found.next())
}

/// What a finding is about.
fn about(finding: &Finding, lang: Lang) -> Markup {
    match &finding.subject {
        Subject::Column { column, .. } | Subject::ArrivedColumn { column, .. } => {
            bold(word(column))
        }
        Subject::ArrivedVolume(table) => words::table(table, lang),
        Subject::Volume(name) => words::volume(name, lang),
        Subject::Schema(table) => bold(word(table)),
        Subject::Embeddings(_) => "embeddings".render(),
        Subject::LabelRate | Subject::ArrivedRate => {
            lang.pick("fração de match", "share of matches").render()
        }
        Subject::Words { .. } => lang.pick("vocabulário", "vocabulary").render(),
        Subject::LiveScores => lang.pick("notas do modelo", "the model’s scores").render(),
        Subject::Calibration => lang.pick("calibração", "calibration").render(),
    }
}

/// What a finding is about and, where it was reported before, since when.
pub(super) fn short(finding: &Finding, lang: Lang) -> Markup {
    let since = finding.known.as_ref().map(|known| lang.date(&*known.since));
    html! {
        (about(finding, lang))
        @if let Some(since) = since { (wording!(lang, " (desde {})", " (since {})", since)) }
    }
}

/// The share of matches of the last mature quarter beside the year before it.
pub(super) fn rate(rate: &CohortRate, lang: Lang) -> Markup {
    wording!(
        lang,
        "Das {} candidaturas de {} a {}, {} terminaram em match (intervalo: de {} a {}); no ano anterior, {}",
        "Of the {} applications from {} to {}, {} ended in a match (interval: from {} to {}); in the year before, {}",
        lang.count(rate.rows_after),
        lang.date(&*rate.from),
        lang.date(&*rate.to),
        lang.percent(rate.after, 1),
        lang.percent(rate.low, 1),
        lang.percent(rate.high, 1),
        lang.percent(rate.before, 1)
    )
}

/// What the live model expected and what came.
pub(super) fn calibration(found: &Calibration, lang: Lang) -> Markup {
    wording!(
        lang,
        "O modelo em produção esperava {} de match nas {} candidaturas de {} a {} de pessoas que não viu; vieram {} (intervalo: de {} a {})",
        "The live model expected {} of matches among the {} applications from {} to {} of people that it had not seen; {} came (interval: from {} to {})",
        lang.percent(found.expected, 1),
        lang.count(found.rows),
        lang.date(&*found.from),
        lang.date(&*found.to),
        lang.percent(found.observed, 1),
        lang.percent(found.low, 1),
        lang.percent(found.high, 1)
    )
}

/// What arrived at a table in the window of a finding.
fn arrived<'a>(report: &'a Report, finding: &Finding, table: &str) -> Option<&'a TableArrivals> {
    let windows = &report.arrivals.present()?.windows;
    let window = windows.iter().find(|window| Some(window.name) == finding.window)?;
    window.tables.iter().find(|arrived| arrived.table == table)
}

fn arrived_volume(arrived: &TableArrivals, lang: Lang) -> Option<Markup> {
    let volumes = arrived.volumes.as_ref()?;
    Some(wording!(
        lang,
        "{}: chegavam {} por semana e chegam {} (usual: de {} a {})",
        "{}: {} arrived a week and now {} (usual: from {} to {})",
        bold(words::table(&arrived.table, lang)),
        lang.decimal(volumes.before, 1),
        lang.decimal(volumes.after, 1),
        lang.decimal(volumes.usual_low, 1),
        lang.decimal(volumes.usual_high, 1)
    ))
}

/// The rule behind a verdict: `V de Cramér 0,231; alerta a partir de 0,100; p corrigido < 0,001.`
pub(super) fn rule(measure: &Measure, lang: Lang) -> Markup {
    let size = |size| words::size(measure.name, size, lang);
    let (level, bound) = match measure.severity {
        Severity::Alert => (lang.pick("alerta a partir de", "alert from"), measure.alert),
        _ => (lang.pick("atenção a partir de", "watch from"), measure.watch),
    };
    html! {
        (words::measure(measure.name, lang)) " " (size(measure.value)) "; " (level) " " (size(bound))
        @if let Some(p) = measure.p_adjusted {
            (lang.pick("; p\u{a0}corrigido\u{a0}", "; corrected\u{a0}p\u{a0}"))
            (lang.probability(p))
        }
        @if let Some(critical) = measure.critical {
            (lang.pick("; valor crítico ", "; critical value ")) (size(critical))
        }
        "."
    }
}

/// What to do about some findings: a line for each kind of thing, in the order of the findings. A
/// line begins small, for it follows a colon or a dash.
pub(super) fn advice(findings: &[Finding], lang: Lang) -> Vec<Markup> {
    let mut lines: Vec<&str> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity > Severity::None) {
        let line = lang.of(match finding.subject {
            Subject::Column { .. }
            | Subject::ArrivedColumn { .. }
            | Subject::Words { .. }
            | Subject::Embeddings(_) => (
                "veja nas figuras abaixo o que mudou. Se o mercado mudou (vagas e perfis novos), o modelo de hoje já foi treinado com isso; se foi o preenchimento ou a extração dos textos, corrija a fonte.",
                "see in the pictures below what has moved. If the market has (new jobs and profiles), today’s model has been trained on it already; if it is the way forms are filled or texts extracted, mend the source.",
            ),
            Subject::Volume(_) | Subject::Schema(_) | Subject::ArrivedVolume(_) => (
                "confira a carga do dia e os rejeitados da ingestão.",
                "check the day’s load and what ingest rejected.",
            ),
            Subject::LabelRate | Subject::ArrivedRate => (
                "confira se a regra do que conta como match ou o andamento dos processos mudou; depois reavalie a calibração do modelo.",
                "check whether what counts as a match or the pace of the processes has changed; then look at the model’s calibration again.",
            ),
            Subject::LiveScores | Subject::Calibration => (
                "não leia a nota como fração de match antes de conferir a calibração do modelo de hoje no seu cartão.",
                "do not read the score as a share of matches before the calibration of today’s model is checked on its card.",
            ),
        });
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.into_iter().map(Render::render).collect()
}

fn column(
    columns: &[ColumnDrift],
    table: &str,
    name: &str,
    aspect: Option<Aspect>,
    lang: Lang,
) -> Option<Markup> {
    let drift = columns.iter().find(|drift| drift.column == name && drift.table == table)?;
    let told = match aspect {
        Some(Aspect::Missing) => wording!(
            lang,
            "a fração de linhas sem valor foi de {} para {}",
            "the share of rows without a value went from {} to {}",
            lang.percent(drift.missing_before, 1),
            lang.percent(drift.missing_after, 1)
        ),
        Some(Aspect::Length) => wording!(
            lang,
            "o tamanho mediano dos textos foi de {} para {} caracteres",
            "the median length of texts went from {} to {} characters",
            lang.decimal(drift.quantiles_before.map(|quantiles| quantiles.p50), 0),
            lang.decimal(drift.quantiles_after.map(|quantiles| quantiles.p50), 0)
        ),
        Some(Aspect::Languages) => languages(drift, lang),
        Some(Aspect::Terms) => terms(drift, lang),
        Some(Aspect::Values) | None => values(drift, lang),
    };
    Some(html! { (bold(word(name))) ": " (told) })
}

fn languages(drift: &ColumnDrift, lang: Lang) -> Markup {
    let most = drift.languages.iter().max_by(|a, b| a.change.abs().total_cmp(&b.change.abs()));
    let Some(shift) = most else {
        return lang
            .pick("os idiomas dos textos mudaram", "the languages of its texts changed")
            .render();
    };
    let language = words::language(&shift.language, lang);
    wording!(
        lang,
        "textos em {} foram de {} para {}",
        "texts in {} went from {} to {}",
        lang.pick(language.to_lowercase(), language.to_owned()),
        lang.percent(shift.before, 1),
        lang.percent(shift.after, 1)
    )
}

fn terms(drift: &ColumnDrift, lang: Lang) -> Markup {
    let most = drift.terms.iter().max_by(|a, b| a.change.abs().total_cmp(&b.change.abs()));
    let Some(shift) = most else {
        return lang.pick("o vocabulário mudou", "its vocabulary changed").render();
    };
    wording!(
        lang,
        "o vocabulário mudou; “{}” foi de {} para {} dos textos",
        "its vocabulary changed; “{}” went from {} to {} of the texts",
        word(&shift.term),
        lang.percent(shift.before, 1),
        lang.percent(shift.after, 1)
    )
}

fn values(drift: &ColumnDrift, lang: Lang) -> Markup {
    let named = drift.categories.iter().filter_map(|shift| Some((shift.value.as_ref()?, shift)));
    let most = named.max_by(|a, b| moved_by(a.1).total_cmp(&moved_by(b.1)));
    if let Some((value, shift)) = most {
        return wording!(
            lang,
            "a mistura de valores mudou; “{}” foi de {} para {}",
            "the mix of values changed; “{}” went from {} to {}",
            word(value),
            lang.percent(shift.share_before, 1),
            lang.percent(shift.share_after, 1)
        );
    }
    match (drift.quantiles_before, drift.quantiles_after) {
        (Some(before), Some(after)) => wording!(
            lang,
            "a mediana foi de {} para {}",
            "the median went from {} to {}",
            words::value(drift.kind, before.p50, lang),
            words::value(drift.kind, after.p50, lang)
        ),
        _ => lang.pick("os valores mudaram", "its values changed").render(),
    }
}

/// How far the share of a category moved.
pub(super) fn moved_by(shift: &CategoryShift) -> f64 {
    (shift.share_after - shift.share_before).abs()
}

fn volume(comparison: &Comparison, name: &str, lang: Lang) -> Option<Markup> {
    let volume = comparison.volumes.iter().find(|volume| volume.name == name)?;
    Some(wording!(
        lang,
        "{}: o número foi de {} para {}",
        "{}: their number went from {} to {}",
        bold(words::volume(name, lang)),
        lang.count(volume.before),
        lang.count(volume.after)
    ))
}

fn schema(changes: &[SchemaChange], table: &str, lang: Lang) -> Markup {
    let kinds = [
        ((false, true), lang.pick("; colunas novas: ", "; new columns: ")),
        ((true, false), lang.pick("; colunas que saíram: ", "; columns that went: ")),
        (
            (true, true),
            lang.pick("; colunas que mudaram de tipo: ", "; columns that changed their type: "),
        ),
    ];
    html! {
        (wording!(
            lang,
            "A tabela {} mudou de forma",
            "The table {} changed its shape",
            bold(word(table))
        ))
        @for (sides, lead) in kinds {
            @let found: Vec<Markup> = changes
                .iter()
                .filter(|one| one.table == table)
                .filter(|one| (one.before.is_some(), one.after.is_some()) == sides)
                .map(|one| word(&one.column))
                .collect();
            @if !found.is_empty() { (lead) (joined(found, ", ")) }
        }
    }
}

fn words_moved(comparison: &Comparison, terms: &[String], lang: Lang) -> Markup {
    html! {
        (lang.pick("O vocabulário dos textos mudou", "The vocabulary of the texts changed"))
        @if let Part::Present(classifier) = &comparison.classifier {
            (wording!(
                lang,
                "; um classificador separa os antigos dos novos com AUC de {}",
                "; a classifier tells old from new with an AUC of {}",
                lang.decimal(classifier.auc, 3)
            ))
        }
        @if !terms.is_empty() {
            (lang.pick("; mais por ", "; most by "))
            (joined(terms.iter().take(5).map(|term| word(term)), ", "))
        }
    }
}
