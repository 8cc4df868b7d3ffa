//! A stage that does as it is told, in a process of its own: the tests of the hosts call it.

use std::{process::ExitCode, thread, time::Duration};

use serde::{Deserialize, Serialize};
use stage::{Cancelled, Error, InputSpec, Inputs, Metrics, Outputs, Progress, Shard, Stage};
use versioning::Artefact;

struct Told;

/// What it is told to do.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    #[default]
    Work,
    Fail,
    /// A panic, on a thread that another waits for.
    Panic,
    /// Go on for ever, telling its progress from a thread that another waits for.
    Dawdle,
    /// Be silent until long after its time, and then write.
    Sleep,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    act: Act,
}

impl Stage for Told {
    const NAME: &'static str = "told";
    const OUTPUT: Artefact = Artefact::Processed;
    const INPUTS: &'static [InputSpec] = &[];
    const CODE: &'static str = "1";
    type Config = Config;
    type Gate = stage::NoBounds;

    fn check(_: &Config) -> Result<(), Error> {
        Ok(())
    }

    fn run(
        _: &Inputs,
        config: &Config,
        out: &mut Outputs,
        progress: &dyn Progress,
    ) -> Result<Metrics, Error> {
        act(config.act, progress)?;
        out.write("done.txt", b"done", Some(1))?;
        let mut metrics = Metrics::default();
        metrics.set("rows_done", 1);
        Ok(metrics)
    }

    fn shard(
        _: &Inputs,
        config: &Config,
        _: &Shard,
        progress: &dyn Progress,
    ) -> Result<u64, Error> {
        act(config.act, progress)?;
        Ok(1)
    }

    fn latest(version: &str) -> Vec<String> {
        vec![format!("{version}/done.txt")]
    }
}

fn act(act: Act, progress: &dyn Progress) -> Result<(), Error> {
    let phase = progress.phase("work", None, "steps")?;
    match act {
        Act::Work => phase.advance(1)?,
        Act::Fail => return Err(Error::bad_input("told to fail")),
        Act::Panic => elsewhere::<()>(|| panic!("Maria da Silva, 11 99999-0000")),
        Act::Dawdle => elsewhere(|| -> Result<(), Cancelled> {
            loop {
                phase.advance(1)?;
                thread::sleep(Duration::from_millis(5));
            }
        })?,
        Act::Sleep => thread::sleep(Duration::from_millis(1500)),
    }
    Ok(())
}

fn elsewhere<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        scope.spawn(work).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn main() -> ExitCode {
    stage::main::<Told, stage::cli::NoCommands>()
}
