//! The Runtime API of Lambda, as far as a function needs it: it asks for the next call, and posts
//! its answer or its error.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use serde_json::Value;
use versioning::Timestamp;

/// Longer than anything here takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

struct Call {
    id: u32,
    deadline: Timestamp,
    payload: String,
}

/// A function in a process of its own.
pub(crate) struct Function {
    process: Child,
    polls: Receiver<()>,
    calls: Sender<Call>,
    answers: Receiver<(String, Value)>,
    log: Option<thread::JoinHandle<String>>,
    next: u32,
}

impl Function {
    /// Starts one; `lake` has the folders of data and features, for its environment.
    pub(crate) fn start(lake: Option<(&Path, &Path)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_stage-told"));
        command
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "told")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env_remove("RUST_LOG")
            .env_remove("MLLAB_DATA_URI")
            .env_remove("MLLAB_FEATURES_URI")
            .stdout(Stdio::piped());
        if let Some((data, features)) = lake {
            command.env("MLLAB_DATA_URI", data).env("MLLAB_FEATURES_URI", features);
        }
        let mut process = command.spawn().unwrap();
        let mut stdout = process.stdout.take().unwrap();
        let log = thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            text
        });
        let (poll, polls) = channel();
        let (calls, to_call) = channel();
        let (answer, answers) = channel();
        let to_call = Arc::new(Mutex::new(to_call));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (poll, to_call, answer) = (poll.clone(), Arc::clone(&to_call), answer.clone());
                thread::spawn(move || serve(stream.unwrap(), &poll, &to_call, &answer));
            }
        });
        Self { process, polls, calls, answers, log: Some(log), next: 0 }
    }

    /// Waits until it asks for a call.
    pub(crate) fn polled(&self) {
        self.polls.recv_timeout(PATIENCE).unwrap();
    }

    /// Calls it; gives its answer, or what it posted as its error.
    pub(crate) fn call(&mut self, payload: &Value, time: Duration) -> Result<Value, Value> {
        self.next += 1;
        let time = i64::try_from(time.as_millis()).unwrap();
        let deadline = Timestamp::from_millis(stage::cli::now().as_millis() + time);
        self.calls.send(Call { id: self.next, deadline, payload: payload.to_string() }).unwrap();
        let (path, body) = self.answers.recv_timeout(PATIENCE).unwrap();
        match path.strip_prefix(&format!("/2018-06-01/runtime/invocation/r{}/", self.next)) {
            Some("response") => Ok(body),
            Some("error") => Err(body),
            _ => panic!("posted to {path}: {body}"),
        }
    }

    /// Ends it; gives what it wrote.
    pub(crate) fn end(mut self) -> String {
        self.process.kill().unwrap();
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves one connection until the function closes it, or the test is over.
fn serve(
    stream: TcpStream,
    poll: &Sender<()>,
    calls: &Mutex<Receiver<Call>>,
    answer: &Sender<(String, Value)>,
) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let path = first.split(' ').nth(1).unwrap().to_owned();
        let response = if path.ends_with("/invocation/next") {
            poll.send(()).unwrap_or_default();
            let Ok(call) = calls.lock().unwrap().recv() else { return };
            format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: r{}\r\n\
                 lambda-runtime-deadline-ms: {}\r\n\
                 lambda-runtime-invoked-function-arn: arn:aws:lambda:sa-east-1:0:function:told\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
                call.id,
                call.deadline.as_millis(),
                call.payload.len(),
                call.payload
            )
        } else {
            let body = serde_json::from_slice(&body).unwrap();
            answer.send((path, body)).unwrap_or_default();
            "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        reader.get_mut().write_all(response.as_bytes()).unwrap();
    }
}
