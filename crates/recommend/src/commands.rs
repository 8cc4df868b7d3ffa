//! The further commands of the stage.

use stage::{ArgKind, Command, CommandArg};

use crate::{compare, query};

/// The further commands of the stage.
pub(crate) const COMMANDS: &[Command] = &[EVALUATE, QUERY];

const EVALUATE: Command = Command {
    name: "evaluate",
    about: "Encoders and treatments of long texts beside each other, by what became of applications; makes no version",
    examples: "  recommend evaluate --lake lake\n  recommend evaluate --lake lake --encoders lsa,paraphrase-multilingual-MiniLM-L12-v2",
    args: &[text(
        "encoders",
        "NAME,…",
        "lsa, and encoders that the lake holds [default: the configured one]",
    )],
    writes_file: false,
    run: compare::evaluate,
};

const QUERY: Command = Command {
    name: "query",
    about: "The jobs nearest to a candidate or a text, the candidates nearest to a job, and why",
    examples: "  recommend query --lake lake --candidate 31001\n  recommend query --lake lake --job 5185 --k 5\n  recommend query --lake lake --text \"java, spring, aws\" --filter \"open,estado=São Paulo\"",
    args: &[
        text("candidate", "ID", "The jobs nearest to this candidate"),
        text("job", "ID", "The candidates nearest to this job"),
        text("text", "TEXT", "The jobs nearest to this text, read by the encoder of the version"),
        text("k", "N", "So many at most [default: 10]"),
        text(
            "filter",
            "NAME=VALUE,…",
            "Only these: open, estado, cidade, pais, nivel, pcd, contratacao, area of jobs; cidade, nivel, area of candidates",
        ),
        CommandArg {
            name: "exact",
            value: "",
            help: "Look at every job instead of asking the index (as with --filter and --job)",
            kind: ArgKind::Flag,
            required: false,
        },
        text("version", "vN", "The version of the recommender [default: the live one]"),
    ],
    writes_file: false,
    run: query::query,
};

const fn text(name: &'static str, value: &'static str, help: &'static str) -> CommandArg {
    CommandArg { name, value, help, kind: ArgKind::Text, required: false }
}
