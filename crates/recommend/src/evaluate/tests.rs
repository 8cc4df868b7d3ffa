use proptest::prelude::*;
use schema::{calendar, store::Applied};

use super::*;
use crate::{Error, Records};

const FORWARDED: Option<&str> = Some("Encaminhado ao Requisitante");
const HIRED: Option<&str> = Some("Contratado pela Decision");
const REFUSED: Option<&str> = Some("Não Aprovado pelo Cliente");

fn day(date: &str) -> Option<i32> {
    let day = calendar::parse(date);
    assert!(day.is_some(), "{date}");
    day
}

/// Ids, texts and vectors by row.
#[derive(Debug)]
struct World {
    candidates: Vec<(&'static str, &'static str, Vec<f32>)>,
    jobs: Vec<(Option<i32>, &'static str, Vec<f32>)>,
    applications: Vec<(u32, u32, Option<i32>, Option<&'static str>)>,
    /// Rows of one person, and of one text: the first, and another.
    same_candidates: Vec<(u32, u32)>,
    same_jobs: Vec<(u32, u32)>,
}

impl World {
    /// Two candidates that were forwarded in January 2024, three jobs open then, two that are not.
    fn small() -> Self {
        Self {
            candidates: vec![
                ("10", "java e sql em portugal, com projetos", vec![1.0, 1.0, 0.0]),
                ("11", "redes e cisco", vec![0.0, 0.0, 3.0]),
                ("12", "nada", vec![0.0, 0.0, 0.0]),
            ],
            jobs: vec![
                (day("2023-12-15"), "java", vec![1.0, 0.0, 0.0]),
                (day("2024-01-05"), "sql", vec![0.0, 1.0, 0.0]),
                (day("2024-01-31"), "cisco", vec![0.0, 0.0, 1.0]),
                (day("2020-01-01"), "cisco cisco", vec![0.0, 0.0, 1.0]),
                (None, "cisco", vec![0.0, 0.0, 1.0]),
            ],
            applications: vec![
                (0, 0, day("2024-01-10"), FORWARDED),
                (0, 1, day("2024-01-11"), HIRED),
                (1, 2, day("2024-01-25"), FORWARDED),
                (1, 3, day("2024-01-12"), FORWARDED),
                (1, 4, day("2024-01-12"), FORWARDED),
                (2, 1, day("2024-01-12"), REFUSED),
                (2, 1, None, FORWARDED),
                (2, 0, day("2023-12-20"), Some("Prospect")),
                (9, 0, day("2024-01-20"), FORWARDED),
            ],
            same_candidates: vec![],
            same_jobs: vec![],
        }
    }

    fn config() -> Config {
        Config { cut_date: Some("2024-01-01".into()), top: 1, ..Config::default() }
    }

    fn evaluate(&self, config: &Config) -> Result<RankingMetrics, Error> {
        Ok(self.judged(config)?.metrics)
    }

    fn judged(&self, config: &Config) -> Result<Evaluation, Error> {
        let own = |n: usize| (0..).take(n).collect::<Vec<u32>>();
        let applied = |&(person, job, day, status)| Applied { person, job, day, status };
        let mut records = Records {
            people: self.candidates.iter().map(|c| c.0.into()).collect(),
            jobs: (0..self.jobs.len()).map(|row| format!("j{row}").into()).collect(),
            people_groups: own(self.candidates.len()),
            job_groups: own(self.jobs.len()),
            job_days: self.jobs.iter().map(|j| j.0).collect(),
            applications: self.applications.iter().map(applied).collect(),
        };
        for (a, b) in &self.same_candidates {
            records.people_groups[*b as usize] = *a;
        }
        for (a, b) in &self.same_jobs {
            records.job_groups[*b as usize] = *a;
        }
        let texts = Texts {
            candidates: &|row| self.candidates[row as usize].1,
            jobs: &|row| self.jobs[row as usize].1,
        };
        let encoded = Encoded {
            name: "perfect",
            candidates: &|row| &self.candidates[row as usize].2,
            jobs: &|row| &self.jobs[row as usize].2,
            cut: Some((&|row| row == 0, &|_| true)),
        };
        evaluate(&records, 90, texts, &[encoded], config)
    }
}

fn ranker<'a>(metrics: &'a RankingMetrics, name: &str) -> &'a Ranker {
    metrics.rankers.iter().find(|ranker| ranker.name == name).unwrap()
}

fn value(estimate: Option<Estimate>) -> f64 {
    let Estimate { value, low, high } = estimate.unwrap();
    assert!(low <= value && value <= high);
    value
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
}

#[test]
fn a_small_world_by_hand() {
    let metrics = World::small().evaluate(&World::config()).unwrap();
    assert_eq!(metrics.cut_date.as_deref(), Some("2024-01-01"));
    assert_eq!(metrics.nothing, None);
    let counts = QueryCounts {
        applications: 9,
        applications_of_unknown_rows: 1,
        applications_without_date: 1,
        applications_after_cut: 6,
        forwarded_for_jobs_not_open: 2,
        candidates_forwarded: 2,
        candidates: 2,
        people: 2,
        queries: 2,
        queries_hired: 1,
        forwarded: 3,
        hired: 1,
        jobs: 3,
        jobs_repeated: 0,
        jobs_open_a_query: Some(3.0),
    };
    assert_eq!(metrics.counts, counts);
    let names: Vec<&str> = metrics.rankers.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["perfect", "tf-idf", "bm25", "popular", "random"]);

    let perfect = ranker(&metrics, "perfect");
    for figure in [perfect.forwarded.mrr, perfect.forwarded.ndcg_10, perfect.forwarded.recall_10] {
        near(value(figure), 1.0);
    }
    // One of the two jobs of equal score is the one hired for: first or second.
    near(value(perfect.hired.mrr), 0.75);
    assert_eq!((perfect.hired.queries, perfect.hired.people), (1, 1));
    assert_eq!((perfect.candidates_cut, perfect.jobs_cut), (Some(0.5), Some(1.0)));
    // Shown: job 0 or 1 in half of the first list each, job 2 in the second.
    near(perfect.coverage.unwrap(), (0.5 + 0.5 + 1.0) / 3.0);
    near(perfect.gini.unwrap(), 1.0 / 6.0);
    assert_eq!(perfect.behind, None);

    // Java's job is the one applied for before January; the others are equal.
    let popular = ranker(&metrics, "popular");
    near(value(popular.forwarded.mrr), f64::midpoint(1.0, 5.0 / 12.0));
    near(value(popular.hired.mrr), 5.0 / 12.0);
    let discount = |rank: f64| 1.0 / (rank + 1.0).log2();
    let between = f64::midpoint(discount(2.0), discount(3.0));
    let both = (1.0 + between) / (1.0 + discount(2.0));
    near(value(popular.forwarded.ndcg_10), f64::midpoint(both, between));
    near(popular.coverage.unwrap(), 1.0 / 3.0);
    near(popular.gini.unwrap(), 2.0 / 3.0);
    assert_eq!((popular.candidates_cut, popular.jobs_cut), (None, None));
    near(value(popular.behind.as_ref().unwrap().mrr), 1.0 - f64::midpoint(1.0, 5.0 / 12.0));

    let random = ranker(&metrics, "random");
    near(value(random.forwarded.mrr), 13.0 / 18.0);
    near(random.coverage.unwrap(), 5.0 / 9.0);
    near(random.gini.unwrap(), 0.0);

    // The words do here what the vectors do.
    for name in ["tf-idf", "bm25"] {
        let of = &ranker(&metrics, name).forwarded;
        near(value(of.mrr), 1.0);
    }
    let languages: Vec<(&str, usize)> =
        perfect.languages.iter().map(|(l, f)| (l.as_str(), f.queries)).collect();
    assert_eq!(languages, [("other", 1), ("pt", 1)]);
}

#[test]
fn nothing_to_judge_by_is_said() {
    let mut world = World::small();
    world.applications.iter_mut().for_each(|a| a.2 = None);
    let metrics = world.evaluate(&Config::default()).unwrap();
    assert_eq!(metrics.nothing.as_deref(), Some("none of 9 applications has a date"));
    assert_eq!((metrics.cut_date, metrics.counts.jobs_open_a_query), (None, None));
    for ranker in &metrics.rankers {
        assert_eq!((&ranker.forwarded, ranker.coverage), (&Figures::default(), None));
    }
    let json = serde_json::to_value(&metrics.rankers[0].forwarded).unwrap();
    assert!(json["recall_10"].is_null() && json["queries"] == 0);

    let mut world = World::small();
    world.applications.retain(|a| a.3 == REFUSED);
    let metrics = world.evaluate(&World::config()).unwrap();
    assert_eq!(
        metrics.nothing.as_deref(),
        Some(
            "of 1 applications with a date, 1 are from 2024-01-01 on, and none of them has a status of `forwarded` for a job that was open"
        )
    );
    let empty = World { candidates: vec![], jobs: vec![], applications: vec![], ..World::small() };
    assert!(empty.evaluate(&Config::default()).unwrap().nothing.is_some());
}

#[test]
fn jobs_of_one_text_are_one_job() {
    let mut world = World::small();
    // Job 1 is posted again, on a day that is open, and candidate 10 is forwarded for both.
    world.jobs.push((day("2024-01-20"), "sql", vec![0.0, 1.0, 0.0]));
    world.applications.push((0, 5, day("2024-01-26"), FORWARDED));
    let apart = world.judged(&World::config()).unwrap();
    assert_eq!((apart.metrics.counts.jobs, apart.metrics.counts.forwarded), (4, 4));
    world.same_jobs = vec![(1, 5)];
    let together = world.judged(&World::config()).unwrap();
    let before = World::small().judged(&World::config()).unwrap();
    let counts = &together.metrics.counts;
    assert_eq!((counts.jobs, counts.jobs_repeated, counts.forwarded), (3, 1, 3));
    // A hit counts once, and the double stands in nobody's way.
    assert_eq!(together.answers, before.answers);
    let figures = |of: &Evaluation, name: &str| ranker(&of.metrics, name).forwarded.clone();
    for name in ["perfect", "tf-idf", "random"] {
        assert_eq!(figures(&together, name), figures(&before, name), "{name}");
    }
    assert_ne!(figures(&apart, "random"), figures(&before, "random"));
    // It is open while any of the two is, and a hire for either is one.
    world.jobs[1].0 = day("2020-01-01");
    world.applications.push((0, 5, day("2024-01-27"), HIRED));
    let counts = world.evaluate(&World::config()).unwrap().counts;
    assert_eq!((counts.jobs, counts.jobs_repeated, counts.hired), (3, 0, 1));
}

#[test]
fn a_person_of_two_codes_is_drawn_once() {
    let mut world = World::small();
    let figures = |world: &World| {
        let metrics = world.evaluate(&World::config()).unwrap();
        (metrics.counts.people, ranker(&metrics, "tf-idf").forwarded.clone())
    };
    let (people, apart) = figures(&world);
    assert_eq!((people, apart.people, apart.queries), (2, 2, 2));
    world.same_candidates = vec![(0, 1)];
    let (people, together) = figures(&world);
    assert_eq!((people, together.people, together.queries), (1, 1, 2));
    // Of one person nothing can be drawn but itself.
    let Estimate { value, low, high } = together.mrr.unwrap();
    assert_eq!((low, high, Some(value)), (value, value, apart.mrr.map(|mrr| mrr.value)));
}

#[test]
fn a_question_is_the_jobs_open_and_those_sought() {
    let question = |world: &World, config: &Config| {
        let answers = world.judged(config).unwrap().answers;
        assert_eq!((answers[0].candidate, answers[0].month.as_str()), (0, "2024-01"));
        answers[0].question.clone()
    };
    let (mut world, config) = (World::small(), World::config());
    let before = question(&world, &config);
    // What others apply for, and statuses of jobs that are sought anyway, change nothing.
    world.applications.push((2, 2, day("2024-01-30"), FORWARDED));
    world.applications.push((0, 0, day("2024-01-30"), HIRED));
    assert_eq!(question(&world, &config), before);
    world.applications.push((0, 2, day("2024-01-30"), FORWARDED));
    assert_ne!(question(&world, &config), before, "another job is sought");
    let mut world = World::small();
    world.jobs.push((day("2024-01-20"), "sap", vec![1.0, 0.0, 0.0]));
    assert_ne!(question(&world, &config), before, "another job is open");
    let earlier = Config { cut_date: Some("2023-12-01".into()), ..config };
    assert_eq!(question(&World::small(), &earlier), before);
}

#[test]
fn one_mistyped_year_moves_neither_cut_nor_queries() {
    let config = Config { cut_date: None, share: 0.5, ..World::config() };
    let mut world = World::small();
    let before = world.judged(&config).unwrap();
    world.applications.push((2, 1, day("2199-01-01"), FORWARDED));
    world.jobs.push((day("2199-01-01"), "java", vec![1.0, 0.0, 0.0]));
    let after = world.judged(&config).unwrap();
    assert_eq!(after.metrics.cut_date, before.metrics.cut_date);
    assert_eq!(after.answers, before.answers);
    assert_eq!(
        after.metrics.counts.forwarded_for_jobs_not_open,
        before.metrics.counts.forwarded_for_jobs_not_open + 1
    );
}

#[test]
fn one_candidate_and_one_job() {
    let mut world = World::small();
    world.applications = vec![(1, 2, day("2024-02-01"), HIRED)];
    let metrics = world.evaluate(&Config::default()).unwrap();
    assert_eq!(metrics.cut_date.as_deref(), Some("2024-02-01"));
    assert_eq!((metrics.counts.queries, metrics.counts.jobs), (1, 3));
    let perfect = &metrics.rankers[0];
    assert_eq!(perfect.hired, perfect.forwarded);
    near(value(perfect.forwarded.mrr), 1.0);
}

#[test]
fn the_last_fifth_is_judged_by() {
    let mut world = World::small();
    world.applications = (0..100)
        .map(|i| (u32::from(i % 2 == 0), 1, day("2024-01-06").map(|from| from + i), FORWARDED))
        .collect();
    let metrics = world.evaluate(&Config::default()).unwrap();
    assert_eq!(metrics.cut_date.as_deref(), Some("2024-03-26"));
    assert_eq!(metrics.counts.applications_after_cut, 20);
    // The job is open until the fourth of April, so in April too.
    assert_eq!((metrics.counts.queries, metrics.counts.forwarded_for_jobs_not_open), (4, 0));
}

#[test]
fn candidates_are_chosen_by_their_ids() {
    let world = World::small();
    let config = Config { candidates: 1, ..World::config() };
    let counts = world.evaluate(&config).unwrap().counts;
    assert_eq!((counts.candidates_forwarded, counts.candidates, counts.queries), (2, 1, 1));
}

#[test]
fn values_out_of_range_are_refused() {
    let unknown = || vec!["Contratado".to_owned()];
    let known = || vec!["Aprovado".to_owned()];
    let default = Config::default;
    assert!(default().check().is_ok());
    for (key, config) in [
        ("cut_date", Config { cut_date: Some("01-02-2024".into()), ..default() }),
        ("share", Config { share: 0.0, ..default() }),
        ("forwarded", Config { forwarded: unknown(), hired: vec![], ..default() }),
        ("forwarded", Config { forwarded: vec![], hired: vec![], ..default() }),
        ("hired", Config { forwarded: known(), ..default() }),
        ("candidates", Config { candidates: 0, ..default() }),
        ("top", Config { top: 0, ..default() }),
        ("resamples", Config { resamples: 10, ..default() }),
    ] {
        let error = World::small().evaluate(&config).unwrap_err().to_string();
        assert!(error.contains(&format!("evaluation.{key}")), "{error}");
    }
}

/// Some applications of six candidates for twelve jobs, three of them open at any time.
fn worlds() -> impl Strategy<Value = World> {
    let application = (0_u32..6, 0_u32..12, 0_i32..360, 0_usize..3);
    prop::collection::vec(application, 1..60).prop_map(|applications| {
        let one_hot = |row: usize| (0..12).map(|i| f32::from(u8::from(i == row))).collect();
        let text = ["java sql", "redes", "sap abap fi", ""];
        World {
            candidates: (0..6)
                .map(|i| (["3", "1", "2", "9", "7", "8"][i], text[i % 4], vec![0.0; 12]))
                .collect(),
            jobs: (0..12)
                .map(|i| (Some(19_000 + 30 * i as i32), text[i % 3], one_hot(i)))
                .collect(),
            applications: applications
                .into_iter()
                .map(|(candidate, job, after, status)| {
                    let status = [FORWARDED, HIRED, REFUSED][status];
                    (candidate, job, Some(19_000 + after), status)
                })
                .collect(),
            same_candidates: vec![],
            same_jobs: vec![],
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn laws_of_the_figures(world in worlds()) {
        let config = Config { cut_date: Some("2022-01-01".into()), resamples: 100, ..Config::default() };
        let metrics = world.evaluate(&config).unwrap();
        for ranker in &metrics.rankers {
            let all = [&ranker.forwarded, &ranker.hired];
            for figures in all.into_iter().chain(ranker.languages.values()) {
                let Some(at_10) = figures.recall_10 else {
                    prop_assert_eq!(figures, &Figures::default());
                    continue;
                };
                for estimate in [figures.recall_10, figures.recall_50, figures.mrr, figures.ndcg_10] {
                    let Estimate { value, low, high } = estimate.unwrap();
                    prop_assert!(0.0 <= low && low <= value && value <= high && high <= 1.0 + 1e-12);
                }
                prop_assert!(figures.recall_50.unwrap().value >= at_10.value);
            }
            let of_languages: usize = ranker.languages.values().map(|f| f.queries).sum();
            prop_assert_eq!(of_languages, metrics.counts.queries);
            prop_assert!(ranker.coverage.is_none_or(|c| (0.0..=1.0 + 1e-12).contains(&c)));
        }
        prop_assert_eq!(metrics.nothing.is_some(), metrics.counts.queries == 0);
    }

    #[test]
    fn vectors_that_know_the_answer_are_perfect(
        mut world in worlds(),
        month in 0_i32..12,
    ) {
        // All applications in one month, so that a candidate is one query.
        let first = day("2022-01-01").unwrap();
        for (candidate, job, date, status) in &mut world.applications {
            *date = Some(first + 31 * month);
            *status = FORWARDED;
            world.candidates[*candidate as usize].2[*job as usize] = 1.0;
        }
        let config = Config { resamples: 100, ..Config::default() };
        let metrics = world.evaluate(&config).unwrap();
        if metrics.counts.queries > 0 {
            let figures = &metrics.rankers[0].forwarded;
            for estimate in [figures.mrr, figures.recall_10, figures.recall_50, figures.ndcg_10] {
                prop_assert!((estimate.unwrap().low - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(world in worlds(), by in 1_usize..12) {
        let config = Config { resamples: 100, ..Config::default() };
        let before = world.evaluate(&config).unwrap();
        let World { mut candidates, mut jobs, mut applications, .. } = world;
        candidates.rotate_left(by % 6);
        jobs.rotate_left(by);
        applications.reverse();
        for (candidate, job, ..) in &mut applications {
            *candidate = (*candidate + 6 - (by as u32 % 6)) % 6;
            *job = (*job + 12 - by as u32) % 12;
        }
        let after = World { candidates, jobs, applications, ..World::small() }.evaluate(&config).unwrap();
        // Sums over the jobs of the pool are in the order of rows.
        for (before, after) in before.rankers.iter().zip(&after.rankers) {
            prop_assert_eq!(&before.forwarded, &after.forwarded);
            prop_assert_eq!(&before.hired, &after.hired);
            prop_assert!((before.gini.unwrap_or(0.0) - after.gini.unwrap_or(0.0)).abs() < 1e-9);
        }
        prop_assert_eq!(before.counts, after.counts);
    }
}
