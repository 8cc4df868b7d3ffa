//! A finding in a sentence: what changed, how much, by which rule it matters; and what to do.

use crate::page::{
    Lang,
    figure::Node,
    markup::Markup,
    table::Format,
    view::LONGEST,
    words::{self, Both},
};

/// What a finding is about, as a class of things.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Column,
    ArrivedColumn,
    ArrivedVolume,
    ArrivedRate,
    Calibration,
    Volume,
    Schema,
    LabelRate,
    Words,
    Embeddings,
    LiveScores,
}

/// What it is about, and where the report says on what.
fn about<'a>(finding: &Node<'a>) -> (About, Node<'a>) {
    let subject = finding.at("subject");
    for (key, about) in [
        ("column", About::Column),
        ("arrived_column", About::ArrivedColumn),
        ("arrived_volume", About::ArrivedVolume),
        ("volume", About::Volume),
        ("schema", About::Schema),
        ("words", About::Words),
        ("embeddings", About::Embeddings),
    ] {
        if subject.at(key).is_there() {
            return (about, subject.at(key));
        }
    }
    let about = match subject.text() {
        "label_rate" => About::LabelRate,
        "arrived_rate" => About::ArrivedRate,
        "calibration" => About::Calibration,
        _ => About::LiveScores,
    };
    (about, subject)
}

/// A finding in full: what changed and how much, then the rule.
pub(crate) fn sentence(root: &Node<'_>, finding: &Node<'_>, lang: Lang) -> Markup {
    let comparison = comparison(root, finding);
    let (about, subject) = about(finding);
    let told = match about {
        About::Column => column(&comparison.at("columns"), finding, &subject, lang),
        About::ArrivedColumn => {
            let table = arrived(root, finding, subject.at("table").text());
            column(&table.at("columns"), finding, &subject, lang)
        }
        About::ArrivedVolume => {
            let table = arrived(root, finding, subject.text());
            Markup::fill(
                lang.pick(
                    "{}: chegavam {} por semana e chegam {} (usual: de {} a {})",
                    "{}: {} arrived a week and now {} (usual: from {} to {})",
                ),
                &[
                    Markup::new().raw("<b>").then(&words::table(&subject, lang)).raw("</b>"),
                    table.path("volumes/before").decimal(1).html(),
                    table.path("volumes/after").decimal(1).html(),
                    table.path("volumes/usual_low").decimal(1).html(),
                    table.path("volumes/usual_high").decimal(1).html(),
                ],
            )
        }
        About::ArrivedRate => rate(&root.path("arrivals/present/rate"), lang),
        About::Calibration => calibration(&root.path("live_scores/present/calibration"), lang),
        About::Volume => volume(&comparison, &subject, lang),
        About::Schema => schema(&comparison, &subject, lang),
        About::LabelRate => change(
            lang,
            (
                "A fração de candidaturas que terminam em match foi de {} para {}",
                "The share of applications that end in a match went from {} to {}",
            ),
            &[],
            (&comparison.path("label_rate/before"), &comparison.path("label_rate/after")),
            Format::Percent(1),
        ),
        About::Words => words_moved(&comparison, &subject, lang),
        About::Embeddings => {
            let rows = comparison.at("embeddings").items();
            let auc = rows.iter().find(|row| row.at("side").text() == subject.text());
            Markup::fill(
                lang.pick(
                    "Os embeddings de {} mudaram: um classificador separa os antigos dos novos com AUC de {}",
                    "The embeddings of {} moved: a classifier tells old from new with an AUC of {}",
                ),
                &[
                    words::side(&subject, lang),
                    auc.map_or_else(Markup::new, |row| row.at("auc").decimal(3).html()),
                ],
            )
        }
        About::LiveScores => {
            let scores = root.path("live_scores/present");
            change(
                lang,
                (
                    "A nota média que o modelo em produção dá foi de {} para {}",
                    "The mean score that the live model gives went from {} to {}",
                ),
                &[],
                (&scores.at("mean_before"), &scores.at("mean_after")),
                Format::Decimal(3),
            )
        }
    };
    let rule = rule(&finding.at("measure"), lang);
    if rule.is_empty() {
        return told.text(".");
    }
    told.text(". ").then(&Markup::new().element("span", &[("class", "soft")], &rule))
}

/// What a known finding is about, and since when it is known.
pub(crate) fn short(finding: &Node<'_>, lang: Lang) -> Markup {
    let (about, subject) = about(finding);
    let what = match about {
        About::Column | About::ArrivedColumn => column_name(&subject.at("column")),
        About::ArrivedVolume => words::table(&subject, lang),
        About::Volume => words::volume(&subject, lang),
        About::Schema => column_name(&subject),
        About::Embeddings => Markup::of("embeddings"),
        About::LabelRate | About::ArrivedRate => {
            Markup::of(lang.pick("fração de match", "share of matches"))
        }
        About::Words => Markup::of(lang.pick("vocabulário", "vocabulary")),
        About::LiveScores => Markup::of(lang.pick("notas do modelo", "the model’s scores")),
        About::Calibration => Markup::of(lang.pick("calibração", "calibration")),
    };
    let since = finding.path("known/since").date().html();
    what.then(&Markup::fill(lang.pick(" (desde {})", " (since {})"), &[since]))
}

/// The share of matches of the last mature quarter beside the year before it.
pub(crate) fn rate(rate: &Node<'_>, lang: Lang) -> Markup {
    Markup::fill(
        lang.pick(
            "Das {} candidaturas de {} a {}, {} terminaram em match (intervalo: de {} a {}); no ano anterior, {}",
            "Of the {} applications from {} to {}, {} ended in a match (interval: from {} to {}); in the year before, {}",
        ),
        &[
            rate.at("rows_after").integer().html(),
            rate.at("from").date().html(),
            rate.at("to").date().html(),
            rate.at("after").percent(1).html(),
            rate.at("low").percent(1).html(),
            rate.at("high").percent(1).html(),
            rate.at("before").percent(1).html(),
        ],
    )
}

/// What the live model expected and what came.
pub(crate) fn calibration(of: &Node<'_>, lang: Lang) -> Markup {
    Markup::fill(
        lang.pick(
            "O modelo em produção esperava {} de match nas {} candidaturas de {} a {} de pessoas que não viu; vieram {} (intervalo: de {} a {})",
            "The live model expected {} of matches among the {} applications from {} to {} of people that it had not seen; {} came (interval: from {} to {})",
        ),
        &[
            of.at("expected").percent(1).html(),
            of.at("rows").integer().html(),
            of.at("from").date().html(),
            of.at("to").date().html(),
            of.at("observed").percent(1).html(),
            of.at("low").percent(1).html(),
            of.at("high").percent(1).html(),
        ],
    )
}

/// The rule of what has a measure, in small.
pub(crate) fn soft_rule(of: &Node<'_>, lang: Lang) -> Markup {
    Markup::new().element("span", &[("class", "soft")], &rule(&of.at("measure"), lang))
}

/// What arrived at a table in the window of a finding.
fn arrived<'a>(root: &Node<'a>, finding: &Node<'_>, table: &str) -> Node<'a> {
    let windows = root.path("arrivals/present/windows").items();
    let window = windows.iter().find(|w| w.at("name").text() == finding.at("window").text());
    let tables = window.map(|window| window.at("tables").items()).unwrap_or_default();
    tables.into_iter().find(|t| t.at("table").text() == table).unwrap_or_else(|| root.at("none"))
}

/// The rule behind a verdict: `V de Cramér 0,231: alerta a partir de 0,100; p corrigido < 0,001.`
pub(crate) fn rule(measure: &Node<'_>, lang: Lang) -> Markup {
    let name = measure.at("name");
    if name.text().is_empty() {
        return Markup::new();
    }
    let format = words::measure_format(name.text());
    let alert = measure.at("severity").text() == "alert";
    let (level, bound) = if alert {
        (lang.pick("alerta a partir de", "alert from"), measure.at("alert"))
    } else {
        (lang.pick("atenção a partir de", "watch from"), measure.at("watch"))
    };
    let mut out = words::measure(&name, lang)
        .text(" ")
        .then(&format.of(&measure.at("value")).html())
        .text("; ")
        .text(level)
        .text(" ")
        .then(&format.of(&bound).html());
    if measure.at("p_adjusted").is_there() {
        out = out
            .text(lang.pick("; p\u{a0}corrigido\u{a0}", "; corrected\u{a0}p\u{a0}"))
            .then(&measure.at("p_adjusted").probability().html());
    }
    if measure.at("critical").is_there() {
        out = out
            .text(lang.pick("; valor crítico ", "; critical value "))
            .then(&format.of(&measure.at("critical")).html());
    }
    out.text(".")
}

/// What to do about some findings: a line for each kind of thing, in the order of the findings. A
/// line begins small, for it follows a colon or a dash.
pub(crate) fn advice(findings: &[Node<'_>], lang: Lang) -> Vec<Markup> {
    let mut lines: Vec<&str> = Vec::new();
    for finding in findings.iter().filter(|f| f.at("severity").text() != "none") {
        let (pt, en): Both = match about(finding).0 {
            About::Column | About::ArrivedColumn | About::Words | About::Embeddings => (
                "veja nas figuras abaixo o que mudou. Se o mercado mudou (vagas e perfis novos), o modelo de hoje já foi treinado com isso; se foi o preenchimento ou a extração dos textos, corrija a fonte.",
                "see in the pictures below what has moved. If the market has (new jobs and profiles), today’s model has been trained on it already; if it is the way forms are filled or texts extracted, mend the source.",
            ),
            About::Volume | About::Schema | About::ArrivedVolume => (
                "confira a carga do dia e os rejeitados da ingestão.",
                "check the day’s load and what ingest rejected.",
            ),
            About::LabelRate | About::ArrivedRate => (
                "confira se a regra do que conta como match ou o andamento dos processos mudou; depois reavalie a calibração do modelo.",
                "check whether what counts as a match or the pace of the processes has changed; then look at the model’s calibration again.",
            ),
            About::LiveScores | About::Calibration => (
                "não leia a nota como fração de match antes de conferir a calibração do modelo de hoje no seu cartão.",
                "do not read the score as a share of matches before the calibration of today’s model is checked on its card.",
            ),
        };
        let line = lang.pick(pt, en);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.into_iter().map(Markup::of).collect()
}

/// The comparison that made a finding.
fn comparison<'a>(root: &Node<'a>, finding: &Node<'_>) -> Node<'a> {
    let term = finding.at("term").text();
    let all = root.at("comparisons").items();
    all.into_iter().find(|c| c.at("term").text() == term).unwrap_or_else(|| root.at("none"))
}

/// `{} … {} … {}`: the pieces, then before and after.
fn change(
    lang: Lang,
    (pt, en): Both,
    pieces: &[Markup],
    (before, after): (&Node<'_>, &Node<'_>),
    format: Format,
) -> Markup {
    let mut all = pieces.to_vec();
    all.push(format.of(before).html());
    all.push(format.of(after).html());
    Markup::fill(lang.pick(pt, en), &all)
}

/// The name of a column.
pub(crate) fn column_name(name: &Node<'_>) -> Markup {
    Markup::new().raw("<b>").word(name.text(), LONGEST).raw("</b>")
}

fn column(columns: &Node<'_>, finding: &Node<'_>, subject: &Node<'_>, lang: Lang) -> Markup {
    let name = column_name(&subject.at("column"));
    let drift = columns.items().into_iter().find(|row| {
        row.at("column").text() == subject.at("column").text()
            && row.at("table").text() == subject.at("table").text()
    });
    let Some(drift) = drift else { return name };
    told(&drift, finding.at("aspect").text(), &name, lang)
}

/// What changed in an aspect of a column, with the figures that show it best.
fn told(drift: &Node<'_>, aspect: &str, name: &Markup, lang: Lang) -> Markup {
    let name = std::slice::from_ref(name);
    match aspect {
        "missing" => change(
            lang,
            (
                "{}: a fração de linhas sem valor foi de {} para {}",
                "{}: the share of rows without a value went from {} to {}",
            ),
            name,
            (&drift.at("missing_before"), &drift.at("missing_after")),
            Format::Percent(1),
        ),
        "length" => change(
            lang,
            (
                "{}: o tamanho mediano dos textos foi de {} para {} caracteres",
                "{}: the median length of texts went from {} to {} characters",
            ),
            name,
            (&drift.path("quantiles_before/p50"), &drift.path("quantiles_after/p50")),
            Format::Integer,
        ),
        "languages" => match greatest(drift.at("languages").items(), "change") {
            Some(shift) => {
                let language = words::language(shift.at("language").text(), lang);
                change(
                    lang,
                    ("{}: textos em {} foram de {} para {}", "{}: texts in {} went from {} to {}"),
                    &[
                        name[0].clone(),
                        Markup::of(&lang.pick(language.to_lowercase(), language.to_owned())),
                    ],
                    (&shift.at("before"), &shift.at("after")),
                    Format::Percent(1),
                )
            }
            None => plain(
                lang,
                ("{}: os idiomas dos textos mudaram", "{}: the languages of its texts changed"),
                name,
            ),
        },
        "terms" => match greatest(drift.at("terms").items(), "change") {
            Some(shift) => change(
                lang,
                (
                    "{}: o vocabulário mudou; “{}” foi de {} para {} dos textos",
                    "{}: its vocabulary changed; “{}” went from {} to {} of the texts",
                ),
                &[name[0].clone(), Markup::new().word(shift.at("term").text(), LONGEST)],
                (&shift.at("before"), &shift.at("after")),
                Format::Percent(1),
            ),
            None => plain(lang, ("{}: o vocabulário mudou", "{}: its vocabulary changed"), name),
        },
        _ => values(drift, name, lang),
    }
}

fn values(drift: &Node<'_>, name: &[Markup], lang: Lang) -> Markup {
    let moved = drift
        .at("categories")
        .items()
        .into_iter()
        .filter(|c| !c.at("value").text().is_empty())
        .max_by(|a, b| moved_by(a).total_cmp(&moved_by(b)));
    if let Some(category) = moved {
        let word = Markup::new().word(category.at("value").text(), LONGEST);
        return change(
            lang,
            (
                "{}: a mistura de valores mudou; “{}” foi de {} para {}",
                "{}: the mix of values changed; “{}” went from {} to {}",
            ),
            &[name[0].clone(), word],
            (&category.at("share_before"), &category.at("share_after")),
            Format::Percent(1),
        );
    }
    let (before, after) = (drift.path("quantiles_before/p50"), drift.path("quantiles_after/p50"));
    if before.is_there() && after.is_there() {
        let format =
            if drift.at("kind").text() == "date" { Format::Day } else { Format::Decimal(0) };
        return change(
            lang,
            ("{}: a mediana foi de {} para {}", "{}: the median went from {} to {}"),
            name,
            (&before, &after),
            format,
        );
    }
    plain(lang, ("{}: os valores mudaram", "{}: its values changed"), name)
}

fn plain(lang: Lang, (pt, en): Both, pieces: &[Markup]) -> Markup {
    Markup::fill(lang.pick(pt, en), pieces)
}

/// How far the share of a category moved.
pub(crate) fn moved_by(category: &Node<'_>) -> f64 {
    let share = |key| category.at(key).number().unwrap_or(0.0);
    (share("share_after") - share("share_before")).abs()
}

/// The row whose number at a key is the greatest, of whichever sign.
fn greatest<'a>(rows: Vec<Node<'a>>, key: &str) -> Option<Node<'a>> {
    let size = |row: &Node<'_>| row.at(key).number().unwrap_or(0.0).abs();
    rows.into_iter().max_by(|a, b| size(a).total_cmp(&size(b)))
}

fn volume(comparison: &Node<'_>, subject: &Node<'_>, lang: Lang) -> Markup {
    let rows = comparison.at("volumes").items();
    let Some(row) = rows.iter().find(|row| row.at("name").text() == subject.text()) else {
        return words::volume(subject, lang);
    };
    change(
        lang,
        ("{}: o número foi de {} para {}", "{}: their number went from {} to {}"),
        &[Markup::new().raw("<b>").then(&words::volume(subject, lang)).raw("</b>")],
        (&row.at("before"), &row.at("after")),
        Format::Integer,
    )
}

fn schema(comparison: &Node<'_>, subject: &Node<'_>, lang: Lang) -> Markup {
    let mut out = Markup::fill(
        lang.pick("A tabela {} mudou de forma", "The table {} changed its shape"),
        &[column_name(subject)],
    );
    let changes = comparison.at("schema").items();
    for (key, gone, (pt, en)) in [
        ("after", false, ("; colunas novas: ", "; new columns: ")),
        ("before", true, ("; colunas que saíram: ", "; columns that went: ")),
    ] {
        let other = if gone { "after" } else { "before" };
        let mut first = true;
        for change in &changes {
            let one_side = change.at(key).is_there() && !change.at(other).is_there();
            if one_side && change.at("table").text() == subject.text() {
                out = out.text(if first { lang.pick(pt, en) } else { ", " });
                out = out.word(change.at("column").text(), LONGEST);
                first = false;
            }
        }
    }
    let mut first = true;
    for change in &changes {
        let both = change.at("before").is_there() && change.at("after").is_there();
        if both && change.at("table").text() == subject.text() {
            let lead =
                lang.pick("; colunas que mudaram de tipo: ", "; columns that changed their type: ");
            out = out.text(if first { lead } else { ", " });
            out = out.word(change.at("column").text(), LONGEST);
            first = false;
        }
    }
    out
}

fn words_moved(comparison: &Node<'_>, subject: &Node<'_>, lang: Lang) -> Markup {
    let mut terms = Markup::new();
    for (i, term) in subject.at("terms").items().iter().take(5).enumerate() {
        terms = terms.text(if i > 0 { ", " } else { "" }).word(term.text(), LONGEST);
    }
    let auc = comparison.path("classifier/present/auc");
    let mut out = Markup::of(
        lang.pick("O vocabulário dos textos mudou", "The vocabulary of the texts changed"),
    );
    if auc.is_there() {
        out = out
            .text(lang.pick(
                "; um classificador separa os antigos dos novos com AUC de ",
                "; a classifier tells old from new with an AUC of ",
            ))
            .then(&auc.decimal(3).html());
    }
    if !terms.is_empty() {
        out = out.text(lang.pick("; mais por ", "; most by ")).then(&terms);
    }
    out
}
