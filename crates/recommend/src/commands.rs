//! The further commands of the stage.

use clap::Subcommand;
use stage::{Answer, Call};

use crate::{
    compare::{self, EvaluateArgs},
    query::{self, QueryArgs},
};

// Without documentation: clap would take it for what the stage itself says about it.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Encoders and treatments of long texts beside each other, by what became of applications;
    /// makes no version
    #[command(
        after_help = "Examples:\n  recommend evaluate --lake lake\n  recommend evaluate --lake lake --encoders lsa,paraphrase-multilingual-MiniLM-L12-v2"
    )]
    Evaluate(EvaluateArgs),
    /// The jobs nearest to a candidate or a text, the candidates nearest to a job, and why
    #[command(
        after_help = "Examples:\n  recommend query --lake lake --candidate 31001\n  recommend query --lake lake --job 5185 --k 5\n  recommend query --lake lake --text \"java, spring, aws\" --filter \"open,estado=São Paulo\""
    )]
    Query(QueryArgs),
}

impl stage::Commands for Commands {
    fn run(&self, call: &Call<'_>) -> Result<Answer, stage::Error> {
        match self {
            Self::Evaluate(args) => compare::evaluate(call, args),
            Self::Query(args) => query::query(call, args),
        }
    }
}
