//! A small company with a lake, the command that works on it, and what must hold of a lake.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use serde_json::Value;

/// The series, each with its folder; the first four go live.
pub(super) const SERIES: [(&str, &str); 6] = [
    ("features", "decision-data-lake-features/features"),
    ("matching", "decision-data-lake/models/Modelo_Matching_Classificacao"),
    ("recommend", "decision-data-lake/models/Modelo_Recomendacao_Vagas"),
    ("drift", "decision-data-lake/drift_reports"),
    ("processed", "decision-data-lake/processed"),
    ("lsa", "decision-data-lake/encoders/lsa"),
];
const LIVE: &[(&str, &str)] = SERIES.split_at(4).0;

/// The exports of so many days. Each goes live after the one before it.
pub(super) const DAYS: [&str; 8] = [
    "2025-01-06",
    "2025-02-10",
    "2025-03-17",
    "2025-04-21",
    "2025-05-26",
    "2025-06-30",
    "2025-08-04",
    "2025-09-08",
];

/// Fast: nobody looks at how good the models are.
const CONFIG: &str = "[matching]\ncompare = false\n[recommend.lsa]\ntexts = 300\ngroups = 32\n";

/// Raw files of eight days, and a lake on which the first two were run. Nobody writes here.
pub(super) struct Base {
    dir: tempfile::TempDir,
    mllab: PathBuf,
}

impl Base {
    /// The same for all tests that are running.
    pub(super) fn get() -> Arc<Self> {
        static BASE: Mutex<Weak<Base>> = Mutex::new(Weak::new());
        let mut base = BASE.lock().unwrap();
        base.upgrade().unwrap_or_else(|| {
            let new = Arc::new(Self::make());
            *base = Arc::downgrade(&new);
            new
        })
    }

    fn make() -> Self {
        let bin = std::env::var("MLLAB_E2E_BIN").expect("MLLAB_E2E_BIN: a folder with mllab");
        let mllab = fs::canonicalize(Path::new(&bin).join("mllab"));
        let mllab = mllab.or_else(|_| fs::canonicalize(Path::new("..").join(&bin).join("mllab")));
        let mllab = mllab.expect("MLLAB_E2E_BIN holds mllab");
        let base = Self { dir: tempfile::tempdir().unwrap(), mllab };
        fs::write(base.dir.path().join("mllab.toml"), CONFIG).unwrap();
        for (n, day) in DAYS.iter().enumerate() {
            let raw = base.dir.path().join(format!("raw-{n}"));
            let size = ["--candidates", "600", "--jobs", "200", "--applications", "760"];
            let mut sample = Command::new(&base.mllab);
            sample.args(["sample", "--quiet", "--day", day, "--out"]).arg(raw).args(size);
            assert!(sample.output().unwrap().status.success(), "{sample:?}");
        }
        for n in 0..2 {
            let line = base.day(n);
            let said = Said::of(&mut base.command(&base.dir.path().join("lake"), &line));
            assert_eq!(said.code(), 0, "{line}: {said}");
        }
        base
    }

    /// The line that runs a day (modulo eight); today is the day that it stands for.
    pub(super) fn day(&self, n: usize) -> String {
        let dir = self.dir.path().display();
        format!("run --raw {dir}/raw-{} --config {dir}/mllab.toml", n % DAYS.len())
    }

    fn command(&self, lake: &Path, line: &str) -> Command {
        let mut command = Command::new(&self.mllab);
        command.args(line.split_whitespace()).arg("--lake").arg(lake).args(["--json", "--quiet"]);
        command
    }
}

/// What came of a command.
pub(super) struct Said {
    pub(super) status: ExitStatus,
    pub(super) out: String,
    pub(super) err: String,
}

impl Said {
    pub(super) fn of(command: &mut Command) -> Self {
        Self::from(command.stdin(Stdio::null()).output().unwrap())
    }

    /// The exit code; of a process that a signal ended, 128 and its number, as a shell says.
    pub(super) fn code(&self) -> i32 {
        use std::os::unix::process::ExitStatusExt;
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or(0))
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or(Value::Null)
    }

    /// What an error says; empty where there is none.
    pub(super) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }
}

impl From<std::process::Output> for Said {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self { status: output.status, out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}: {}{}", self.code(), self.out, self.err)
    }
}

/// A lake of one's own to be attacked.
pub(super) struct World {
    pub(super) base: Arc<Base>,
    _dir: tempfile::TempDir,
    lake: PathBuf,
}

impl World {
    /// With the two days of the base.
    pub(super) fn new() -> Self {
        let base = Base::get();
        let from = base.dir.path().join("lake");
        Self::copied(base, &from)
    }

    /// Without a lake.
    pub(super) fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let lake = dir.path().join("lake");
        Self { base: Base::get(), _dir: dir, lake }
    }

    /// The same lake once more. Files have two names then, which does no harm: none is ever written
    /// to, but for the locks, which are left out.
    pub(super) fn copy(&self) -> Self {
        Self::copied(Arc::clone(&self.base), &self.lake)
    }

    fn copied(base: Arc<Base>, from: &Path) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy_lake(from, dir.path(), "-al");
        let lake = dir.path().join("lake");
        Self { base, _dir: dir, lake }
    }

    /// The same lake on another disk, at `place`.
    pub(super) fn copy_to(&self, place: &Path) -> Self {
        if self.lake.exists() {
            copy_lake(&self.lake, place, "-a");
        }
        let (dir, lake) = (tempfile::tempdir().unwrap(), place.join("lake"));
        Self { base: Arc::clone(&self.base), _dir: dir, lake }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.lake.join(name)
    }

    pub(super) fn command(&self, line: &str) -> Command {
        self.base.command(&self.lake, line)
    }

    pub(super) fn call(&self, line: &str) -> Said {
        Said::of(&mut self.command(line))
    }

    /// Calls what must succeed.
    pub(super) fn ok(&self, line: &str) -> Value {
        let said = self.call(line);
        assert_eq!(said.code(), 0, "{line}: {said}");
        said.json()
    }

    /// The same command on another clock, as `faketime` takes it (`-60d`, `+3h`).
    pub(super) fn at(&self, clock: &str, line: &str) -> Said {
        let real = self.command(line);
        let mut command = faketime(clock);
        Said::of(command.arg(real.get_program()).args(real.get_args()))
    }

    pub(super) fn day(&self, n: usize) -> String {
        self.base.day(n)
    }

    /// Begins a command whose words nobody reads.
    pub(super) fn begin(&self, line: &str) -> Child {
        let mut command = self.command(line);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// The versions that are committed, as in `features v3`.
    pub(super) fn committed(&self) -> BTreeSet<String> {
        let mut committed = BTreeSet::new();
        for (name, folder) in SERIES {
            for version in names(&self.path(folder)) {
                if self.path(folder).join(&version).join("manifest.json").exists() {
                    committed.insert(format!("{name} {version}"));
                }
            }
        }
        committed
    }

    /// The version that each `latest.txt` names.
    pub(super) fn latest(&self) -> BTreeMap<String, String> {
        let of = |(name, folder): &(&str, &str)| {
            let text = fs::read_to_string(self.path(folder).join("latest.txt")).ok()?;
            Some(((*name).to_owned(), text.split('/').next().unwrap().to_owned()))
        };
        LIVE.iter().filter_map(of).collect()
    }

    /// The version of each series that `release.json` names.
    pub(super) fn live(&self) -> BTreeMap<String, String> {
        let Ok(json) = fs::read(self.path("decision-data-lake/release.json")) else {
            return BTreeMap::new();
        };
        let live: Value = serde_json::from_slice(&json).expect("release.json is JSON");
        let versions = live["versions"].as_object().unwrap().iter();
        let version = |v: &Value| v["version"].as_str().unwrap().to_owned();
        versions.map(|(name, member)| (name.clone(), version(member))).collect()
    }

    /// At any moment: each `latest.txt` names files of a committed version, all there in their
    /// length.
    pub(super) fn check_latest(&self) -> Result<(), String> {
        for (_, folder) in LIVE {
            let folder = self.path(folder);
            let Ok(text) = fs::read_to_string(folder.join("latest.txt")) else { continue };
            for line in text.lines() {
                let (version, file) =
                    line.split_once('/').ok_or(format!("latest.txt: {text:?}"))?;
                let manifest = folder.join(version).join("manifest.json");
                let json = fs::read(&manifest).map_err(|e| format!("{line} is live: {e}"))?;
                let manifest: Value =
                    serde_json::from_slice(&json).map_err(|e| format!("{line} is live: {e}"))?;
                let mut outputs = manifest["outputs"].as_array().into_iter().flatten();
                let bytes = outputs.find(|output| output["file"] == file).map(|o| &o["bytes"]);
                let found =
                    fs::metadata(folder.join(line)).ok().map(|meta| Value::from(meta.len()));
                if bytes.is_none() || bytes != found.as_ref() {
                    return Err(format!("{line} is live: expected {bytes:?}, found {found:?}"));
                }
            }
        }
        Ok(())
    }

    /// After a process died: whatever `verify` finds is what the next command that writes carries
    /// out.
    pub(super) fn check_after_death(&self) -> Result<(), String> {
        self.check_latest()?;
        if self.path("").read_dir().is_err() {
            return Ok(());
        }
        let said = self.call("verify");
        let no_lake = said.code() == 65 && said.message().contains("there is no lake");
        let half_done = finds_moves_alone(&said) && self.latest() != self.live();
        if said.code() == 0 || no_lake || half_done {
            return Ok(());
        }
        Err(format!("verify: {said}"))
    }

    /// At rest, after a command that wrote: `verify` is green, what services follow is one release,
    /// logs have no gaps, a key has one version, and nothing is left of the dead.
    pub(super) fn check_at_rest(&self) -> Result<(), String> {
        self.check_latest()?;
        let verified = self.call("verify");
        if verified.code() != 0 {
            return Err(format!("verify: {verified}"));
        }
        let (latest, live) = (self.latest(), self.live());
        if latest != live {
            return Err(format!("latest.txt {latest:?} and release.json {live:?}"));
        }
        let logs = LIVE.iter().map(|(_, folder)| format!("{folder}/_promotions"));
        for log in logs.chain(["decision-data-lake/releases".to_owned()]) {
            let entries = names(&self.path(&log)).into_iter();
            let numbers: Vec<usize> =
                entries.map(|e| e.trim_end_matches(".json").parse().unwrap()).collect();
            if !numbers.iter().copied().eq(1..=numbers.len()) {
                return Err(format!("{log} has gaps: {numbers:?}"));
            }
        }
        for (name, folder) in SERIES {
            let mut keys = BTreeMap::new();
            for version in names(&self.path(folder)) {
                let manifest = self.path(folder).join(&version).join("manifest.json");
                let Ok(json) = fs::read(manifest) else { continue };
                let manifest: Value = serde_json::from_slice(&json).unwrap();
                let key = manifest["key"].as_str().unwrap().to_owned();
                if let Some(other) = keys.insert(key, version.clone()) {
                    return Err(format!("{name}: {other} and {version} are of one key"));
                }
            }
        }
        for store in ["decision-data-lake", "decision-data-lake-features"] {
            let left = names(&self.path(store).join(".tmp"));
            if left.iter().any(|name| name != "guard" && name != "swap") {
                return Err(format!("{store}/.tmp holds {left:?}"));
            }
        }
        Ok(())
    }
}

/// Whether all that `verify` finds is that a release is not carried out yet.
pub(super) fn finds_moves_alone(said: &Said) -> bool {
    let message = said.message();
    let mut found = message.lines().filter_map(|line| line.strip_prefix("found: ")).peekable();
    let is_move = |line: &str| line.contains("/latest.txt: ") || line.contains("/_promotions: ");
    said.code() == 70 && found.peek().is_some() && found.all(is_move)
}

/// Copies a lake into a folder, without its locks.
fn copy_lake(from: &Path, into: &Path, how: &str) {
    let copied = Command::new("cp").arg(how).arg(from).arg(into.join("lake")).output().unwrap();
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    for store in ["decision-data-lake", "decision-data-lake-features"] {
        drop(fs::remove_dir_all(into.join("lake").join(store).join(".tmp")));
    }
}

/// `faketime`, which steps the wall clock alone, as a wrong clock does.
pub(super) fn faketime(clock: &str) -> Command {
    let is_there = Command::new("faketime").arg("--version").output().is_ok();
    assert!(is_there, "`faketime` (Debian: faketime) is needed to move the clock");
    let mut command = Command::new("faketime");
    command.args(["--exclude-monotonic", "-f", clock]);
    command
}

/// The names in a folder, in order; none where it is not there.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Sends a signal, as in `STOP`.
pub(super) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).output();
    // A process that has ended meanwhile is not there to be asked.
    drop(sent.unwrap());
}

/// Waits for the end of a process; whether it ended in time.
pub(super) fn ends_within(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 0..limit.as_millis() / PAUSE.as_millis() {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(PAUSE);
    }
    None
}
