//! The page as a browser shows it: three widths, both languages, both themes, on paper, without
//! its script.
//!
//! `PAGES_SCREENSHOTS=<dir>` keeps the pictures for people to look at.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod chromium;

use std::path::PathBuf;

use base64::{Engine, prelude::BASE64_STANDARD};
use chromium::Chromium;
use reports::Lang;
use serde_json::{Value, json};

use crate::made;

const WIDTHS: [u32; 3] = [360, 768, 1280];

/// What sticks out of the page to the right, and texts of pictures that stick out of them.
const OVERFLOW: &str = r#"(() => {
    const out = [];
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > wide) {
        out.push(`page is ${document.documentElement.scrollWidth} wide in ${wide}`);
    }
    for (const element of document.querySelectorAll("body *")) {
        if (element.closest(".scroll") || element.closest(".skip") || element.closest("svg")) continue;
        const box = element.getBoundingClientRect();
        if (box.width > 0 && box.right > wide + 0.5) out.push(`${element.tagName}.${element.className} ends at ${box.right}`);
    }
    for (const button of document.querySelectorAll("button")) {
        if (!button.textContent.trim()) out.push("a button without a name");
    }
    for (const svg of document.querySelectorAll("svg")) {
        const frame = svg.closest("figure").getBoundingClientRect();
        const texts = [...svg.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()]);
        for (const [text, box] of texts) {
            if (box.width === 0) continue;
            if (box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom) {
                out.push(`"${text.textContent}" leaves its picture`);
            }
        }
        for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
            const [a, b] = [texts[i][1], texts[j][1]];
            const over = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const deep = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (over > 1 && deep > 4) out.push(`"${texts[i][0].textContent}" lies on "${texts[j][0].textContent}"`);
        }
    }
    return out;
})()"#;

/// Pages as files, and where pictures go.
struct Gallery {
    dir: tempfile::TempDir,
    shots: Option<PathBuf>,
}

impl Gallery {
    #[allow(clippy::disallowed_methods, reason = "a test asks where to put its pictures")]
    fn new() -> Self {
        let shots = std::env::var_os("PAGES_SCREENSHOTS").map(PathBuf::from);
        if let Some(dir) = &shots {
            std::fs::create_dir_all(dir).unwrap();
        }
        Self { dir: tempfile::tempdir().unwrap(), shots }
    }

    #[allow(clippy::disallowed_methods, reason = "a file of a test, not an artefact")]
    fn page(&self, name: &str, html: &str) -> String {
        let path = self.dir.path().join(format!("{name}.html"));
        std::fs::write(&path, html).unwrap();
        format!("file://{}", path.display())
    }

    #[allow(clippy::disallowed_methods, reason = "a picture for people, not an artefact")]
    fn shot(&self, browser: &mut Chromium, name: &str) {
        let Some(dir) = &self.shots else { return };
        let answer = browser.call(
            "Page.captureScreenshot",
            json!({"format": "png", "captureBeyondViewport": true}),
        );
        let data = BASE64_STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
        std::fs::write(dir.join(format!("{name}.png")), data).unwrap();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn the_page_fits_everywhere_and_nothing_breaks_its_policy() {
    let mut browser = Chromium::start();
    let gallery = Gallery::new();
    let reports = [
        ("full", made::report(60)),
        ("first", made::first()),
        ("equal", made::equal()),
        ("empty", made::empty()),
        ("hostile", made::hostile()),
    ];
    for (name, report) in &reports {
        for (tag, lang) in [("pt", Lang::Pt), ("en", Lang::En)] {
            let url = gallery.page(&format!("{name}-{tag}"), &made::page(report, lang));
            browser.show(WIDTHS[0], "light", false);
            browser.open(&url);
            for theme in ["light", "dark"] {
                for width in WIDTHS {
                    browser.show(width, theme, false);
                    let shot = format!("{name}-{tag}-{theme}-{width}");
                    assert_eq!(browser.evaluate(OVERFLOW), json!([]), "{shot}");
                    gallery.shot(&mut browser, &shot);
                }
            }
            assert_eq!(browser.log, Vec::<String>::new(), "{name}-{tag}");
        }
    }
}

#[test]
#[ignore = "needs Chromium"]
fn themes_paper_and_script_do_what_they_should() {
    let mut browser = Chromium::start();
    let gallery = Gallery::new();
    let url = gallery.page("full", &made::page(&made::report(60), Lang::Pt));
    let paper = "getComputedStyle(document.body).backgroundColor";
    browser.show(1280, "light", false);
    browser.open(&url);
    assert_eq!(browser.evaluate(paper), json!("rgb(255, 255, 255)"));

    // A click sorts down, a second one up; the verdict's mark tells which.
    let sort = |browser: &mut Chromium| {
        browser.evaluate(
            r#"(() => {
                const is = (th) => th.textContent === "Sem valor depois";
                const heads = [...document.querySelectorAll("table[data-sort] th")];
                const table = heads.find(is).closest("table");
                const column = [...table.tHead.rows[0].cells].findIndex(is);
                const head = table.tHead.rows[0].cells[column];
                head.querySelector("button").click();
                const number = (row) => Number(row.cells[column].textContent.replace(/\./g, "").replace(",", ".").replace("%", ""));
                return [head.getAttribute("aria-sort"), [...table.tBodies[0].rows].map(number)];
            })()"#,
        )
    };
    for (direction, sign) in [("descending", 1.0), ("ascending", -1.0)] {
        let sorted = sort(&mut browser);
        assert_eq!(sorted[0], direction);
        let numbers: Vec<f64> =
            sorted[1].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
        assert!(numbers.len() > 10, "{sorted}");
        assert!(numbers.windows(2).all(|w| sign * (w[0] - w[1]) >= 0.0), "{sorted}");
    }

    // What those hear who do not see: each picture has a name.
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let images: Vec<&Value> = tree["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|node| node["role"]["value"] == "image" || node["role"]["value"] == "img")
        .collect();
    assert!(images.len() > 3, "{} pictures", images.len());
    for image in images {
        assert_ne!(image["name"]["value"].as_str().unwrap_or_default(), "", "{image}");
        assert_ne!(image["description"]["value"].as_str().unwrap_or_default(), "", "{image}");
    }

    browser.show(1280, "dark", false);
    assert_eq!(browser.evaluate(paper), json!("rgb(18, 22, 28)"));
    browser.show(794, "dark", true);
    assert_eq!(browser.evaluate(paper), json!("rgb(255, 255, 255)"));
    assert_eq!(browser.evaluate(OVERFLOW), json!([]));
    gallery.shot(&mut browser, "paper");
    let pdf = browser.call("Page.printToPDF", json!({"printBackground": false}));
    assert!(pdf["data"].as_str().unwrap().starts_with("JVBERi0"), "a PDF");
    #[allow(clippy::disallowed_methods, reason = "a file for people, not an artefact")]
    if let Some(dir) = &gallery.shots {
        std::fs::write(
            dir.join("paper.pdf"),
            BASE64_STANDARD.decode(pdf["data"].as_str().unwrap()).unwrap(),
        )
        .unwrap();
    }

    // Without script the same words are there, and nothing that does nothing.
    browser.call("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    browser.show(1280, "light", false);
    browser.open(&url);
    assert_eq!(browser.evaluate("document.querySelectorAll('button, input').length"), 0);
    assert_eq!(browser.evaluate("document.querySelectorAll('h1').length"), 1);
    assert_eq!(browser.log, Vec::<String>::new());
}

#[test]
#[ignore = "needs Chromium"]
fn a_hostile_report_runs_nothing() {
    let mut browser = Chromium::start();
    let gallery = Gallery::new();
    let url = gallery.page("hostile", &made::page(&made::hostile(), Lang::Pt));
    browser.show(360, "light", false);
    browser.open(&url);
    for (what, expected) in [
        ("document.querySelectorAll('script').length", json!(1)),
        (
            "document.querySelectorAll('img, iframe, object, embed, link, base, form').length",
            json!(0),
        ),
        ("typeof window.hacked", json!("undefined")),
        (
            "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith('on') || a.value.startsWith('javascript:')).length",
            json!(0),
        ),
    ] {
        assert_eq!(browser.evaluate(what), expected, "{what}");
    }
    assert_eq!(browser.log, Vec::<String>::new());

    // And were there a hole, the policy would close it: what is put into the page does not run.
    browser.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hacked=1\"><p style=\"color:red\">')");
    browser.evaluate("(() => { const s = document.createElement('script'); s.textContent = 'window.hacked=1'; document.body.append(s); })()");
    browser.evaluate("new Promise((done) => setTimeout(done, 50))");
    assert_eq!(browser.evaluate("typeof window.hacked"), json!("undefined"));
    assert!(
        browser.log.iter().any(|entry| entry.contains("Content Security Policy")),
        "{:?}",
        browser.log
    );
}
