//! A lake whose files are damaged, one at a time: what `verify` finds, what is served, what stops.
//!
//! The whole of it, of any build of the command, as tables:
//!
//! ```text
//! MLLAB=$PWD/target/release/mllab cargo test -p mllab --test damage -- --ignored --nocapture
//! ```

#![allow(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use versioning::Lake;

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    /// One bit is another at so many eighths of the file.
    Flip(u64),
    Half,
    Empty,
    Append,
    Delete,
    Zeros,
    Folder,
}

impl Damage {
    const ALL: [Self; 9] = [
        Self::Flip(4),
        Self::Flip(1),
        Self::Flip(7),
        Self::Half,
        Self::Empty,
        Self::Append,
        Self::Delete,
        Self::Zeros,
        Self::Folder,
    ];

    /// Does it to a file; false where the file then is as it was.
    fn apply(self, path: &Path) -> bool {
        let before = fs::read(path).unwrap();
        let mut bytes = before.clone();
        match self {
            Self::Flip(eighths) => {
                let at = usize::try_from(bytes.len() as u64 * eighths / 8).unwrap();
                bytes[at] ^= 4;
            }
            Self::Half => bytes.truncate(bytes.len() / 2),
            Self::Empty => bytes.clear(),
            Self::Append => bytes.extend_from_slice(b"\nx"),
            Self::Zeros => bytes.fill(0),
            Self::Delete | Self::Folder => {}
        }
        fs::remove_file(path).unwrap();
        match self {
            Self::Delete => {}
            Self::Folder => {
                fs::create_dir(path).unwrap();
                put(&path.join("x"), b"x");
            }
            _ => put(path, &bytes),
        }
        matches!(self, Self::Delete | Self::Folder) || bytes != before
    }
}

fn put(path: &Path, bytes: &[u8]) {
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

/// Fast, for nobody looks at the models.
const CONFIG: &[u8] = b"[matching]\ncompare = false\n[recommend.lsa]\ntexts = 300\ngroups = 32\n";

const WITH: &str = "--config mllab.toml";

/// A damaged file, which is whole again when this is dropped.
struct Undo {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Whether the damage made another file of it.
    changed: bool,
}

impl Drop for Undo {
    fn drop(&mut self) {
        if self.path.is_dir() {
            fs::remove_dir_all(&self.path).unwrap();
        }
        fs::create_dir_all(self.path.parent().unwrap()).unwrap();
        put(&self.path, &self.bytes);
    }
}

/// A lake of two days, and what was asked of it when it was whole.
struct World {
    dir: tempfile::TempDir,
    program: PathBuf,
    candidate: String,
    job: String,
}

impl World {
    /// Made by `program`.
    fn make(program: PathBuf) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut world = Self { dir, program, candidate: String::new(), job: String::new() };
        put(&world.dir.path().join("mllab.toml"), CONFIG);
        for day in ["2021-06-01", "2021-06-02"] {
            let raw = format!("raw-{day}");
            world.ok(&format!(
                "sample --out {raw} --start 2018-01-01 --end 2022-12-31 \
                 --candidates 600 --jobs 200 --applications 900 --day {day}"
            ));
            let run = world.call(&format!("run --raw {raw} --lake lake --date {day} {WITH}"));
            // So little that the gate refuses the first day.
            if run.status.code() == Some(77) {
                world.ok("release publish 1 --anyway --reason small --lake lake");
            }
        }
        let live = world.ok("release show --lake lake");
        assert!(String::from_utf8_lossy(&live.stdout).contains("\"recommend\""));
        let key = |table: &str| {
            let text = fs::read(world.dir.path().join("raw-2021-06-02").join(table)).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
            json.as_object().unwrap().keys().next().unwrap().clone()
        };
        (world.candidate, world.job) = (key("applicants.json"), key("vagas.json"));
        world
    }

    fn call(&self, line: &str) -> Output {
        let mut command = Command::new(&self.program);
        command.current_dir(self.dir.path()).args(line.split_whitespace()).arg("--json");
        command.output().unwrap()
    }

    fn ok(&self, line: &str) -> Output {
        let output = self.call(line);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{line}: {said}");
        output
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join("lake").join(file)
    }

    /// Every file of the lake but the store's own, relative to it.
    fn files(&self) -> Vec<String> {
        let (lake, mut todo, mut files) = (self.path(""), vec![self.path("")], Vec::new());
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&lake).unwrap().to_str().unwrap().to_owned();
                match path.is_dir() {
                    true if name.ends_with(".tmp") => {}
                    true => todo.push(path),
                    false => files.push(name),
                }
            }
        }
        files.sort();
        files
    }

    /// Damages a file until what is given is dropped.
    fn damage(&self, file: &str, damage: Damage) -> Undo {
        let path = self.path(file);
        let bytes = fs::read(&path).unwrap();
        let changed = damage.apply(&path);
        Undo { path, bytes, changed }
    }

    /// All files with their bytes.
    fn snapshot(&self) -> BTreeMap<String, Vec<u8>> {
        self.files()
            .into_iter()
            .map(|file| (file.clone(), fs::read(self.path(&file)).unwrap()))
            .collect()
    }

    /// Makes the lake what it was.
    fn restore(&self, saved: &BTreeMap<String, Vec<u8>>) {
        for file in self.files().into_iter().filter(|file| !saved.contains_key(file)) {
            fs::remove_file(self.path(&file)).unwrap();
        }
        for (file, bytes) in saved {
            let path = self.path(file);
            if fs::read(&path).ok().as_ref() != Some(bytes) {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                put(&path, bytes);
            }
        }
    }

    fn answers(&self) -> [Option<Vec<u8>>; 3] {
        let (candidate, job) = (&self.candidate, &self.job);
        [
            format!("matching score --lake lake --candidate {candidate} --job {job}"),
            format!("recommend query --lake lake --job {job}"),
            "drift report --lake lake".to_owned(),
        ]
        .map(|line| {
            let output = self.call(&line);
            output.status.success().then_some(output.stdout)
        })
    }
}

/// The kind of a file: its name without numbers and hashes.
fn kind(file: &str) -> String {
    let part = |part: &str| {
        let (name, end) = part.split_once('.').unwrap_or((part, ""));
        let is_hash = name.len() >= 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
        let number = name.strip_prefix('v').unwrap_or(name);
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let name = match name {
            name if name.starts_with("embeddings-") => "embeddings-*",
            _ if is_hash || is_number => "*",
            name => name,
        };
        if end.is_empty() { name.to_owned() } else { format!("{name}.{end}") }
    };
    file.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Bits elsewhere than in the middle.
const PLACES: [Damage; 2] = [Damage::Flip(1), Damage::Flip(7)];

/// Damage that no other object tells, and that costs nothing that is served.
fn is_harmless(kind: &str, damage: Damage) -> bool {
    let is = |end: &str| kind.contains(end);
    match damage {
        // Names, times and figures that stand nowhere else.
        Damage::Flip(_) => {
            ["claim.json", "_promotions", "releases/", "_gate", "_accepted", "_seen.json"]
                .iter()
                .any(|end| is(end))
        }
        // What is made again, and what nothing rests on.
        Damage::Delete => is("memo/"),
        _ => false,
    }
}

/// Of every kind of file one, damaged in every way (a bit in one place only): found, but for what
/// is harmless.
#[test]
fn every_kind_of_damage_to_every_kind_of_file_is_found() {
    let world = World::make(env!("CARGO_BIN_EXE_mllab").into());
    let verify = || {
        let lake = Lake::open(world.path("").to_str().unwrap()).unwrap();
        lake.verify(None).unwrap()
    };
    let whole = verify();
    assert!(whole.findings.is_empty() && whole.notes.is_empty(), "{whole:?}");
    let by_kind: BTreeMap<String, String> =
        world.files().into_iter().map(|file| (kind(&file), file)).collect();
    assert!(by_kind.len() > 40, "{by_kind:?}");
    let mut unseen = BTreeSet::new();
    for (kind, file) in &by_kind {
        for damage in Damage::ALL.into_iter().filter(|damage| !PLACES.contains(damage)) {
            let undo = world.damage(file, damage);
            if undo.changed && verify().findings.is_empty() && !is_harmless(kind, damage) {
                unseen.insert(format!("{file} {damage:?}"));
            }
        }
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
    assert_eq!(verify(), whole);
}

/// Counts of a table by kind of file.
#[derive(Default)]
struct Table(BTreeMap<String, Vec<u32>>);

impl Table {
    fn add(&mut self, kind: &str, counts: &[bool]) {
        for name in [kind, "all"] {
            let row = self.0.entry(name.to_owned()).or_insert_with(|| vec![0; counts.len()]);
            row.iter_mut().zip(counts).for_each(|(sum, count)| *sum += u32::from(*count));
        }
    }

    #[allow(clippy::print_stdout, reason = "prints what a build does")]
    fn print(&self, head: &str) {
        println!("{head}");
        for (kind, counts) in &self.0 {
            let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
            println!("{kind} | {}", counts.join(" | "));
        }
    }
}

/// Every file in every way: what `verify` finds; and of every kind of file one: what is served, and
/// what an unchanged day says.
#[test]
#[ignore = "takes minutes: a thousand damages by the commands as an operator runs them"]
#[allow(clippy::disallowed_methods, reason = "another build may be named")]
fn tables() {
    let program = std::env::var("MLLAB").map(|path| fs::canonicalize(path).unwrap());
    let world = World::make(program.unwrap_or_else(|_| env!("CARGO_BIN_EXE_mllab").into()));
    let (files, answers) = (world.files(), world.answers());
    assert!(answers.iter().all(Option::is_some));
    let mut found = Table::default();
    for file in &files {
        for damage in Damage::ALL {
            let undo = world.damage(file, damage);
            if undo.changed {
                let finds = !world.call("verify --lake lake").status.success();
                found.add(&kind(file), &[true, finds]);
            }
        }
    }
    found.print("file | damages | verify finds");
    let by_kind: BTreeMap<String, &String> = files.iter().map(|file| (kind(file), file)).collect();
    let saved = world.snapshot();
    let mut served = Table::default();
    for (kind, file) in by_kind {
        for damage in Damage::ALL {
            let undo = world.damage(file, damage);
            let now = world.answers();
            let otherwise = now.iter().zip(&answers).any(|(now, was)| now.is_some() && now != was);
            let stopped = now.iter().any(Option::is_none);
            let line = format!("run --raw raw-2021-06-02 --lake lake --date 2021-06-02 {WITH}");
            let day = world.call(&line).status.success();
            served.add(&kind, &[undo.changed, otherwise, stopped, !day]);
            drop(undo);
            world.restore(&saved);
        }
    }
    served.print("file | damages | served otherwise | not served | an unchanged day stops");
}
