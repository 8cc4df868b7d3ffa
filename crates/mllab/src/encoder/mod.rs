//! Encoders for the lake: fetched from the hub or added from a directory, listed, verified.
//!
//! A fetch goes file by file: download ([`hub`]), check against the pin ([`pin`]), and, when all
//! are right, mirror into the lake ([`fetch`]). From then on no run needs the hub.

mod pin;

mod trouble;

mod endpoint;
mod hub;

mod fetch;

mod add;

mod show;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use ::encoder::known::{self, Known};
use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use stage::{
    Error,
    cli::{self, Console, Printed, RunOptions},
};

use add::LSA;
pub(crate) use add::add_dir;
use endpoint::{Hub, Patience};

/// Where the hub is, unless `--endpoint` or hf-hub's own variable says otherwise.
const ENDPOINT: &str = "https://huggingface.co";

/// The folder of the lake in which downloads wait until they are whole.
const DOWNLOADS: &str = ".hub";

pub(crate) fn command() -> Command {
    let command = |name: &'static str, examples: &str| {
        Command::new(name).after_help(format!("Examples:\n{examples}"))
    };
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let fetch = command(
        "fetch",
        "  mllab encoder fetch
  mllab encoder fetch paraphrase-multilingual-MiniLM-L12-v2 --lake ./lake
  mllab encoder fetch --endpoint https://hub.example.com    a mirror of the hub

HF_ENDPOINT names the hub where --endpoint does not. HTTPS_PROXY and NO_PROXY are honoured.",
    )
    .about("Download an encoder's files, check their hashes, and mirror them into the lake")
    .long_about(
        "Download an encoder's files at the pinned revision, check length and SHA-256 of each, \
         and mirror them into the lake, from where every later run reads them. A download that \
         was interrupted goes on where it stopped. An encoder that the lake holds is not fetched \
         again.",
    )
    .arg(Arg::new("name").value_name("NAME").help("The encoder [default: all that are known]"))
    .arg(option("endpoint", "URL", "The hub [default: HF_ENDPOINT, or https://huggingface.co]"))
    .arg(option(
        "download-dir",
        "DIR",
        "Where to download to, and keep it [default: the lake's .hub, emptied afterwards]",
    ));
    let add = command(
        "add",
        "  mllab encoder add ./paraphrase-multilingual-MiniLM-L12-v2
  mllab encoder add ./checkpoint --name our-encoder",
    )
    .about("Bring a sentence-transformers directory into the lake")
    .long_about(
        "Bring a sentence-transformers directory with BERT or XLM-R weights into the lake. Under \
         the name of a known encoder its files must have the pinned hashes; under any other its \
         revision is the hash of its contents.",
    )
    .arg(Arg::new("dir").value_name("DIR").required(true).help("The directory"))
    .arg(option("name", "NAME", "The encoder's name [default: the directory's]"));
    let list = command("list", "  mllab encoder list\n  mllab encoder list --json")
        .about("List the encoders of the lake, and the known ones that it lacks");
    let verify = command(
        "verify",
        "  mllab encoder verify\n  mllab encoder verify paraphrase-multilingual-MiniLM-L12-v2",
    )
    .about("Read every file of the lake's encoders and check its hash")
    .arg(Arg::new("name").value_name("NAME").help("Only this encoder [default: all]"));
    command(
        "encoder",
        "  mllab encoder fetch                  from the hub, once
  mllab encoder add ./checkpoint       from a directory, where no hub can be reached
  mllab encoder list",
    )
    .about("Bring encoders into the lake, list and verify them")
    .subcommand_required(true)
    .arg_required_else_help(true)
    .arg(cli::lake_arg())
    .subcommands([fetch, add, list, verify])
}

pub(crate) fn dispatch(options: &RunOptions, matches: &ArgMatches) -> Result<Printed, Error> {
    let Some((command, given)) = matches.subcommand() else {
        return Err(Error::config("encoder: no command given: see `mllab encoder --help`"));
    };
    let text = |name: &str| given.try_get_one::<String>(name).ok().flatten().map(String::as_str);
    let lake = cli::open_lake(&options.lake)?;
    match command {
        "fetch" => fetch_command(options, text("name"), text("endpoint"), text("download-dir")),
        "add" => {
            let dir = text("dir").ok_or_else(|| Error::config("encoder add: which directory?"))?;
            let (name, revision) = add_dir(&lake, Path::new(dir), text("name"))?;
            let uri = lake.encoders().uri_of(&name, &revision)?;
            Ok(Printed {
                text: format!("{name}: the lake holds revision {revision}: {uri}"),
                json: json!({"name": name, "revision": revision, "uri": uri}),
            })
        }
        "list" => show::list(&lake, known::ALL),
        "verify" => {
            let console = Console::new("encoder", options.style());
            show::verify(&lake, known::ALL, text("name"), &console)
        }
        other => Err(Error::config(format!("no command `encoder {other}`"))),
    }
}

fn fetch_command(
    options: &RunOptions,
    name: Option<&str>,
    endpoint: Option<&str>,
    downloads: Option<&str>,
) -> Result<Printed, Error> {
    let wanted: Vec<&Known> = match name {
        None => known::ALL.iter().collect(),
        Some(LSA) => {
            return Err(Error::config(
                "lsa needs nothing to fetch: it is fitted on the lake's own texts",
            ));
        }
        Some(name) => {
            let known = known::by_name(name).map_err(|e| {
                Error::config(format!(
                    "{e}: to use another, `mllab encoder add DIR --name {name}` brings it into \
                     the lake from a directory that has its files"
                ))
            })?;
            vec![known]
        }
    };
    let lake = cli::open_lake(&options.lake)?;
    let console = Console::new("encoder", options.style());
    let hub = Hub {
        endpoint: hub::checked(&endpoint.map_or_else(from_environment, str::to_owned))?,
        downloads: downloads
            .map_or_else(|| Path::new(&options.lake).join(DOWNLOADS), PathBuf::from),
        patience: Patience::default(),
    };
    let (mut lines, mut list) = (Vec::new(), Vec::new());
    for known in wanted {
        let fetched = fetch::fetch(&lake, known, &hub, &console)?;
        if downloads.is_none() {
            hub.forget(known);
        }
        let (stored, uri) = (&fetched.stored, fetched.stored.uri()?);
        let bytes: u64 = stored.files().iter().map(|file| file.bytes).sum();
        let how = if fetched.was_there { "the lake holds it already" } else { "fetched" };
        let (name, revision) = (stored.name(), stored.revision());
        let mb = bytes as f64 / 1e6;
        lines.push(format!("{name}: {how}: revision {revision}, {mb:.1} MB: {uri}"));
        list.push(json!({
            "name": name,
            "revision": revision,
            "bytes": bytes,
            "already_there": fetched.was_there,
            "uri": uri,
        }));
    }
    Ok(Printed { text: lines.join("\n"), json: json!({ "encoders": list }) })
}

#[allow(clippy::disallowed_methods, reason = "the operator's command, by hf-hub's own variable")]
fn from_environment() -> String {
    std::env::var("HF_ENDPOINT")
        .ok()
        .filter(|endpoint| !endpoint.is_empty())
        .unwrap_or_else(|| ENDPOINT.to_owned())
}
