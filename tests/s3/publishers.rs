//! Many processes that publish at once, and processes that die.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use versioning::{Error, Series, Store, Version, conformance::WatchedStore};

use crate::fixture::{day, key, latest, lines, make, promote, series, version};
use crate::server::{Fate, Server};

/// `n` processes make a version each, at once, and put it live: `n` versions, none lost, none
/// doubled, one of them live.
pub(crate) fn publish(store: impl Fn() -> Arc<dyn Store> + Sync, n: usize) {
    make_versions(&store, n, |series, version| {
        promote(series, version, day(version.number())).unwrap();
    });
    let store = store();
    let live = series(Arc::clone(&store)).live().unwrap().unwrap();
    assert_eq!(latest(&*store).unwrap(), lines(live).join("\n"));
}

fn make_versions(
    store: &(impl Fn() -> Arc<dyn Store> + Sync),
    n: usize,
    then: impl Fn(&Series, Version) + Sync,
) {
    let numbers: Vec<u64> = std::thread::scope(|scope| {
        let publisher = |n: usize| {
            let then = &then;
            move || {
                let series = series(store());
                let committed = make(&series, n, day(n as u64)).unwrap();
                then(&series, committed.version());
                committed.version().number()
            }
        };
        let threads: Vec<_> = (0..n).map(|n| scope.spawn(publisher(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), n, "{numbers:?}");
    let series = series(store());
    let versions = series.list().unwrap();
    assert_eq!(versions.len(), n);
    for (n, number) in numbers.into_iter().enumerate() {
        let found = series.find(&key(n)).unwrap().unwrap();
        assert_eq!(found.version(), version(number));
        found.verify().unwrap();
    }
}

#[test]
fn fifty_publishers_give_fifty_versions() {
    let server = Server::start();
    let shared = Arc::new(server.store());
    make_versions(&|| Arc::clone(&shared) as Arc<dyn Store>, 50, |_, _| {});
}

/// The same where answers are lost, connections break and S3 asks for patience.
#[test]
fn publishers_on_a_bad_line_lose_nothing() {
    let server = Server::start();
    let mut asked = 0_u32;
    server.when(move |_| {
        asked += 1;
        match asked % 13 {
            3 => Fate::AnswerLost,
            7 => Fate::Lost,
            11 => Fate::Answered(503, "SlowDown"),
            _ => Fate::Served,
        }
    });
    publish(|| Arc::new(server.store_trying(12)), 12);
}

fn run(series: &Series, n: usize) -> Result<(), Error> {
    let committed = make(series, n, day(1))?;
    promote(series, committed.version(), day(1))
}

#[test]
fn killed_at_every_write() {
    let mut writes = 0;
    loop {
        let server = Server::start();
        let store: Arc<dyn Store> = Arc::new(server.store());
        run(&series(Arc::clone(&store)), 1).unwrap();
        let dying = WatchedStore::dying(Arc::clone(&store), writes);
        let done = run(&series(Arc::new(dying)), 2);
        let readers = series(Arc::new(server.store()));
        let whole: Vec<_> = readers.list().unwrap();
        whole.iter().for_each(|committed| committed.verify().unwrap());
        if done.is_ok() {
            assert_eq!(writes, 8, "claim, binding, two files, manifest, its hash, log, latest.txt");
            return;
        }
        assert_eq!(readers.live().unwrap(), Some(version(1)));
        run(&readers, 2).unwrap();
        assert_eq!(readers.live().unwrap(), Some(version(2)));
        assert_eq!(readers.list().unwrap().len(), 2);
        writes += 1;
    }
}

/// Killed before any request, reads too: within an operation, not only between two.
#[test]
fn killed_at_every_request() {
    let requests = Arc::new(AtomicUsize::new(0));
    let server = Server::start();
    run(&series(Arc::new(server.store())), 1).unwrap();
    let count = Arc::clone(&requests);
    server.when(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Fate::Served
    });
    run(&series(Arc::new(server.store())), 2).unwrap();
    for served in 0..requests.load(Ordering::SeqCst) {
        let server = Server::start();
        run(&series(Arc::new(server.store())), 1).unwrap();
        let mut asked = 0;
        server.when(move |_| {
            asked += 1;
            if asked <= served { Fate::Served } else { Fate::Lost }
        });
        run(&series(Arc::new(server.store())), 2).unwrap_err();
        server.when(|_| Fate::Served);
        let readers = series(Arc::new(server.store()));
        readers.list().unwrap().iter().for_each(|committed| committed.verify().unwrap());
        assert!(readers.live().unwrap().is_some());
        run(&readers, 2).unwrap();
        assert_eq!(readers.live().unwrap(), Some(version(2)));
        assert_eq!(readers.list().unwrap().len(), 2);
    }
}
