//! Bad mornings: raw folders as exports really arrive when something upstream went wrong.
//!
//! [`apply`] changes a good folder in place, in one of the ways of [`Breakage`]. What a pipeline
//! should do about it is a matter of [`Breakage::is_good`]: the day is still good, perhaps with a
//! few records set aside and counted, or it must not go live. `truth.csv` stays as it was: it holds
//! what was true.
//!
//! ```
//! use sample::breakage::{self, Breakage};
//! use std::ops::ControlFlow;
//! let folder = tempfile::tempdir()?;
//! let config = sample::SampleConfig {
//!     candidates: 40, jobs: 12, applications: 50, ..sample::SampleConfig::default()
//! };
//! sample::generate(&config, folder.path(), &|_| ControlFlow::Continue(()))?;
//! let breakage: Breakage = "status-column-renamed".parse()?;
//! breakage::apply(breakage, folder.path(), config.last_day(), config.seed)?;
//! let prospects = std::fs::read_to_string(folder.path().join("prospects.json"))?;
//! assert!(!prospects.contains("situacao_candidado"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod edits;
mod encodings;
mod table;

use crate::{Day, Error};
use std::{fmt, path::Path, str::FromStr};

/// The enum, the list of all its values and their names, from one table.
macro_rules! breakages {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal,)+) => {
        /// What went wrong with a day's raw files.
        ///
        /// "The last month" is the 30 days up to the day given, that day included.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Breakage {
            $($(#[$doc])+ $variant,)+
        }

        impl Breakage {
            /// Every breakage.
            pub const ALL: &'static [Breakage] = &[$(Breakage::$variant),+];

            /// Its name, as `mllab sample --break` takes it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Breakage::$variant => $name,)+
                }
            }
        }
    };
}

breakages! {
    /// A page of the export of candidates was lost: half of them, here and there. Bad.
    HalfOfApplicantsMissing = "half-of-applicants-missing",
    /// The same of jobs. Bad.
    HalfOfJobsMissing = "half-of-jobs-missing",
    /// The extraction of texts from CVs broke: `cv_pt` and `cv_en` are empty for everybody. Bad.
    AllCvsEmpty = "all-cvs-empty",
    /// The same since a month: for people who came in the last month. Bad.
    NewCvsEmpty = "new-cvs-empty",
    /// The CVs' column is there under another key, `curriculo_pt`. Bad.
    CvKeyRenamed = "cv-key-renamed",
    /// The CVs' column was left out of the export. Bad.
    CvKeyAbsent = "cv-key-absent",
    /// A join went wrong: everybody has the first person's CV. Bad.
    OneCvForAll = "one-cv-for-all",
    /// A join went wrong: one id in ten carries another person's whole record. Bad.
    RecordsOfOthers = "records-of-others",
    /// A migration gave each person a second code, with all their applications. Good: still one
    /// person each.
    PeopleTwice = "people-twice",
    /// Thirty people had their data erased; their applications stay. Good.
    PeopleWithdrawn = "people-withdrawn",
    /// The jobs' texts are empty (activities and competences). Bad.
    JobTextsEmpty = "job-texts-empty",
    /// The form's contract types have other names: `CLT Full` is now `CLT - Efetivo`, and so on. Bad.
    ContractsRenamed = "contracts-renamed",
    /// Every job was posted again under a second code with the same text and the same applications.
    /// Good: still one text each.
    JobsTwice = "jobs-twice",
    /// One job's opening is dated 2099. Good: that record is set aside.
    OneJobIn2099 = "one-job-in-2099",
    /// The newest job's year is mistyped by one. Good: that record is set aside.
    OneJobAYearAhead = "one-job-a-year-ahead",
    /// One application is dated 2099. Good: that record is set aside.
    OneApplicationIn2099 = "one-application-in-2099",
    /// One application in fifty is dated a year ahead. Bad: too many to be slips.
    ApplicationsAYearAhead = "applications-a-year-ahead",
    /// Applications are dated `mm-dd-yyyy`: half the dates are impossible, the others wrong. Bad.
    DatesMonthFirst = "dates-month-first",
    /// Applications are dated `mm/dd/yyyy`. Bad, unless that form is read and told.
    DatesMonthFirstSlashed = "dates-month-first-slashed",
    /// A spreadsheet saved the applications' dates as its serial numbers (44197). Bad, unless that
    /// form is read and told.
    DatesAsSerials = "dates-as-serials",
    /// Applications are dated `dd-mm-yy`. Bad, unless that form is read and told.
    DatesWithTwoDigitYears = "dates-with-two-digit-years",
    /// The hire's status has another name in all history: `Contratado`. Bad.
    HireStatusRenamed = "hire-status-renamed",
    /// The hires of the last month have a new status, `Contratado CLT`: no new hire counts. Bad.
    NewHireStatus = "new-hire-status",
    /// All statuses are in capitals. Good: the same statuses.
    StatusesInCapitals = "statuses-in-capitals",
    /// All statuses are in English. Bad.
    StatusesInEnglish = "statuses-in-english",
    /// Three in ten of `Prospect` have a new status, `Triagem`. Bad.
    ProspectSplit = "prospect-split",
    /// The status's column is there under another key, `situacao_candidato`. Bad.
    StatusColumnRenamed = "status-column-renamed",
    /// Every status is null. Bad.
    StatusesNull = "statuses-null",
    /// The statuses of the newest day's applications are null. Good: those few count as undecided,
    /// which nearly all of them are.
    LastDayWithoutStatus = "last-day-without-status",
    /// A feed of outcomes stopped: those of the last 182 days' applications are all `Prospect`,
    /// without a last change. Bad.
    OutcomesMissing = "outcomes-missing",
    /// Outcomes are shuffled over all decided applications: a model learns noise. Bad.
    LabelNoise = "label-noise",
    /// Nobody was ever hired. Bad.
    NoPositives = "no-positives",
    /// Everybody was hired. Bad.
    AllPositives = "all-positives",
    /// Every application is in its job's list twice. Bad.
    ApplicationsTwice = "applications-twice",
    /// `prospects.json` arrived as a folder of two parts, each of which is the whole. Bad.
    ProspectsFileTwice = "prospects-file-twice",
    /// Thirty applications that nobody touched are there a second time, before or after the first
    /// in the file, hired on the day. Good: the newer row counts.
    PairsTwice = "pairs-twice",
    /// One application is left. Bad.
    OneApplication = "one-application",
    /// No job has applications. Bad.
    NoApplications = "no-applications",
    /// The last month's applications are missing, while jobs and people go on. Bad.
    LastMonthMissing = "last-month-missing",
    /// Only what is new was exported: the last month's applications. Bad.
    DeltaExport = "delta-export",
    /// `vagas.json` is in Latin-1. Bad.
    JobsInLatin1 = "jobs-in-latin-1",
    /// All files are UTF-8 read as Windows-1252 and written again: `SÃ£o Paulo`. Bad.
    Mojibake = "mojibake",
    /// The same of `vagas.json` alone. Bad.
    MojibakeOfJobs = "mojibake-of-jobs",
    /// The same of `prospects.json` alone. Bad.
    MojibakeOfProspects = "mojibake-of-prospects",
}

impl Breakage {
    /// Whether the day is still good: what is wrong is repaired on reading, or a few records are set
    /// aside. Any other day must not go live.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(
            self,
            Breakage::PeopleTwice
                | Breakage::PeopleWithdrawn
                | Breakage::JobsTwice
                | Breakage::PairsTwice
                | Breakage::StatusesInCapitals
                | Breakage::LastDayWithoutStatus
                | Breakage::OneJobIn2099
                | Breakage::OneJobAYearAhead
                | Breakage::OneApplicationIn2099
        )
    }
}

impl fmt::Display for Breakage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text names no [`Breakage`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no breakage is called {0:?}: expected one of {list}", list = names())]
pub struct NoBreakage(String);

fn names() -> String {
    Breakage::ALL.iter().map(|breakage| breakage.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for Breakage {
    type Err = NoBreakage;

    fn from_str(name: &str) -> Result<Breakage, NoBreakage> {
        let found = Breakage::ALL.iter().find(|breakage| breakage.name() == name);
        found.copied().ok_or_else(|| NoBreakage(name.to_owned()))
    }
}

/// Breaks the raw files of a folder in place. `day` is the day of the export; which records are
/// struck follows from `seed`. Records keep their order, the keys of a changed file's records are
/// sorted. The files are held in memory.
///
/// # Errors
/// [`Error::Unreadable`] where a file that is to change is absent or no JSON object of records
/// (a [`hostile`](crate::hostile) sample's may not be, nor in UTF-8), [`Error::Io`] where one cannot be
/// written.
pub fn apply(breakage: Breakage, folder: &Path, day: Day, seed: u64) -> Result<(), Error> {
    edits::apply(breakage, folder, day, seed)
}
