//! Whether the new model is surely worse than the live one, by what [`champion`](crate::champion)
//! measured.

use stage::{Asked, Check};
use stats::{paired::one_sided, testing::holm};

use super::bounds::{Bounds, WorseBy, of_model};
use crate::champion::{Champion, Comparison, Measure, Measured};

const COMPARED: Asked = of_model("compared-with-live", "comparison with the live model");

/// Every measure with what its check asks.
const MEASURES: [(Measure, Asked); 5] = [
    (Measure::LogLoss, of_model("not-worse-log-loss", "log-loss beside the live model's")),
    (Measure::PrAuc, of_model("not-worse-pr-auc", "average precision beside the live model's")),
    (Measure::Order, of_model("not-worse-order", "order within a job beside the live model's")),
    (
        Measure::Calibration,
        of_model(
            "not-worse-calibration",
            "calibration of the newest 90 days beside the live model's",
        ),
    ),
    (
        Measure::ImpactRatio,
        of_model("not-worse-impact-ratio", "lowest impact ratio beside the live model's"),
    ),
];

/// The checks of a comparison: that there was one, and one of each measure that was made.
pub fn beside_live(champion: &Champion, bounds: &Bounds) -> Vec<Check> {
    let expected = "the same applications, held out and seen by neither";
    let (live, comparison) = match (&champion.live, &champion.comparison) {
        (Some(live), Some(comparison)) => (live, comparison),
        _ => {
            let why = champion.not_compared.as_deref().unwrap_or("the model was trained without");
            let live =
                champion.live.as_ref().map_or(String::new(), |live| format!(" with live {live}"));
            let found =
                format!("not compared{live}: {why}; the constant model and the tree decide");
            return vec![COMPARED.answer(expected, found, true)];
        }
    };
    let left_out = comparison.left_out;
    let found = format!(
        "compared with live {live} on {} applications of {} people, {} of them a match; left out: {} that it was trained on, {} by a record of the same group",
        comparison.rows,
        comparison.groups,
        comparison.positives,
        left_out.seen,
        left_out.seen_by_group
    );
    let mut checks = vec![COMPARED.answer(expected, found, true)];
    let judged = judge(comparison, bounds);
    for (measure, asked) in MEASURES {
        // Of several attributes, the one that is most surely worse.
        let of_measure = judged.iter().filter(|judged| judged.measured.measure == measure);
        let Some(BesideBound { measured, bound, p }) =
            of_measure.min_by(|a, b| a.p.total_cmp(&b.p))
        else {
            continue;
        };
        let expected =
            format!("worse by at most {bound:.4}, unless p is {} or more", bounds.worse_p);
        let of = measured.of.as_ref().map_or(String::new(), |of| format!(" of {of}"));
        let found = format!(
            "{:.4}{of}, live {live} {:.4}: worse by {:+.4} (standard error {:.4}, p {p:.2e})",
            measured.new, measured.live, measured.worse_by, measured.standard_error
        );
        checks.push(asked.answer(expected, found, *p >= bounds.worse_p));
    }
    checks
}

/// The bound of a measure, in its own unit.
fn bound_of(worse_by: &WorseBy, measured: &Measured, comparison: &Comparison) -> f64 {
    match measured.measure {
        Measure::LogLoss => worse_by.log_loss * measured.live,
        Measure::PrAuc => worse_by.pr_auc * measured.live,
        Measure::Order => worse_by.order,
        Measure::Calibration => {
            worse_by.calibration * comparison.positives as f64 / comparison.rows.max(1) as f64
        }
        Measure::ImpactRatio => worse_by.impact_ratio,
    }
}

/// A measure beside its bound.
struct BesideBound<'a> {
    measured: &'a Measured,
    bound: f64,
    /// How likely such a difference is where the true one is at most the bound: that of the log-loss
    /// by itself, the others adjusted among themselves.
    p: f64,
}

fn judge<'a>(comparison: &'a Comparison, bounds: &Bounds) -> Vec<BesideBound<'a>> {
    let mut judged: Vec<BesideBound<'_>> = comparison
        .measures
        .iter()
        .map(|measured| {
            let bound = bound_of(&bounds.worse_by, measured, comparison);
            let p = one_sided(measured.worse_by - bound, measured.standard_error);
            BesideBound { measured, bound, p }
        })
        .collect();
    let is_other = |judged: &&mut BesideBound<'_>| judged.measured.measure != Measure::LogLoss;
    let p: Vec<f64> = judged.iter_mut().filter(is_other).map(|judged| judged.p).collect();
    for (other, adjusted) in judged.iter_mut().filter(is_other).zip(holm(&p)) {
        other.p = adjusted;
    }
    judged
}

#[cfg(test)]
mod tests {
    use stage::Question;

    use super::*;
    use crate::champion::LeftOut;

    fn measured(measure: Measure, worse_by: f64, standard_error: f64) -> Measured {
        let (new, live, p) = (0.2 + worse_by, 0.2, one_sided(worse_by, standard_error));
        Measured { measure, of: None, new, live, worse_by, standard_error, p, p_adjusted: p }
    }

    fn refused(measures: Vec<Measured>, bounds: Bounds) -> Vec<String> {
        let comparison = Comparison {
            rows: 1_000,
            positives: 100,
            groups: 700,
            left_out: LeftOut { seen: 3, seen_by_group: 4 },
            measures,
        };
        let champion = Champion {
            live: Some("v3".to_owned()),
            not_compared: None,
            comparison: Some(comparison),
        };
        let checks = beside_live(&champion, &bounds);
        assert!(checks.iter().all(|check| check.question == Question::Model));
        checks.into_iter().filter(|check| !check.passed).map(|check| check.name).collect()
    }

    #[test]
    fn worse_must_be_sure_and_large() {
        // The bound is a hundredth of 0.2.
        for (worse_by, standard_error, is_refused) in [
            (0.01, 0.002, true),
            (0.01, 0.004, false),
            (0.0021, 0.001, false),
            (0.001, 1e-6, false),
            (-0.01, 1e-6, false),
        ] {
            let measured = measured(Measure::LogLoss, worse_by, standard_error);
            let found = refused(vec![measured], Bounds::default());
            assert_eq!(!found.is_empty(), is_refused, "{worse_by} {standard_error}");
        }
        let surely = || vec![measured(Measure::LogLoss, 0.01, 0.001)];
        assert_eq!(refused(surely(), Bounds { worse_p: 0.0, ..Bounds::default() }), [""; 0]);
        let worse_by = WorseBy { log_loss: 0.06, ..WorseBy::default() };
        assert_eq!(refused(surely(), Bounds { worse_by, ..Bounds::default() }), [""; 0]);
    }

    #[test]
    fn of_several_attributes_one_that_is_worse_decides() {
        let of = |of: &str, worse_by, standard_error| Measured {
            of: Some(of.to_owned()),
            ..measured(Measure::ImpactRatio, worse_by, standard_error)
        };
        let measures = vec![of("estado", 0.01, 1e-9), of("sexo", 0.2, 0.03), of("pcd", 0.0, 0.1)];
        assert_eq!(refused(measures, Bounds::default()), ["not-worse-impact-ratio"]);
    }

    #[test]
    fn what_was_not_compared_is_no_refusal_and_says_why() {
        let champion = Champion {
            live: Some("v3".to_owned()),
            not_compared: Some("it is old".to_owned()),
            comparison: None,
        };
        let checks = beside_live(&champion, &Bounds::default());
        assert_eq!(checks.len(), 1);
        assert!(checks[0].passed);
        let said = "not compared with live v3: it is old; the constant model and the tree decide";
        assert_eq!(checks[0].found, said);
    }
}
