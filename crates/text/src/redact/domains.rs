//! Ends of domain names.

/// Top levels that Brazilian CVs name. Beyond them a dot is more often a technology.
const TOP_LEVELS: [&str; 26] = [
    "ar", "biz", "br", "cl", "com", "de", "edu", "es", "eu", "fr", "gov", "info", "it", "jobs",
    "mx", "name", "net", "online", "org", "page", "pro", "pt", "site", "tv", "uk", "us",
];

/// Top levels that are also the ends of names of technologies (`asp.net/mvc`, `socket.io/redis`):
/// a domain of two labels needs to be a known host of people's pages.
pub(super) const AMBIGUOUS: [&str; 7] = ["ai", "app", "co", "dev", "io", "me", "net"];

pub(super) fn is_top_level(label: &str) -> bool {
    TOP_LEVELS.iter().chain(&AMBIGUOUS).any(|top| label.eq_ignore_ascii_case(top))
}
