//! What was found: why a verdict is what it is.

use crate::{
    history::Past,
    reads,
    report::{
        Arrivals, Aspect, ColumnDrift, Comparison, EarlierFinding, Finding, LiveScores, Measure,
        Part, Severity, Subject, Term, WindowName,
    },
};

/// Findings of a comparison that are told beside it.
const TOLD: usize = 3;

/// The worst severity of a comparison whose measures are judged, and its gravest findings.
pub(crate) fn of_comparison(comparison: &Comparison) -> (Severity, Vec<Finding>) {
    let mut findings = gravest(findings(comparison));
    let severity = worst(&findings);
    let mut told: Vec<Finding> = Vec::new();
    for finding in findings.drain(..) {
        if told.len() < TOLD && told.iter().all(|t| t.subject != finding.subject) {
            told.push(finding);
        }
    }
    (severity, told)
}

/// The worst of some findings.
pub(crate) fn worst(findings: &[Finding]) -> Severity {
    findings.iter().map(|f| f.severity).max().unwrap_or_default()
}

/// Gathers what is more than nothing.
#[derive(Default)]
struct Found {
    term: Option<Term>,
    window: Option<WindowName>,
    findings: Vec<Finding>,
}

impl Found {
    fn add(&mut self, subject: Subject, measure: Option<&Measure>, severity: Severity) {
        self.add_aspect(subject, None, measure, severity);
    }

    fn add_measure(&mut self, subject: Subject, measure: &Measure) {
        self.add(subject, Some(measure), measure.severity);
    }

    fn add_aspect(
        &mut self,
        subject: Subject,
        aspect: Option<Aspect>,
        measure: Option<&Measure>,
        severity: Severity,
    ) {
        if severity > Severity::None {
            let (term, window) = (self.term, self.window);
            let measure = measure.cloned();
            let known = None;
            self.findings.push(Finding { severity, term, window, subject, aspect, measure, known });
        }
    }

    /// Of each aspect of a column that counts, the gravest measure.
    fn add_column(&mut self, drift: &ColumnDrift, subject: &Subject) {
        for aspect in
            [Aspect::Missing, Aspect::Values, Aspect::Length, Aspect::Languages, Aspect::Terms]
        {
            let measures = drift.measures.iter().filter(|m| m.aspect == aspect);
            let gravest = gravest_measure(measures.map(|m| &m.measure));
            if let Some(measure) = gravest.filter(|_| reads::counts(drift, aspect)) {
                self.add_aspect(subject.clone(), Some(aspect), Some(measure), measure.severity);
            }
        }
    }
}

/// Everything that a comparison found, in its order.
fn findings(comparison: &Comparison) -> Vec<Finding> {
    let mut found = Found { term: Some(comparison.term), ..Found::default() };
    for change in &comparison.schema {
        // What is gone, or is of another type, breaks who reads it; what came does not.
        let severity = if change.before.is_some() { Severity::Alert } else { Severity::Watch };
        found.add(Subject::Schema(change.table.clone()), None, severity);
    }
    for volume in &comparison.volumes {
        if let Some(measure) = &volume.measure {
            found.add_measure(Subject::Volume(volume.name.clone()), measure);
        }
    }
    for column in &comparison.columns {
        let (table, name) = (column.table.clone(), column.column.clone());
        found.add_column(column, &Subject::Column { table, column: name });
    }
    if let Some(rate) = &comparison.label_rate {
        found.add_measure(Subject::LabelRate, &rate.measure);
    }
    if let Part::Present(classifier) = &comparison.classifier {
        let terms = classifier.terms.iter().take(TOLD).map(|t| t.term.clone()).collect();
        found.add_measure(Subject::Words { terms }, &classifier.measure);
    }
    for embeddings in &comparison.embeddings {
        found.add_measure(Subject::Embeddings(embeddings.side.clone()), &embeddings.measure);
    }
    found.findings
}

fn of_arrivals(arrivals: &Arrivals) -> Vec<Finding> {
    let mut found = Found::default();
    for window in &arrivals.windows {
        found.window = Some(window.name);
        for table in &window.tables {
            if let Some(volumes) = &table.volumes {
                found.add_measure(Subject::ArrivedVolume(table.table.clone()), &volumes.measure);
            }
            for column in &table.columns {
                let (table, name) = (table.table.clone(), column.column.clone());
                found.add_column(column, &Subject::ArrivedColumn { table, column: name });
            }
        }
    }
    found.window = None;
    if let Some(rate) = &arrivals.rate {
        found.add_measure(Subject::ArrivedRate, &rate.measure);
    }
    found.findings
}

fn of_scores(scores: &LiveScores) -> Vec<Finding> {
    let mut found = Found::default();
    if let Some(calibration) = &scores.calibration {
        found.add_measure(Subject::Calibration, &calibration.measure);
    }
    if let Some(measure) = gravest_measure(scores.measures.iter()) {
        found.add_measure(Subject::LiveScores, measure);
    }
    found.findings
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

/// The findings, the gravest first, one a subject and aspect.
fn gravest(mut findings: Vec<Finding>) -> Vec<Finding> {
    // What has no measure (a column that is gone) goes first. The sort is stable.
    let weight = |f: &Finding| f.measure.as_ref().map_or(f64::INFINITY, excess);
    findings
        .sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| weight(b).total_cmp(&weight(a))));
    let mut told: Vec<Finding> = Vec::new();
    for finding in findings {
        if !told.iter().any(|t| is_same(t, &finding)) {
            told.push(finding);
        }
    }
    told
}

/// Whether two findings are of one thing. That the words have moved is one thing, whichever words.
pub(crate) fn is_same(a: &Finding, b: &Finding) -> bool {
    let is_words = |f: &Finding| matches!(f.subject, Subject::Words { .. });
    (a.subject == b.subject && a.aspect == b.aspect) || (is_words(a) && is_words(b))
}

/// What is new and what a live report had found already, each the gravest first.
pub(crate) struct Overall {
    pub(crate) new: Vec<Finding>,
    pub(crate) known: Vec<Finding>,
}

/// Everything that was found, over all comparisons, arrivals and the live model's scores.
pub(crate) fn overall(
    comparisons: &[Comparison],
    arrivals: &Part<Arrivals>,
    live: &Part<LiveScores>,
    past: &Past,
) -> Overall {
    let mut all: Vec<Finding> = comparisons.iter().flat_map(findings).collect();
    if let Part::Present(arrivals) = arrivals {
        all.extend(of_arrivals(arrivals));
    }
    if let Part::Present(scores) = live {
        all.extend(of_scores(scores));
    }
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for finding in gravest(all) {
        match past.known(&finding) {
            Some(told) => known.push(Finding { known: Some(told), ..finding }),
            None => new.push(finding),
        }
    }
    Overall { new, known }
}

impl Past {
    /// What was told of a finding before, where that was no less grave.
    fn known(&self, finding: &Finding) -> Option<EarlierFinding> {
        let told = self.findings.iter().find(|told| is_same(told, finding))?;
        let known = told.known.clone().unwrap_or_else(|| EarlierFinding {
            since: self.date.clone(),
            severity: told.severity,
        });
        let severity = known.severity.max(told.severity);
        (finding.severity <= severity).then_some(EarlierFinding { severity, ..known })
    }
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
        Finding {
            severity,
            term: Some(Term::Live),
            window: None,
            subject,
            aspect: None,
            measure: Some(measure),
            known: None,
        }
    }

    #[test]
    fn the_gravest_come_first_one_a_subject() {
        let gone = Finding {
            subject: Subject::Schema("people".to_owned()),
            measure: None,
            ..finding(Severity::Alert, "", 0.0)
        };
        let told = gravest(vec![
            finding(Severity::Watch, "a", 0.9),
            finding(Severity::Alert, "b", 0.3),
            finding(Severity::Alert, "c", 0.4),
            finding(Severity::Alert, "c", 0.35),
            gone.clone(),
        ]);
        let names: Vec<_> = told.into_iter().map(|f| f.subject).collect();
        let volume = |name: &str| Subject::Volume(name.to_owned());
        assert_eq!(names, [gone.subject, volume("c"), volume("b"), volume("a")]);
    }

    #[test]
    fn what_was_told_as_grave_is_known_and_what_is_graver_is_new() {
        let past = |findings| Past { date: "2026-01-02".to_owned(), findings, ..Past::default() };
        let watch = || finding(Severity::Watch, "a", 0.15);
        let known = past(vec![watch()]).known(&watch()).unwrap();
        assert_eq!((known.since.as_str(), known.severity), ("2026-01-02", Severity::Watch));
        assert_eq!(past(vec![watch()]).known(&finding(Severity::Alert, "a", 0.4)), None);
        assert_eq!(past(vec![watch()]).known(&finding(Severity::Watch, "b", 0.15)), None);
        // An alert that was a watch in between is the alert that was told.
        let since = EarlierFinding { since: "2026-01-01".to_owned(), severity: Severity::Alert };
        let between = Finding { known: Some(since.clone()), ..watch() };
        let again = past(vec![between]).known(&finding(Severity::Alert, "a", 0.4));
        assert_eq!(again, Some(since));
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
