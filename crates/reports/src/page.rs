//! What every page has around its sections, and how it shows a verdict.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{Lang, policy::policy, report::Severity};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page, from top to bottom.
pub(crate) struct Page {
    pub(crate) lang: Lang,
    /// What kind of page it is.
    pub(crate) kind: &'static str,
    pub(crate) severity: Severity,
    /// The verdict in a line.
    pub(crate) headline: &'static str,
    /// Why, the weightiest first.
    pub(crate) reasons: Vec<Markup>,
    /// What follows from it, a paragraph each.
    pub(crate) advice: Vec<Markup>,
    /// What it is about, at a glance.
    pub(crate) facts: Vec<Fact>,
    pub(crate) sections: Vec<Section>,
    pub(crate) footer: &'static str,
}

/// A term, its figure and, smaller, what is to be said of it.
pub(crate) struct Fact {
    pub(crate) term: &'static str,
    pub(crate) value: Markup,
    pub(crate) note: Option<Markup>,
}

/// A section under a heading; its id is in ASCII.
pub(crate) struct Section {
    pub(crate) id: String,
    pub(crate) title: Markup,
    pub(crate) body: Markup,
}

impl Page {
    pub(crate) fn html(&self) -> String {
        let lang = self.lang;
        let class = self.severity.class();
        let page = html! {
            (DOCTYPE)
            html lang=(lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy(STYLE, SCRIPT));
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.severity.word(lang)) " · " (self.kind) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#main" { (lang.pick("Ir para o conteúdo", "Skip to the content")) }
                    header {
                        p.kicker { (self.kind) }
                        div class={ "verdict " (class) } {
                            p class={ "tag " (class) } { (self.severity.label(lang)) }
                            h1 { (self.headline) }
                            @if !self.reasons.is_empty() {
                                ol.reasons { @for reason in &self.reasons { li { (reason) } } }
                            }
                            @for line in &self.advice { p.text { (line) } }
                        }
                        dl.facts {
                            @for Fact { term, value, note } in &self.facts {
                                div {
                                    dt { (term) }
                                    dd { (value) @if let Some(note) = note { span.soft { (note) } } }
                                }
                            }
                        }
                        nav aria-label=(lang.pick("Conteúdo", "Contents")) {
                            ul {
                                @for Section { id, title, .. } in &self.sections {
                                    li { a href={ "#" (id) } { (title) } }
                                }
                            }
                        }
                    }
                    main #main {
                        @for Section { id, title, body } in &self.sections {
                            section aria-labelledby=(id) { h2 id=(id) { (title) } (body) }
                        }
                    }
                    footer { p.text { (self.footer) } }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        page.into_string()
    }
}

/// A verdict is a word, a mark and a class of colours, never a colour alone.
impl Severity {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::None => "ok",
            Self::Watch => "watch",
            Self::Alert => "alert",
        }
    }

    /// Its mark, which prints and needs no colour.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::None => "○",
            Self::Watch => "▲",
            Self::Alert => "■",
        }
    }

    pub(crate) fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::None => lang.pick("Sem alarme", "No alarm"),
            Self::Watch => lang.pick("Atenção", "Watch"),
            Self::Alert => lang.pick("Alerta", "Alert"),
        }
    }

    fn label(self, lang: Lang) -> Markup {
        html! { (self.mark()) "\u{a0}" (self.word(lang)) }
    }

    /// Its mark and its word.
    pub(crate) fn tag(self, lang: Lang) -> Markup {
        html! { span class={ "tag " (self.class()) } { (self.label(lang)) } }
    }
}
