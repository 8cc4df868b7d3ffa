//! A headless Chromium, spoken to over its debugging pipe: two named pipes and JSON with a zero byte
//! after each message, so that no socket and no further crate is needed.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

/// A browser with one page open. It ends when it is dropped.
pub(crate) struct Chromium {
    child: Child,
    commands: File,
    messages: Receiver<Vec<u8>>,
    session: String,
    next: u64,
    /// What the page logged: violations of its policy, errors of its script.
    pub(crate) log: Vec<String>,
    _home: tempfile::TempDir,
}

impl Chromium {
    /// Starts Chromium.
    pub(crate) fn start() -> Self {
        let program = found().expect("chromium in PATH (Debian: apt-get install chromium)");
        let home = tempfile::tempdir().unwrap();
        let (to, from) = (home.path().join("to"), home.path().join("from"));
        assert!(Command::new("mkfifo").args([&to, &from]).status().unwrap().success());
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
        ];
        // The browser reads its third and writes its fourth file.
        let child = Command::new("sh")
            .args([
                "-c",
                r#"program=$1; to=$2; from=$3; shift 3; exec "$program" "$@" 3<"$to" 4>"$from""#,
                "sh",
            ])
            .args([&program, &to, &from])
            .args(flags)
            .arg(format!("--user-data-dir={}", home.path().join("profile").display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let commands = OpenOptions::new().write(true).open(&to).unwrap();
        let messages = listen(File::open(&from).unwrap());
        let mut browser = Self {
            child,
            commands,
            messages,
            session: String::new(),
            next: 0,
            log: Vec::new(),
            _home: home,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached = browser.call(
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        );
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Log", "Runtime", "Accessibility", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Calls a method of the protocol and gives its result.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let mut message = json!({"id": self.next, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.commands.write_all(&bytes).unwrap();
        loop {
            let answer = self.read();
            if answer["id"] == json!(self.next) {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    /// Opens an address and waits until it is loaded.
    pub(crate) fn open(&mut self, url: &str) {
        self.log.clear();
        let answer = self.call("Page.navigate", json!({"url": url}));
        assert!(answer.get("errorText").is_none(), "{answer}");
        while self.read()["method"] != json!("Page.loadEventFired") {}
    }

    /// The value of an expression in the page.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        );
        assert!(answer.get("exceptionDetails").is_none(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// The window's width and theme (`light`, `dark`), or paper.
    pub(crate) fn show(&mut self, width: u32, theme: &str, paper: bool) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}),
        );
        self.call(
            "Emulation.setEmulatedMedia",
            json!({
                "media": if paper { "print" } else { "" },
                "features": [{"name": "prefers-color-scheme", "value": theme}],
            }),
        );
    }

    fn read(&mut self) -> Value {
        let bytes = self.messages.recv_timeout(SILENCE).expect("chromium answers");
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        match message["method"].as_str() {
            Some("Log.entryAdded") => self.log.push(message["params"]["entry"].to_string()),
            Some("Runtime.exceptionThrown" | "Runtime.consoleAPICalled") => {
                self.log.push(message["params"].to_string());
            }
            Some("Network.requestWillBeSent") => {
                let url = message["params"]["request"]["url"].as_str().unwrap_or_default();
                if !url.starts_with("file:") && !url.starts_with("about:") {
                    self.log.push(format!("asked for {url}"));
                }
            }
            _ => {}
        }
        message
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser that says nothing for so long has died.
const SILENCE: Duration = Duration::from_secs(120);

/// The messages of a pipe, until it closes.
fn listen(pipe: File) -> Receiver<Vec<u8>> {
    let (sender, messages) = mpsc::channel();
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while pipe.read_until(0, &mut bytes).is_ok() && bytes.pop() == Some(0) {
            if sender.send(std::mem::take(&mut bytes)).is_err() {
                break;
            }
        }
    });
    messages
}

fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|dir| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| dir.join(name))
        })
        .find(|program| program.is_file())
}
