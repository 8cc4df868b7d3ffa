//! The pictures of the card.

use webpage::{
    Lang,
    charts::{Histogram, Single, histogram, singles},
    draw::{WIDTH, Words, coordinate, line, path, picture, rect, text},
    figure::Node,
    markup::Markup,
    view::{Block, Picture},
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

/// The frame of a diagram over the unit square, its axes named; `end` is where the axes end.
fn square(x_axis: &str, y_axis: &str, end: &Markup) -> Markup {
    let floor = TOP + SIDE;
    Markup::new()
        .then(&line(at(0.0, 0.0), at(1.0, 0.0), "t"))
        .then(&line(at(0.0, 0.0), at(0.0, 1.0), "t"))
        .then(&text((LEFT - 4.0, floor + 4.0), "end", "n", &Markup::of("0")))
        .then(&text((LEFT - 4.0, TOP + 10.0), "end", "n", end))
        .then(&text((LEFT + SIDE, floor + 15.0), "end", "n", &Markup::of(x_axis)))
        .then(&text((LEFT + 6.0, TOP + 10.0), "start", "n", &Markup::of(y_axis)))
}

/// A curve through the points of a list.
fn curve(points: &Node<'_>) -> Markup {
    let mut d = String::new();
    for point in points.items() {
        let number = |key| point.at(key).number().unwrap_or(0.0);
        let (x, y) = at(number("x"), number("y"));
        d.push(if d.is_empty() { 'M' } else { 'L' });
        d.push_str(&coordinate(x));
        d.push(' ');
        d.push_str(&coordinate(y));
    }
    path(&d, "l")
}

fn drawn(caption: &str, note: &str, description: Markup, body: &Markup) -> Picture {
    let words = Words { title: Markup::of(caption), description };
    let svg = picture(&words, TOP + SIDE + 20.0, body);
    Picture { caption: Markup::of(caption), note: Markup::of(note), svg }
}

fn roc(root: &Node<'_>, lang: Lang) -> Picture {
    let auc = root.path("metrics/auc").decimal(3).svg();
    let body = square(
        lang.pick("outras chamadas", "others called"),
        lang.pick("acertos chamados", "matches called"),
        &Markup::of("1"),
    )
    .then(&line(at(0.0, 0.0), at(1.0, 1.0), "a"))
    .then(&curve(&root.path("metrics/curves/roc")));
    drawn(
        lang.pick("Curva ROC", "ROC curve"),
        lang.pick(
            "Quanto mais alta sobre a diagonal, melhor o modelo ordena.",
            "The higher above the diagonal, the better the model ranks.",
        ),
        Markup::fill(lang.pick("Área sob a curva: {}.", "Area under the curve: {}."), &[auc]),
        &body,
    )
}

fn pr(root: &Node<'_>, lang: Lang) -> Picture {
    let area = root.path("metrics/pr_auc").decimal(3).svg();
    let body = square(
        lang.pick("acertos encontrados", "matches found"),
        lang.pick("acertos entre os chamados", "matches among the called"),
        &Markup::of("1"),
    )
    .then(&curve(&root.path("metrics/curves/pr")));
    drawn(
        lang.pick("Precisão e cobertura", "Precision and recall"),
        lang.pick(
            "De cada limiar: quantos dos chamados acertam, e quantos dos acertos são chamados.",
            "Of each threshold: how many of the called are matches, and how many matches are called.",
        ),
        Markup::fill(lang.pick("Precisão média: {}.", "Average precision: {}."), &[area]),
        &body,
    )
}

/// Predicted against observed, with intervals, over as much of the unit square as is in use.
fn calibration(root: &Node<'_>, lang: Lang) -> Picture {
    let bins = root.path("metrics/curves/calibration").items();
    let number = |bin: &Node<'_>, key| bin.at(key).number().unwrap_or(0.0);
    // The axes end where the longest bar does.
    let longest = bins.iter().max_by(|a, b| number(a, "high").total_cmp(&number(b, "high")));
    let most = longest.map_or(1.0, |bin| number(bin, "high"));
    let end = longest.map_or_else(Markup::new, |bin| bin.at("high").decimal(1).svg());
    let axes = lang.pick(("previsto", "observado"), ("predicted", "observed"));
    let mut body = square(axes.0, axes.1, &end);
    body = body.then(&line(at(0.0, 0.0), at(1.0, 1.0), "a"));
    for bin in &bins {
        let x = number(bin, "mean_probability") / most;
        let (low, high) = (at(x, number(bin, "low") / most), at(x, number(bin, "high") / most));
        let (x, y) = at(x, number(bin, "rate") / most);
        body = body.then(&line(low, high, "t")).then(&rect((x - 3.0, y - 3.0), (6.0, 6.0), "b"));
    }
    let error = root
        .path("metrics/splits")
        .items()
        .first()
        .map_or_else(Markup::new, |under| under.path("figures/ece/value").decimal(3).svg());
    drawn(
        lang.pick("Calibração", "Calibration"),
        lang.pick(
            "Na diagonal, a nota é a parte que dá certo. A escala vai até a maior barra.",
            "On the diagonal, the score is the share that succeeds. The scale ends at the longest bar.",
        ),
        Markup::fill(
            lang.pick("Erro médio de calibração: {}.", "Expected calibration error: {}."),
            &[error],
        ),
        &body,
    )
}

/// The scores of matches and of others.
fn scores(root: &Node<'_>, lang: Lang) -> Option<Picture> {
    let bins = root.path("metrics/curves/histogram").items();
    let shares = |key: &str| -> Vec<f64> {
        let counts: Vec<f64> = bins.iter().map(|b| b.at(key).number().unwrap_or(0.0)).collect();
        let total: f64 = counts.iter().sum();
        counts.iter().map(|count| if total > 0.0 { count / total } else { 0.0 }).collect()
    };
    let ends = (bins.first()?.at("from").decimal(2), bins.last()?.at("to").decimal(2));
    let caption = lang.pick("Notas de acertos e das outras", "Scores of matches and of others");
    let words = Words {
        title: Markup::of(caption),
        description: Markup::of(lang.pick(
            "Barras: candidaturas que deram certo; linha: as outras.",
            "Bars: applications that were a match; line: the others.",
        )),
    };
    let data = Histogram { before: shares("negatives"), after: shares("positives"), ends };
    Some(Picture {
        caption: Markup::of(caption),
        note: words.description.clone(),
        svg: histogram(&words, &data),
    })
}

fn importance(root: &Node<'_>, lang: Lang) -> Option<Picture> {
    let parts = root.at("importance").items();
    let names: Vec<&str> = parts.iter().map(|part| part.at("name").text()).collect();
    let rows: Vec<Single<'_>> = parts
        .iter()
        .zip(&names)
        .take(IMPORTANT)
        .map(|(part, name)| Single { label: name, value: part.at("share").percent(1) })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let caption = lang.pick("Em que o modelo se apoia", "What the model goes by");
    let words = Words {
        title: Markup::of(caption),
        description: Markup::of(lang.pick(
            "Parte do ganho de todas as divisões, por coluna ou relação.",
            "Part of the gain of all splits, by column or relation.",
        )),
    };
    let svg = singles(&words, &rows);
    Some(Picture { caption: Markup::of(caption), note: words.description, svg })
}

pub(super) fn all(root: &Node<'_>, lang: Lang) -> Block {
    let mut pictures = vec![roc(root, lang), pr(root, lang), calibration(root, lang)];
    pictures.extend(scores(root, lang));
    pictures.extend(importance(root, lang));
    Block::Pictures { pictures }
}
