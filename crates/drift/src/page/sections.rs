//! The page from top to bottom.

use crate::page::{
    Lang, arrivals, comparison,
    figure::Node,
    finding, glossary,
    markup::Markup,
    pictures,
    severity::Severity,
    table::{DATED, Format, Show, Spec, table},
    view::{Block, Fact, LONGEST, Section, Verdict, View},
    words::{self, Both},
};

/// What kind of day the report is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is nothing to compare with.
    First,
    /// The current version has no rows.
    Empty,
    /// It holds what the others hold.
    Equal,
    /// It was compared.
    Compared,
}

/// The page of a report.
pub(crate) fn view(root: &Node<'_>, lang: Lang) -> View {
    let severity = Severity::of(&root.at("severity"));
    let comparisons = root.at("comparisons").items();
    let state = state(root, &comparisons);
    let headline = headline(state, severity, lang);
    let new = root.at("new").items();
    let weighty: Vec<_> = new.iter().take(HEAD).cloned().collect();
    let known = root.at("known").items();
    let headline = if severity == Severity::None && !known.is_empty() {
        lang.pick(
            "Nada de novo; o que já foi relatado continua",
            "Nothing new; what was reported goes on",
        )
    } else {
        headline
    };
    let mut advice = introduction(state, severity, lang);
    if state != State::Empty {
        advice.extend(finding::advice(&weighty, lang));
    }
    for (i, line) in advice.iter_mut().enumerate() {
        let first = lang.pick("O que fazer: ", "What to do: ");
        let lead = if i == 0 { first } else { lang.pick("Também: ", "Also: ") };
        *line = Markup::new().raw("<b>").text(lead).raw("</b>").then(line);
    }
    let unreadable = root.at("unreadable").items();
    if !unreadable.is_empty() {
        let names: Vec<_> = unreadable.iter().map(|one| one.name().html()).collect();
        advice.push(Markup::fill(
            lang.pick(
                "Sem comparação com {}: não pode ser lido. `mllab verify` diz o que há e o que fazer.",
                "Not compared with {}: it cannot be read. `mllab verify` tells what is wrong and what to do.",
            ),
            &[joined(&names)],
        ));
    }
    if !known.is_empty() {
        let lead = lang.pick("Já relatado: ", "Known already: ");
        let list = known.iter().take(HEAD).map(|f| finding::short(f, lang)).collect::<Vec<_>>();
        let more = if known.len() > HEAD { lang.pick(" e outras", " and others") } else { "" };
        let line = Markup::new().raw("<b>").text(lead).raw("</b>").then(&joined(&list));
        advice.push(line.text(more).text("."));
    }
    let mut sections: Vec<Section> = found(root, lang).into_iter().collect();
    sections.extend(arrivals::section(root, lang));
    sections.extend(live_scores(root, lang));
    sections.extend(comparisons.iter().map(|one| comparison::section(root, one, lang)));
    let (history, profile) = (history(root, lang), profile(root, lang));
    // A first version has nothing but its profile to show.
    if state == State::First {
        sections.insert(0, profile);
        sections.extend(history);
    } else {
        sections.push(references(&comparisons, lang));
        sections.extend(history);
        sections.push(profile);
    }
    sections.push(explanations(root, lang));
    View {
        title: format!("{} · {}", severity.word(lang), lang.pick("Relatório de drift", "Drift report")),
        kicker: lang.pick("Relatório de drift", "Drift report"),
        verdict: Verdict {
            class: severity.class(),
            mark: severity.mark(),
            word: severity.word(lang),
            headline: headline.to_owned(),
        },
        reasons: weighty.iter().map(|reason| reason_line(root, reason, lang)).collect(),
        advice,
        facts: facts(root, &comparisons, lang),
        sections,
        footer: vec![Markup::of(lang.pick(
            "Cada número desta página está em drift.json, na mesma pasta. Nenhum texto de currículo e nenhuma pessoa aparece aqui.",
            "Each figure of this page stands in drift.json, in the same folder. No text of a CV and no person appears here.",
        ))],
    }
}

/// Findings in the head of the page.
const HEAD: usize = 3;

/// All that was found, where the head does not say it all.
fn found(root: &Node<'_>, lang: Lang) -> Option<Section> {
    let (new, known) = (root.at("new").items(), root.at("known").items());
    if new.len() <= HEAD && known.is_empty() {
        return None;
    }
    let mut blocks = Vec::new();
    // The head of the page has the others.
    if new.len() > HEAD {
        blocks.push(Block::heading(lang.pick("Também novo", "Also new")));
        let items = new.iter().skip(HEAD).map(|one| reason_line(root, one, lang)).collect();
        blocks.push(Block::List { items });
    }
    if !known.is_empty() {
        blocks.push(Block::heading(lang.pick("Já relatado", "Known already")));
        blocks.push(Block::text(Markup::of(lang.pick(
            "O relatório que estava em produção já dizia isto, com a mesma gravidade ou mais: não muda o veredito de hoje.",
            "The report that was live said this already, as grave or graver: it does not change today’s verdict.",
        ))));
        let line = |one: &Node<'_>| {
            let since = Markup::fill(
                lang.pick(" Conhecido desde {}.", " Known since {}."),
                &[one.path("known/since").date().html()],
            );
            reason_line(root, one, lang).then(&since)
        };
        blocks.push(Block::List { items: known.iter().map(line).collect() });
    }
    let title = Markup::of(lang.pick("O que mudou", "What has changed"));
    Some(Section { id: "found".to_owned(), title, blocks })
}

/// With which versions the current one is compared, and why not with others.
fn references(comparisons: &[Node<'_>], lang: Lang) -> Section {
    let find = |term: &str| {
        comparisons.iter().find(|one| {
            one.at("term").text() == term || one.at("also").items().iter().any(|t| t.text() == term)
        })
    };
    let line = |term: &str, (pt, en): Both| {
        let name = Markup::new()
            .text(lang.pick("A versão ", "The version "))
            .text(words::term(term, lang));
        match find(term) {
            Some(one) => name.text(": ").then(&Markup::fill(
                lang.pick("{}, de {}.", "{}, of {}."),
                &[
                    one.path("baseline/version").name().html(),
                    one.path("baseline/logical_date").date().html(),
                ],
            )),
            None => name.text(": ").text(lang.pick(pt, en)),
        }
    };
    let items = vec![
        line(
            "live",
            (
                "não há: nenhuma feita por este sistema estava em produção quando estes dados foram feitos.",
                "there is none: no version that this system made was live when these data were made.",
            ),
        ),
        line("quarter", ("ainda não há.", "there is none yet.")),
        line("year", ("ainda não há.", "there is none yet.")),
    ];
    Section {
        id: "references".to_owned(),
        title: Markup::of(lang.pick("Com que se compara", "What is compared with")),
        blocks: vec![Block::List { items }],
    }
}

/// Pieces with commas between them.
fn joined(pieces: &[Markup]) -> Markup {
    let mut out = Markup::new();
    for (i, piece) in pieces.iter().enumerate() {
        out = out.text(if i > 0 { ", " } else { "" }).then(piece);
    }
    out
}

fn state(root: &Node<'_>, comparisons: &[Node<'_>]) -> State {
    let rows = |key| root.at("current").at(key).number().unwrap_or(0.0);
    if rows("applications") + rows("people") + rows("jobs") == 0.0 {
        State::Empty
    } else if comparisons.is_empty() {
        State::First
    } else if comparisons.iter().all(|one| one.at("equal").is_true()) {
        State::Equal
    } else {
        State::Compared
    }
}

fn headline(state: State, severity: Severity, lang: Lang) -> &'static str {
    let (pt, en): Both = match (state, severity) {
        (State::Empty, _) => {
            ("A versão atual não tem nenhuma linha", "The current version has no rows")
        }
        (_, Severity::Alert) => {
            ("Os dados mudaram o bastante para agir", "The data have changed enough to act on")
        }
        (_, Severity::Watch) => {
            ("Há mudanças para acompanhar", "There are changes to keep an eye on")
        }
        (State::First, _) => (
            "Primeira versão: ainda não há com que comparar",
            "First version: nothing to compare it with yet",
        ),
        (State::Equal, _) => ("Os dados são os mesmos de antes", "The data are the same as before"),
        (State::Compared, _) => {
            ("Nada mudou a ponto de importar", "Nothing has changed enough to matter")
        }
    };
    lang.pick(pt, en)
}

/// What the day means, before what to do about its findings.
fn introduction(state: State, severity: Severity, lang: Lang) -> Vec<Markup> {
    let (pt, en): Both = match (state, severity) {
        (State::Empty, _) => (
            "confira a carga do dia: a ingestão ou as tabelas de origem chegaram vazias. Não treine nem publique nada com esta versão.",
            "check the day’s load: ingest or the source’s tables came out empty. Train and publish nothing from this version.",
        ),
        (State::First, _) => (
            "nada por ora. Esta página descreve os dados como estão; a próxima versão será comparada com esta.",
            "nothing for now. This page describes the data as they are; the next version will be compared with this one.",
        ),
        (State::Equal, Severity::None) => (
            "nada. Se dados novos eram esperados hoje, confira se a carga aconteceu.",
            "nothing. If new data were expected today, check that the load took place.",
        ),
        (_, Severity::None) => (
            "nada. As diferenças abaixo são do tamanho que o acaso dá, ou pequenas demais para importar.",
            "nothing. The differences below are of the size that chance gives, or too small to matter.",
        ),
        _ => return Vec::new(),
    };
    vec![Markup::of(lang.pick(pt, en))]
}

fn reason_line(root: &Node<'_>, reason: &Node<'_>, lang: Lang) -> Markup {
    let comparisons = root.at("comparisons").items();
    let mut found = comparisons.iter().filter(|one| one.at("term").is_same(&reason.at("term")));
    let has_it = |one: &&Node<'_>| one.at("reasons").items().iter().any(|r| r.is_same(reason));
    // Several baselines may be named: then it is the one that tells this reason.
    let found = found.clone().find(has_it).or_else(|| found.next());
    let tag = Severity::of(&reason.at("severity")).tag(lang);
    let windows = root.path("arrivals/present/windows").items();
    let window = windows.iter().find(|one| one.at("name").is_same(&reason.at("window")));
    let tag = match (found, window) {
        (Some(one), _) => tag.text(" (").then(&comparison::since(one, lang)).text(")"),
        (None, Some(one)) => tag
            .text(lang.pick(" (chegadas: ", " (arrivals: "))
            .then(&arrivals::window(one, lang))
            .text(")"),
        (None, None) => tag,
    };
    tag.text(". ").then(&finding::sentence(root, reason, lang))
}

fn facts(root: &Node<'_>, comparisons: &[Node<'_>], lang: Lang) -> Vec<Fact> {
    let version = |term, node: &Node<'_>| Fact {
        term,
        value: node.at("version").name().html(),
        note: Some(node.at("logical_date").date().html()),
    };
    let current = root.at("current");
    let mut facts = vec![version(lang.pick("Versão atual", "Current version"), &current)];
    for one in comparisons {
        let term = match one.at("term").text() {
            "live" => lang.pick("Em produção", "Live"),
            "quarter" => lang.pick("Há três meses", "Three months ago"),
            "year" => lang.pick("Há um ano", "A year ago"),
            _ => lang.pick("Comparada com", "Compared with"),
        };
        facts.push(version(term, &one.at("baseline")));
    }
    for (key, term) in [
        ("applications", lang.pick("Candidaturas", "Applications")),
        ("people", lang.pick("Candidatos", "Candidates")),
        ("jobs", lang.pick("Vagas", "Jobs")),
    ] {
        let before = comparisons.first().map(|one| {
            let rows = one.at("baseline").at(key).integer().html();
            Markup::fill(lang.pick("antes {}", "before {}"), &[rows])
        });
        facts.push(Fact { term, value: current.at(key).integer().html(), note: before });
    }
    if current.at("last_application").is_there() {
        facts.push(Fact {
            term: lang.pick("Última candidatura", "Last application"),
            value: current.at("last_application").date().html(),
            note: Some(Markup::fill(
                lang.pick("a primeira em {}", "the first on {}"),
                &[current.at("first_application").date().html()],
            )),
        });
    }
    facts
}

fn live_scores(root: &Node<'_>, lang: Lang) -> Option<Section> {
    let scores = root.path("live_scores/present");
    let title = Markup::of(lang.pick("O modelo em produção", "The live model"));
    let id = "scores".to_owned();
    if !scores.is_there() {
        let why = words::absence(&root.path("live_scores/absent"), lang)?;
        let line = lang.pick("Sem comparação de notas: ", "No comparison of scores: ");
        let blocks = vec![Block::text(Markup::of(line).text(why).text("."))];
        return Some(Section { id, title, blocks });
    }
    let calibration = scores.at("calibration");
    let mut blocks = Vec::new();
    if calibration.is_there() {
        let tag = Severity::of(&calibration.path("measure/severity")).tag(lang).text(". ");
        let told = finding::calibration(&calibration, lang).text(". ");
        let rule = finding::soft_rule(&calibration, lang);
        blocks.push(Block::text(tag.then(&told).then(&rule)));
    } else {
        blocks.push(Block::text(Markup::of(lang.pick(
            "O último trimestre maduro tem candidaturas de menos para comparar o que o modelo esperava com o que veio.",
            "The last mature quarter has too few applications to compare what the model expected with what came.",
        ))));
    }
    blocks.push(Block::text(Markup::fill(
        lang.pick(
            "O modelo {}, treinado com {}, dá em média {} às {} candidaturas em que foi avaliado e {} às {} de hoje, só de pessoas que não viu no treino.",
            "Model {}, trained on {}, gives a mean of {} to the {} applications that it was judged on and {} to the {} of today, all of people that it did not see in training.",
        ),
        &[
            scores.at("model").name().html(),
            scores.at("trained_on").name().html(),
            scores.at("mean_before").decimal(3).html(),
            scores.at("rows_before").integer().html(),
            scores.at("mean_after").decimal(3).html(),
            scores.at("rows_after").integer().html(),
        ],
    )));
    blocks.push(Block::List {
        items: scores
            .at("measures")
            .items()
            .iter()
            .map(|measure| {
                Severity::of(&measure.at("severity"))
                    .tag(lang)
                    .text(". ")
                    .then(&finding::rule(measure, lang))
            })
            .collect(),
    });
    if let Some(picture) = pictures::scores(&scores, lang) {
        blocks.push(Block::Pictures { pictures: vec![picture] });
    }
    Some(Section { id, title, blocks })
}

fn history(root: &Node<'_>, lang: Lang) -> Option<Section> {
    let picture = pictures::history(root, lang)?;
    let mut blocks = vec![Block::Pictures { pictures: vec![picture] }];
    let specs: &[Spec] = &[
        (("Versão", "Version"), "features", Show::Figure(Format::Name)),
        (("Data", "Date"), "logical_date", Show::Figure(Format::Date)),
        (("Veredito", "Verdict"), "severity", Show::Severity),
    ];
    let caption = lang.pick("Os vereditos, um a um.", "The verdicts, one by one.");
    if let Some(past) = table(&root.at("history"), lang, &Markup::of(caption), specs) {
        let line = Markup::of(lang.pick("Como tabela", "As a table"));
        blocks.push(past.named(lang.pick("Vereditos", "Verdicts")).folded(line).block());
    }
    Some(Section {
        id: "history".to_owned(),
        title: Markup::of(lang.pick("Histórico dos vereditos", "History of the verdicts")),
        blocks,
    })
}

fn profile(root: &Node<'_>, lang: Lang) -> Section {
    let columns = root.at("profile");
    let items = columns.items();
    let mut blocks = Vec::new();
    // A first version has no other pictures.
    if root.at("comparisons").items().is_empty() {
        let mut shown: Vec<_> = pictures::languages(&items, lang).into_iter().collect();
        shown.extend(items.iter().filter_map(|column| pictures::commonest(column, lang)).take(8));
        if !shown.is_empty() {
            blocks.push(Block::Pictures { pictures: shown });
        }
    }
    let specs: &[Spec] = &[
        (("Coluna", "Column"), "column", Show::Word),
        (("Tabela", "Table"), "table", Show::Word),
        (("Tipo", "Kind"), "kind", Show::Words(words::kind)),
        (("Linhas", "Rows"), "rows", Show::Figure(Format::Integer)),
        (("Sem valor", "Missing"), "missing", Show::Figure(Format::Percent(1))),
        (("Valores", "Values"), "distinct", Show::Figure(Format::Integer)),
        (("Menor", "Least"), "quantiles/min", DATED),
        (("Mediana", "Median"), "quantiles/p50", DATED),
        (("Maior", "Greatest"), "quantiles/max", DATED),
        (("Mais comum", "Commonest"), "top", Show::Words(commonest)),
    ];
    let caption = lang.pick(
        "Cada coluna da versão atual. De textos, o menor, a mediana e o maior são do tamanho em caracteres.",
        "Each column of the current version. Of texts, least, median and greatest are of the length in characters.",
    );
    let profile = table(&columns, lang, &Markup::of(caption), specs);
    match profile {
        Some(profile) => {
            blocks.push(profile.named(lang.pick("Perfil", "Profile")).block());
        }
        None => blocks.push(Block::text(Markup::of(
            lang.pick("Não há colunas a descrever.", "There are no columns to describe."),
        ))),
    }
    Section {
        id: "profile".to_owned(),
        title: Markup::of(lang.pick("Os dados de hoje", "The data of today")),
        blocks,
    }
}

/// The commonest value and its rows.
fn commonest(top: &Node<'_>, _: Lang) -> Markup {
    match top.items().first() {
        Some(value) => Markup::new()
            .word(value.at("value").text(), LONGEST)
            .text(" ")
            .then(&value.at("rows").integer().html()),
        None => Markup::of("–"),
    }
}

fn explanations(root: &Node<'_>, lang: Lang) -> Section {
    let settings = root.at("settings");
    Section {
        id: "measures".to_owned(),
        title: Markup::of(lang.pick("O que cada medida diz", "What each measure says")),
        blocks: vec![
            Block::text(Markup::fill(
                lang.pick(
                    "Este relatório inteiro aceita no máximo {} de chance de um alarme falso, usa até {} termos na análise clássica e só nomeia termos e categorias de pelo menos {} linhas.",
                    "The whole report accepts a chance of at most {} of a false alarm, uses up to {} terms in the classic analysis and names only terms and categories of at least {} rows.",
                ),
                &[
                    settings.at("level").percent(0).html(),
                    settings.at("max_features").integer().html(),
                    settings.at("min_support").integer().html(),
                ],
            )),
            Block::Glossary { entries: glossary::glossary(lang) },
        ],
    }
}
