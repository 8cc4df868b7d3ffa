//! The pictures of the page: which rows of the report each shows.

use maud::{Markup, Render, html};

use super::{finding::moved_by, words};
use crate::{
    Lang,
    charts::{self, Bar, MeasuredPair, Stack, from_to},
    draw::Caption,
    markup::{joined, name, wording},
    report::{
        Aspect, Classic, Classifier, ColumnDrift, ColumnKind, ColumnProfile, Histogram, LiveScores,
        MeasureName, PastVerdict, Severity,
    },
};

/// Rows of a picture at most.
const ROWS: usize = 12;

/// The verdicts of the last reports.
pub(super) fn history(past: &[PastVerdict], lang: Lang) -> Option<Markup> {
    let told = |one: &PastVerdict| {
        let date = lang.date(&*one.logical_date);
        format!("{} ({date}): {}", name(&one.features), one.severity.word(lang))
    };
    let marks: Vec<_> = past.iter().map(|one| (name(&one.features), one.severity)).collect();
    let note = lang.pick(
        "Da mais antiga à mais nova; ○ sem alarme, ▲ atenção, ■ alerta. A moldura marca esta versão.",
        "From the oldest to the newest; ○ no alarm, ▲ watch, ■ alert. The frame marks this version.",
    );
    let title = lang.pick("Vereditos das últimas versões", "Verdicts of the last versions");
    let caption = Caption { of: None, title, note: note.render() };
    charts::strip(&caption, &past.iter().map(told).collect::<Vec<_>>(), &marks)
}

/// The measures of columns that pass what chance would give them, beside it.
pub(super) fn psi(columns: &[ColumnDrift], lang: Lang) -> Option<Markup> {
    let over = |bar: &Bar<'_>| bar.value / bar.threshold.max(1e-12);
    let mut bars = Vec::new();
    for column in columns {
        let psis = column.measures.iter().filter(|one| one.measure.name == MeasureName::Psi);
        bars.extend(psis.filter_map(|one| {
            Some(Bar {
                label: (&*column.column, words::aspect(one.aspect, lang).to_lowercase()),
                value: one.measure.value,
                threshold: one.measure.critical?,
                severity: one.measure.severity,
            })
        }));
    }
    // What chance gives is not news.
    bars.retain(|bar| over(bar) > 1.0);
    bars.sort_by(|a, b| over(b).total_cmp(&over(a)));
    bars.truncate(ROWS);
    let note = lang.pick(
        "O traço é o valor crítico, que o acaso raramente ultrapassa com este número de linhas. Há alarme (▲ ou ■) só quando, além dele, o PSI passa do tamanho que importa.",
        "The tick is the critical value, which chance rarely exceeds with this number of rows. There is an alarm (▲ or ■) only where PSI, besides, passes the size that matters.",
    );
    let title = lang.pick("PSI por coluna", "PSI by column");
    let caption = Caption { of: None, title, note: note.render() };
    charts::thresholds(&caption, lang.pick("crítico", "critical"), &bars, &|value| {
        lang.decimal(value, 3)
    })
}

/// The terms whose weight in the classic analysis fell and rose most.
pub(super) fn movers(classic: &Classic, lang: Lang) -> Option<Markup> {
    let note = lang.pick(
        "Diferença do peso TF-IDF médio: à direita os que ganharam peso, à esquerda os que perderam.",
        "Difference of the mean TF-IDF weight: to the right those that gained, to the left those that lost.",
    );
    let title = lang.pick("Termos que mais mudaram", "Terms that moved most");
    let caption = Caption { of: None, title, note: note.render() };
    let terms = classic.terms.iter().map(|term| (&*term.term, term.difference)).collect();
    charts::diverging(&caption, &ends(terms), &|change| lang.signed(change, 4))
}

/// The terms of a text column whose share of texts moved most.
fn terms(column: &ColumnDrift, lang: Lang) -> Option<Markup> {
    let note = lang.pick(
        "Mudança da fração de textos que têm o termo.",
        "Change of the share of texts that have the term.",
    );
    let title = lang.pick("Termos", "Terms");
    let caption = Caption { of: Some(&column.column), title, note: note.render() };
    let terms = column.terms.iter().map(|term| (&*term.term, term.change)).collect();
    charts::diverging(&caption, &ends(terms), &|change| lang.signed_points(change))
}

/// Those that rose most, the most first, then those that fell, the most last.
fn ends(mut changes: Vec<(&str, f64)>) -> Vec<(&str, f64)> {
    changes.retain(|(_, change)| *change != 0.0);
    changes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let at_most = ROWS / 2 + 2;
    let up = changes.iter().filter(|(_, change)| *change > 0.0).count();
    let down = changes.len() - up;
    changes.drain(up.min(at_most)..up + down.saturating_sub(at_most));
    changes
}

/// The terms by which the classifier tells the versions apart.
pub(super) fn classifier(classifier: &Classifier, lang: Lang) -> Option<Markup> {
    let terms = classifier.terms.iter().take(10);
    let rows: Vec<_> = terms
        .map(|term| MeasuredPair { label: &term.term, before: term.before, after: term.after })
        .collect();
    let note = wording!(
        lang,
        "Fração dos textos que têm o termo. AUC do classificador: {}, intervalo de {} a {}. {}",
        "Share of the texts that have the term. AUC of the classifier: {}, interval from {} to {}. {}",
        lang.decimal(classifier.auc, 3),
        lang.decimal(classifier.auc_low, 3),
        lang.decimal(classifier.auc_high, 3),
        legend(lang)
    );
    let title = lang.pick("Termos que separam as versões", "Terms that tell the versions apart");
    charts::pairs(lang, &Caption { of: None, title, note }, &rows, &|share| lang.percent(share, 1))
}

/// The languages of the text columns, those that moved most first.
pub(super) fn languages_beside(columns: &[ColumnDrift], lang: Lang) -> Option<Markup> {
    let moved = |column: &&ColumnDrift| {
        column.languages.iter().map(|shift| shift.change.abs()).fold(0.0, f64::max)
    };
    let mut texts: Vec<_> = columns.iter().filter(|one| !one.languages.is_empty()).collect();
    texts.sort_by(|a, b| moved(b).total_cmp(&moved(a)));
    let sides = |column: &ColumnDrift| {
        let before = column.languages.iter().map(|shift| shift.before).collect();
        let after = column.languages.iter().map(|shift| shift.after).collect();
        vec![(lang.pick("antes", "before"), before), (lang.pick("depois", "after"), after)]
    };
    let keys = texts.first()?.languages.iter().map(|shift| &*shift.language).collect();
    let stacks = texts.iter().map(|one| Stack { label: &one.column, sides: sides(one) });
    languages(keys, stacks.collect(), lang)
}

/// The languages of the text columns of one version.
pub(super) fn languages_of(columns: &[ColumnProfile], lang: Lang) -> Option<Markup> {
    let texts: Vec<_> = columns.iter().filter(|one| !one.languages.is_empty()).collect();
    let sides = |column: &ColumnProfile| {
        let shares = column.languages.iter().map(|language| language.share).collect();
        vec![(lang.pick("hoje", "today"), shares)]
    };
    let keys = texts.first()?.languages.iter().map(|share| &*share.language).collect();
    let stacks = texts.iter().map(|one| Stack { label: &one.column, sides: sides(one) });
    languages(keys, stacks.collect(), lang)
}

fn languages(keys: Vec<&str>, mut stacks: Vec<Stack<'_>>, lang: Lang) -> Option<Markup> {
    stacks.truncate(6);
    let names: Vec<_> = keys.iter().map(|key| words::language(key, lang)).collect();
    let note =
        lang.pick("Fração dos textos em cada idioma.", "Share of the texts in each language.");
    let title = lang.pick("Idiomas dos textos", "Languages of the texts");
    let caption = Caption { of: None, title, note: note.render() };
    charts::stacked(&caption, &names, &stacks, &|share| lang.percent(share, 1))
}

fn legend(lang: Lang) -> Markup {
    html! {
        span.key {} " " (lang.pick("antes", "before")) " \u{a0} "
        span.key.b {} " " (lang.pick("depois", "after"))
    }
}

/// What has moved in a column.
pub(super) fn column(column: &ColumnDrift, lang: Lang) -> Vec<Option<Markup>> {
    let moved = |aspect| {
        let measures = column.measures.iter().filter(|one| one.aspect == aspect);
        measures.map(|one| one.measure.severity).max() > Some(Severity::None)
    };
    let (values, length) = (moved(Aspect::Values), moved(Aspect::Length));
    vec![
        values.then(|| categories(column, lang)).flatten(),
        (values || length).then(|| distribution(column, lang)).flatten(),
        moved(Aspect::Terms).then(|| terms(column, lang)).flatten(),
    ]
}

fn categories(column: &ColumnDrift, lang: Lang) -> Option<Markup> {
    let mut moved: Vec<_> = column
        .categories
        .iter()
        .filter_map(|shift| Some((shift.value.as_ref()?, shift)))
        .filter(|(_, shift)| moved_by(shift) > 0.0)
        .collect();
    moved.sort_by(|a, b| moved_by(b.1).total_cmp(&moved_by(a.1)));
    moved.truncate(6);
    let rows: Vec<_> = moved
        .iter()
        .map(|(label, shift)| MeasuredPair {
            label,
            before: shift.share_before,
            after: shift.share_after,
        })
        .collect();
    let title = lang.pick("Valores que mais mudaram", "Values that moved most");
    let caption = Caption { of: Some(&column.column), title, note: legend(lang) };
    charts::pairs(lang, &caption, &rows, &|share| lang.percent(share, 1))
}

/// Where the numbers, days or lengths of a column lie.
fn distribution(column: &ColumnDrift, lang: Lang) -> Option<Markup> {
    let title = match column.kind {
        ColumnKind::Text => {
            lang.pick("Tamanho dos textos, em caracteres", "Length of the texts, in characters")
        }
        _ => lang.pick("Distribuição", "Distribution"),
    };
    let show = |value| words::value(column.kind, value, lang);
    let told = match (column.quantiles_before, column.quantiles_after) {
        (Some(before), Some(after)) => [
            (("primeiro quartil", "first quartile"), before.p25, after.p25),
            (("mediana", "median"), before.p50, after.p50),
            (("terceiro quartil", "third quartile"), before.p75, after.p75),
        ]
        .map(|(what, before, after)| from_to(lang, lang.of(what), before, after, &show))
        .to_vec(),
        _ => Vec::new(),
    };
    let key = lang.pick("Linha: antes; barras: depois", "Line: before; bars: after");
    let caption = (Some(&*column.column), title, key);
    histogram(column.histogram.as_ref()?, lang, caption, told, &show)
}

/// The scores that the live model gives.
pub(super) fn scores(scores: &LiveScores, lang: Lang) -> Option<Markup> {
    let (before, after) = (scores.mean_before, scores.mean_after);
    let mean = lang.pick("média", "mean");
    let told = vec![from_to(lang, mean, before, after, &|mean| lang.decimal(mean, 3))];
    let title = lang.pick("Notas do modelo em produção", "Scores of the live model");
    let key = lang.pick("Linha: na avaliação; barras: hoje", "Line: when judged; bars: today");
    histogram(&scores.histogram, lang, (None, title, key), told, &|edge| lang.decimal(edge, 1))
}

fn histogram(
    Histogram { edges, before, after }: &Histogram,
    lang: Lang,
    (of, title, key): (Option<&str>, &'static str, &str),
    mut told: Vec<String>,
    show: charts::Show<'_>,
) -> Option<Markup> {
    let ends = (show(*edges.first()?), show(*edges.last()?));
    let key = std::iter::once(key).chain(told.iter().map(String::as_str));
    let note = html! { (joined(key, "; ")) "." };
    let (from, to) = (lang.pick("de", "from"), lang.pick("a", "to"));
    told.push(format!("{from} {} {to} {}", ends.0, ends.1));
    let caption = Caption { of, title, note };
    Some(charts::histogram(&caption, &told, &charts::Histogram { before, after, ends }))
}

/// The commonest values of a column of one version.
pub(super) fn commonest(column: &ColumnProfile, lang: Lang) -> Option<Markup> {
    let values = column.top.iter().take(6);
    let values: Vec<_> = values.map(|top| (&*top.value, top.rows as f64)).collect();
    let title = lang.pick("Valores mais comuns", "Commonest values");
    let note = lang.pick("Linhas com cada valor.", "Rows with each value.").render();
    let caption = Caption { of: Some(&column.column), title, note };
    charts::bars(&caption, &values, &|rows| lang.decimal(rows, 0))
}
