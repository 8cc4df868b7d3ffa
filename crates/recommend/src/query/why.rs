//! Why two texts are near: the words that they share.
//!
//! Whatever the encoder, people want to see words. Those are shown that carry most of the TF-IDF
//! cosine of the two texts: the greatest products of their weights, fitted on the texts of all
//! jobs, stop words left out. A word that is shown stands in the texts of several jobs, so that
//! nothing is repeated that a candidate alone has written, or one job says of a person.

use serde::Serialize;
use text::{
    stopwords::StopWords,
    tfidf::{DocumentFrequency, Params, Row, Scratch, Tfidf},
};

use crate::Error;

const SHOWN: usize = 5;

/// A word that two texts share.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Term {
    pub(crate) term: String,
    /// Its share of the cosine of the two texts' TF-IDF weights, of all words that they share.
    pub(crate) share: f64,
}

/// Weights of words.
pub(crate) struct Why {
    tfidf: Tfidf,
    scratch: Scratch,
}

impl Why {
    /// Fitted on the texts of the jobs.
    pub(crate) fn fit(jobs: &[String]) -> Result<Self, Error> {
        let params = Params {
            stop_words: StopWords::Both,
            sublinear_tf: true,
            min_df: DocumentFrequency::Count(schema::FEWEST.into()),
            ..Params::default()
        };
        Ok(Self { tfidf: params.check()?.fit(jobs), scratch: Scratch::default() })
    }

    /// The weights of a text.
    pub(crate) fn weigh(&mut self, text: &str) -> Row {
        self.tfidf.transform(text, &mut self.scratch)
    }

    /// The words that two texts share, those that say most first.
    pub(crate) fn shared(&self, a: &Row, b: &Row) -> Vec<Term> {
        let terms: Vec<&str> = self.tfidf.terms().collect();
        let mut products = Vec::new();
        let mut of_b = b.iter().peekable();
        for &(column, weight) in a {
            while of_b.next_if(|(other, _)| *other < column).is_some() {}
            if let Some(&(_, other)) = of_b.next_if(|(other, _)| *other == column) {
                products.push((column, weight * other));
            }
        }
        let total: f64 = products.iter().map(|(_, product)| product).sum();
        products.retain(|(column, _)| terms[*column as usize].chars().any(char::is_alphabetic));
        products.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
        let shown = products.into_iter().take(SHOWN);
        let term = |(column, product): (u32, f64)| Term {
            term: terms[column as usize].to_owned(),
            share: product / total,
        };
        shown.map(term).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_that_both_have_come_first() {
        let kubernetes = ["Java e Kubernetes"; 3].map(str::to_owned);
        let mut jobs = vec!["Java para bancos".to_owned(); 9];
        jobs.extend(kubernetes);
        jobs[3] = "Java para bancos, com Otávio".to_owned();
        let mut why = Why::fit(&jobs).unwrap();
        let job = why.weigh(&jobs[9]);
        let candidate = why.weigh("kubernetes, java, Otávio e culinária em 2024");
        let shared = why.shared(&job, &candidate);
        let terms: Vec<&str> = shared.iter().map(|term| term.term.as_str()).collect();
        assert_eq!(terms, ["kubernetes", "java"]);
        assert!((shared.iter().map(|term| term.share).sum::<f64>() - 1.0).abs() < 1e-12);
        // What one job alone says may be a name.
        let job = why.weigh(&jobs[3]);
        let other = why.weigh("Otávio, culinária");
        assert!(why.shared(&job, &other).is_empty());
    }
}
