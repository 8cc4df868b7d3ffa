//! A hub on loopback: it answers what hf-hub asks of the real one, and fails when it is told to.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// What becomes of the next request for a file's content (not for its metadata, unless said).
#[derive(Clone, Copy, Debug)]
pub(super) enum Mishap {
    /// Another status, for metadata too.
    Status(u16),
    /// The connection closes after so many bytes of the body.
    Cut(usize),
    /// Silence after so many bytes of the body, until the server is dropped.
    Stall(usize),
    /// Silence before any answer, for metadata too.
    Mute,
    /// So many bytes at a time, with a pause between.
    Slow(usize, Duration),
    /// A body without a length and without an end.
    Endless,
    /// A redirect to the same path, for metadata too.
    ToItself,
}

#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) range: Option<String>,
    pub(super) headers: Vec<String>,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    mishaps: BTreeMap<String, VecDeque<Mishap>>,
    asked: Vec<Asked>,
    body_bytes: usize,
    commit: String,
    etag: Option<String>,
    redirects: bool,
    is_hub: bool,
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
}

impl Server {
    /// A hub that has `files` at `commit`, in whichever repository it is asked for.
    pub(super) fn start(commit: &str, files: &BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let uri = format!("http://{address}/").parse().unwrap();
        assert!(
            ureq::Proxy::try_from_env().is_none_or(|proxy| proxy.is_no_proxy(&uri)),
            "a proxy is set for all hosts: this test needs NO_PROXY=127.0.0.1"
        );
        let state = State {
            files: files.clone(),
            commit: commit.to_owned(),
            is_hub: true,
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let over = Arc::new(AtomicBool::new(false));
        let (shared, ends) = (Arc::clone(&state), Arc::clone(&over));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                let (state, ends) = (Arc::clone(&shared), Arc::clone(&ends));
                // A client that goes away is not a failure of the server.
                thread::spawn(move || stream.map(|s| drop(answer(s, address, &state, &ends))));
            }
        });
        Self { address, state, over }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// The next requests for `file` go so, one each.
    pub(super) fn fails(&self, file: &str, mishaps: impl IntoIterator<Item = Mishap>) {
        self.with(|s| s.mishaps.entry(file.to_owned()).or_default().extend(mishaps));
    }

    /// From now on `file` has this content.
    pub(super) fn replace(&self, file: &str, content: &[u8]) {
        self.with(|s| s.files.insert(file.to_owned(), content.to_owned()));
    }

    pub(super) fn remove(&self, file: &str) {
        self.with(|s| s.files.remove(file));
    }

    /// From now on it answers with this commit.
    pub(super) fn commit(&self, commit: &str) {
        self.with(|s| s.commit = commit.to_owned());
    }

    /// From now on every file has this etag.
    pub(super) fn etag(&self, etag: &str) {
        self.with(|s| s.etag = Some(etag.to_owned()));
    }

    /// From now on files lie elsewhere, as large ones do on the real hub.
    pub(super) fn redirect(&self) {
        self.with(|s| s.redirects = true);
    }

    /// From now on it answers as any other server.
    pub(super) fn is_no_hub(&self) {
        self.with(|s| s.is_hub = false);
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.with(|s| s.asked.clone())
    }

    /// The ranges of `file` that were asked for after its metadata.
    pub(super) fn ranges(&self, file: &str) -> Vec<String> {
        let asked = self.asked().into_iter().filter(|asked| asked.path.ends_with(file));
        asked.filter_map(|asked| asked.range).filter(|range| range != METADATA).collect()
    }

    /// Bytes of bodies that were sent, those of metadata too.
    pub(super) fn body_bytes(&self) -> usize {
        self.with(|s| s.body_bytes)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// The etag of a file as this server gives it; hf-hub names the download so.
pub(super) fn etag_of(file: &str) -> String {
    let letters = file.bytes().map(|b| format!("{b:02x}"));
    letters.collect()
}

/// The range of a request that asks for metadata only.
const METADATA: &str = "bytes=0-0";

fn answer(
    mut stream: TcpStream,
    address: SocketAddr,
    state: &Mutex<State>,
    over: &AtomicBool,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> = lines.map_while(|l| l.ok().filter(|l| !l.is_empty())).collect();
    let range = headers.iter().find_map(|h| {
        let (name, value) = h.split_once(": ")?;
        name.eq_ignore_ascii_case("range").then(|| value.to_owned())
    });
    let file = path.split_once("/resolve/").or_else(|| path.split_once("/cdn/"));
    let file = file.map(|(_, rest)| rest.split_once('/').map_or("", |(_, file)| file));
    let file = file.unwrap_or_default().to_owned();
    let is_metadata = range.as_deref() == Some(METADATA);
    let (content, mishap, mut head, redirects) = {
        let mut state = state.lock().unwrap();
        state.asked.push(Asked { path: path.clone(), range: range.clone(), headers });
        let mishaps = state.mishaps.entry(file.clone()).or_default();
        let is_early =
            matches!(mishaps.front(), Some(Mishap::Status(_) | Mishap::Mute | Mishap::ToItself));
        let mishap = if is_early || !is_metadata { mishaps.pop_front() } else { None };
        let mut head = String::from("Connection: close\r\n");
        if state.is_hub {
            let etag = state.etag.clone().unwrap_or_else(|| etag_of(&file));
            let commit = &state.commit;
            head.push_str(&format!("X-Repo-Commit: {commit}\r\nETag: \"{etag}\"\r\n"));
        }
        (state.files.get(&file).cloned(), mishap, head, state.redirects)
    };
    if let Some(Mishap::Status(status)) = mishap {
        return write!(stream, "HTTP/1.1 {status} No\r\n{head}Content-Length: 0\r\n\r\n");
    }
    let silence = || {
        while !over.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    };
    if let Some(Mishap::Mute) = mishap {
        return silence();
    }
    if let Some(Mishap::ToItself) = mishap {
        let head = format!("{head}Location: {path}\r\nContent-Length: 0");
        return write!(stream, "HTTP/1.1 302 Found\r\n{head}\r\n\r\n");
    }
    let Some(content) = content else {
        return write!(stream, "HTTP/1.1 404 No\r\n{head}Content-Length: 0\r\n\r\n");
    };
    if redirects && path.contains("/resolve/") {
        let to = path.replace("/resolve/", "/cdn/");
        head.push_str(&format!(
            "Location: http://{address}{to}\r\nX-Linked-ETag: \"{}\"\r\n",
            etag_of(&file)
        ));
        return write!(stream, "HTTP/1.1 302 Found\r\n{head}Content-Length: 0\r\n\r\n");
    }
    let bounds = range.as_deref().and_then(|r| r.strip_prefix("bytes=")?.split_once('-'));
    let (from, to) = bounds.unwrap_or(("0", ""));
    let from: usize = from.parse().unwrap();
    let end = to.parse().map_or(content.len(), |to: usize| content.len().min(to + 1));
    if from >= content.len() {
        return write!(stream, "HTTP/1.1 416 No\r\n{head}Content-Length: 0\r\n\r\n");
    }
    let body = &content[from..end];
    if let Some(Mishap::Endless) = mishap {
        let of = content.len();
        let range = format!("Content-Range: bytes {from}-{}/{of}", of - 1);
        write!(
            stream,
            "HTTP/1.1 206 Partial\r\n{head}{range}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )?;
        while !over.load(Ordering::SeqCst) {
            state.lock().unwrap().body_bytes += 0x1_0000;
            stream.write_all(b"10000\r\n")?;
            stream.write_all(&[b'x'; 0x1_0000])?;
            stream.write_all(b"\r\n")?;
        }
        return Ok(());
    }
    write!(
        stream,
        "HTTP/1.1 206 Partial\r\n{head}Content-Range: bytes {from}-{}/{}\r\nContent-Length: {}\r\n\r\n",
        end - 1,
        content.len(),
        body.len()
    )?;
    let mut send = |piece: &[u8]| {
        state.lock().unwrap().body_bytes += piece.len();
        stream.write_all(piece)
    };
    match mishap {
        Some(Mishap::Cut(n)) => send(&body[..n.min(body.len())]),
        Some(Mishap::Stall(n)) => {
            send(&body[..n.min(body.len())])?;
            silence()
        }
        Some(Mishap::Slow(n, pause)) => body.chunks(n).try_for_each(|piece| {
            thread::sleep(pause);
            send(piece)
        }),
        _ => send(body),
    }
}
