//! Files from the hub, by hf-hub.
//!
//! Some things are ours because hf-hub 0.5 lacks them: it waits for ever on a server that has gone
//! silent, so each attempt runs on a thread that is watched; its own retries begin a resumed file at
//! 0 again and append, so we retry from outside, where it resumes rightly; it believes what it is
//! told, so commit, length and name of a file are compared before it is downloaded, and a body that
//! goes on beyond its length ends the attempt; and it follows a redirect that leads to itself without
//! end, so redirects are counted before it is asked.

use std::{
    fs::{self, File},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use ::encoder::known::{self, Known};
use hf_hub::{
    Cache, Repo, RepoType,
    api::sync::{Api, ApiBuilder, ApiError},
};
use stage::{Error, Progress};

use super::{
    endpoint::Hub,
    pin,
    trouble::{Context, Trouble},
};

/// The endpoint without a closing `/`.
///
/// # Errors
/// [`stage::ErrorName::ConfigInvalid`] when it is not an address of a hub, or has a password in it,
/// which would be printed with every error.
pub(super) fn checked(endpoint: &str) -> Result<String, Error> {
    let address = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
    let host = address.map(|a| a.split('/').next().unwrap_or_default()).unwrap_or_default();
    if host.contains('@') {
        return Err(Error::config(
            "the endpoint has a user or a password in it: none is needed, leave it out",
        ));
    }
    if host.is_empty() {
        return Err(Error::config(format!(
            "endpoint `{endpoint}`: expected a URL such as https://huggingface.co"
        )));
    }
    Ok(endpoint.trim_end_matches('/').to_owned())
}

enum Event {
    /// So many bytes of the file are there.
    At(u64),
    Ended(Result<PathBuf, Trouble>),
}

impl Hub {
    /// A file of `known`, downloaded and checked; what an earlier call has left is used.
    pub(super) fn file(
        &self,
        known: &Known,
        file: &'static known::File,
        progress: &dyn Progress,
    ) -> Result<PathBuf, Error> {
        let context = Context { hub: self, known, file };
        let phase = progress.phase(file.path, Some(file.bytes), "bytes")?;
        if let Some(path) = self.cache().repo(repo(known)).get(file.path) {
            if pin::check(&path, file).is_ok() {
                phase.advance(file.bytes)?;
                return Ok(path);
            }
            discard(&path);
        }
        let (mut reached, mut vain) = (0, 0);
        loop {
            let before = reached;
            let outcome = self.attempt(known, file, &mut |at| {
                if at > reached {
                    // A download is never cancelled by its progress.
                    let _ = phase.advance(at - reached);
                    reached = at;
                }
            });
            let trouble = match outcome {
                Ok(path) => {
                    return pin::check(&path, file).map(|()| path.clone()).map_err(|wrong| {
                        discard(&path);
                        context.wrong(&wrong)
                    });
                }
                Err(trouble) => trouble,
            };
            vain = if reached > before { 1 } else { vain + 1 };
            if !trouble.passes() || vain >= self.patience.attempts {
                return Err(context.named(&trouble));
            }
            progress.note(&format!("{}: {trouble}; trying again", file.path));
            thread::sleep(self.patience.pause * 2_u32.pow(vain - 1));
        }
    }

    /// Removes what was downloaded of `known`: the lake has it now.
    pub(super) fn forget(&self, known: &Known) {
        let folder = self.downloads.join(repo(known).folder_name());
        // What cannot be removed does no harm but to the disk.
        let _ = fs::remove_dir_all(folder);
        let _ = fs::remove_dir(&self.downloads);
    }

    fn cache(&self) -> Cache {
        Cache::new(self.downloads.clone())
    }

    /// Downloads a file, once; `at` is told how many bytes are there.
    fn attempt(
        &self,
        known: &Known,
        file: &'static known::File,
        at: &mut dyn FnMut(u64),
    ) -> Result<PathBuf, Trouble> {
        let (events, told) = mpsc::channel();
        let (cache, repo) = (self.cache(), repo(known));
        // Without this, hf-hub would send the token that lies beside the cache.
        let api = ApiBuilder::from_cache(self.cache()).with_token(None);
        let api = api.with_progress(false).with_endpoint(self.endpoint.clone()).build()?;
        let (revision, silence) = (known.revision, self.patience.silence);
        // Not joined: a thread that waits for a silent hub is left to wait, and its part file to the
        // next call. It ends with the process at the latest.
        thread::spawn(move || {
            let ended = download(&api, &cache, &repo, (revision, file), silence, &events);
            let _ = events.send(Event::Ended(ended));
        });
        loop {
            match told.recv_timeout(self.patience.silence) {
                Ok(Event::At(bytes)) => at(bytes),
                Ok(Event::Ended(ended)) => return ended,
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Trouble::Silent(self.patience.silence));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Trouble::Panicked),
            }
        }
    }
}

fn repo(known: &Known) -> Repo {
    Repo::with_revision(known.repository.into(), RepoType::Model, known.revision.into())
}

fn download(
    api: &Api,
    cache: &Cache,
    repo: &Repo,
    (revision, file): (&str, &known::File),
    deadline: Duration,
    events: &Sender<Event>,
) -> Result<PathBuf, Trouble> {
    let remote = api.repo(repo.clone());
    find(&remote.url(file.path), deadline)?;
    let metadata = api.metadata(&remote.url(file.path))?;
    if metadata.commit_hash() != revision {
        return Err(Trouble::OtherCommit(metadata.commit_hash().to_owned()));
    }
    let size = metadata.size() as u64;
    if size != file.bytes {
        return Err(Trouble::OtherLength(size));
    }
    // hf-hub makes a file of this name.
    let etag = metadata.etag();
    if etag.is_empty() || !etag.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        return Err(Trouble::BadEtag);
    }
    let blob = cache.repo(repo.clone()).blob_path(etag);
    trim(&blob, size)?;
    let teller = Teller { events: events.clone(), at: 0, size };
    let ended =
        panic::catch_unwind(AssertUnwindSafe(|| remote.download_with_progress(file.path, teller)));
    ended.map_or_else(
        |unwound| {
            let trouble = *unwound.downcast::<Trouble>().unwrap_or(Box::new(Trouble::Panicked));
            // What is there is none of the file.
            let _ = fs::remove_file(blob.with_extension("part"));
            Err(trouble)
        },
        |ended| Ok(ended?),
    )
}

/// Redirects of a file at most: the real hub has one or two.
const REDIRECTS: u32 = 5;

/// Follows the redirects of a file to its first byte.
fn find(url: &str, deadline: Duration) -> Result<(), ApiError> {
    let agent = ureq::Agent::config_builder().max_redirects(REDIRECTS);
    let agent: ureq::Agent = agent.timeout_global(Some(deadline)).build().into();
    agent.get(url).header("Range", "bytes=0-0").call().map_err(Box::new)?;
    Ok(())
}

/// Makes a part file one that can be gone on with: hf-hub would ask for the bytes after its last one,
/// and fail at the answer that there are none. So a whole one gives up a byte, and a longer one all.
fn trim(blob: &Path, size: u64) -> Result<(), ApiError> {
    let part = blob.with_extension("part");
    if part.metadata().map_or(0, |m| m.len()) < size {
        return Ok(());
    }
    // Only if nobody else is at it, by hf-hub's own lock.
    let lock = File::create(blob.with_extension("lock"))?;
    if lock.try_lock().is_err() {
        return Ok(());
    }
    let file = File::options().write(true).open(&part)?;
    let length = file.metadata()?.len();
    if length >= size {
        file.set_len(if length == size { size.saturating_sub(1) } else { 0 })?;
    }
    Ok(())
}

/// Removes a downloaded file: what hf-hub gives is a link to it.
fn discard(path: &Path) {
    if let Ok(blob) = path.canonicalize() {
        let _ = fs::remove_file(blob);
    }
    // A link that leads nowhere would be in the way of the next download.
    let _ = fs::remove_file(path);
}

/// Tells where a download stands.
struct Teller {
    events: Sender<Event>,
    at: u64,
    size: u64,
}

impl hf_hub::api::Progress for Teller {
    fn init(&mut self, _: usize, _: &str) {
        self.at = 0;
    }

    fn update(&mut self, bytes: usize) {
        self.at += bytes as u64;
        if self.at > self.size {
            // hf-hub asks nobody whether to go on: unwinding is the one way out of its loop.
            panic::resume_unwind(Box::new(Trouble::TooLong));
        }
        let _ = self.events.send(Event::At(self.at));
    }

    fn finish(&mut self) {}
}
