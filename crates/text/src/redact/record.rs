//! What a record says of the person whose texts it holds.

use std::sync::LazyLock;

use hashbrown::HashSet;

use super::{dates::WrittenDate, fold::folded, lists::list};

/// What a record says of the person whose texts it holds, as the record writes it. All of it goes
/// from her texts, however it is written there; nothing has to be known.
#[derive(Clone, Default)]
pub struct Record<'a> {
    /// Full names (particles, order and repetition do not matter).
    pub names: Vec<&'a str>,
    /// Date of birth.
    pub born: Option<WrittenDate>,
    /// Telephones, with or without area code.
    pub phones: Vec<&'a str>,
    /// Numbers of documents.
    pub documents: Vec<&'a str>,
    /// E-mail addresses, addresses of pages, handles.
    pub contacts: Vec<&'a str>,
    /// Postal addresses.
    pub streets: Vec<&'a str>,
}

/// What an e-mail address or a page calls its owner: the part before the `@`, the last part of a
/// path, a handle.
pub(super) fn handle(contact: &str) -> Option<&str> {
    let contact = contact.trim().trim_end_matches('/');
    let contact = contact.split(['?', '#']).next().unwrap_or(contact);
    let handle = match contact.split_once('@') {
        Some((local, _)) if !local.is_empty() => local,
        _ => contact.rsplit(['/', '@', ':']).next().unwrap_or(contact),
    };
    let is_domain = contact.starts_with("www.") && !contact.contains('/');
    let fits = handle.chars().all(|c| c.is_alphanumeric() || "._-+".contains(c));
    let letters = handle.chars().filter(|c| c.is_alphanumeric()).count();
    (fits && !is_domain && (6..=40).contains(&letters)).then_some(handle)
}

/// Handles that say what somebody does, not who.
static ROLES: LazyLock<HashSet<&str>> = LazyLock::new(|| list("roles").collect());

/// Whether a handle is told from an ordinary word: by a sign or a digit in it, or its length.
pub(super) fn is_own(handle: &str) -> bool {
    let word = folded(handle);
    let marked = handle.chars().any(|c| !c.is_alphabetic());
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    (marked && letters >= 4 || letters >= 8) && !ROLES.contains(word.as_str())
}
