//! Figures: numbers on the page that are numbers of its JSON document.
//!
//! A [`Node`] is a place in the document. The page can write no other figure than one that a node
//! gives, and each carries the JSON pointer of its place in `data-v`, so that a reader (and a test)
//! can hold the page against the file. In large tables the pointer is split to save bytes: the body
//! has the pointer of the list, a row its index (its position, unless `data-i` says another), and
//! the head of a column the key (`data-k`).

use serde_json::Value;

use crate::{
    Lang,
    lang::MISSING,
    markup::{Markup, visible},
};

/// A place in the document: there, or not.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    value: Option<&'a Value>,
    pointer: String,
    lang: Lang,
}

impl<'a> Node<'a> {
    pub fn root(document: &'a Value, lang: Lang) -> Self {
        Self { value: Some(document), pointer: String::new(), lang }
    }

    /// The member of an object.
    pub fn at(&self, key: &str) -> Self {
        let token = key.replace('~', "~0").replace('/', "~1");
        Self {
            value: self.value.and_then(|v| v.get(key)).filter(|v| !v.is_null()),
            pointer: format!("{}/{token}", self.pointer),
            lang: self.lang,
        }
    }

    /// The member of a member, and so on: keys with `/` between them.
    pub fn path(&self, path: &str) -> Self {
        path.split('/').fold(self.clone(), |node, key| node.at(key))
    }

    /// The elements of a list; none when it is no list.
    pub fn items(&self) -> Vec<Self> {
        let list = self.value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter()
            .enumerate()
            .map(|(i, value)| Self {
                value: Some(value).filter(|v| !v.is_null()),
                pointer: format!("{}/{i}", self.pointer),
                lang: self.lang,
            })
            .collect()
    }

    pub fn is_there(&self) -> bool {
        self.value.is_some()
    }

    pub fn number(&self) -> Option<f64> {
        self.value.and_then(Value::as_f64)
    }

    /// The text there; empty when there is none.
    pub fn text(&self) -> &'a str {
        self.value.and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it is `true` there.
    pub fn is_true(&self) -> bool {
        self.value.and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether the same stands at both places.
    pub fn is_same(&self, other: &Self) -> bool {
        self.value == other.value
    }

    /// Its JSON pointer.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    pub fn integer(&self) -> Figure {
        let whole = self.value.and_then(Value::as_i64);
        self.figure(|lang, v| match whole {
            Some(whole) => lang.integer(whole),
            None => lang.decimal(v, 0),
        })
    }

    /// A number with so many decimals.
    pub fn decimal(&self, places: usize) -> Figure {
        self.figure(|lang, v| lang.decimal(v, places))
    }

    /// A change, with its sign.
    pub fn signed(&self, places: usize) -> Figure {
        self.figure(|lang, v| lang.signed(v, places))
    }

    /// A share as a percentage.
    pub fn percent(&self, places: usize) -> Figure {
        self.figure(|lang, v| lang.percent(v, places))
    }

    /// A difference of shares in percentage points.
    pub fn points(&self) -> Figure {
        self.figure(Lang::points)
    }

    /// A change of a share in percentage points, with its sign.
    pub fn signed_points(&self) -> Figure {
        self.figure(|lang, v| {
            let text = lang.points(v);
            if lang.signed(v * 100.0, 1).starts_with('+') { format!("+{text}") } else { text }
        })
    }

    /// A number that may be tiny.
    pub fn small(&self) -> Figure {
        self.figure(Lang::small)
    }

    /// A day given as days since 1970-01-01.
    pub fn day(&self) -> Figure {
        self.figure(Lang::day)
    }

    pub fn probability(&self) -> Figure {
        self.figure(Lang::probability)
    }

    pub fn date(&self) -> Figure {
        self.label(|lang, text| lang.date(text))
    }

    /// A name with a number in it, as it is: `v12`.
    pub fn name(&self) -> Figure {
        self.label(|_, text| text.to_owned())
    }

    fn figure(&self, format: impl FnOnce(Lang, f64) -> String) -> Figure {
        let value = self.number();
        Figure {
            pointer: self.pointer.clone(),
            value: value.unwrap_or(0.0),
            text: value.map_or_else(|| MISSING.to_owned(), |v| format(self.lang, v)),
        }
    }

    fn label(&self, format: impl FnOnce(Lang, &str) -> String) -> Figure {
        let text = match self.text() {
            "" => MISSING.to_owned(),
            text => visible(&format(self.lang, text), 20),
        };
        Figure { pointer: self.pointer.clone(), value: 0.0, text }
    }
}

/// A figure as it is written, and whence it comes.
#[derive(Debug, Clone)]
pub struct Figure {
    pointer: String,
    /// The number, unrounded; 0 where there is none.
    pub value: f64,
    /// As it is written.
    pub text: String,
}

impl Figure {
    /// The same figure, cut to its room.
    pub fn shown_as(&self, text: String) -> Self {
        Self { text, ..self.clone() }
    }

    /// In HTML.
    pub fn html(&self) -> Markup {
        Markup::new().element("span", &[("data-v", &self.pointer)], &Markup::of(&self.text))
    }

    /// In a text of an SVG picture.
    pub fn svg(&self) -> Markup {
        Markup::new().element("tspan", &[("data-v", &self.pointer)], &Markup::of(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_says_where_it_stands() {
        let report =
            serde_json::json!({"a/b": [{"n": 1234, "x": 0.5, "d": "2026-11-24"}], "z": null});
        let root = Node::root(&report, Lang::Pt);
        let row = &root.at("a/b").items()[0];
        assert_eq!(
            row.at("n").integer().html().as_str(),
            r#"<span data-v="/a~1b/0/n">1.234</span>"#
        );
        assert_eq!(
            row.at("x").percent(0).svg().as_str(),
            r#"<tspan data-v="/a~1b/0/x">50%</tspan>"#
        );
        assert_eq!(row.at("d").date().text, "24/11/2026");
        assert_eq!(report.pointer(row.at("x").pointer()).unwrap(), 0.5);
        assert!(!root.at("z").is_there());
        assert_eq!(root.path("z/deep/er").decimal(1).text, "–");
        assert!(root.at("z").items().is_empty());
    }
}
