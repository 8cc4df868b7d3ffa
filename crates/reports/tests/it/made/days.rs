//! Days on which there is little to say, and one on which every word is hostile.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use reports::report::*;

use super::{comparison, history, measure, report, version};

/// A day beside a version that an analyst named.
pub(crate) fn named() -> Report {
    let mut report = report(60);
    report.comparisons.truncate(1);
    // Nothing was live.
    if let Part::Present(arrivals) = &mut report.arrivals {
        arrivals.windows.retain(|window| window.days.is_some());
    }
    report.live_scores = Part::Absent(Absence::NothingLive);
    let comparison = &mut report.comparisons[0];
    comparison.term = Term::Named;
    (comparison.baseline.version, comparison.baseline.logical_date) =
        ("v3".to_owned(), "2026-10-27".to_owned());
    comparison.reasons.iter_mut().for_each(|reason| reason.term = Some(Term::Named));
    report.new.clone_from(&comparison.reasons);
    report.known.clear();
    report
}

pub(crate) fn quiet() -> Report {
    let mut report = report(60);
    report.comparisons = vec![comparison(Term::Live, 60, 0.0)];
    report.severity = Severity::None;
    report.new.clear();
    report.known.clear();
    report.arrivals = Part::Absent(Absence::TooFew);
    report.history = history(12, Severity::None);
    for comparison in &mut report.comparisons {
        comparison.severity = Severity::None;
        comparison.reasons.clear();
    }
    report
}

pub(crate) fn first() -> Report {
    Report {
        severity: Severity::None,
        current: version(1, "2026-11-24"),
        new: vec![],
        known: vec![],
        comparisons: vec![],
        arrivals: Part::Absent(Absence::TooFew),
        live_scores: Part::Absent(Absence::NothingLive),
        history: history(1, Severity::None),
        ..report(0)
    }
}

/// A day whose data are those of the day before.
pub(crate) fn equal() -> Report {
    let mut report = quiet();
    report.live_scores = Part::Absent(Absence::Equal);
    for one in &mut report.comparisons {
        one.equal = true;
        one.columns.clear();
        one.volumes.clear();
        one.classifier = Part::Absent(Absence::Equal);
        one.classic = Part::Absent(Absence::Equal);
        one.label_rate = None;
        one.embeddings.clear();
        one.embeddings_absent = Some(Absence::Equal);
    }
    report
}

/// A day on which nothing arrived.
pub(crate) fn empty() -> Report {
    let mut report = report(60);
    let gone = measure(MeasureName::RelativeChange, 1.0, 0.2, Severity::Alert);
    report.current = VersionFacts {
        people: 0,
        jobs: 0,
        applications: 0,
        first_application: None,
        last_application: None,
        ..report.current
    };
    report.profile.clear();
    report.known.clear();
    report.arrivals = Part::Absent(Absence::TooFew);
    report.live_scores = Part::Absent(Absence::TooFew);
    for one in &mut report.comparisons {
        one.columns.clear();
        one.classifier = Part::Absent(Absence::TooFew);
        one.classic = Part::Absent(Absence::TooFew);
        one.label_rate = None;
        one.embeddings.clear();
        one.embeddings_absent = Some(Absence::TooFew);
        one.schema = vec![SchemaChange {
            table: "people".to_owned(),
            column: "linkedin".to_owned(),
            before: Some("text".to_owned()),
            after: None,
        }];
        for volume in &mut one.volumes {
            volume.after = Some(0);
        }
        let finding = |subject, measure| Finding {
            severity: Severity::Alert,
            term: Some(one.term),
            window: None,
            subject,
            aspect: None,
            measure,
            known: None,
        };
        one.reasons = vec![
            finding(Subject::Volume("applications".to_owned()), Some(gone.clone())),
            finding(Subject::Schema("people".to_owned()), None),
        ];
    }
    report.new = report.comparisons[0].reasons.clone();
    report
}

/// What people may write: markup, marks that turn text around, a word without an end.
pub(crate) const HOSTILE: [&str; 8] = [
    "<script>window.hacked=1</script>",
    "\"><img src=x onerror=\"window.hacked=1\">",
    "</title></text></svg><svg onload=window.hacked=1>",
    "\u{202e}evitacitsuj\u{202c}\u{2066}x",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;&#39;'`${window.hacked=1}",
    "عربى עברית 漢字",
    "\0\u{7f}\u{200b}]]>--></style>",
];

/// A day of drift in whose every word somebody is hostile.
pub(crate) fn hostile() -> Report {
    let long = "x".repeat(10_000);
    let words: Vec<String> =
        HOSTILE.iter().map(|w| (*w).to_owned()).chain([long, "ação ".repeat(200)]).collect();
    let mut at = 0;
    let mut word = || {
        at += 1;
        words[at % words.len()].clone()
    };
    let mut report = report(60);
    report.current.version = word();
    report.current.logical_date = word();
    for column in &mut report.profile {
        column.column = word();
        column.table = word();
        column.top.iter_mut().for_each(|t| t.value = word());
    }
    for past in &mut report.history {
        past.features = word();
        past.logical_date = word();
    }
    for one in &mut report.comparisons {
        one.baseline.version = word();
        for column in &mut one.columns {
            column.categories.iter_mut().for_each(|c| c.value = Some(word()));
            column.appeared.iter_mut().for_each(|c| c.value = word());
            column.vanished.iter_mut().for_each(|c| c.value = word());
            column.terms.iter_mut().for_each(|t| t.term = word());
        }
        one.volumes[0].name = word();
        one.embeddings[0].side = word();
        one.embeddings[0].encoder = word();
        one.schema = vec![SchemaChange {
            table: "people".to_owned(),
            column: word(),
            before: None,
            after: Some(word()),
        }];
        if let Part::Present(classic) = &mut one.classic {
            classic.terms.iter_mut().for_each(|t| t.term = word());
        }
        if let Part::Present(classifier) = &mut one.classifier {
            classifier.terms.iter_mut().for_each(|t| t.term = word());
        }
        one.reasons[0].subject = Subject::Words { terms: (0..5).map(|_| word()).collect() };
        one.reasons[1].subject = Subject::Schema("people".to_owned());
    }
    if let Part::Present(arrivals) = &mut report.arrivals {
        for window in &mut arrivals.windows {
            for column in window.tables.iter_mut().flat_map(|table| &mut table.columns) {
                column.column = word();
                column.categories.iter_mut().for_each(|c| c.value = Some(word()));
                column.terms.iter_mut().for_each(|t| t.term = word());
            }
        }
    }
    // Names of columns, hostile on both sides of what refers to them.
    for one in &mut report.comparisons {
        for column in &mut one.columns {
            column.table = word();
            column.column = word();
        }
        one.reasons[2].subject = Subject::Column {
            table: one.columns[0].table.clone(),
            column: one.columns[0].column.clone(),
        };
    }
    report.new = report.comparisons[0].reasons.clone();
    report
}
