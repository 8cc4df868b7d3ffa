//! Tables of a few rows, computed by hand.

use stats::Estimate;

use super::*;

/// Rows of one candidate each, all for one job, in blocks: group, rows, and score and label of the
/// row at each place.
struct Block(Option<&'static str>, usize, fn(usize) -> (f32, bool));

fn audited(blocks: &[Block], attribute: &str, settings: &Settings<'_>) -> Audit {
    let (mut scores, mut labels, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for Block(group, rows, of) in blocks {
        for row in 0..*rows {
            let (score, label) = of(row);
            scores.push(score);
            labels.push(label);
            values.push(*group);
        }
    }
    let people = Groups::new(&(0..labels.len() as u32).collect::<Vec<_>>());
    let jobs = Groups::new(&vec![1; labels.len()]);
    let attributes = [Attribute::new(attribute, values)];
    let judged = Judged { probabilities: &scores, labels: &labels, people: &people, jobs: &jobs };
    let audited = Audited { judged, attributes: &attributes };
    let outcomes =
        Outcomes { labels: &labels, people: &people, jobs: &jobs, attributes: &attributes };
    audit(&audited, &outcomes, settings)
}

/// A: half selected, of its 20 matches 15. B: a quarter selected, of its 20 matches 5. C: 20 rows.
const BLOCKS: [Block; 4] = [
    Block(Some("A"), 100, |row| (if row < 50 { 0.6 } else { 0.1 }, (35..55).contains(&row))),
    Block(Some("B"), 100, |row| (if row < 25 { 0.6 } else { 0.1 }, (20..40).contains(&row))),
    Block(Some("C"), 20, |row| (if row < 19 { 0.6 } else { 0.1 }, row < 10)),
    Block(None, 800, |row| (if row < 100 { 0.7 } else { 0.2 }, row < 80)),
];

#[test]
fn rates_ratios_and_gaps() {
    let settings = Settings { replicates: 200, top: 100, ..Settings::default() };
    let audit = audited(&BLOCKS, "sexo", &settings);
    assert!(audit.intersections.is_empty());
    let [table] = audit.attributes.as_slice() else { panic!("{audit:?}") };
    assert_eq!(table.known, Some(220.0 / 1_020.0));
    let names: Vec<_> = table.groups.iter().map(|g| g.group.as_deref()).collect();
    assert_eq!(names, [Some("A"), Some("B"), Some("C"), None]);
    let [a, b, c, unknown] = [0, 1, 2, 3].map(|g| &table.groups[g].held_out);

    assert_eq!((a.rows, a.candidates, a.matches, a.too_few), (100, 100, 20, false));
    assert_eq!((a.selection.rate.value, b.selection.rate.value), (Some(0.5), Some(0.25)));
    assert_eq!(a.selection.impact_ratio.value, Some(1.0));
    assert_eq!(b.selection.impact_ratio.value, Some(0.5));
    assert_eq!(a.selection.below_four_fifths, Some(false));
    assert_eq!(b.selection.below_four_fifths, Some(true));
    let (low, high) =
        (b.selection.impact_ratio.low.unwrap(), b.selection.impact_ratio.high.unwrap());
    assert!((0.25..0.45).contains(&low) && (0.6..0.85).contains(&high), "{low} {high}");
    assert_eq!(
        (a.true_positives.rate.value, b.true_positives.rate.value),
        (Some(0.75), Some(0.25))
    );
    // The median is .2.
    assert!((audit.median.unwrap() - 0.2).abs() < 1e-6);
    assert_eq!((b.scoring.rate.value, unknown.scoring.rate.value), (Some(0.25), Some(0.125)));
    // The unknown fill all places: the first hundred of the job score .7.
    assert_eq!((a.top.count, unknown.top.count, unknown.top.of), (0.0, 100.0, 800.0));
    assert_eq!(a.top.impact_ratio.value, None);
    // .2 observed, .5 · .6 + .5 · .1 predicted.
    assert!((a.calibration_gap.value.unwrap() + 0.15).abs() < 1e-6);

    // Too few: the rate is shown, without interval and ratio, and is no other group's measure.
    assert!(c.too_few && c.selection.too_few);
    assert_eq!((c.selection.rate.value, c.selection.rate.low), (Some(0.95), None));
    assert_eq!(c.selection.impact_ratio, Estimate::default());
    assert_eq!(c.selection.below_four_fifths, None);
    // Unknown: a rate, no ratio.
    assert!(!unknown.too_few && unknown.selection.rate.low.is_some());
    assert_eq!(unknown.selection.impact_ratio, Estimate::default());

    let gap = table.true_positive_gap.as_ref().unwrap();
    assert_eq!((gap.lowest.as_str(), gap.highest.as_str()), ("B", "A"));
    assert_eq!(gap.gap.value, Some(0.5));
    let gap = table.calibration_gap.as_ref().unwrap();
    assert_eq!((gap.lowest.as_str(), gap.highest.as_str()), ("A", "B"));

    let found: Vec<_> = audit.alarms.iter().map(|a| (a.group.as_str(), a.measure)).collect();
    assert!(found.contains(&("B", Measure::Selection)), "{found:?}");
    assert!(found.contains(&("B", Measure::TruePositives)), "{found:?}");
    assert!(found.iter().all(|&(group, _)| group == "B"), "{found:?}");
    let alarm = audit.alarms.iter().find(|a| a.measure == Measure::Selection).unwrap();
    assert_eq!((alarm.highest.as_str(), alarm.ratio, alarm.rows), ("A", 0.5, 100.0));
    assert!(alarm.p < alarm.p_adjusted && alarm.p_adjusted < 0.05);
}

#[test]
fn size_without_significance_and_significance_without_size_are_no_alarm() {
    let of = |blocks: &[Block]| {
        let audit = audited(blocks, "sexo", &Settings { replicates: 0, ..Settings::default() });
        let of_b = audit.attributes[0].groups[1].held_out.selection.clone();
        (of_b.below_four_fifths.unwrap(), audit.alarms.len())
    };
    let none: fn(usize) -> (f32, bool) = |_| (0.1, false);
    // 20 and 14 of 100: a ratio of .7, by chance.
    let few = [
        Block(Some("A"), 100, |row| (if row < 20 { 0.6 } else { 0.1 }, false)),
        Block(Some("B"), 100, |row| (if row < 14 { 0.6 } else { 0.1 }, false)),
        Block(None, 500, none),
    ];
    assert_eq!(of(&few), (true, 0));
    // 50 % and 45 % of 10,000: certain, but a ratio of .9.
    let close = [
        Block(Some("A"), 10_000, |row| (if row < 5_000 { 0.6 } else { 0.1 }, false)),
        Block(Some("B"), 10_000, |row| (if row < 4_500 { 0.6 } else { 0.1 }, false)),
    ];
    assert_eq!(of(&close), (false, 0));
}

#[test]
fn nothing_known_and_nothing_at_all() {
    let settings = Settings { replicates: 10, ..Settings::default() };
    let unknown = audited(&[Block(None, 100, |row| (0.5, row < 9))], "pcd", &settings);
    let [table] = unknown.attributes.as_slice() else { panic!("{unknown:?}") };
    assert_eq!((table.known, table.groups.len()), (Some(0.0), 1));
    assert_eq!((table.groups[0].group.as_ref(), unknown.tests), (None, 0));
    assert_eq!((table.true_positive_gap.as_ref(), table.calibration_gap.as_ref()), (None, None));
    let nothing = audited(&[], "pcd", &settings);
    assert_eq!((nothing.median, nothing.attributes[0].groups.len()), (None, 0));
}

#[test]
fn threads_and_repetition_change_nothing() {
    let settings = Settings { replicates: 50, ..Settings::default() };
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let audit = pool.install(|| audited(&BLOCKS, "sexo", &settings));
        serde_json::to_vec(&audit).unwrap()
    };
    assert_eq!(of(1), of(3));
    let audit: Audit = serde_json::from_slice(&of(1)).unwrap();
    assert_eq!(audit, audited(&BLOCKS, "sexo", &settings));
}
