//! Text that becomes markup, and the only way by which it does.
//!
//! Terms, categories and column names come from people. [`visible`] shows what would hide in them
//! (controls, marks of direction) and cuts what would break the page; `escape` keeps it from being
//! markup. A [`Markup`] can be made of nothing that has not gone through it.

use serde::Serialize;

/// A piece of HTML or SVG whose texts are escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Markup(String);

impl Markup {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn of(text: &str) -> Self {
        Self::new().text(text)
    }

    /// Adds a text, escaped.
    pub fn text(mut self, text: &str) -> Self {
        escape(text, &mut self.0);
        self
    }

    /// Adds markup of ours.
    pub fn raw(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// Adds another piece.
    pub fn then(mut self, other: &Markup) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Adds somebody's word: shown in full view, cut at `most` characters, in its own direction.
    /// A long name may break after its underscores.
    pub fn word(self, word: &str, most: usize) -> Self {
        let shown = visible(word, most);
        let mut out = self.raw("<bdi>");
        for part in shown.split_inclusive('_') {
            out = out.text(part).raw(if part.ends_with('_') { "<wbr>" } else { "" });
        }
        out.raw("</bdi>")
    }

    /// Adds an element: its attributes' values and its content are escaped already or numbers.
    pub fn element(
        mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        content: &Markup,
    ) -> Self {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            self.0.push(' ');
            self.0.push_str(key);
            self.0.push_str("=\"");
            escape(value, &mut self.0);
            self.0.push('"');
        }
        if content.0.is_empty() && VOID.contains(&name) {
            self.0.push_str("/>");
        } else {
            self.0.push('>');
            self.0.push_str(&content.0);
            self.0.push_str("</");
            self.0.push_str(name);
            self.0.push('>');
        }
        self
    }

    /// Fills the places `{}` of a wording, in their order. Places without a piece are dropped.
    pub fn fill(wording: &str, pieces: &[Markup]) -> Self {
        let mut out = Self::new();
        let mut pieces = pieces.iter();
        for (i, part) in wording.split("{}").enumerate() {
            if i > 0
                && let Some(piece) = pieces.next()
            {
                out = out.then(piece);
            }
            out = out.text(part);
        }
        out
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Elements that close themselves.
const VOID: [&str; 4] = ["rect", "line", "path", "circle"];

/// Writes a text so that it is text, in an element as in a quoted attribute.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
}

/// A word as it may be shown: what has no shape (controls, marks that turn the direction of text,
/// joiners of width zero) becomes `�`, and what is longer than `most` characters ends in `…`.
pub fn visible(word: &str, most: usize) -> String {
    let mut out = String::new();
    for (i, c) in word.chars().enumerate() {
        if i + 1 == most && word.chars().nth(most).is_some() {
            out.push('…');
            break;
        }
        out.push(if is_hidden(c) { '\u{fffd}' } else { c });
    }
    out
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}' | '\u{e000}'..='\u{f8ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_cannot_write_markup() {
        let hostile = r#""><img onerror='x'>&<script>"#;
        let piece = Markup::new().element("text", &[("title", hostile)], &Markup::of(hostile));
        assert_eq!(
            piece.as_str(),
            "<text title=\"&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;&amp;&lt;script&gt;\">\
             &quot;&gt;&lt;img onerror=&#39;x&#39;&gt;&amp;&lt;script&gt;</text>"
        );
    }

    #[test]
    fn what_hides_is_shown_and_what_is_long_is_cut() {
        assert_eq!(visible("ab\u{202e}cd\u{2066}\n", 20), "ab\u{fffd}cd\u{fffd}\u{fffd}");
        assert_eq!(visible("ação", 4), "ação");
        assert_eq!(visible("ações", 4), "açõ…");
        assert_eq!(visible(&"a".repeat(10_000), 40).chars().count(), 40);
        assert_eq!(visible("", 4), "");
    }

    #[test]
    fn a_wording_is_filled_in_order() {
        let pieces = [Markup::of("<a>"), Markup::of("b")];
        assert_eq!(Markup::fill("x {} & {}.", &pieces).as_str(), "x &lt;a&gt; &amp; b.");
        assert_eq!(Markup::fill("{}{}{}", &pieces).as_str(), "&lt;a&gt;b");
    }
}
