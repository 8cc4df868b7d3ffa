//! The frame of a page: what every page has around its sections.

use tera::{Context, Tera};

use crate::{Error, Lang, policy::policy, view::View};

const STYLE: &str = include_str!("templates/page.css");
const SCRIPT: &str = include_str!("templates/page.js");

/// The page of a view.
///
/// # Errors
///
/// [`Error::Template`] when the template and the view do not agree.
pub fn html(view: &View, lang: Lang) -> Result<String, Error> {
    let mut tera = Tera::new();
    tera.add_raw_templates([
        ("block.html", include_str!("templates/block.html")),
        ("page.html", include_str!("templates/page.html")),
    ])?;
    let mut context = Context::from_serialize(view)?;
    context.insert("lang", lang.tag());
    context.insert("style", STYLE);
    context.insert("script", SCRIPT);
    context.insert("policy", &policy(STYLE, SCRIPT));
    context.insert("contents", lang.pick("Conteúdo", "Contents"));
    context.insert("skip", lang.pick("Ir para o conteúdo", "Skip to the content"));
    Ok(tera.render("page.html", &context)?)
}
