//! The servers that stand in for AWS, each a process that ends with its test.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::http::{self, Reply};

/// A process that prints `{"port": N}` once it listens.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u64,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("{command:?} ended without its port: {e}: {line:?}"));
        Self { child, port: told["port"].as_u64().unwrap() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Emulator {
    pub(crate) server: Server,
}

impl Emulator {
    pub(crate) fn start() -> Self {
        Self { server: Server::start(&mut Command::new(env!("CARGO_BIN_EXE_aws-emulator"))) }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.server.port)
    }

    pub(crate) fn configure(&self, configuration: &Value) {
        let url = self.url("/_emulator/configuration");
        http::send("PUT", &url, &[], configuration.to_string()).ok();
    }

    /// Makes the next invocations or attempts fail.
    pub(crate) fn fault(&self, fault: &Value) {
        http::send("POST", &self.url("/_emulator/faults"), &[], fault.to_string()).ok();
    }

    pub(crate) fn invoke(&self, function: &str, event: &Value) -> Reply {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        http::send("POST", &self.url(&path), &[], event.to_string())
    }

    pub(crate) fn invocations(&self) -> Vec<Value> {
        let reply = http::send("GET", &self.url("/_emulator/invocations"), &[], "").ok();
        reply.json().as_array().unwrap().clone()
    }

    pub(crate) fn jobs(&self) -> Vec<Value> {
        let reply = http::send("GET", &self.url("/_emulator/jobs"), &[], "").ok();
        reply.json().as_array().unwrap().clone()
    }
}
