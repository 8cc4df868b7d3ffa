//! The two baselines that compare words: TF-IDF cosine and BM25.
//!
//! Both read the whole text of the candidate as the question, leave out Portuguese and English stop
//! words, and look it up in an inverted index over the jobs of the pool.

use hashbrown::HashMap;
use text::{
    stopwords::StopWords,
    tfidf::{Params, Scratch, Tfidf},
    tokens::for_each_token,
};

pub type TextOf<'a> = &'a (dyn Fn(u32) -> &'a str + Sync);

/// BM25's saturation of a term's frequency in a job.
const K1: f64 = 1.2;
/// BM25's normalisation by a job's length.
const B: f64 = 0.75;

/// Jobs by the terms they hold: the place of a job and what the term weighs there.
struct Postings(Vec<Vec<(u32, f64)>>);

impl Postings {
    /// Adds to every job's score what `weight` of a term brings it.
    fn add(&self, term: u32, weight: f64, scores: &mut [f64]) {
        for (job, of_job) in &self.0[term as usize] {
            scores[*job as usize] += weight * of_job;
        }
    }
}

/// Cosine of TF-IDF weights with sublinear term frequency, fitted on the jobs of the pool and the
/// candidates asked for.
pub(super) struct Cosine {
    tfidf: Tfidf,
    postings: Postings,
}

impl Cosine {
    /// `candidates` and `jobs` are texts.
    pub(super) fn of(candidates: &[&str], jobs: &[&str]) -> Result<Self, text::Error> {
        let params =
            Params { stop_words: StopWords::Both, sublinear_tf: true, ..Params::default() };
        let tfidf = params.check()?.fit(&[jobs, candidates].concat());
        let mut postings = Postings(vec![Vec::new(); tfidf.columns()]);
        for (job, row) in (0..).zip(tfidf.transform_many(jobs)) {
            for (term, weight) in row {
                postings.0[term as usize].push((job, weight));
            }
        }
        Ok(Self { tfidf, postings })
    }

    pub(super) fn scores(&self, text: &str, to: &mut [f64]) {
        for (term, weight) in self.tfidf.transform(text, &mut Scratch::default()) {
            self.postings.add(term, weight, to);
        }
    }
}

/// Okapi BM25 (Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond",
/// 2009) with the idf that is never negative, `ln(1 + (N − n + ½) / (n + ½))`. A term that the
/// candidate's text repeats counts as often as it stands there.
pub(super) struct Bm25 {
    terms: HashMap<Box<str>, u32>,
    postings: Postings,
}

impl Bm25 {
    pub(super) fn of(jobs: &[&str]) -> Self {
        let mut terms: HashMap<Box<str>, u32> = HashMap::new();
        // Of each term, the jobs with their counts.
        let mut counts: Vec<Vec<(u32, u32)>> = Vec::new();
        let mut lengths = vec![0_u32; jobs.len()];
        let mut buffer = String::new();
        for (job, text) in (0_u32..).zip(jobs) {
            for_each_token(text, &mut buffer, |token| {
                if StopWords::Both.contains(token) {
                    return;
                }
                lengths[job as usize] += 1;
                let term = match terms.get(token) {
                    Some(term) => *term,
                    None => {
                        counts.push(Vec::new());
                        *terms.entry(token.into()).or_insert(counts.len() as u32 - 1)
                    }
                };
                match counts[term as usize].last_mut() {
                    Some((last, count)) if *last == job => *count += 1,
                    _ => counts[term as usize].push((job, 1)),
                }
            });
        }
        let all = jobs.len() as f64;
        let mean = lengths.iter().map(|length| f64::from(*length)).sum::<f64>() / all.max(1.0);
        let weigh = |in_jobs: Vec<(u32, u32)>| {
            let with = in_jobs.len() as f64;
            let idf = libm::log(1.0 + (all - with + 0.5) / (with + 0.5));
            let weight = |(job, count): (u32, u32)| {
                let (count, length) = (f64::from(count), f64::from(lengths[job as usize]));
                let norm = K1 * (1.0 - B + B * length / mean);
                (job, idf * count * (K1 + 1.0) / (count + norm))
            };
            in_jobs.into_iter().map(weight).collect()
        };
        Self { terms, postings: Postings(counts.into_iter().map(weigh).collect()) }
    }

    pub(super) fn scores(&self, text: &str, to: &mut [f64]) {
        let mut asked: Vec<u32> = Vec::new();
        for_each_token(text, &mut String::new(), |token| asked.extend(self.terms.get(token)));
        asked.sort_unstable();
        for same in asked.chunk_by(|a, b| a == b) {
            self.postings.add(same[0], same.len() as f64, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOBS: [&str; 3] = ["java sql java", "java e de cobol", "redes"];

    #[test]
    fn bm25_by_hand() {
        let bm25 = Bm25::of(&JOBS);
        let mut scores = [0.0; 3];
        bm25.scores("Java, java e redes em cobol", &mut scores);
        // Lengths 3, 2 and 1, mean 2; java in two of three jobs, the others in one.
        let idf = |n: f64| (1.0 + (3.0 - n + 0.5) / (n + 0.5)).ln();
        let tf =
            |count: f64, length: f64| count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / 2.0));
        let expected = [
            2.0 * idf(2.0) * tf(2.0, 3.0),
            2.0 * idf(2.0) * tf(1.0, 2.0) + idf(1.0) * tf(1.0, 2.0),
            idf(1.0) * tf(1.0, 1.0),
        ];
        for (found, expected) in scores.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn cosine_by_hand() {
        // Over four texts: sql in two of them, cobol and redes in two, java in three.
        let cosine = Cosine::of(&["sql cobol redes java"], &JOBS).unwrap();
        let mut scores = [0.0; 3];
        cosine.scores("sql", &mut scores);
        let idf = |n: f64| (5.0 / (n + 1.0)).ln() + 1.0;
        let java = idf(3.0) * (1.0 + 2.0_f64.ln());
        let expected = idf(2.0) / java.hypot(idf(2.0));
        assert!((scores[0] - expected).abs() < 1e-12, "{} {expected}", scores[0]);
        assert_eq!(scores[1..], [0.0, 0.0]);
    }

    #[test]
    fn no_jobs_and_no_words() {
        Bm25::of(&[]).scores("java", &mut []);
        let mut scores = [0.0];
        Bm25::of(&[""]).scores("java", &mut scores);
        Cosine::of(&[""], &["de"]).unwrap().scores("java", &mut scores);
        assert_eq!(scores, [0.0]);
    }
}
