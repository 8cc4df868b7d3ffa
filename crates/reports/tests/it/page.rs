//! What the page promises, whoever reads it.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use reports::{
    Lang,
    report::{Aspect, Finding, Report, Severity, Subject, Term, WindowName},
};
use roxmltree::{Document, Node};
use sha2::{Digest, Sha256};

use crate::made;

/// The body of a page as well-formed XML, which it is but for breaks and its script.
fn body(html: &str) -> String {
    let body = &html[html.find("<body>").unwrap()..html.find("<script>").unwrap()];
    format!("{}</body>", body.replace("<wbr>", "").replace("<br>", ""))
}

fn named<'a>(root: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    root.descendants().filter(move |node| node.has_tag_name(name))
}

/// All text within.
fn content(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

/// All text of the first element of a name.
fn text_of(html: &str, name: &'static str) -> String {
    let body = body(html);
    let document = Document::parse(&body).unwrap();
    content(named(document.root(), name).next().unwrap())
}

/// What stands between two marks.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split(start).nth(1).unwrap().split(end).next().unwrap()
}

const LANGS: [Lang; 2] = [Lang::Pt, Lang::En];

fn days() -> Vec<(&'static str, Report)> {
    vec![
        ("full", made::report(60)),
        ("quiet", made::quiet()),
        ("first", made::first()),
        ("equal", made::equal()),
        ("empty", made::empty()),
        ("hostile", made::hostile()),
        ("named", made::named()),
    ]
}

#[test]
fn a_version_that_was_named_is_never_called_the_live_one() {
    for (lang, said, never) in [
        (
            Lang::Pt,
            "desde a versão v3, de 27/10/2026",
            ["desde a versão em produção", "Em produção"],
        ),
        (Lang::En, "since version v3, of 27 Oct 2026", ["since the live version", "Live"]),
    ] {
        let body = body(&made::page(&made::named(), lang));
        let document = Document::parse(&body).unwrap();
        let headings: Vec<_> = named(document.root(), "h2").map(content).collect();
        assert!(headings.iter().any(|heading| heading.contains(said)), "{headings:?}");
        let reasons = content(named(document.root(), "header").next().unwrap());
        assert!(reasons.contains(&format!("({said})")), "{reasons}");
        let all = content(document.root());
        for never in never {
            assert!(!all.contains(never), "{never}: {all}");
        }
    }
}

/// `drift.json` holds all that the page says: of what is read from it the same page is made.
#[test]
fn the_page_is_made_of_what_is_written_as_drift_json() {
    for (day, report) in days() {
        let json = serde_json::to_string(&report).unwrap();
        let read: Report = serde_json::from_str(&json).unwrap();
        for lang in LANGS {
            assert_eq!(made::page(&read, lang), made::page(&report, lang), "{day}");
        }
    }
}

/// A figure that is another one in the report is another one in each table that shows it.
#[test]
fn the_tables_show_the_figures_of_the_report() {
    let report = made::report(20);
    let live = &report.comparisons[0];
    let html = made::page(&report, Lang::En);
    let body = body(&html);
    let document = Document::parse(&body).unwrap();
    let rows: Vec<Vec<String>> =
        named(document.root(), "tr").map(|row| row.children().map(content).collect()).collect();
    let expect = |row: Vec<String>| assert!(rows.contains(&row), "{row:?}");
    let Some(classic) = live.classic.present() else { panic!() };
    for term in &classic.terms {
        expect(vec![
            term.term.clone(),
            Lang::En.decimal(term.mean_before, 5),
            Lang::En.decimal(term.mean_after, 5),
            Lang::En.signed(term.difference, 5),
            Lang::En.decimal(term.distance, 4),
            Lang::En.probability(term.p),
            Lang::En.decimal(term.psi, 4),
        ]);
    }
    for volume in live.volumes.iter().filter(|volume| volume.measure.is_none()) {
        let shown = rows.iter().filter(|row| row.contains(&Lang::En.count(volume.after)));
        assert!(shown.count() > 0, "{}", volume.name);
    }
    let Some(arrivals) = report.arrivals.present() else { panic!() };
    for quarter in &arrivals.cohorts {
        let maturity = if quarter.mature { "mature" } else { "young, not judged" };
        expect(vec![
            Lang::En.date(&*quarter.from),
            maturity.to_owned(),
            Lang::En.count(quarter.applications),
            Lang::En.count(quarter.positives),
            Lang::En.percent(quarter.rate, 1),
            Lang::En.percent(quarter.low, 1),
            Lang::En.percent(quarter.high, 1),
        ]);
    }
    let columns: Vec<_> = rows.iter().filter(|row| row.len() == 11).collect();
    let measures: usize = live.columns.iter().map(|column| column.measures.len()).sum();
    assert!(columns.len() >= live.columns.len() + measures, "a row each");
}

#[test]
fn a_thousand_terms_twice_stay_within_two_megabytes() {
    for lang in LANGS {
        let bytes = made::page(&made::report(1_000), lang).len();
        assert!(bytes <= 2_000_000, "{bytes} bytes");
    }
}

#[test]
fn the_page_needs_nothing_from_anywhere() {
    for (day, report) in days() {
        for lang in LANGS {
            let html = made::page(&report, lang);
            let body = body(&html);
            let document = Document::parse(&body).unwrap();
            for element in document.descendants().filter(Node::is_element) {
                let tag = element.tag_name().name();
                for attribute in element.attributes() {
                    let (name, value) = (attribute.name(), attribute.value());
                    assert!(!name.starts_with("on") && name != "style", "{day}: {name} in <{tag}>");
                    if ["src", "href", "action", "data", "poster", "srcset"].contains(&name) {
                        assert!(value.starts_with('#'), "{day}: {name}={value}");
                    }
                }
                let foreign = ["img", "iframe", "object", "embed", "link", "base", "form"];
                assert!(!foreign.contains(&tag), "{day}: <{tag}>");
            }
            let css = between(&html, "<style>", "</style>");
            assert!(
                !css.contains("url(") && !css.contains("@import") && !css.contains("@font-face")
            );
            let head = between(&html, "<head>", "</head>");
            assert!(!head.contains("<link") && !head.contains("<base"));
            assert_eq!(html.matches("<script").count(), 1, "{day}");
        }
    }
}

#[test]
fn the_policy_is_that_of_the_style_and_script_in_the_page() {
    let html = made::page(&made::report(5), Lang::Pt);
    let policy = between(&html, "Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    for name in ["style", "script"] {
        let content = between(&html, &format!("<{name}>"), &format!("</{name}>"));
        let hash = BASE64_STANDARD.encode(Sha256::digest(content));
        assert!(policy.contains(&format!("{name}-src 'sha256-{hash}'")), "{name}");
    }
}

#[test]
fn what_people_wrote_is_text() {
    let report = made::hostile();
    for lang in LANGS {
        let html = made::page(&report, lang);
        // Our one script, and none of theirs; the parser would stop at a tag that does not match.
        assert_eq!(html.matches("<script").count(), 1);
        assert_eq!(html.matches("</title>").count(), html.matches("<title>").count());
        assert_eq!(html.matches("</style").count(), 1);
        for mark in ['\u{202e}', '\u{2066}', '\u{200b}', '\0', '\u{7f}'] {
            assert!(!html.contains(mark), "{mark:?}");
        }
        assert!(!html.contains(&"x".repeat(200)), "the long word is cut");
        let quiet = made::page(&made::report(60), lang);
        let names = |html: &str| -> BTreeSet<String> {
            let body = body(html);
            let document = Document::parse(&body).unwrap();
            document.descendants().map(|node| node.tag_name().name().to_owned()).collect()
        };
        let strange: Vec<_> = names(&html).difference(&names(&quiet)).cloned().collect();
        assert_eq!(strange, Vec::<String>::new(), "elements that a harmless page has not");
    }
}

#[test]
fn those_who_hear_the_page_find_their_way() {
    for (day, report) in days() {
        for lang in LANGS {
            let html = made::page(&report, lang);
            assert!(html.contains(&format!("<html lang=\"{}\">", lang.tag())));
            let body = body(&html);
            let document = Document::parse(&body).unwrap();
            let all = |name| named(document.root(), name);
            assert_eq!((all("h1").count(), all("main").count()), (1, 1), "{day}");
            let mut level = 0;
            for element in document.descendants() {
                let name = element.tag_name().name();
                let Some(Ok(depth)) = name.strip_prefix('h').map(str::parse::<u32>) else {
                    continue;
                };
                assert!(depth <= level + 1, "{day}: h{depth} under h{level}");
                assert!(!content(element).trim().is_empty(), "{day}: an empty heading");
                level = depth;
            }
            for table in all("table") {
                assert_eq!(named(table, "caption").count(), 1, "{day}");
                assert!(named(table, "th").all(|th| th.has_attribute("scope")), "{day}");
                // The script makes a button of each head, which needs a name.
                let heads: Vec<_> = named(named(table, "thead").next().unwrap(), "th").collect();
                assert!(
                    heads.iter().all(|th| !content(*th).is_empty()),
                    "{day}: a head says nothing"
                );
                for row in named(named(table, "tbody").next().unwrap(), "tr") {
                    assert_eq!(row.children().count(), heads.len(), "{day}: {}", content(row));
                    assert_eq!(named(row, "th").count(), 1, "{day}: a row without a head");
                }
            }
            for picture in all("svg") {
                assert_eq!(picture.attribute("role"), Some("img"), "{day}");
                let parts: Vec<_> = picture.children().collect();
                assert!(parts[0].has_tag_name("title") && parts[1].has_tag_name("desc"), "{day}");
                assert!(content(parts[1]).len() > 10, "{day}");
            }
            let ids: Vec<_> = document.descendants().filter_map(|n| n.attribute("id")).collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{day}: an id twice");
            for link in all("a") {
                let target = link.attribute("href").unwrap().trim_start_matches('#');
                assert!(ids.contains(&target), "{day}: no {target}");
            }
            // A verdict is a word wherever it is a colour.
            let is_tag =
                |n: &Node<'_, '_>| n.attribute("class").is_some_and(|c| c.starts_with("tag "));
            for tag in document.descendants().filter(is_tag) {
                assert!(content(tag).chars().any(char::is_alphabetic), "{day}");
            }
        }
    }
}

#[test]
fn each_kind_of_day_says_what_it_is() {
    let head = |report: &Report, lang| {
        let html = made::page(report, lang);
        (text_of(&html, "h1"), text_of(&html, "header"))
    };
    for (report, pt, en) in [
        (
            made::report(20),
            "Os dados mudaram o bastante para agir",
            "The data have changed enough to act on",
        ),
        (made::quiet(), "Nada mudou a ponto de importar", "Nothing has changed enough to matter"),
        (
            made::first(),
            "Primeira versão: ainda não há com que comparar",
            "First version: nothing to compare it with yet",
        ),
        (made::equal(), "Os dados são os mesmos de antes", "The data are the same as before"),
        (made::empty(), "A versão atual não tem nenhuma linha", "The current version has no rows"),
    ] {
        assert_eq!(head(&report, Lang::Pt).0, pt);
        assert_eq!(head(&report, Lang::En).0, en);
    }
    let (_, pt) = head(&made::report(20), Lang::Pt);
    for said in [
        "Alerta",
        "v12",
        "24/11/2026",
        "v11",
        "23/11/2026",
        "v1",
        "53.760",
        "langchain",
        "AUC de 0,810",
    ] {
        assert!(pt.contains(said), "{said} in {pt}");
    }
    let first = made::page(&made::first(), Lang::Pt);
    let days = text_of(&first, "main");
    assert!(days.contains("02/05/2018") && days.contains("24/11/2026"), "a profile of days");
    let (_, en) = head(&made::report(20), Lang::En);
    for said in ["Alert", "24 Nov 2026", "53,760", "AUC of 0.810"] {
        assert!(en.contains(said), "{said} in {en}");
    }
}

#[test]
fn each_kind_of_finding_is_a_sentence() {
    let base = made::report(20);
    let short = &base.comparisons[0];
    let column = |i: usize, aspect: Aspect| {
        let drift = &short.columns[i];
        let measure = drift.measures.iter().find(|m| m.aspect == aspect).unwrap();
        (drift.table.clone(), drift.column.clone(), measure.measure.clone())
    };
    let of_column = |i, aspect| {
        let (table, column, measure) = column(i, aspect);
        (Subject::Column { table, column }, Some(aspect), Some(measure))
    };
    let rate = short.label_rate.clone().unwrap().measure;
    let of = |subject| (subject, None, None);
    let arrived = |table: &str, column: &str| Subject::ArrivedColumn {
        table: table.to_owned(),
        column: column.to_owned(),
    };
    for ((subject, aspect, measure), pt, en) in [
        (
            of_column(0, Aspect::Values),
            "area_atuacao: a mistura de valores mudou; “TI - Dados e BI” foi de 25,4% para 35,5%. V de Cramér 0,310",
            "area_atuacao: the mix of values changed; “TI - Dados e BI” went from 25.4% to 35.5%. Cramér’s V 0.310",
        ),
        (
            of_column(0, Aspect::Missing),
            "area_atuacao: a fração de linhas sem valor foi de 83,1% para 81,3%",
            "area_atuacao: the share of rows without a value went from 83.1% to 81.3%",
        ),
        (
            of_column(6, Aspect::Terms),
            "cv_candidato: o vocabulário mudou; “langchain” foi de 0,0% para 16,0% dos textos",
            "cv_candidato: its vocabulary changed; “langchain” went from 0.0% to 16.0% of the texts",
        ),
        (
            of_column(6, Aspect::Length),
            "cv_candidato: o tamanho mediano dos textos foi de 3.120 para 3.390 caracteres",
            "cv_candidato: the median length of texts went from 3,120 to 3,390 characters",
        ),
        (of_column(6, Aspect::Languages), "cv_candidato: textos em ", "cv_candidato: texts in "),
        (
            of_column(11, Aspect::Values),
            "remuneracao: a mediana foi de 6.500 para 6.540",
            "remuneracao: the median went from 6,500 to 6,540",
        ),
        (
            (arrived("jobs", "tipo_contratacao"), Some(Aspect::Values), None),
            "Alerta (chegadas: últimos 90 dias). tipo_contratacao: a mistura de valores mudou; “PJ/Autônomo” foi de ",
            "Alert (arrivals: last 90 days). tipo_contratacao: the mix of values changed; “PJ/Autônomo” went from ",
        ),
        (
            of(Subject::ArrivedVolume("candidates".to_owned())),
            "Candidaturas: chegavam 490,0 por semana e chegam 350,0 (usual: de 315,0 a 665,0).",
            "Applications: 490.0 arrived a week and now 350.0 (usual: from 315.0 to 665.0).",
        ),
        (
            of(Subject::ArrivedRate),
            "Das 3.500 candidaturas de 01/04/2026 a 30/06/2026, 4,3% terminaram em match (intervalo: de 3,6% a 5,1%); no ano anterior, 6,0%.",
            "Of the 3,500 applications from 1 Apr 2026 to 30 Jun 2026, 4.3% ended in a match (interval: from 3.6% to 5.1%); in the year before, 6.0%.",
        ),
        (
            of(Subject::Calibration),
            "O modelo em produção esperava 5,2% de match nas 1.204 candidaturas de 01/04/2026 a 30/06/2026 de pessoas que não viu; vieram 3,5% (intervalo: de 2,4% a 5,0%).",
            "The live model expected 5.2% of matches among the 1,204 applications from 1 Apr 2026 to 30 Jun 2026 of people that it had not seen; 3.5% came (interval: from 2.4% to 5.0%).",
        ),
        (
            of(Subject::Volume("orphans_job".to_owned())),
            "Candidaturas sem vaga: o número foi de 2.150 para 2.162.",
            "Applications without a job: their number went from 2,150 to 2,162.",
        ),
        (
            (Subject::LabelRate, None, Some(rate)),
            "A fração de candidaturas que terminam em match foi de 5,5% para 5,8%. Diferença de frações 0,3\u{a0}p.p.",
            "The share of applications that end in a match went from 5.5% to 5.8%. Difference of shares 0.3\u{a0}pp",
        ),
        (
            of(Subject::Embeddings("people".to_owned())),
            "Os embeddings de candidatos mudaram: um classificador separa os antigos dos novos com AUC de 0,530.",
            "The embeddings of candidates moved: a classifier tells old from new with an AUC of 0.530.",
        ),
        (
            of(Subject::LiveScores),
            "A nota média que o modelo em produção dá foi de 0,056 para 0,064.",
            "The mean score that the live model gives went from 0.056 to 0.064.",
        ),
    ] {
        let mut report = base.clone();
        let arrived = matches!(subject, Subject::ArrivedColumn { .. } | Subject::ArrivedVolume(_));
        let alone =
            matches!(subject, Subject::LiveScores | Subject::Calibration | Subject::ArrivedRate);
        let term = (!arrived && !alone).then_some(Term::Live);
        let window = arrived.then_some(WindowName::Days90);
        let (severity, known) = (Severity::Alert, None);
        report.new = vec![Finding { severity, term, window, subject, aspect, measure, known }];
        for (lang, said) in [(Lang::Pt, pt), (Lang::En, en)] {
            let header = text_of(&made::page(&report, lang), "header");
            assert!(header.contains(said), "{said}\n{header}");
        }
    }
}

#[test]
fn half_a_page_is_in_no_other_language() {
    let pt = made::page(&made::report(5), Lang::Pt);
    let en = made::page(&made::report(5), Lang::En);
    for word in ["Missing", "Verdict", "before", "Column"] {
        assert!(!text_of(&pt, "body").contains(&format!(" {word} ")), "{word}");
    }
    for word in ["antes", "depois", "Coluna", "Veredito", "não", "versão"] {
        assert!(!text_of(&en, "main").contains(&format!(" {word} ")), "{word}");
    }
}

#[test]
fn a_report_of_nothing_is_still_a_page() {
    let mut report = made::first();
    report.profile.clear();
    report.history.clear();
    report.severity = Severity::Watch;
    for lang in LANGS {
        assert!(made::page(&report, lang).contains("</html>"));
    }
}

/// Colours of the style whose contrast a reader depends on.
#[test]
fn contrast_is_enough_in_both_themes() {
    let html = made::page(&made::first(), Lang::Pt);
    let css = between(&html, "<style>", "</style>");
    let themes: Vec<&str> =
        css.split(":root {").skip(1).map(|t| t.split('}').next().unwrap()).collect();
    assert_eq!(themes.len(), 3, "light, dark, paper");
    for theme in themes {
        let colour = |name: &str| {
            let value =
                theme.split(&format!("--{name}: #")).nth(1).unwrap_or_else(|| panic!("{name}"));
            luminance(&value[..6])
        };
        let check = |front: &str, back: &str, least: f64| {
            let (a, b) = (colour(front), colour(back));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= least, "{front} on {back}: {contrast:.2}");
        };
        for (text, grounds) in [
            ("ink", ["paper", "card", "ok-tint", "watch-tint", "alert-tint"].as_slice()),
            ("soft", &["paper", "card", "ok-tint", "watch-tint", "alert-tint"]),
            ("link", &["paper", "card"]),
            ("ok", &["paper", "card", "ok-tint"]),
            ("watch", &["paper", "card", "watch-tint"]),
            ("alert", &["paper", "card", "alert-tint"]),
            ("on-part-0", &["part-0"]),
            ("on-part-1", &["part-1"]),
            ("on-part-2", &["part-2"]),
            ("on-part-3", &["part-3"]),
        ] {
            grounds.iter().for_each(|ground| check(text, ground, 4.5));
        }
        // Bars and lines: 3 to 1 (WCAG 1.4.11).
        for mark in ["before", "after", "up", "down", "ok", "watch", "alert"] {
            check(mark, "card", 3.0);
        }
    }
}

/// Relative luminance of a colour (WCAG 2).
fn luminance(hex: &str) -> f64 {
    let part = |i: usize| {
        let value = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}
