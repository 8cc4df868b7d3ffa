//! Every ranker over every query.

use std::collections::BTreeMap;

use rayon::prelude::*;
use schema::calendar::{self, month_start};
use stats::Bootstrap;
use text::language::language;

use super::{
    Config,
    answers::{Answer, RankerComparison, Ranks},
    estimate,
    metrics::{Ranker, RankingMetrics},
    outcome::{ListFigures, Ranking},
    queries::{Queries, Query},
    words::{Bm25, Cosine, TextOf},
};
use crate::{Error, Records};

/// The texts, by row. Only rows of [`Queries::candidates`] and [`Queries::jobs`] are asked for.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    pub candidates: TextOf<'a>,
    pub jobs: TextOf<'a>,
}

type VectorOf<'a> = &'a (dyn Fn(u32) -> &'a [f32] + Sync);

/// Whether something of the text of a row was cut.
type CutOf<'a> = &'a (dyn Fn(u32) -> bool + Sync);

/// What an encoder made of the texts, by row. Only rows of [`Queries::candidates`] and
/// [`Queries::jobs`] are asked for; vectors are all of one length, and compared by cosine.
#[derive(Clone, Copy)]
pub struct Encoded<'a> {
    pub name: &'a str,
    pub candidates: VectorOf<'a>,
    pub jobs: VectorOf<'a>,
    /// Whether a candidate's and a job's text was cut; none for an encoder that reads all of it.
    pub cut: Option<(CutOf<'a>, CutOf<'a>)>,
}

/// Judges recommendations by what became of applications: [`Queries::of`], then
/// [`Queries::judge`].
pub fn evaluate(
    records: &Records,
    open_days: u32,
    texts: Texts<'_>,
    encoded: &[Encoded<'_>],
    config: &Config,
) -> Result<Evaluation, Error> {
    config.check()?;
    Queries::of(records, open_days, config).judge(open_days, texts, encoded, config)
}

/// The figures of all rankers, and the answers of the first beside chance, a query each.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    pub metrics: RankingMetrics,
    /// By candidate's id, then by month.
    pub answers: Vec<Answer>,
}

/// Scores of all jobs of the pool for a query.
type Scorer<'a> = &'a (dyn Fn(&Query, &mut [f64]) + Sync);

/// What a ranker did: each query's outcomes, and how often each job of the pool is shown.
struct Judged {
    forwarded: Vec<(u32, ListFigures)>,
    hired: Vec<(u32, ListFigures)>,
    coverage: Option<f64>,
    gini: Option<f64>,
}

impl Queries {
    /// Judges the encoders and the baselines, on all of rayon's threads; the figures do not depend
    /// on how many there are.
    pub fn judge(
        &self,
        open_days: u32,
        texts: Texts<'_>,
        encoded: &[Encoded<'_>],
        config: &Config,
    ) -> Result<Evaluation, Error> {
        let jobs: Vec<&str> = self.jobs.iter().map(|row| (texts.jobs)(*row)).collect();
        let rows = self.candidates();
        let candidates: Vec<&str> = rows.iter().map(|row| (texts.candidates)(*row)).collect();
        let languages: BTreeMap<u32, &str> =
            rows.iter().zip(&candidates).map(|(row, text)| (*row, language(text).code())).collect();
        let (cosine, bm25) = (Cosine::of(&candidates, &jobs)?, Bm25::of(&jobs));
        let of_text = |query: &Query| (texts.candidates)(query.candidate);
        let popular = |query: &Query, scores: &mut [f64]| {
            let before = month_start(query.month);
            for (score, days) in scores.iter_mut().zip(&self.applied) {
                *score = days.partition_point(|day| *day < before) as f64;
            }
        };
        let people = self.counts.people;
        let bootstrap = Bootstrap::new(people, config.resamples, config.seed);
        let figures = |of: &[(u32, ListFigures)]| estimate::figures(&bootstrap, people, of);
        let mut rankers = Vec::new();
        let mut first: Option<Vec<(u32, ListFigures)>> = None;
        let mut judge = |name: &str, scorer: Scorer<'_>, cuts: Option<(CutOf<'_>, CutOf<'_>)>| {
            let judged = self.judged(scorer, config.top);
            let share = |rows: &[u32], cut: CutOf<'_>| {
                let cut = rows.iter().filter(|row| cut(**row)).count();
                (!rows.is_empty()).then(|| cut as f64 / rows.len() as f64)
            };
            let mut by_language: BTreeMap<&str, Vec<(u32, ListFigures)>> = BTreeMap::new();
            for (query, outcome) in self.queries.iter().zip(&judged.forwarded) {
                by_language.entry(languages[&query.candidate]).or_default().push(*outcome);
            }
            let ahead = first.as_ref().map(|first| {
                let less = |((person, a), (_, b)): (&(u32, ListFigures), &(u32, ListFigures))| {
                    (*person, std::array::from_fn(|i| a[i] - b[i]))
                };
                first.iter().zip(&judged.forwarded).map(less).collect::<Vec<_>>()
            });
            rankers.push(Ranker {
                name: name.to_owned(),
                forwarded: figures(&judged.forwarded),
                hired: figures(&judged.hired),
                languages: by_language
                    .into_iter()
                    .map(|(language, of)| (language.to_owned(), figures(&of)))
                    .collect(),
                behind: ahead.map(|ahead| figures(&ahead)),
                coverage: judged.coverage,
                gini: judged.gini,
                candidates_cut: cuts.and_then(|(of, _)| share(&rows, of)),
                jobs_cut: cuts.and_then(|(_, of)| share(&self.jobs, of)),
            });
            first.get_or_insert_with(|| judged.forwarded.clone());
            judged.forwarded
        };
        for encoded in encoded {
            let vectors: Vec<&[f32]> = self.jobs.iter().map(|row| (encoded.jobs)(*row)).collect();
            let lengths: Vec<f32> = vectors.iter().map(|vector| length(vector)).collect();
            let scorer = |query: &Query, scores: &mut [f64]| {
                let vector = (encoded.candidates)(query.candidate);
                let own = length(vector);
                for ((score, job), length) in scores.iter_mut().zip(&vectors).zip(&lengths) {
                    *score = f64::from(cosine_of(vector, job, own * length));
                }
            };
            judge(encoded.name, &scorer, encoded.cut);
        }
        judge("tf-idf", &|query, scores| cosine.scores(of_text(query), scores), None);
        judge("bm25", &|query, scores| bm25.scores(of_text(query), scores), None);
        judge("popular", &popular, None);
        let random = judge("random", &|_, _| {}, None);
        let answers = self.answers(&first.unwrap_or_default(), &random);
        let counts = self.counts.clone();
        let nothing = self.queries.is_empty().then(|| {
            let dated = counts.applications
                - counts.applications_of_unknown_rows
                - counts.applications_without_date;
            match self.cut.map(calendar::iso) {
                None => format!("none of {} applications has a date", counts.applications),
                Some(cut) => format!(
                    "of {dated} applications with a date, {} are from {cut} on, and none of them has a status of `forwarded` for a job that was open",
                    counts.applications_after_cut
                ),
            }
        });
        let metrics = RankingMetrics {
            cut_date: self.cut.map(calendar::iso),
            open_days,
            forwarded: config.forwarded.clone(),
            hired: config.hired.clone(),
            top: config.top,
            nothing,
            counts,
            rankers,
            against_random: RankerComparison::with_random(&answers),
        };
        Ok(Evaluation { metrics, answers })
    }

    /// What the first ranker answered, beside chance.
    fn answers(&self, first: &[(u32, ListFigures)], random: &[(u32, ListFigures)]) -> Vec<Answer> {
        let outcomes = first.iter().zip(random);
        self.queries
            .iter()
            .zip(outcomes)
            .map(|(query, ((person, own), (_, random)))| Answer {
                candidate: query.candidate,
                person: self.persons[*person as usize],
                month: calendar::iso_month(month_start(query.month)),
                question: query.question.clone(),
                own: Ranks::of(own),
                random: Ranks::of(random),
            })
            .collect()
    }

    fn judged(&self, scorer: Scorer<'_>, top: usize) -> Judged {
        struct One {
            forwarded: ListFigures,
            hired: Option<ListFigures>,
            shown: Vec<(u32, f64)>,
        }
        let one = |(all, of_open): &mut (Vec<f64>, Vec<f32>), query: &Query| {
            all.clear();
            all.resize(self.jobs.len(), 0.0);
            scorer(query, all);
            let open = &self.open[&query.month];
            of_open.clear();
            of_open.extend(open.iter().map(|place| all[*place as usize] as f32));
            let ranking = Ranking::of(of_open);
            let places = |sought: &[u32]| -> Vec<u32> {
                let place = |job: &u32| open.binary_search(job).ok().map(|place| place as u32);
                sought.iter().filter_map(place).collect()
            };
            let hired = (!query.hired.is_empty()).then(|| ranking.outcome(&places(&query.hired)));
            let shown = ranking.shown(top).map(|(place, share)| (open[place as usize], share));
            One {
                forwarded: ranking.outcome(&places(&query.forwarded)),
                hired,
                shown: shown.collect(),
            }
        };
        let all: Vec<One> = self.queries.par_iter().map_init(Default::default, one).collect();
        // How often each job is shown, and how likely it never is.
        let mut shown = vec![(0.0, 1.0); self.jobs.len()];
        for (job, share) in all.iter().flat_map(|one| &one.shown) {
            let (often, never) = &mut shown[*job as usize];
            *often += share;
            *never *= 1.0 - share;
        }
        let often: Vec<f64> = shown.iter().map(|(often, _)| *often).collect();
        let ever: f64 = shown.iter().map(|(_, never)| 1.0 - never).sum();
        let of = |outcome: &dyn Fn(&One) -> Option<ListFigures>| -> Vec<(u32, ListFigures)> {
            let queries = self.queries.iter().zip(&all);
            queries.filter_map(|(query, one)| Some((query.person, outcome(one)?))).collect()
        };
        Judged {
            forwarded: of(&|one| Some(one.forwarded)),
            hired: of(&|one| one.hired),
            coverage: (!shown.is_empty()).then(|| ever / shown.len() as f64),
            gini: gini(often),
        }
    }
}

/// The Gini coefficient: 0 where all are equal, `1 − 1/n` where one has everything; none where
/// nobody has anything.
pub(crate) fn gini(mut amounts: Vec<f64>) -> Option<f64> {
    amounts.sort_unstable_by(f64::total_cmp);
    let (n, total) = (amounts.len() as f64, amounts.iter().sum::<f64>());
    let weighted: f64 = amounts.iter().zip(1_u32..).map(|(x, rank)| f64::from(rank) * x).sum();
    (total > 0.0).then(|| 2.0 * weighted / (n * total) - (n + 1.0) / n)
}

fn length(vector: &[f32]) -> f32 {
    dot(vector, vector).sqrt()
}

/// 0 where either vector is zero.
fn cosine_of(a: &[f32], b: &[f32], lengths: f32) -> f32 {
    if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
}

/// Sixteen sums side by side, then their sum: fixed order, and registers full.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (xs, ys) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f32 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x * y).sum();
    let mut sums = [0.0_f32; 16];
    for (x, y) in xs.zip(ys) {
        for lane in 0..16 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gini_by_hand() {
        assert_eq!(gini(vec![]), None);
        assert_eq!(gini(vec![0.0, 0.0]), None);
        assert!(gini(vec![3.0; 7]).unwrap().abs() < 1e-12);
        assert!((gini(vec![0.0, 0.0, 5.0, 0.0]).unwrap() - 0.75).abs() < 1e-12);
        // Pairwise differences: (1+3+2)·2 / (2·9·2).
        assert!((gini(vec![4.0, 1.0, 3.0]).unwrap() - 12.0 / 48.0).abs() < 1e-12);
    }

    #[test]
    fn cosines_are_of_any_length() {
        let (a, b): (Vec<f32>, Vec<f32>) =
            ((1..=37).map(|i| i as f32).collect(), (1..=37).map(|i| 2.0 * i as f32).collect());
        assert!((cosine_of(&a, &b, length(&a) * length(&b)) - 1.0).abs() < 1e-6);
        assert_eq!(cosine_of(&a, &[0.0; 37], 0.0), 0.0);
    }
}
