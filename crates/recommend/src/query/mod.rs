//! `recommend query`: who or what is near, with which words in common.

mod filter;
pub(crate) mod served;
mod why;

use std::fmt::Write as _;

use neighbours::Hit;
use serde_json::{Value, json};
use stage::{Answer, Call};

use crate::{
    Error,
    columns::Side,
    compose::{Batch, Texts},
};
use filter::Filter;
use served::Served;
use why::{Term, Why};

/// Hits that are told unless it is said otherwise.
const K: usize = 10;

/// Hits that may be asked for at most.
const MOST: usize = 1_000;

#[derive(Debug, clap::Args)]
pub struct QueryArgs {
    /// The jobs nearest to this candidate
    #[arg(long, value_name = "ID")]
    candidate: Option<String>,
    /// The candidates nearest to this job
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// The jobs nearest to this text, read by the encoder of the version
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// So many at most [default: 10]
    #[arg(long, value_name = "N")]
    k: Option<String>,
    /// Only these: open, estado, cidade, pais, nivel, pcd, contratacao, area of jobs; cidade,
    /// nivel, area of candidates
    #[arg(long, value_name = "NAME=VALUE,…")]
    filter: Option<String>,
    /// Look at every job instead of asking the index (as with --filter and --job)
    #[arg(long)]
    exact: bool,
    /// The version of the recommender [default: the live one]
    #[arg(long, value_name = "vN")]
    version: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About<'a> {
    Candidate(&'a str),
    Job(&'a str),
    Text(&'a str),
}

impl About<'_> {
    /// The side that is found.
    const fn finds(self) -> Side {
        match self {
            Self::Job(_) => Side::People,
            Self::Candidate(_) | Self::Text(_) => Side::Jobs,
        }
    }

    fn from_args(args: &QueryArgs) -> Result<About<'_>, Error> {
        match (args.candidate.as_deref(), args.job.as_deref(), args.text.as_deref()) {
            (Some(id), None, None) => Ok(About::Candidate(id)),
            (None, Some(id), None) => Ok(About::Job(id)),
            (None, None, Some(text)) if text.trim().is_empty() => {
                Err(Error::Argument("--text: expected some words".to_owned()))
            }
            (None, None, Some(text)) => Ok(About::Text(text)),
            _ => Err(Error::Argument(
                "expected one of --candidate ID, --job ID and --text \"…\"".to_owned(),
            )),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Search {
    Index,
    /// By looking at every vector that may be found.
    Exact,
}

impl Search {
    const fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Exact => "exact",
        }
    }
}

/// A hit as it is told.
struct Told<'a> {
    id: &'a str,
    title: Option<String>,
    cosine: f32,
    why: Vec<Term>,
}

pub(crate) fn query(call: &Call<'_>, args: &QueryArgs) -> Result<Answer, stage::Error> {
    let about = About::from_args(args)?;
    let k = match args.k.as_deref() {
        None => K,
        Some(given) => match given.parse() {
            Ok(k) if (1..=MOST).contains(&k) => k,
            _ => {
                let expected = format!("--k {given}: expected a number from 1 to {MOST}");
                return Err(Error::Argument(expected).into());
            }
        },
    };
    let finds = about.finds();
    let filter = args.filter.as_deref().map(|given| Filter::parse(given, finds)).transpose()?;
    let served = Served::open(call.lake, args.version.as_deref())?;
    served.check_features()?;
    let (own, vector) = match about {
        About::Candidate(id) => served.look_up(Side::People, id)?,
        About::Job(id) => served.look_up(Side::Jobs, id)?,
        About::Text(text) => (None, served.encode(text)?),
    };
    let exact = args.exact || filter.is_some() || finds == Side::People;
    let (search, hits) = if exact {
        let may = match &filter {
            Some(filter) => Some(filter.rows(
                &served.features(finds)?,
                served.ids(finds)?.len(),
                served.as_of(),
                served.config().open_days,
            )?),
            None => None,
        };
        (Search::Exact, served.exact(finds, &vector, k, may.as_deref())?)
    } else {
        (Search::Index, served.by_index(&vector, k)?)
    };
    let ids = served.ids(finds)?;
    let told = explain(&served, about, own, &hits, &ids)?;
    Ok(Answer {
        text: text(&served, about, search, &told),
        json: as_json(&served, about, search, args.filter.as_deref(), &told),
        file: None,
    })
}

/// The hits with what people want to see of them.
fn explain<'a>(
    served: &Served<'_>,
    about: About<'_>,
    own: Option<u32>,
    hits: &[Hit],
    ids: &'a [Box<str>],
) -> Result<Vec<Told<'a>>, stage::Error> {
    let jobs = all_texts(served, Side::Jobs)?;
    let mut why = Why::fit(&jobs)?;
    let rows: Vec<u32> = hits.iter().map(|hit| hit.item).collect();
    let asked = match (about, own) {
        (About::Text(text), _) => text.to_owned(),
        (About::Job(_), Some(row)) => jobs.get(row as usize).cloned().unwrap_or_default(),
        (_, Some(row)) => texts(served, Side::People, &[row])?.pop().unwrap_or_default(),
        (_, None) => String::new(),
    };
    let asked = why.weigh(&asked);
    let (found, titles) = match about.finds() {
        Side::Jobs => {
            let of = |row: &u32| jobs.get(*row as usize).cloned().unwrap_or_default();
            (rows.iter().map(of).collect(), served.titles(&rows)?)
        }
        Side::People => (texts(served, Side::People, &rows)?, Vec::new()),
    };
    let mut titles = titles.into_iter();
    let told = hits.iter().zip(found).map(|(hit, text): (&Hit, String)| {
        let weights = why.weigh(&text);
        Told {
            id: &ids[hit.item as usize],
            title: titles.next().flatten(),
            cosine: hit.cosine,
            why: why.shared(&asked, &weights),
        }
    });
    Ok(told.collect())
}

fn all_texts(served: &Served<'_>, side: Side) -> Result<Vec<String>, stage::Error> {
    let read = Texts::open(side, served.features(side)?, served.config().text_of(side))?;
    let mut all = Vec::new();
    for batch in read {
        all.extend(batch?.texts);
    }
    Ok(all)
}

/// The texts of some rows, in their order.
fn texts(served: &Served<'_>, side: Side, rows: &[u32]) -> Result<Vec<String>, stage::Error> {
    let mut wanted: Vec<(u32, usize)> = rows.iter().copied().zip(0..).collect();
    wanted.sort_unstable();
    let mut found = vec![String::new(); rows.len()];
    let (mut wanted, mut begin) = (wanted.into_iter().peekable(), 0);
    for batch in Texts::open(side, served.features(side)?, served.config().text_of(side))? {
        let Batch { mut texts, .. } = batch?;
        while let Some((row, place)) =
            wanted.next_if(|(row, _)| (*row as usize) < begin + texts.len())
        {
            // A row is asked for once: rows of hits differ.
            found[place] = std::mem::take(&mut texts[row as usize - begin]);
        }
        begin += texts.len();
        if wanted.peek().is_none() {
            break;
        }
    }
    Ok(found)
}

fn text(served: &Served<'_>, about: About<'_>, search: Search, told: &[Told<'_>]) -> String {
    let finds = about.finds();
    let asked = match about {
        About::Candidate(id) => format!("candidate {id}"),
        About::Job(id) => format!("job {id}"),
        About::Text(_) => "the text".to_owned(),
    };
    let mut text = format!(
        "{} nearest to {asked}, {}\nrecommend {}, encoder {}\n\n",
        finds.plural(),
        match search {
            Search::Index => "by the index (--exact looks at every one)",
            Search::Exact => "of all that may be found",
        },
        served.chosen(),
        served.encoder(),
    );
    if told.is_empty() {
        let _ = writeln!(
            text,
            "none: nothing fits the filter, or what was asked says nothing to the encoder"
        );
        return text;
    }
    let width = told.iter().map(|hit| hit.id.len()).max().unwrap_or(0).max(finds.key().len());
    let titles = finds == Side::Jobs;
    let title_width = if titles {
        let longest = told.iter().filter_map(|hit| hit.title.as_deref()).map(|t| t.chars().count());
        longest.max().unwrap_or(0).clamp(5, 40)
    } else {
        0
    };
    let title = if titles { format!("{:<title_width$}  ", "title") } else { String::new() };
    let _ = writeln!(text, "{:>width$}  cosine  {title}words in common", finds.key());
    for hit in told {
        let words: Vec<&str> = hit.why.iter().map(|term| term.term.as_str()).collect();
        let title = if titles {
            let title = shorten(hit.title.as_deref().unwrap_or("-"), title_width);
            format!("{title:<title_width$}  ")
        } else {
            String::new()
        };
        let words = if words.is_empty() { "-".to_owned() } else { words.join(", ") };
        let _ = writeln!(text, "{:>width$}  {:>6.4}  {title}{words}", hit.id, hit.cosine);
    }
    text
}

fn shorten(title: &str, width: usize) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.chars().count() <= width {
        return title;
    }
    title.chars().take(width - 1).chain(['…']).collect()
}

fn as_json(
    served: &Served<'_>,
    about: About<'_>,
    search: Search,
    filter: Option<&str>,
    told: &[Told<'_>],
) -> Value {
    let finds = about.finds();
    let hits: Vec<Value> = (1..)
        .zip(told)
        .map(|(rank, hit)| {
            let mut object = json!({
                "rank": rank,
                finds.key(): hit.id,
                "cosine": hit.cosine,
                "why": hit.why,
            });
            if finds == Side::Jobs {
                object["titulo_vaga"] = json!(hit.title);
            }
            object
        })
        .collect();
    let asked = match about {
        About::Candidate(id) => json!({"candidate": id}),
        About::Job(id) => json!({"job": id}),
        About::Text(text) => json!({"text": text}),
    };
    json!({
        "version": served.version().to_string(),
        "encoder": served.encoder_json(),
        "as_of": served.as_of(),
        "asked": asked,
        "filter": filter,
        "search": search.name(),
        "hits": hits,
    })
}
