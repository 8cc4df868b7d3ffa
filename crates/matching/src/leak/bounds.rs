//! From where on a column is refused.

use serde::{Deserialize, Serialize};

use crate::{Error, columns};

/// Standard errors by which a figure must be beyond its bound to be taken for real.
pub(super) const STANDARD_ERRORS: f64 = 3.0;

/// From where on a column is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { single_auc = 0.8 }")]
pub struct LeakBounds {
    /// AUC of a single column; 1 refuses none. [`single`](super::single) says why the default is what it is.
    pub single_auc: f64,
    /// Difference of the shares of matches and of others whose value has changed; 1 refuses none.
    pub changed_by: f64,
    /// Columns of the feature store that are not refused, whatever is found: somebody knows that
    /// their values are there when the application is made. What is found is reported.
    pub accept: Vec<String>,
}

impl Default for LeakBounds {
    fn default() -> Self {
        Self { single_auc: 0.8, changed_by: 0.1, accept: Vec::new() }
    }
}

impl LeakBounds {
    /// Checks the ranges.
    pub fn check(&self) -> Result<(), Error> {
        for (key, from, found) in
            [("leak.single_auc", 0.5, self.single_auc), ("leak.changed_by", 0.0, self.changed_by)]
        {
            if !(from..=1.0).contains(&found) {
                let (key, expected) = (key.to_owned(), format!("{from} to 1"));
                return Err(Error::Config { key, expected, found: found.to_string() });
            }
        }
        columns::check_known("leak.accept", &self.accept)
    }

    /// Whether a column is accepted, whatever is found.
    pub(super) fn accepts(&self, column: &str) -> bool {
        self.accept.iter().any(|accepted| accepted == column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_out_of_range_are_refused() {
        LeakBounds::default().check().unwrap();
        let said = |bounds: LeakBounds| bounds.check().unwrap_err().to_string();
        let bounds = LeakBounds::default;
        assert!(
            said(LeakBounds { single_auc: 0.4, ..bounds() })
                .contains("leak.single_auc must be 0.5")
        );
        assert!(said(LeakBounds { changed_by: f64::NAN, ..bounds() }).contains("leak.changed_by"));
        let misspelt = LeakBounds { accept: vec!["cidde".to_owned()], ..bounds() };
        assert!(
            said(misspelt).contains("leak.accept: `cidde` is not a column of the feature store")
        );
        LeakBounds { accept: vec!["data_requicisao".to_owned()], ..bounds() }.check().unwrap();
    }
}
