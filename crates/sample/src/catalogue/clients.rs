//! Who has jobs to fill.

/// Clients that do not exist.
pub(crate) const CLIENTS: [&str; 20] = [
    "Nelson-Page",
    "Morrison Ltd",
    "Barnes-Woods",
    "Gonzalez and Sons",
    "Harris-Cole",
    "Reed Group",
    "Carter PLC",
    "Mills Inc",
    "Stone-Baker",
    "Young Ltd",
    "Perry and Sons",
    "Hughes-Long",
    "Foster Group",
    "Bryant LLC",
    "Webb-Hart",
    "Knight Inc",
    "Dunn PLC",
    "Walsh-Price",
    "Boyd Ltd",
    "Grant and Sons",
];
