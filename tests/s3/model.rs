//! Whatever is done in whatever order, on a bad line: the store gives what the one in memory gives.

use proptest::{collection::vec, prelude::*};
use versioning::{Body, ETag, Error, ListRequest, MemoryStore, Precondition, Store};

use crate::{
    key,
    server::{Fate, Server},
};

const KEYS: [&str; 3] = ["a", "b/c", "b/d"];

/// A step; the first number is the key's.
#[derive(Clone, Debug)]
enum Step {
    Put(usize, u8),
    Create(usize, u8),
    /// With the ETag of the last put of the key, or of the one before.
    Swap(usize, u8, bool),
    Get(usize),
    Range(usize),
    Head(usize),
    Delete(usize),
    List(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let at = || 0..KEYS.len();
    prop_oneof![
        (at(), 0_u8..4).prop_map(|(at, body)| Step::Put(at, body)),
        (at(), 0_u8..4).prop_map(|(at, body)| Step::Create(at, body)),
        (at(), 0_u8..4, any::<bool>()).prop_map(|(at, body, last)| Step::Swap(at, body, last)),
        at().prop_map(Step::Get),
        at().prop_map(Step::Range),
        at().prop_map(Step::Head),
        at().prop_map(Step::Delete),
        any::<bool>().prop_map(Step::List),
    ]
}

/// A store, and the ETags that it gave for each key.
struct Told<S> {
    store: S,
    etags: [Vec<ETag>; KEYS.len()],
}

impl<S: Store> Told<S> {
    fn new(store: S) -> Self {
        Self { store, etags: Default::default() }
    }

    /// Does a step, and tells what is seen of it.
    fn tell(&mut self, step: &Step) -> String {
        let body = |body: u8| Body::Bytes(vec![b'0' + body; 2 + usize::from(body)].into());
        let store = &self.store;
        let put = |at: usize, with: u8, condition: &Precondition| {
            store.put(&key(KEYS[at]), &body(with), condition)
        };
        let (at, done) = match *step {
            Step::Put(at, with) => (at, put(at, with, &Precondition::None)),
            Step::Create(at, with) => (at, put(at, with, &Precondition::IfAbsent)),
            Step::Swap(at, with, last) => {
                let known = self.etags[at].iter().rev().nth(usize::from(!last)).cloned();
                let etag = known.unwrap_or(ETag("\"none\"".into()));
                (at, put(at, with, &Precondition::IfMatch(etag)))
            }
            Step::Get(at) => return self.read(at, None),
            Step::Range(at) => return self.read(at, Some(1..2)),
            Step::Head(at) => {
                let meta = store.head(&key(KEYS[at])).unwrap();
                let known = |meta: versioning::Meta| {
                    (meta.bytes, self.etags[at].iter().rposition(|etag| *etag == meta.etag))
                };
                return format!("{:?}", meta.map(known));
            }
            Step::Delete(at) => return format!("{:?}", store.delete(&key(KEYS[at])).unwrap()),
            Step::List(delimiter) => {
                let request = ListRequest { folder: None, delimiter, after: None, limit: 9 };
                let page = store.list(&request).unwrap();
                let keys: Vec<_> = page.objects.into_iter().map(|m| (m.key, m.bytes)).collect();
                return format!("{keys:?} {:?}", page.prefixes);
            }
        };
        match done {
            Ok(etag) => {
                self.etags[at].push(etag);
                "stored".into()
            }
            Err(Error::PreconditionFailed { .. }) => "refused".into(),
            Err(error) => error.to_string(),
        }
    }

    fn read(&self, at: usize, range: Option<std::ops::Range<u64>>) -> String {
        match self.store.get(&key(KEYS[at]), range) {
            Ok(object) => format!("{:?} of {}", object.body.bytes().unwrap(), object.meta.bytes),
            Err(Error::NotFound { .. }) => "not found".into(),
            Err(error) => error.to_string(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_bad_line_shows_what_memory_shows(
        steps in vec(step(), 1..16),
        fates in vec(0_u8..7, 0..4),
    ) {
        let server = Server::start();
        let mut turn = 0;
        server.when(move |seen| {
            // After each round of troubles one request passes: the SDK has a quota of retries.
            let fate = fates.get(turn % (fates.len() + 1)).copied();
            turn += 1;
            let object = KEYS.iter().any(|key| seen.path.ends_with(key));
            match fate {
                Some(0) => Fate::Lost,
                Some(1) => Fate::AnswerLost,
                Some(2) => Fate::Answered(503, "SlowDown"),
                Some(3) if seen.method == "PUT" => {
                    Fate::Answered(409, "ConditionalRequestConflict")
                }
                Some(4) if seen.method == "GET" && object => Fate::Cut(1),
                _ => Fate::Served,
            }
        });
        let (mut memory, mut s3) =
            (Told::new(MemoryStore::default()), Told::new(server.store_trying(40)));
        for step in &steps {
            prop_assert_eq!(memory.tell(step), s3.tell(step), "{:?}", step);
        }
    }
}
