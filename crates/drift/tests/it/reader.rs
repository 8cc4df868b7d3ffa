//! A reader of the page that knows nothing of how it was written: it takes the page apart and holds
//! each number that it finds against `drift.json`.
//!
//! A number may stand in an element with `data-v` (the JSON pointer of its value), in a cell of a
//! table whose row has `data-v`, or whose body has (the list; the row's place is the index); the
//! head's `data-k` is the key; in somebody's word (`bdi`, or class `w` in a picture), which must be a text of `drift.json`
//! itself, or in an explanation of a method (`data-c`: its constants). Anywhere else it is a fault.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// An element of a page.
#[derive(Debug, Default, Clone)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// Elements, and texts as elements without a name.
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

const VOID: [&str; 6] = ["wbr", "meta", "link", "br", "input", "img"];

impl Element {
    /// Takes a page apart. Panics where tags do not match, but for the ends of rows and cells,
    /// which HTML lets one leave out.
    pub(crate) fn parse(page: &str) -> Self {
        let mut stack = vec![Element::default()];
        let mut rest = page;
        while let Some(at) = rest.find('<') {
            add_text(&mut stack, &rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("<!") {
                rest = &after[after.find('>').unwrap() + 1..];
                continue;
            }
            let end = tag_end(rest);
            let tag = &rest[1..end];
            rest = &rest[end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                while stack.last().unwrap().name != name {
                    let open = &stack.last().unwrap().name;
                    assert!(["td", "th", "tr"].contains(&&**open), "</{name}> closes <{open}>");
                    close(&mut stack);
                }
                close(&mut stack);
                continue;
            }
            let (element, closed) = element(tag);
            let ends: &[&str] = match &*element.name {
                "td" | "th" => &["td", "th"],
                "tr" => &["td", "th", "tr"],
                _ => &[],
            };
            while ends.contains(&&*stack.last().unwrap().name) {
                close(&mut stack);
            }
            let name = element.name.clone();
            stack.push(element);
            if closed || VOID.contains(&&*name) {
                close(&mut stack);
            } else if name == "style" || name == "script" {
                let end = rest.find(&format!("</{name}>")).unwrap();
                stack
                    .last_mut()
                    .unwrap()
                    .children
                    .push(Element { text: rest[..end].to_owned(), ..Element::default() });
                rest = &rest[end..];
            }
        }
        assert_eq!(stack.len(), 1, "left open: {:?}", stack.last().map(|e| &e.name));
        stack.pop().unwrap()
    }

    /// Every element within, in the order of the page.
    pub(crate) fn all(&self) -> Vec<&Element> {
        let mut out = Vec::new();
        for child in &self.children {
            if !child.name.is_empty() {
                out.push(child);
                out.extend(child.all());
            }
        }
        out
    }

    /// Every element of a name within.
    pub(crate) fn named<'a>(&'a self, name: &str) -> Vec<&'a Element> {
        self.all().into_iter().filter(|e| e.name == name).collect()
    }

    /// The value of an attribute, or nothing.
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    pub(crate) fn content(&self) -> String {
        let mut out = self.text.clone();
        for child in &self.children {
            out.push_str(&child.content());
        }
        out
    }
}

fn add_text(stack: &mut [Element], raw: &str) {
    if !raw.is_empty() {
        let text = unescape(raw);
        stack.last_mut().unwrap().children.push(Element { text, ..Element::default() });
    }
}

fn close(stack: &mut Vec<Element>) {
    let element = stack.pop().unwrap();
    stack.last_mut().unwrap().children.push(element);
}

/// Where a tag ends: at the first `>` that is in no quotes.
fn tag_end(rest: &str) -> usize {
    let mut quoted = false;
    for (i, b) in rest.bytes().enumerate() {
        match b {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return i,
            _ => {}
        }
    }
    panic!("a tag without an end: {:.80}", rest)
}

fn element(tag: &str) -> (Element, bool) {
    let closed = tag.ends_with('/');
    let tag = tag.trim_end_matches('/');
    let (name, mut rest) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest.find(['=', ' ', '\n']).unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix("=\"") {
            let end = after.find('"').unwrap();
            value = unescape(&after[..end]);
            rest = &after[end + 1..];
        } else if let Some(after) = rest.strip_prefix('=') {
            let end = after.find([' ', '\n']).unwrap_or(after.len());
            value = after[..end].to_owned();
            rest = &after[end..];
        }
        assert!(attributes.insert(key.clone(), value).is_none(), "{key} twice in <{tag}>");
    }
    (Element { name: name.to_owned(), attributes, ..Element::default() }, closed)
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

/// What a page was found to say.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Figures that agree with `drift.json`.
    pub(crate) figures: usize,
    /// What does not, and numbers that stand nowhere.
    pub(crate) faults: Vec<String>,
}

/// Holds every number of a page against the report.
pub(crate) fn compare(page: &str, report: &Value, portuguese: bool) -> Found {
    let root = Element::parse(page);
    let mut words = BTreeSet::new();
    texts(report, &mut words);
    let mut reader = Reader { report, portuguese, words, found: Found::default() };
    reader.walk(&root);
    reader.found
}

struct Reader<'a> {
    report: &'a Value,
    portuguese: bool,
    words: BTreeSet<String>,
    found: Found,
}

impl Reader<'_> {
    fn walk(&mut self, element: &Element) {
        if element.name == "style" || element.name == "script" {
            return;
        }
        if element.attributes.contains_key("data-c") {
            return;
        }
        if element.name == "table" {
            self.table(element);
            return;
        }
        if element.name == "bdi" || element.attribute("class") == "w" {
            self.word(&element.content());
            return;
        }
        let pointer = element.attribute("data-v");
        if !pointer.is_empty() && element.name != "tbody" {
            self.figure(pointer, &element.content());
            return;
        }
        if element.text.chars().any(|c| c.is_ascii_digit()) {
            self.found.faults.push(format!("a number that is no figure: {:.120}", element.text));
        }
        for child in &element.children {
            self.walk(child);
        }
    }

    fn table(&mut self, table: &Element) {
        let heads: Vec<String> = table
            .named("thead")
            .first()
            .map(|head| {
                head.named("th").iter().map(|th| th.attribute("data-k").to_owned()).collect()
            })
            .unwrap_or_default();
        for part in &table.children {
            let list = part.attribute("data-v");
            if part.name != "tbody" {
                self.walk(part);
                continue;
            }
            let rows = part.children.iter().filter(|row| row.name == "tr");
            for (i, row) in rows.enumerate() {
                let i = row.attributes.get("data-i").cloned().unwrap_or_else(|| i.to_string());
                let place = match row.attribute("data-v") {
                    "" => format!("{list}/{i}"),
                    place => place.to_owned(),
                };
                let cells = row.children.iter().filter(|c| !c.name.is_empty());
                for (cell, key) in cells.zip(&heads) {
                    let plain = cell.children.iter().all(|c| c.name.is_empty());
                    if key.is_empty() || !plain {
                        self.walk(cell);
                    } else {
                        self.figure(&format!("{place}/{key}"), &cell.content());
                    }
                }
            }
        }
    }

    /// A word of somebody must be in the report, as far as it is shown.
    fn word(&mut self, shown: &str) {
        if !is_partial(shown) && !self.words.contains(shown) {
            self.found.faults.push(format!("a word that drift.json has not: {shown:.120}"));
        }
    }

    fn figure(&mut self, pointer: &str, shown: &str) {
        let shown = shown.trim();
        match self.report.pointer(pointer) {
            None | Some(Value::Null) if shown == "–" => {}
            None => self.found.faults.push(format!("{pointer} is not in drift.json: {shown}")),
            Some(value) if self.agree(value, shown) => self.found.figures += 1,
            Some(value) => {
                self.found.faults.push(format!("{pointer} is {value}, the page says {shown}"));
            }
        }
    }

    fn agree(&self, value: &Value, shown: &str) -> bool {
        match value {
            Value::String(text) => {
                text == shown
                    || is_partial(shown)
                    || self.day(shown).is_some_and(|day| text.starts_with(&day))
            }
            Value::Number(number) => {
                let number = number.as_f64().unwrap();
                if let Some(bound) = shown.strip_prefix('<') {
                    return self.read(bound).is_some_and(|(bound, _)| number < bound);
                }
                if let Some(day) = self.day(shown) {
                    return days(&day) == number.floor();
                }
                let in_hundredths = ["%", "\u{a0}p.p.", "\u{a0}pp"];
                let (text, factor) = in_hundredths
                    .iter()
                    .find_map(|suffix| shown.strip_suffix(suffix))
                    .map_or((shown, 1.0), |text| (text, 100.0));
                // Half a unit of the last digit shown, and what the arithmetic here may err by.
                self.read(text).is_some_and(|(read, places)| {
                    let exact = number * factor;
                    (read - exact).abs()
                        <= 0.5 * 10f64.powi(-places) * (1.0 + 1e-9) + exact.abs() * 1e-12
                })
            }
            _ => false,
        }
    }

    /// A number as the language writes it, and how many decimals it has.
    fn read(&self, text: &str) -> Option<(f64, i32)> {
        let (thousands, mark) = if self.portuguese { ('.', ',') } else { (',', '.') };
        let plain: String = text
            .trim()
            .chars()
            .filter(|c| *c != thousands && *c != '\u{a0}' && *c != '+')
            .map(|c| {
                if c == mark {
                    '.'
                } else if c == '−' {
                    '-'
                } else {
                    c
                }
            })
            .collect();
        let places = plain.split_once('.').map_or(0, |(_, rest)| rest.len());
        Some((plain.parse().ok()?, i32::try_from(places).ok()?))
    }

    /// A day as the language writes it, as `drift.json` does.
    fn day(&self, shown: &str) -> Option<String> {
        const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
        let parts: Vec<&str> = shown.split(if self.portuguese { '/' } else { ' ' }).collect();
        let [day, month, year] = parts[..] else { return None };
        let month = if self.portuguese {
            month.parse::<usize>().ok()?
        } else {
            MONTHS.find(month)? / 3 + 1
        };
        Some(format!("{year}-{month:02}-{:02}", day.parse::<u8>().ok()?))
    }
}

/// A day as days since 1970-01-01, counted year by year.
fn days(day: &str) -> f64 {
    let parts: Vec<i64> = day.split('-').map(|part| part.parse().unwrap()).collect();
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let lengths = |y| [31, if leap(y) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: i64 = (1970..parts[0]).map(|y| lengths(y).iter().sum::<i64>()).sum();
    let back: i64 = (parts[0]..1970).map(|y| lengths(y).iter().sum::<i64>()).sum();
    let months: i64 = lengths(parts[0])[..parts[1] as usize - 1].iter().sum();
    (years - back + months + parts[2] - 1) as f64
}

/// Whether a word is shown in part, or with marks for what would hide.
fn is_partial(shown: &str) -> bool {
    shown.contains('\u{fffd}') || shown.ends_with('…')
}

fn texts(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            words.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, words)),
        Value::Object(members) => {
            for (key, member) in members {
                words.insert(key.clone());
                texts(member, words);
            }
        }
        _ => {}
    }
}

#[test]
fn the_reader_finds_what_is_wrong() {
    let report = serde_json::json!({"a": 1234.5, "t": [{"x": 0.5}, {"x": 0.25}], "d": "2026-11-24", "w": "u2"});
    let ok = "<p>n <b data-v=\"/a\">1.234,5</b> <i data-v=\"/d\">24/11/2026</i> <bdi>u2</bdi>\
              <table><thead><tr><th>t<th data-k=x>x<tbody data-v=\"/t\"><tr><td>a<td>50%<tr><td>b<td>25,0%</table></p>";
    let ok = ok.replace("<tbody", "</thead><tbody").replace("</table>", "</tbody></table>");
    let found = compare(&ok, &report, true);
    assert_eq!((found.figures, found.faults), (4, Vec::<String>::new()));
    for wrong in [
        ok.replace("1.234,5", "1.234,6"),
        ok.replace("25,0%", "24,9%"),
        ok.replace("n <b", "3 <b"),
        ok.replace("24/11", "11/24"),
        ok.replace("<bdi>u2", "<bdi>u3"),
        ok.replace("/a\"", "/none\""),
    ] {
        assert_eq!(compare(&wrong, &report, true).faults.len(), 1, "{wrong}");
    }
}
