//! The content-security policy: the page may use its own style and its own script, nothing else.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// The policy for a page with this style and this script, as they stand between their tags.
///
/// `form-action` and `base-uri` do not fall back to `default-src`, so they are said. What frames a
/// page cannot be ruled from within it.
pub(crate) fn policy(style: &str, script: &str) -> String {
    let [style, script] = [style, script].map(|text| BASE64_STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         img-src data:; base-uri 'none'; form-action 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_hashes() {
        // printf '' | openssl dgst -sha256 -binary | base64
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let policy = policy("", "");
        assert_eq!(policy.matches(empty).count(), 2);
        assert!(policy.starts_with("default-src 'none'; "));
        assert!(!policy.contains("unsafe"));
    }
}
