//! The gravest findings: why a verdict is what it is.

use crate::{
    report::{Aspect, Comparison, Finding, LiveScores, Measure, Part, Severity, Subject, Term},
    stats::verdict::worst,
};

/// Findings that are told.
const TOLD: usize = 3;

/// The worst severity of a comparison whose measures are judged, and its gravest findings.
pub(crate) fn of_comparison(comparison: &Comparison) -> (Severity, Vec<Finding>) {
    let findings = findings(comparison);
    let severity = findings.iter().map(|f| f.severity).max().unwrap_or_default();
    (severity, gravest(findings))
}

/// Everything of a comparison that is more than nothing, in its order; of a column, the gravest
/// measure of its values and that of its languages.
fn findings(comparison: &Comparison) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut find = |subject: Subject, measure: Option<&Measure>, severity: Severity| {
        if severity > Severity::None {
            let term = Some(comparison.term);
            found.push(Finding { severity, term, subject, measure: measure.cloned() });
        }
    };
    for change in &comparison.schema {
        // What is gone, or is of another type, breaks who reads it; what came does not.
        let severity = if change.before.is_some() { Severity::Alert } else { Severity::Watch };
        find(Subject::Schema(change.table.clone()), None, severity);
    }
    for volume in &comparison.volumes {
        let measure = volume.measure.as_ref();
        let severity = measure.map(|m| m.severity).unwrap_or_default();
        find(Subject::Volume(volume.name.clone()), measure, severity);
    }
    for column in &comparison.columns {
        let (table, name) = (column.table.clone(), column.column.clone());
        let measures = column.measures.iter();
        let (languages, others): (Vec<_>, Vec<_>) =
            measures.partition(|m| m.aspect == Aspect::Languages);
        if let Some(measure) = gravest_measure(others.iter().map(|m| &m.measure)) {
            let subject = Subject::Column { table: table.clone(), column: name.clone() };
            find(subject, Some(measure), measure.severity);
        }
        if let Some(measure) = gravest_measure(languages.iter().map(|m| &m.measure)) {
            let subject = Subject::Language { table, column: name };
            find(subject, Some(measure), measure.severity);
        }
    }
    if let Some(rate) = &comparison.label_rate {
        find(Subject::LabelRate, Some(&rate.measure), rate.measure.severity);
    }
    if let Part::Present(classifier) = &comparison.classifier {
        let terms = classifier.terms.iter().take(TOLD).map(|t| t.term.clone()).collect();
        find(Subject::Words { terms }, Some(&classifier.measure), classifier.measure.severity);
    }
    for embeddings in &comparison.embeddings {
        let measure = &embeddings.measure;
        find(Subject::Embeddings(embeddings.side.clone()), Some(measure), measure.severity);
    }
    found
}

/// How often a measure holds the bound of an alert: what tells two alerts apart.
fn excess(measure: &Measure) -> f64 {
    measure.value / measure.alert
}

/// The gravest of some measures; the first of equal ones.
fn gravest_measure<'a>(measures: impl Iterator<Item = &'a Measure>) -> Option<&'a Measure> {
    let grave = |m: &Measure| (m.severity, excess(m));
    measures.reduce(|a, b| if grave(b) > grave(a) { b } else { a })
}

/// The gravest of the findings, one a subject.
fn gravest(mut findings: Vec<Finding>) -> Vec<Finding> {
    // What has no measure (a column that is gone) goes first. The sort is stable.
    let weight = |f: &Finding| f.measure.as_ref().map_or(f64::INFINITY, excess);
    findings
        .sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| weight(b).total_cmp(&weight(a))));
    let mut told: Vec<Finding> = Vec::new();
    for finding in findings {
        if told.len() < TOLD && told.iter().all(|t| t.subject != finding.subject) {
            told.push(finding);
        }
    }
    told
}

/// The verdict over all: the worst of the comparisons and of the live model's scores, and the
/// gravest reasons of all of them.
pub(crate) fn overall(
    comparisons: &[Comparison],
    live: &Part<LiveScores>,
) -> (Severity, Vec<Finding>) {
    let mut findings: Vec<Finding> =
        comparisons.iter().flat_map(|c| c.reasons.iter().cloned()).collect();
    let mut severity = comparisons.iter().map(|c| c.severity).max().unwrap_or_default();
    if let Part::Present(scores) = live {
        let of_scores = worst(&scores.measures);
        severity = severity.max(of_scores);
        if of_scores > Severity::None {
            findings.push(Finding {
                severity: of_scores,
                term: None,
                subject: Subject::LiveScores,
                measure: gravest_measure(scores.measures.iter()).cloned(),
            });
        }
    }
    (severity, gravest(findings))
}

/// The same comparison under another name: with two versions in all, the one before is the oldest.
pub(crate) fn as_term(mut comparison: Comparison, term: Term) -> Comparison {
    comparison.term = term;
    comparison.reasons.iter_mut().for_each(|reason| reason.term = Some(term));
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::MeasureName;

    fn finding(severity: Severity, name: &str, value: f64) -> Finding {
        let measure = Measure {
            name: MeasureName::RelativeChange,
            value,
            watch: 0.1,
            alert: 0.2,
            p: None,
            p_adjusted: None,
            critical: None,
            before: 100,
            after: 100,
            severity,
        };
        let subject = Subject::Volume(name.to_owned());
        Finding { severity, term: Some(Term::Short), subject, measure: Some(measure) }
    }

    #[test]
    fn the_three_gravest_come_first_one_a_subject() {
        let gone = Finding {
            severity: Severity::Alert,
            term: None,
            subject: Subject::Schema("people".to_owned()),
            measure: None,
        };
        let told = gravest(vec![
            finding(Severity::Watch, "a", 0.9),
            finding(Severity::Alert, "b", 0.3),
            finding(Severity::Alert, "c", 0.4),
            finding(Severity::Alert, "c", 0.35),
            gone.clone(),
            finding(Severity::Watch, "d", 0.1),
        ]);
        let names: Vec<_> = told.into_iter().map(|f| f.subject).collect();
        let volume = |name: &str| Subject::Volume(name.to_owned());
        assert_eq!(names, [gone.subject, volume("c"), volume("b")]);
    }

    #[test]
    fn the_gravest_measure_is_an_alert_before_a_larger_watch() {
        let measures = [
            finding(Severity::Watch, "", 0.9).measure.unwrap(),
            finding(Severity::Alert, "", 0.3).measure.unwrap(),
            finding(Severity::Alert, "", 0.3).measure.unwrap(),
        ];
        assert!(std::ptr::eq(gravest_measure(measures.iter()).unwrap(), &measures[1]));
    }
}
