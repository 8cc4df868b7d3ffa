//! Sets `MLLAB_BUILD`: the git revision that this is built from, for the manifests.

use std::process::Command;

fn main() {
    let git = |args: &[&str]| {
        let out = Command::new("git").args(args).output().ok().filter(|o| o.status.success())?;
        Some(String::from_utf8_lossy(&out.stdout).trim().to_owned()).filter(|s| !s.is_empty())
    };
    let build = git(&["describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"]);
    println!("cargo:rustc-env=MLLAB_BUILD={}", build.as_deref().unwrap_or("unknown"));
    if let Some(head) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={head}");
    }
}
