//! What the page promises, whoever reads it.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::BTreeSet;

use drift::{
    page::{self, Lang},
    report::{Aspect, Finding, Report, Severity, Subject, Term, WindowName},
};

use crate::{
    made,
    reader::{Element, compare},
};

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
fn every_figure_stands_in_drift_json() {
    for (day, report) in days() {
        let json = serde_json::to_value(&report).unwrap();
        for lang in LANGS {
            let found = compare(&made::page(&report, lang), &json, lang == Lang::Pt);
            assert_eq!(found.faults, Vec::<String>::new(), "{day} {}", lang.tag());
            let least = if day == "full" { 1_000 } else { 10 };
            assert!(found.figures > least, "{day}: {} figures", found.figures);
        }
    }
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
        let html = made::page(&made::named(), lang);
        let page = Element::parse(&html);
        let headings: Vec<_> = page.named("h2").into_iter().map(Element::content).collect();
        assert!(headings.iter().any(|heading| heading.contains(said)), "{headings:?}");
        let reasons = page.named("header")[0].content();
        assert!(reasons.contains(&format!("({said})")), "{reasons}");
        let all = page.content();
        for never in never {
            assert!(!all.contains(never), "{never}: {all}");
        }
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = made::report(20);
    assert_eq!(made::page(&report, Lang::Pt), made::page(&report, Lang::Pt));
    let json = serde_json::to_string(&report).unwrap();
    let read = page::render_json(&serde_json::from_str(&json).unwrap(), Lang::Pt).unwrap();
    assert_eq!(read, made::page(&report, Lang::Pt));
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
            let root = Element::parse(&html);
            for element in root.all() {
                for (name, value) in &element.attributes {
                    assert!(
                        !name.starts_with("on") && name != "style",
                        "{day}: {name} in <{}>",
                        element.name
                    );
                    if ["src", "href", "action", "data", "poster", "srcset"]
                        .contains(&name.as_str())
                    {
                        assert!(value.starts_with('#'), "{day}: {name}={value}");
                    }
                }
            }
            let css = root.named("style")[0].content();
            assert!(
                !css.contains("url(") && !css.contains("@import") && !css.contains("@font-face")
            );
            assert_eq!(root.named("script").len(), 1, "{day}");
            for foreign in ["img", "iframe", "object", "embed", "link", "base", "form"] {
                assert_eq!(root.named(foreign).len(), 0, "{day}: <{foreign}>");
            }
        }
    }
}

#[test]
fn the_policy_is_that_of_the_style_and_script_in_the_page() {
    let html = made::page(&made::report(5), Lang::Pt);
    let root = Element::parse(&html);
    let metas = root.named("meta");
    let policy = metas
        .iter()
        .find(|m| m.attribute("http-equiv") == "Content-Security-Policy")
        .unwrap()
        .attribute("content");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    for name in ["style", "script"] {
        let content = root.named(name)[0].content();
        let bytes = sha256(content.as_bytes());
        assert!(policy.contains(&format!("{name}-src 'sha256-{}'", base64(&bytes))), "{name}");
    }
}

#[test]
fn what_people_wrote_is_text() {
    let report = made::hostile();
    for lang in LANGS {
        let html = made::page(&report, lang);
        // Our one script, and none of theirs; the reader would stop at a tag that does not match.
        assert_eq!(html.matches("<script").count(), 1);
        assert_eq!(html.matches("</title>").count(), html.matches("<title>").count());
        assert_eq!(html.matches("</style").count(), 1);
        for mark in ['\u{202e}', '\u{2066}', '\u{200b}', '\0', '\u{7f}'] {
            assert!(!html.contains(mark), "{mark:?}");
        }
        assert!(!html.contains(&"x".repeat(200)), "the long word is cut");
        let quiet = made::page(&made::report(60), lang);
        let names = |html: &str| -> BTreeSet<String> {
            Element::parse(html).all().iter().map(|e| e.name.clone()).collect()
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
            let root = Element::parse(&html);
            assert_eq!(root.named("html")[0].attribute("lang"), lang.tag());
            assert_eq!(root.named("h1").len(), 1, "{day}");
            assert_eq!(root.named("main").len(), 1, "{day}");
            let mut level = 0;
            for element in root.all() {
                if let ("h", Ok(depth)) = (&element.name[..1], element.name[1..].parse::<u32>()) {
                    assert!(depth <= level + 1, "{day}: h{depth} under h{level}");
                    assert!(!element.content().trim().is_empty(), "{day}: an empty heading");
                    level = depth;
                }
            }
            for table in root.named("table") {
                assert_eq!(table.named("caption").len(), 1, "{day}");
                assert!(
                    table.named("th").iter().all(|th| !th.attribute("scope").is_empty()),
                    "{day}"
                );
                let columns = table.named("thead")[0].named("th").len();
                for row in table.named("tbody")[0].named("tr") {
                    let cells = row.children.iter().filter(|c| !c.name.is_empty()).count();
                    assert_eq!(cells, columns, "{day}: {}", row.content());
                    assert_eq!(row.named("th").len(), 1, "{day}: a row without a head");
                }
            }
            for picture in root.named("svg") {
                assert_eq!(picture.attribute("role"), "img", "{day}");
                assert_eq!(picture.children[0].name, "title", "{day}");
                assert_eq!(picture.children[1].name, "desc", "{day}");
                assert!(picture.children[1].content().len() > 10, "{day}");
            }
            let ids: Vec<&str> =
                root.all().iter().map(|e| e.attribute("id")).filter(|id| !id.is_empty()).collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{day}: an id twice");
            for link in root.named("a") {
                let target = link.attribute("href").trim_start_matches('#');
                assert!(ids.contains(&target), "{day}: no {target}");
            }
            // A verdict is a word wherever it is a colour.
            for tag in root.all().iter().filter(|e| e.attribute("class").starts_with("tag ")) {
                assert!(tag.content().chars().any(char::is_alphabetic), "{day}");
            }
        }
    }
}

#[test]
fn each_kind_of_day_says_what_it_is() {
    let head = |report: &Report, lang| {
        let html = made::page(report, lang);
        let root = Element::parse(&html);
        (root.named("h1")[0].content(), root.named("header")[0].content())
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
    let days = Element::parse(&first).named("main")[0].content();
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
        let json = serde_json::to_value(&report).unwrap();
        for (lang, said) in [(Lang::Pt, pt), (Lang::En, en)] {
            let html = made::page(&report, lang);
            let header = Element::parse(&html).named("header")[0].content();
            assert!(header.contains(said), "{said}\n{header}");
            assert_eq!(compare(&html, &json, lang == Lang::Pt).faults, Vec::<String>::new());
        }
    }
}

#[test]
fn half_a_page_is_in_no_other_language() {
    let pt = made::page(&made::report(5), Lang::Pt);
    let en = made::page(&made::report(5), Lang::En);
    for word in ["Missing", "Verdict", "before", "Column"] {
        assert!(
            !Element::parse(&pt).named("body")[0].content().contains(&format!(" {word} ")),
            "{word}"
        );
    }
    for word in ["antes", "depois", "Coluna", "Veredito", "não", "versão"] {
        let body = Element::parse(&en).named("main")[0].content();
        assert!(!body.contains(&format!(" {word} ")), "{word}");
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
    assert!(page::render_json(&serde_json::json!({}), Lang::Pt).is_ok());
}

/// Colours of the style whose contrast a reader depends on.
#[test]
fn contrast_is_enough_in_both_themes() {
    let html = made::page(&made::first(), Lang::Pt);
    let css = Element::parse(&html).named("style")[0].content();
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

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).to_vec()
}

/// Base64 by the bit.
fn base64(bytes: &[u8]) -> String {
    let letters: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits: String = bytes.iter().map(|b| format!("{b:08b}")).collect();
    let mut out: String = bits
        .as_bytes()
        .chunks(6)
        .map(|six| {
            let six = std::str::from_utf8(six).unwrap();
            letters[usize::from_str_radix(&format!("{six:0<6}"), 2).unwrap()]
        })
        .collect();
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}
