//! A CV: lower-case text that shows, with noise, what is true of a candidate.

use super::phrases::{Phrases, TEXTS};
use super::{Spellings, Tongue, fill};
use crate::catalogue::{CITIES, FLUENCY, GENERIC, LEVELS, PER_AREA, SkillSet};
use crate::config::Law;
use crate::drift::{self, PLANTED_TERMS};
use crate::person::{Person, PersonIdentity};
use crate::rng::{Purpose, Stream};

/// The chance that a CV names a skill that its owner has.
pub(crate) const NAMED: f64 = 0.92;
/// The chance that a CV names one given skill of its owner's areas that the owner has not.
pub(crate) const DROPPED: f64 = 0.05;
/// No CV is longer, in characters.
const LONGEST: usize = 30_000;

/// Who writes, for what world.
pub(crate) struct Author<'a> {
    pub(crate) seed: u64,
    pub(crate) index: usize,
    pub(crate) person: &'a Person,
    pub(crate) identity: &'a PersonIdentity,
    pub(crate) law: Law,
    pub(crate) drift: f64,
    /// The year in which the CV is written.
    pub(crate) present: usize,
}

/// Writes the CV over `out`; empty for one candidate in a hundred.
pub(crate) fn write(out: &mut String, author: &Author<'_>, spellings: &Spellings) {
    let Some(mut cv) = Cv::begin(out, author, spellings) else { return };
    cv.summary();
    cv.skills();
    cv.experience();
    cv.ending();
    if cv.dense {
        // What some extractors leave of a PDF.
        out.retain(|letter| letter != ' ');
    }
}

/// The skills that the CV names; `None` where it is empty.
pub(crate) fn named(author: &Author<'_>, spellings: &Spellings) -> Option<SkillSet> {
    let mut out = String::new();
    let cv = Cv::begin(&mut out, author, spellings)?;
    let mut named = SkillSet::default();
    cv.shown.iter().for_each(|&skill| named.insert(skill));
    Some(named)
}

/// Portuguese 88 %, English 8 % and Spanish 4 %; who speaks a language well writes in it oftener.
fn tongue(stream: &mut Stream, author: &Author<'_>) -> Tongue {
    let english = match author.person.english {
        3.. => 0.27,
        2 => 0.03,
        _ => 0.003,
    };
    let spanish = if author.person.spanish >= 3 { 0.30 } else { 0.012 };
    match stream.unit() {
        u if u < english * drift::english_factor(author.drift) => Tongue::English,
        u if u > 1.0 - spanish => Tongue::Spanish,
        _ => Tongue::Portuguese,
    }
}

/// Characters to write: log-normal, a mean of about 3,400 (with the ending) and a long tail.
fn length(stream: &mut Stream) -> usize {
    let length = libm::exp(7.925 + 0.62 * stream.normal());
    (length as usize).clamp(150, LONGEST - 1500)
}

struct Cv<'a> {
    out: &'a mut String,
    stream: Stream,
    author: &'a Author<'a>,
    spellings: &'a Spellings,
    tongue: Tongue,
    phrases: &'static Phrases<'static>,
    /// Characters to write, the ending aside.
    length: usize,
    /// Written without spaces.
    dense: bool,
    bullet: &'static str,
    /// Skills that the text names, each at least once.
    shown: Vec<usize>,
    /// How many times a skill has been named.
    said: usize,
}

impl<'a> Cv<'a> {
    /// Writes the head over `out` and chooses the skills to name; nothing for an empty CV.
    fn begin(
        out: &'a mut String,
        author: &'a Author<'a>,
        spellings: &'a Spellings,
    ) -> Option<Self> {
        out.clear();
        let mut stream = Stream::new(author.seed, Purpose::Cv, author.index as u64);
        if stream.chance(0.01) {
            return None;
        }
        let tongue = tongue(&mut stream, author);
        let length = length(&mut stream);
        let dense = stream.chance(0.02);
        let mut cv = Cv {
            out,
            stream,
            author,
            spellings,
            tongue,
            phrases: match tongue {
                Tongue::Portuguese => &TEXTS.portuguese,
                Tongue::English => &TEXTS.english,
                Tongue::Spanish => &TEXTS.spanish,
            },
            length,
            dense,
            bullet: "",
            shown: Vec::new(),
            said: 0,
        };
        cv.header();
        cv.choose();
        Some(cv)
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn heading(&mut self, which: usize) {
        let heading = self.stream.pick(&self.phrases.headings[which]);
        self.out.push('\n');
        self.out.push_str(heading);
        self.out.push_str(if self.stream.chance(0.4) { ":\n" } else { "\n" });
    }

    /// Name, contacts, place, profession with its level.
    fn header(&mut self) {
        let identity = self.author.identity;
        let name = identity.name.to_lowercase();
        self.line(&name);
        if self.stream.chance(0.92) {
            self.line(&identity.email.clone());
        }
        if self.stream.chance(0.9) {
            let way = self.stream.below(5);
            self.line(&identity.phone_written(way));
        }
        if self.stream.chance(0.08) {
            let cpf =
                if self.stream.chance(0.7) { identity.cpf_written() } else { identity.cpf.clone() };
            self.line(&format!("cpf: {cpf}"));
        }
        if self.stream.chance(0.2) {
            let page = name.replace(' ', "-");
            self.line(&format!("https://www.exemplo.com/in/{page}-{}", self.author.index % 977));
        }
        if self.stream.chance(0.92) {
            let place = self.author.person.place();
            let end = if self.stream.chance(0.5) { place.state } else { place.letters };
            let line = format!("{}/{}", place.name.to_lowercase(), end.to_lowercase());
            self.line(&line);
        }
        let profession = self.author.person.profession()[self.tongue as usize];
        let (pt, en, es, _) = LEVELS[usize::from(self.author.person.level)];
        let level = [pt, en, es][self.tongue as usize].to_lowercase();
        let line = match self.stream.unit() {
            u if u > 0.9 => profession.to_owned(),
            _ if self.tongue == Tongue::English => format!("{level} {profession}"),
            _ => format!("{profession} {level}"),
        };
        self.line(&line);
        self.bullet = self.stream.pick(&["", "", "- ", "• ", "* ", "\u{f0b7} ", "–\t"]);
    }

    /// Which skills the text names: most of those had, a few others.
    fn choose(&mut self) {
        let person = self.author.person;
        for area in [usize::from(person.area), usize::from(person.second), GENERIC] {
            for skill in area * PER_AREA..(area + 1) * PER_AREA {
                let chance = if person.skills.contains(skill) { NAMED } else { DROPPED };
                if self.stream.chance(chance) {
                    self.shown.push(skill);
                }
            }
        }
        // In no order that says which is which.
        for last in (1..self.shown.len()).rev() {
            let other = self.stream.below(last + 1);
            self.shown.swap(last, other);
        }
    }

    /// Appends the next skill: each once, then any.
    fn say(&mut self, out: &mut String) {
        let skill = match self.shown.get(self.said) {
            Some(&skill) => skill,
            None if self.shown.is_empty() => GENERIC * PER_AREA,
            None => self.stream.pick(&self.shown),
        };
        self.said += 1;
        self.spellings.push(out, &mut self.stream, skill, self.tongue);
        let graded = self.author.law == Law::Operations && self.tongue == Tongue::Portuguese;
        if graded && self.stream.chance(0.12) {
            out.push_str(self.stream.pick(&[" avançado", " intermediário", " básico"]));
        }
    }

    /// Appends a template, with skills, as a line.
    fn template(&mut self, template: &str) {
        let mut line = std::mem::take(self.out);
        line.push_str(self.bullet);
        fill(&mut line, template, |out| self.say(out));
        *self.out = line;
    }

    fn summary(&mut self) {
        if self.stream.chance(0.25) {
            return;
        }
        self.heading(0);
        let level = usize::from(self.author.person.level);
        let years = (1 + 3 * level + self.stream.below(4)).to_string();
        let line = self.phrases.years.replace("{}", &years);
        self.line(&line);
        for _ in 0..self.stream.between(0, 3) {
            let plain = self.stream.pick(&self.phrases.plain);
            self.line(plain);
        }
    }

    /// A list of the skills, in most CVs; the others name them only in what they did.
    fn skills(&mut self) {
        let listed = self.stream.chance(0.7);
        if listed {
            self.heading(1);
            let separator = self.stream.pick(&[", ", "; ", " | ", "\n", " - ", "/"]);
            while self.said < self.shown.len() {
                let mut line = std::mem::take(self.out);
                self.say(&mut line);
                *self.out = line;
                self.out.push_str(separator);
            }
            self.out.push('\n');
        }
        // The dial's new words, in a stream of their own: no other draw moves.
        if self.author.drift > 0.0 {
            let mut planted =
                Stream::new(self.author.seed, Purpose::Drift, 2 * self.author.index as u64);
            for term in PLANTED_TERMS {
                if planted.chance(drift::term_in_cv(self.author.drift)) {
                    self.line(term);
                }
            }
        }
    }

    /// One employer after another, until the text is long enough and every skill is named.
    fn experience(&mut self) {
        let length = self.length;
        self.heading(2);
        let present = self.author.present;
        let mut until = present;
        while self.out.len() < length || self.said < self.shown.len() {
            let since = until - self.stream.between(1, 3).min(until - 1990);
            let company = self.stream.pick(&TEXTS.companies);
            let end =
                if until == present { self.phrases.today.to_owned() } else { until.to_string() };
            let month = self.stream.between(1, 12);
            let line = match self.stream.below(3) {
                0 => format!("{company} - {month:02}/{since} a {end}"),
                1 => format!("{company} ({since} - {end})"),
                _ => format!("{since} - {end}\n{company}"),
            };
            self.line(&line);
            if self.stream.chance(0.06) {
                let city = CITIES[self.stream.below(CITIES.len())].name.to_lowercase();
                self.line(&city);
            }
            for _ in 0..self.stream.between(4, 11) {
                if self.stream.chance(0.3) {
                    let plain = self.stream.pick(&self.phrases.plain);
                    self.out.push_str(self.bullet);
                    self.out.push_str(plain);
                } else {
                    let template = self.stream.pick(&self.phrases.lines);
                    self.template(template);
                }
                if self.stream.chance(0.4) {
                    self.out.push(' ');
                    let tail = self.stream.pick(&self.phrases.tails);
                    self.out.push_str(tail);
                }
                self.out.push_str(if self.stream.chance(0.3) { ";\n" } else { "\n" });
                if self.out.len() > length && self.said >= self.shown.len() {
                    break;
                }
            }
            until = if since > 1990 { since } else { present };
        }
    }

    /// Education, languages, courses.
    fn ending(&mut self) {
        let person = self.author.person;
        if self.stream.chance(0.85) {
            self.heading(3);
            let (study, school) =
                (self.stream.pick(&self.phrases.studies), self.stream.pick(&TEXTS.schools));
            let year = self.author.identity.birth_year + 22 + self.stream.below(5);
            self.line(&format!("{study}, {school}, {year}"));
        }
        if person.english + person.spanish > 0 && self.stream.chance(0.88) {
            self.heading(4);
            for (name, level) in
                [(self.phrases.english, person.english), (self.phrases.spanish, person.spanish)]
            {
                let (pt, en, es) = FLUENCY[usize::from(level)];
                let level_name = [pt, en, es][self.tongue as usize].to_lowercase();
                if level > 0 {
                    let between = self.stream.pick(&[" ", ": ", " - ", " – "]);
                    self.line(&format!("{name}{between}{level_name}"));
                }
            }
        }
        if self.stream.chance(0.4) {
            self.heading(5);
            for _ in 0..self.stream.between(1, 4) {
                let template = self.stream.pick(&self.phrases.courses);
                self.template(template);
                self.out.push('\n');
            }
        }
    }
}
