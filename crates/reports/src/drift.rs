//! The page of a drift report: what has changed, as an analyst reads it.

mod arrivals;
mod comparison;
mod finding;
mod glossary;
mod pictures;
mod words;

use maud::{Markup, Render, html};
use words::judged;

use crate::{
    Lang,
    draw::gallery,
    markup::{bold, joined, list, name, soft, text as paragraph, word, wording},
    page::{Fact, Page, Section},
    report::{
        ColumnProfile, Comparison, Finding, LiveScores, Part, PastVerdict, Report, Settings,
        Severity, Term, VersionFacts,
    },
    table::{self, Table, number, text, verdict},
};

/// What kind of day the report is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DayKind {
    /// There is nothing to compare with.
    First,
    /// The current version has no rows.
    Empty,
    /// It holds what the others hold.
    Equal,
    /// It was compared.
    Compared,
}

/// Findings in the head of the page.
const HEAD: usize = 3;

/// The page of a report.
pub fn page(report: &Report, lang: Lang) -> String {
    let day = day(report);
    let weighty = &report.new[..report.new.len().min(HEAD)];
    let mut sections: Vec<Section> = found(report, lang).into_iter().collect();
    sections.push(arrivals::section(report, lang));
    sections.push(live_scores(&report.live_scores, lang));
    let comparisons = report.comparisons.iter().enumerate();
    sections.extend(comparisons.map(|one| comparison::section(report, one, lang)));
    let (history, profile) = (history(&report.history, lang), profile(report, lang));
    // A first version has nothing but its profile to show.
    if day == DayKind::First {
        sections.insert(0, profile);
        sections.extend(history);
    } else {
        sections.push(references(&report.comparisons, lang));
        sections.extend(history);
        sections.push(profile);
    }
    sections.push(explanations(&report.settings, lang));
    Page {
        lang,
        kind: lang.pick("Relatório de drift", "Drift report"),
        severity: report.severity,
        headline: headline(day, report, lang),
        reasons: weighty.iter().map(|reason| reason_line(report, reason, lang)).collect(),
        advice: advice(day, report, weighty, lang),
        facts: facts(report, lang),
        sections,
        footer: lang.pick(
            "Cada número desta página está em drift.json, na mesma pasta. Nenhum texto de currículo e nenhuma pessoa aparece aqui.",
            "Each figure of this page stands in drift.json, in the same folder. No text of a CV and no person appears here.",
        ),
    }
    .html()
}

fn section(id: &str, title: &str, body: Markup) -> Section {
    Section { id: id.to_owned(), title: title.render(), body }
}

fn day(report: &Report) -> DayKind {
    let VersionFacts { applications, people, jobs, .. } = report.current;
    if applications + people + jobs == 0 {
        DayKind::Empty
    } else if report.comparisons.is_empty() {
        DayKind::First
    } else if report.comparisons.iter().all(|one| one.equal) {
        DayKind::Equal
    } else {
        DayKind::Compared
    }
}

fn headline(day: DayKind, report: &Report, lang: Lang) -> &'static str {
    lang.of(match (day, report.severity) {
        (_, Severity::None) if !report.known.is_empty() => (
            "Nada de novo; o que já foi relatado continua",
            "Nothing new; what was reported goes on",
        ),
        (DayKind::Empty, _) => {
            ("A versão atual não tem nenhuma linha", "The current version has no rows")
        }
        (_, Severity::Alert) => {
            ("Os dados mudaram o bastante para agir", "The data have changed enough to act on")
        }
        (_, Severity::Watch) => {
            ("Há mudanças para acompanhar", "There are changes to keep an eye on")
        }
        (DayKind::First, _) => (
            "Primeira versão: ainda não há com que comparar",
            "First version: nothing to compare it with yet",
        ),
        (DayKind::Equal, _) => {
            ("Os dados são os mesmos de antes", "The data are the same as before")
        }
        (DayKind::Compared, _) => {
            ("Nada mudou a ponto de importar", "Nothing has changed enough to matter")
        }
    })
}

/// What the day means, before what to do about its findings.
fn introduction(day: DayKind, severity: Severity, lang: Lang) -> Option<Markup> {
    let both = match (day, severity) {
        (DayKind::Empty, _) => (
            "confira a carga do dia: a ingestão ou as tabelas de origem chegaram vazias. Não treine nem publique nada com esta versão.",
            "check the day’s load: ingest or the source’s tables came out empty. Train and publish nothing from this version.",
        ),
        (DayKind::First, _) => (
            "nada por ora. Esta página descreve os dados como estão; a próxima versão será comparada com esta.",
            "nothing for now. This page describes the data as they are; the next version will be compared with this one.",
        ),
        (DayKind::Equal, Severity::None) => (
            "nada. Se dados novos eram esperados hoje, confira se a carga aconteceu.",
            "nothing. If new data were expected today, check that the load took place.",
        ),
        (_, Severity::None) => (
            "nada. As diferenças abaixo são do tamanho que o acaso dá, ou pequenas demais para importar.",
            "nothing. The differences below are of the size that chance gives, or too small to matter.",
        ),
        _ => return None,
    };
    Some(lang.of(both).render())
}

fn advice(day: DayKind, report: &Report, weighty: &[Finding], lang: Lang) -> Vec<Markup> {
    let mut lines: Vec<_> = introduction(day, report.severity, lang).into_iter().collect();
    if day != DayKind::Empty {
        lines.extend(finding::advice(weighty, lang));
    }
    for (i, line) in lines.iter_mut().enumerate() {
        let lead = match i {
            0 => lang.pick("O que fazer: ", "What to do: "),
            _ => lang.pick("Também: ", "Also: "),
        };
        *line = html! { (bold(lead)) (line) };
    }
    if !report.unreadable.is_empty() {
        lines.push(wording!(
            lang,
            "Sem comparação com {}: não pode ser lido. `mllab verify` diz o que há e o que fazer.",
            "Not compared with {}: it cannot be read. `mllab verify` tells what is wrong and what to do.",
            joined(report.unreadable.iter().map(|one| name(one)), ", ")
        ));
    }
    if !report.known.is_empty() {
        let known = report.known.iter().take(HEAD).map(|known| finding::short(known, lang));
        let more = report.known.len() > HEAD;
        lines.push(html! {
            (bold(lang.pick("Já relatado: ", "Known already: "))) (joined(known, ", "))
            @if more { (lang.pick(" e outras", " and others")) } "."
        });
    }
    lines
}

/// All that was found, where the head does not say it all.
fn found(report: &Report, lang: Lang) -> Option<Section> {
    let Report { new, known, .. } = report;
    if new.len() <= HEAD && known.is_empty() {
        return None;
    }
    let known_line = |one: &Finding| {
        let since = one.known.as_ref().map(|known| lang.date(&*known.since));
        html! {
            (reason_line(report, one, lang))
            @if let Some(since) = since {
                (wording!(lang, " Conhecido desde {}.", " Known since {}.", since))
            }
        }
    };
    let body = html! {
        // The head of the page has the others.
        @if new.len() > HEAD {
            h3 { (lang.pick("Também novo", "Also new")) }
            (list(new.iter().skip(HEAD).map(|one| reason_line(report, one, lang))))
        }
        @if !known.is_empty() {
            h3 { (lang.pick("Já relatado", "Known already")) }
            (paragraph(lang.pick(
                "O relatório que estava em produção já dizia isto, com a mesma gravidade ou mais: não muda o veredito de hoje.",
                "The report that was live said this already, as grave or graver: it does not change today’s verdict.",
            )))
            (list(known.iter().map(known_line)))
        }
    };
    Some(section("found", lang.pick("O que mudou", "What has changed"), body))
}

/// With which versions the current one is compared, and why not with others.
fn references(comparisons: &[Comparison], lang: Lang) -> Section {
    let line = |term, absent| {
        let found = comparisons.iter().find(|one| one.term == term || one.also.contains(&term));
        let told = match found {
            Some(Comparison { baseline, .. }) => wording!(
                lang,
                "{}, de {}.",
                "{}, of {}.",
                name(&baseline.version),
                lang.date(&*baseline.logical_date)
            ),
            None => lang.of(absent).render(),
        };
        wording!(lang, "A versão {}: {}", "The version {}: {}", words::term(term, lang), told)
    };
    let none_yet = ("ainda não há.", "there is none yet.");
    let never_live = (
        "não há: nenhuma feita por este sistema estava em produção quando estes dados foram feitos.",
        "there is none: no version that this system made was live when these data were made.",
    );
    let items =
        [line(Term::Live, never_live), line(Term::Quarter, none_yet), line(Term::Year, none_yet)];
    section("references", lang.pick("Com que se compara", "What is compared with"), list(items))
}

fn reason_line(report: &Report, reason: &Finding, lang: Lang) -> Markup {
    let windows = report.arrivals.present().map(|arrivals| &arrivals.windows[..]);
    let mut windows = windows.unwrap_or_default().iter();
    let place = match finding::comparison(report, reason) {
        Some(comparison) => Some(words::since(comparison, lang)),
        None => windows.find(|window| Some(window.name) == reason.window).map(|window| {
            let window = words::window(window, lang);
            wording!(lang, "chegadas: {}", "arrivals: {}", window)
        }),
    };
    html! {
        (reason.severity.tag(lang))
        @if let Some(place) = place { " (" (place) ")" }
        ". " (finding::sentence(report, reason, lang))
    }
}

fn facts(report: &Report, lang: Lang) -> Vec<Fact> {
    let Report { current, comparisons, .. } = report;
    let version = |term, version: &VersionFacts| Fact {
        term,
        value: name(&version.version).render(),
        note: Some(lang.date(&*version.logical_date).render()),
    };
    let mut facts = vec![version(lang.pick("Versão atual", "Current version"), current)];
    facts.extend(comparisons.iter().map(|one| {
        let term = lang.of(match one.term {
            Term::Live => ("Em produção", "Live"),
            Term::Quarter => ("Há três meses", "Three months ago"),
            Term::Year => ("Há um ano", "A year ago"),
            Term::Named => ("Comparada com", "Compared with"),
        });
        version(term, &one.baseline)
    }));
    let rows = |term, rows: fn(&VersionFacts) -> u64| Fact {
        term: lang.of(term),
        value: lang.count(rows(current)).render(),
        note: comparisons
            .first()
            .map(|one| wording!(lang, "antes {}", "before {}", lang.count(rows(&one.baseline)))),
    };
    facts.push(rows(("Candidaturas", "Applications"), |version| version.applications));
    facts.push(rows(("Candidatos", "Candidates"), |version| version.people));
    facts.push(rows(("Vagas", "Jobs"), |version| version.jobs));
    if let Some(last) = &current.last_application {
        let first = lang.date(current.first_application.as_deref());
        facts.push(Fact {
            term: lang.pick("Última candidatura", "Last application"),
            value: lang.date(&**last).render(),
            note: Some(wording!(lang, "a primeira em {}", "the first on {}", first)),
        });
    }
    facts
}

fn live_scores(scores: &Part<LiveScores>, lang: Lang) -> Section {
    let body = match scores {
        Part::Present(scores) => html! {
            (paragraph(expected(scores, lang)))
            (paragraph(wording!(
                lang,
                "O modelo {}, treinado com {}, dá em média {} às {} candidaturas em que foi avaliado e {} às {} de hoje, só de pessoas que não viu no treino.",
                "Model {}, trained on {}, gives a mean of {} to the {} applications that it was judged on and {} to the {} of today, all of people that it did not see in training.",
                name(&scores.model),
                name(&scores.trained_on),
                lang.decimal(scores.mean_before, 3),
                lang.count(scores.rows_before),
                lang.decimal(scores.mean_after, 3),
                lang.count(scores.rows_after)
            )))
            (list(scores.measures.iter().map(|one| {
                judged(one.severity, finding::rule(one, lang), lang)
            })))
            (gallery(None, vec![pictures::scores(scores, lang)]))
        },
        Part::Absent(why) => paragraph(wording!(
            lang,
            "Sem comparação de notas: {}.",
            "No comparison of scores: {}.",
            words::absence(*why, lang)
        )),
    };
    section("scores", lang.pick("O modelo em produção", "The live model"), body)
}

fn expected(scores: &LiveScores, lang: Lang) -> Markup {
    let Some(calibration) = &scores.calibration else {
        return lang
            .pick(
                "O último trimestre maduro tem candidaturas de menos para comparar o que o modelo esperava com o que veio.",
                "The last mature quarter has too few applications to compare what the model expected with what came.",
            )
            .render();
    };
    let measure = &calibration.measure;
    let rule = soft(finding::rule(measure, lang));
    let told = html! { (finding::calibration(calibration, lang)) ". " (rule) };
    judged(measure.severity, told, lang)
}

fn history(past: &[PastVerdict], lang: Lang) -> Option<Section> {
    let picture = pictures::history(past, lang)?;
    let caption = lang.pick("Os vereditos, um a um.", "The verdicts, one by one.");
    let table = Table::new(
        lang,
        lang.pick("Vereditos", "Verdicts"),
        caption,
        past,
        &[
            (("Versão", "Version"), &|row| text(name(&row.features))),
            (("Data", "Date"), &|row| text(lang.date(&*row.logical_date))),
            (("Veredito", "Verdict"), &|row| verdict(row.severity)),
        ],
    );
    let body = html! {
        (gallery(None, vec![Some(picture)]))
        (table.folded(lang.pick("Como tabela", "As a table")))
    };
    let title = lang.pick("Histórico dos vereditos", "History of the verdicts");
    Some(section("history", title, body))
}

fn profile(report: &Report, lang: Lang) -> Section {
    let columns = &report.profile;
    let mut drawn = Vec::new();
    // A first version has no other pictures.
    if report.comparisons.is_empty() {
        drawn.push(pictures::languages_of(columns, lang));
        let commonest = columns.iter().map(|column| pictures::commonest(column, lang));
        drawn.extend(commonest.filter(Option::is_some).take(8));
    }
    let body = html! {
        (gallery(None, drawn))
        @if columns.is_empty() {
            (paragraph(lang.pick(
                "Não há colunas a descrever.", "There are no columns to describe."
            )))
        }
        (profile_table(columns, lang))
    };
    section("profile", lang.pick("Os dados de hoje", "The data of today"), body)
}

fn profile_table(columns: &[ColumnProfile], lang: Lang) -> Table {
    let caption = lang.pick(
        "Cada coluna da versão atual. De textos, o menor, a mediana e o maior são do tamanho em caracteres.",
        "Each column of the current version. Of texts, least, median and greatest are of the length in characters.",
    );
    let least = |row: &ColumnProfile| match (&row.days, row.quantiles) {
        (Some((first, _)), _) => lang.date(&**first),
        (None, quantiles) => lang.decimal(quantiles.map(|quantiles| quantiles.min), 0),
    };
    let greatest = |row: &ColumnProfile| match (&row.days, row.quantiles) {
        (Some((_, last)), _) => lang.date(&**last),
        (None, quantiles) => lang.decimal(quantiles.map(|quantiles| quantiles.max), 0),
    };
    let commonest = |row: &ColumnProfile| match row.top.first() {
        Some(top) => html! { (word(&top.value)) " " (lang.count(top.rows)) },
        None => html! { "–" },
    };
    Table::new(
        lang,
        lang.pick("Perfil", "Profile"),
        caption,
        columns,
        &[
            (("Coluna", "Column"), &|row| table::word(&row.column)),
            (("Tabela", "Table"), &|row| table::word(&row.table)),
            (("Tipo", "Kind"), &|row| text(words::kind(row.kind, lang))),
            (("Linhas", "Rows"), &|row| number(lang.count(row.rows))),
            (("Sem valor", "Missing"), &|row| number(lang.percent(row.missing, 1))),
            (("Valores", "Values"), &|row| number(lang.count(row.distinct))),
            (("Menor", "Least"), &|row| number(least(row))),
            (("Mediana", "Median"), &|row| number(lang.decimal(row.quantiles.map(|q| q.p50), 0))),
            (("Maior", "Greatest"), &|row| number(greatest(row))),
            (("Mais comum", "Commonest"), &|row| text(commonest(row))),
        ],
    )
}

fn explanations(settings: &Settings, lang: Lang) -> Section {
    let body = html! {
        (paragraph(wording!(
            lang,
            "Este relatório inteiro aceita no máximo {} de chance de um alarme falso, usa até {} termos na análise clássica e só nomeia termos e categorias de pelo menos {} linhas.",
            "The whole report accepts a chance of at most {} of a false alarm, uses up to {} terms in the classic analysis and names only terms and categories of at least {} rows.",
            lang.percent(settings.level, 0),
            lang.count(settings.max_features),
            lang.count(settings.min_support)
        )))
        (glossary::glossary(lang))
    };
    section("measures", lang.pick("O que cada medida diz", "What each measure says"), body)
}
