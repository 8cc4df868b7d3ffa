//! Which version of a series an input is, where the event does not say.

use versioning::{Committed, InputRef, Series, Timestamp};

use crate::{Error, Inputs, Pick};

/// The version that `pick` means; none where there is none, or where it refers to an input that is
/// absent.
pub(crate) fn version(
    series: &Series,
    pick: Pick,
    inputs: &Inputs,
) -> Result<Option<Committed>, Error> {
    let given = |name: &str| inputs.versions.get(name);
    Ok(match pick {
        Pick::Newest => series.newest()?,
        Pick::Before(name) => match given(name) {
            Some(given) => series.before(given)?,
            None => None,
        },
        Pick::DaysBefore { given: name, days } => match given(name) {
            Some(given) => {
                let date = days_before(&given.manifest().logical_date, days)?;
                series.newest_where(|c| c.manifest().logical_date <= date)?
            }
            None => None,
        },
        Pick::Named => None,
        Pick::MadeFrom { given: name, as_input } => match given(name) {
            Some(given) => {
                let sha256 = given.manifest().content_hash();
                let is = |r: &InputRef| r.name == as_input && r.sha256 == sha256;
                series.newest_where(|c| c.manifest().inputs.iter().any(is))?
            }
            None => None,
        },
        Pick::InputOf { of, input } => {
            let inputs = given(of).map(|of| of.manifest().inputs.as_slice()).unwrap_or_default();
            match inputs.iter().find(|r| r.name == input).and_then(|r| r.version) {
                Some(version) => readable(series, version)?,
                None => None,
            }
        }
        Pick::LiveWhenMade(name) => match given(name) {
            Some(given) => match series.live_at(just_before(given.manifest().created_at))? {
                Some(version) => readable(series, version)?,
                None => None,
            },
            None => None,
        },
    })
}

/// A version; none where its manifest cannot be understood, which who asked is told of
/// ([`crate::Inputs::unreadable`]).
fn readable(series: &Series, version: versioning::Version) -> Result<Option<Committed>, Error> {
    match series.find_version(version) {
        Err(versioning::Error::Malformed { .. }) => Ok(None),
        found => Ok(found?),
    }
}

/// The day that lies `days` before `date`, both `YYYY-MM-DD`.
fn days_before(date: &str, days: u32) -> Result<String, Error> {
    let at: Timestamp = date.parse().map_err(Error::failed)?;
    Ok(at.days_before(days).day())
}

/// A promotion at the very moment came after it: the day that made the version promotes last.
fn just_before(time: Timestamp) -> Timestamp {
    Timestamp::from_millis(time.as_millis() - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use versioning::{Artefact, Body, KeyBuilder, Lake, Manifest, OutputFile};

    use super::*;

    /// Commits a version of `artefact` that holds `content` and was made from `inputs`.
    fn make(
        lake: &Lake,
        artefact: Artefact,
        date: &str,
        content: &str,
        inputs: &[(&str, &Committed)],
    ) -> Committed {
        let series = lake.series(artefact);
        let made = series.list().unwrap().len() as i64 + 1;
        let key = KeyBuilder::new(artefact.name(), content, &serde_json::json!(made)).finish();
        let now = Timestamp::from_millis(made * 1000);
        let claim = series.claim(&key, "e", now).unwrap();
        claim.put("f", &Body::Bytes(content.to_owned().into())).unwrap();
        let sha256 = versioning::hex(&<sha2::Sha256 as sha2::Digest>::digest(content));
        let bytes = content.len() as u64;
        let output = OutputFile { file: "f".to_owned(), bytes, sha256, rows: None };
        let reference = |(name, of): &(&str, &Committed)| InputRef {
            name: (*name).to_owned(),
            uri: of.uri(),
            version: Some(of.version()),
            sha256: of.manifest().content_hash(),
            rows: None,
        };
        let manifest = Manifest {
            format: Manifest::FORMAT,
            name: artefact.name().to_owned(),
            version: claim.version(),
            key,
            execution: "e".to_owned(),
            logical_date: date.to_owned(),
            created_at: now,
            inputs: inputs.iter().map(reference).collect(),
            outputs: vec![output],
            config: serde_json::Value::Null,
            code_version: "test".to_owned(),
            metrics: BTreeMap::new(),
            extra: BTreeMap::new(),
            seconds: BTreeMap::new(),
            peak_memory_bytes: None,
        };
        claim.commit(manifest).unwrap()
    }

    fn pick(
        lake: &Lake,
        artefact: Artefact,
        pick: Pick,
        given: &[(&'static str, &Committed)],
    ) -> Option<u64> {
        let versions = given.iter().map(|(name, c)| (*name, (*c).clone())).collect();
        let found = version(&lake.series(artefact), pick, &Inputs::of_versions(versions)).unwrap();
        found.map(|c| c.version().number())
    }

    #[test]
    fn before_is_another_version_than_the_given_one_and_named_is_none() {
        let lake = Lake::in_memory();
        let [a, b, c] = ["2026-01-01", "2026-01-02", "2026-01-02"]
            .map(|date| make(&lake, Artefact::Features, date, "x", &[]));
        let at = |pick_: Pick, given| pick(&lake, Artefact::Features, pick_, &[("now", given)]);
        assert_eq!([&a, &b, &c].map(|v| at(Pick::Before("now"), v)), [None, Some(1), Some(2)]);
        assert_eq!([&a, &b, &c].map(|v| at(Pick::Named, v)), [None; 3]);
        assert_eq!(pick(&lake, Artefact::Features, Pick::Before("absent"), &[]), None);
    }

    #[test]
    fn days_before_is_the_newest_of_those_that_are_old_enough() {
        let lake = Lake::in_memory();
        let dates = ["2025-11-01", "2026-01-01", "2026-02-28", "2026-03-01", "2026-04-01"];
        let versions = dates.map(|date| make(&lake, Artefact::Features, date, date, &[]));
        let at = |days, given| {
            let pick_ = Pick::DaysBefore { given: "now", days };
            pick(&lake, Artefact::Features, pick_, &[("now", given)])
        };
        let last = &versions[4];
        assert_eq!([31, 32, 90, 365].map(|d| at(d, last)), [Some(4), Some(3), Some(2), None]);
        assert_eq!(at(30, &versions[0]), None);
    }

    #[test]
    fn made_from_goes_by_what_the_input_held() {
        let lake = Lake::in_memory();
        let [one, two] =
            ["one", "two"].map(|c| make(&lake, Artefact::Features, "2026-01-01", c, &[]));
        for features in [&one, &one, &two] {
            make(&lake, Artefact::Recommend, "2026-01-01", "r", &[("features", features)]);
        }
        let made_from = Pick::MadeFrom { given: "now", as_input: "features" };
        let at = |given| pick(&lake, Artefact::Recommend, made_from, &[("now", given)]);
        assert_eq!([at(&one), at(&two)], [Some(2), Some(3)]);
        let other = Pick::MadeFrom { given: "now", as_input: "previous" };
        assert_eq!(pick(&lake, Artefact::Recommend, other, &[("now", &one)]), None);
    }

    #[test]
    fn input_of_is_what_the_given_version_was_made_from() {
        let lake = Lake::in_memory();
        let features = make(&lake, Artefact::Features, "2026-01-01", "x", &[]);
        let model = make(&lake, Artefact::Matching, "2026-01-01", "m", &[("features", &features)]);
        let of = |input| Pick::InputOf { of: "model", input };
        let at = |input| pick(&lake, Artefact::Features, of(input), &[("model", &model)]);
        assert_eq!([at("features"), at("live")], [Some(1), None]);
    }

    #[test]
    fn live_when_made_does_not_change_with_later_promotions() {
        let lake = Lake::in_memory();
        let models = [1, 2].map(|_| make(&lake, Artefact::Matching, "2026-01-01", "m", &[]));
        let [early, late] = ["2026-01-01", "2026-01-02"]
            .map(|date| make(&lake, Artefact::Features, date, date, &[]));
        let series = lake.series(Artefact::Matching);
        let promote = |model: &Committed, at: i64| {
            let line = format!("{}/f", model.version());
            series.promote(model.version(), &[line], Timestamp::from_millis(at), "test").unwrap();
        };
        // The features were made at 1000 and at 2000.
        promote(&models[0], 1500);
        let at =
            |given| pick(&lake, Artefact::Matching, Pick::LiveWhenMade("now"), &[("now", given)]);
        assert_eq!([at(&early), at(&late)], [None, Some(1)]);
        promote(&models[1], 2500);
        assert_eq!([at(&early), at(&late)], [None, Some(1)]);
    }
}
