//! A process killed between any two writes: nothing partial is visible, and the next run succeeds.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use versioning::{
    DirStore, Error, MemoryStore, Series, Store,
    conformance::{Operation, WatchedStore},
};

use crate::fixture::{day, latest, lines, make, promote, series, version};

/// The whole of a run.
fn run(series: &Series, n: usize) -> Result<(), Error> {
    let committed = make(series, n, day(1))?;
    promote(series, committed.version(), day(1))
}

/// Counts the writes of a run.
fn writes_of_a_run() -> usize {
    let writes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&writes);
    let store = WatchedStore::new(Arc::new(MemoryStore::default()), move |operation| {
        counter.fetch_add(usize::from(operation.writes()), Ordering::SeqCst);
        Ok(())
    });
    run(&series(Arc::new(store)), 1).unwrap();
    let writes = writes.load(Ordering::SeqCst);
    assert_eq!(writes, 8, "claim, binding, two files, manifest, its hash, log, latest.txt");
    writes
}

/// What a reader may find at any time: versions whole, `latest.txt` naming one of them.
fn assert_whole(store: &Arc<dyn Store>, expected: &[u64]) {
    let series = series(Arc::clone(store));
    for committed in series.list().unwrap() {
        committed.verify().unwrap();
        assert!(expected.contains(&committed.version().number()));
        assert!(series.find(&committed.manifest().key).unwrap().is_some());
    }
    if let Some(text) = latest(&**store) {
        let live = series.live().unwrap().unwrap();
        assert_eq!(text, lines(live).join("\n"));
        series.get(live).unwrap();
        assert_eq!(series.history().unwrap().last().map(|p| p.to), Some(live));
    }
}

/// The same run again, over the remains: it takes up the number.
fn assert_next_run_succeeds(store: &Arc<dyn Store>) {
    let series = series(Arc::clone(store));
    run(&series, 2).unwrap();
    assert_eq!(series.live().unwrap(), Some(version(2)));
    assert_eq!(series.list().unwrap().len(), 2);
    assert_whole(store, &[1, 2]);
}

#[test]
fn killed_at_every_write() {
    for writes in 0..writes_of_a_run() {
        let dir = tempfile::tempdir().unwrap();
        let directory = || Arc::new(DirStore::open(dir.path()).unwrap()) as Arc<dyn Store>;
        for store in [Arc::new(MemoryStore::default()) as Arc<dyn Store>, directory()] {
            // One version is there and live already; it must stay so.
            run(&series(Arc::clone(&store)), 1).unwrap();
            let dying = WatchedStore::dying(Arc::clone(&store), writes);
            run(&series(Arc::new(dying)), 2).unwrap_err();
            assert_whole(&store, &[1, 2]);
            assert_eq!(series(Arc::clone(&store)).live().unwrap(), Some(version(1)));
            assert_next_run_succeeds(&store);
        }
    }
}

/// The answer to a write is lost and it is sent again: the second meets what the first has made.
#[test]
fn every_write_is_sent_twice() {
    let inner: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let store: Arc<dyn Store> = Arc::new(Twice(Arc::clone(&inner)));
    run(&series(Arc::clone(&store)), 1).unwrap();
    run(&series(Arc::clone(&store)), 2).unwrap();
    assert_whole(&inner, &[1, 2]);
    assert_eq!(series(inner).live().unwrap(), Some(version(2)));
}

/// A store whose client sends every put again, as if its answer had been lost.
#[derive(Debug)]
pub(crate) struct Twice(pub(crate) Arc<dyn Store>);

impl Store for Twice {
    fn put(
        &self,
        key: &versioning::Key,
        body: &versioning::Body,
        precondition: &versioning::Precondition,
    ) -> Result<versioning::ETag, Error> {
        self.0.put(key, body, precondition)?;
        self.0.put(key, body, precondition)
    }

    fn get(
        &self,
        key: &versioning::Key,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<versioning::Object, Error> {
        self.0.get(key, range)
    }

    fn head(&self, key: &versioning::Key) -> Result<Option<versioning::Meta>, Error> {
        self.0.head(key)
    }

    fn list(&self, request: &versioning::ListRequest) -> Result<versioning::Page, Error> {
        self.0.list(request)
    }

    fn delete(&self, key: &versioning::Key) -> Result<(), Error> {
        self.0.delete(key)
    }

    fn scratch(&self) -> Result<versioning::Scratch, Error> {
        self.0.scratch()
    }

    fn uri(&self) -> &versioning::Uri {
        self.0.uri()
    }
}

/// A process of its own: this test binary, asked to run [`child`].
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(dir: &Path, pausing: bool) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::child", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{}\n{pausing}", dir.display()).unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// Waits until the process says that it is about to write.
    fn wait_for_write(&mut self) {
        let mut line = String::new();
        while !line.contains("about to write") {
            line.clear();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the process has ended");
        }
    }

    /// SIGKILL: no destructor runs, nothing is flushed.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Not a test: the process that is killed. It makes version 2, and before each write says so and
/// waits to be told to go on.
#[test]
#[ignore = "started by the tests below"]
fn child() {
    let mut input = std::io::stdin().lines();
    let (Some(Ok(dir)), Some(Ok(pausing))) = (input.next(), input.next()) else { return };
    drop(input);
    let directory = Arc::new(DirStore::open(dir).unwrap());
    let store = WatchedStore::new(directory, move |operation: &Operation<'_>| {
        if operation.writes() {
            println!("about to write");
            if pausing == "true" {
                std::io::stdin().lines().next();
            }
        }
        Ok(())
    });
    run(&series(Arc::new(store)), 2).unwrap();
}

fn assert_no_leftovers(dir: &Path) {
    drop(DirStore::open(dir).unwrap());
    let hidden = std::fs::read_dir(dir.join(".tmp")).unwrap();
    let mut names: Vec<_> = hidden.map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["guard", "swap"]);
}

#[test]
fn a_process_killed_before_every_write() {
    for writes in 0..writes_of_a_run() {
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(DirStore::open(dir.path()).unwrap());
        run(&series(Arc::clone(&store)), 1).unwrap();
        let mut process = Process::start(dir.path(), true);
        for _ in 0..writes {
            process.wait_for_write();
            writeln!(process.input).unwrap();
        }
        process.wait_for_write();
        process.kill();
        assert_whole(&store, &[1, 2]);
        assert_eq!(series(Arc::clone(&store)).live().unwrap(), Some(version(1)));
        assert_next_run_succeeds(&store);
        drop(store);
        assert_no_leftovers(dir.path());
    }
}

#[test]
fn a_process_killed_within_a_write() {
    for round in 0..12 {
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(DirStore::open(dir.path()).unwrap());
        run(&series(Arc::clone(&store)), 1).unwrap();
        let mut process = Process::start(dir.path(), false);
        (0..=round / 2).for_each(|_| process.wait_for_write());
        std::thread::sleep(Duration::from_micros(200 * round));
        process.kill();
        assert_whole(&store, &[1, 2]);
        let series = series(Arc::clone(&store));
        run(&series, 2).unwrap();
        assert_whole(&store, &[1, 2]);
        assert_eq!(series.live().unwrap(), Some(version(2)));
        drop((series, store));
        assert_no_leftovers(dir.path());
    }
}

/// The child must be able to end, or it would prove nothing.
#[test]
fn the_process_that_is_not_killed_succeeds() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::start(dir.path(), false);
    let mut output = String::new();
    process.output.read_to_string(&mut output).unwrap();
    assert!(process.child.wait().unwrap().success(), "{output}");
    let store: Arc<dyn Store> = Arc::new(DirStore::open(dir.path()).unwrap());
    assert_eq!(series(Arc::clone(&store)).live().unwrap(), Some(version(1)));
    assert_whole(&store, &[1]);
}
