//! The pictures of the card.

use maud::{Markup, Render, html};

use super::view::{CalibrationBin, Card, ScoreBin};
use crate::{
    Lang,
    charts::{self, Histogram},
    draw::{
        Anchor::{End, Start},
        Caption, WIDTH, coordinate, gallery, line, path, picture, rect, text,
    },
};

/// Where a square diagram stands: its left edge and its side.
const LEFT: f64 = 34.0;
const SIDE: f64 = WIDTH - LEFT - 8.0;
const TOP: f64 = 6.0;

/// Columns whose importance is drawn.
const IMPORTANT: usize = 12;

/// A point of a diagram over the unit square.
fn at(x: f64, y: f64) -> (f64, f64) {
    (LEFT + x.clamp(0.0, 1.0) * SIDE, TOP + (1.0 - y.clamp(0.0, 1.0)) * SIDE)
}

/// A diagram over the unit square, its axes named; `end` is where the axes end.
fn square(
    caption: &Caption<'_>,
    told: String,
    (x_axis, y_axis): (&str, &str),
    end: &str,
    body: Markup,
) -> Markup {
    let floor = TOP + SIDE;
    let body = html! {
        (line(at(0.0, 0.0), at(1.0, 0.0), "t"))
        (line(at(0.0, 0.0), at(0.0, 1.0), "t"))
        (text((LEFT - 4.0, floor + 4.0), End, "n", "0"))
        (text((LEFT - 4.0, TOP + 10.0), End, "n", end))
        (text((LEFT + SIDE, floor + 15.0), End, "n", x_axis))
        (text((LEFT + 6.0, TOP + 10.0), Start, "n", y_axis))
        (body)
    };
    picture(caption, &[told], floor + 20.0, &body)
}

fn curve(points: &[(f64, f64)]) -> Markup {
    let mut d = String::new();
    for point in points {
        let (x, y) = at(point.0, point.1);
        d.push(if d.is_empty() { 'M' } else { 'L' });
        d.push_str(&format!("{} {}", coordinate(x), coordinate(y)));
    }
    path(&d, "l")
}

fn diagonal() -> Markup {
    line(at(0.0, 0.0), at(1.0, 1.0), "a")
}

fn roc(card: &Card<'_>, lang: Lang) -> Markup {
    let title = lang.pick("Curva ROC", "ROC curve");
    let note = lang.pick(
        "Quanto mais alta sobre a diagonal, melhor o modelo ordena.",
        "The higher above the diagonal, the better the model ranks.",
    );
    let area = lang.decimal(card.roc_auc, 3);
    let told = format!("{}: {area}", lang.pick("Área sob a curva", "Area under the curve"));
    let axes = lang
        .pick(("falsos positivos", "verdadeiros positivos"), ("false positives", "true positives"));
    let body = html! { (diagonal()) (curve(&card.curves.roc)) };
    square(&Caption { of: None, title, note: note.render() }, told, axes, "1", body)
}

fn pr(card: &Card<'_>, lang: Lang) -> Markup {
    let title = lang.pick("Precisão e cobertura", "Precision and recall");
    let note = lang.pick(
        "De cada limiar: quantos dos selecionados são positivos, e quantos dos positivos são selecionados.",
        "Of each threshold: how many of the selected are positives, and how many positives are selected.",
    );
    let area = lang.decimal(card.pr_auc, 3);
    let told = format!("{}: {area}", lang.pick("Precisão média", "Average precision"));
    let axes = lang.pick(("cobertura", "precisão"), ("recall", "precision"));
    let caption = Caption { of: None, title, note: note.render() };
    square(&caption, told, axes, "1", curve(&card.curves.pr))
}

/// Predicted against observed, with intervals, over as much of the unit square as is in use.
fn calibration(card: &Card<'_>, lang: Lang) -> Markup {
    let bins = &card.curves.calibration;
    // The axes end where the longest bar does.
    let longest = bins.iter().map(|bin| bin.high).max_by(f64::total_cmp);
    let most = longest.unwrap_or(1.0);
    let bin = |bin: &CalibrationBin| {
        let across = bin.mean_probability / most;
        let (x, y) = at(across, bin.rate / most);
        html! {
            (line(at(across, bin.low / most), at(across, bin.high / most), "t"))
            (rect((x - 3.0, y - 3.0), (6.0, 6.0), "b"))
        }
    };
    let title = lang.pick("Calibração", "Calibration");
    let note = lang.pick(
        "Na diagonal, a nota é a parte que dá certo. A escala vai até a maior barra.",
        "On the diagonal, the score is the share that succeeds. The scale ends at the longest bar.",
    );
    let error = lang.decimal(card.splits.first().and_then(|split| split.ece.value), 3);
    let told = lang.pick("Erro médio de calibração", "Expected calibration error");
    let axes = lang.pick(("previsto", "observado"), ("predicted", "observed"));
    let body = html! { (diagonal()) @for one in bins { (bin(one)) } };
    let caption = Caption { of: None, title, note: note.render() };
    square(&caption, format!("{told}: {error}"), axes, &lang.decimal(longest, 1), body)
}

/// The scores of positives and of negatives.
fn scores(bins: &[ScoreBin], lang: Lang) -> Option<Markup> {
    let shares = |count: fn(&ScoreBin) -> usize| -> Vec<f64> {
        let total = bins.iter().map(count).sum::<usize>().max(1) as f64;
        bins.iter().map(|bin| count(bin) as f64 / total).collect()
    };
    let (negatives, positives) = (shares(|bin| bin.negatives), shares(|bin| bin.positives));
    let ends = (lang.decimal(bins.first()?.from, 2), lang.decimal(bins.last()?.to, 2));
    let title = lang.pick("Notas de positivos e de negativos", "Scores of positives and negatives");
    let note = lang.pick(
        "Barras: candidaturas que deram certo; linha: as outras.",
        "Bars: applications that were a match; line: the others.",
    );
    let told = format!("{} {} {}", ends.0, lang.pick("a", "to"), ends.1);
    let caption = Caption { of: None, title, note: note.render() };
    let data = Histogram { before: &negatives, after: &positives, ends };
    Some(charts::histogram(&caption, &[told], &data))
}

fn importance(parts: &[(&str, f64)], lang: Lang) -> Option<Markup> {
    let title = lang.pick("Em que o modelo se apoia", "What the model goes by");
    let note = lang.pick(
        "Parte do ganho de todas as divisões, por coluna ou característica do par.",
        "Part of the gain of all splits, by column or pair feature.",
    );
    let caption = Caption { of: None, title, note: note.render() };
    let parts = &parts[..parts.len().min(IMPORTANT)];
    charts::bars(&caption, parts, &|share| lang.percent(share, 1))
}

pub(super) fn all(card: &Card<'_>, lang: Lang) -> Markup {
    let always = [roc(card, lang), pr(card, lang), calibration(card, lang)].map(Some);
    let scores = scores(&card.curves.scores, lang);
    let importance = importance(&card.importance, lang);
    gallery(None, always.into_iter().chain([scores, importance]).collect())
}
