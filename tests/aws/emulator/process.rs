//! How the programs are started: with no environment but the one that AWS would give them.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io,
    path::Path,
    process::{ExitStatus, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::process::Command;

use crate::config::Configuration;

/// A command that starts `binary`; `name` is that of its log.
pub(crate) fn command(
    configuration: &Configuration,
    name: &str,
    binary: &Path,
    environments: &[&BTreeMap<String, String>],
) -> io::Result<Command> {
    let mut command = Command::new(binary);
    command.env_clear().kill_on_drop(true).stdin(Stdio::null()).current_dir(std::env::temp_dir());
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("TZ", ":UTC");
    command.env("AWS_REGION", &configuration.region);
    command.env("AWS_DEFAULT_REGION", &configuration.region);
    for environment in environments {
        command.envs(*environment);
    }
    match &configuration.logs {
        None => command.stdout(Stdio::null()).stderr(Stdio::null()),
        Some(folder) => {
            let log = log(folder, name)?;
            command.stdout(log.try_clone()?).stderr(log)
        }
    };
    Ok(command)
}

fn log(folder: &Path, name: &str) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    OpenOptions::new().create(true).append(true).open(folder.join(format!("{name}.log")))
}

/// A process's end in the words of a shell: its exit code, or 128 and the signal that killed it.
pub(crate) fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The n-th id, in the shape that AWS gives them.
pub(crate) fn id(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}
