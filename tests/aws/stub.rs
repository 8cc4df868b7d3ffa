//! A program for the tests of the emulator: as a function it does what its event says, as a job what
//! its arguments say.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::ExitCode,
};

use serde_json::{Value, json};

type Failed = Box<dyn std::error::Error>;

#[allow(clippy::disallowed_methods, reason = "a host's program: its environment is what is tested")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn main() -> Result<ExitCode, Failed> {
    match variable("AWS_LAMBDA_RUNTIME_API") {
        Some(api) => function(&api),
        None => Ok(job()),
    }
}

/// `exit 74,0`: ends with 74 at the first attempt, with 0 at the second. `sleep`: does not end.
/// `print TEXT`: prints it, and ends well.
fn job() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let word = |n: usize| arguments.get(n).map(String::as_str).unwrap_or_default();
    match word(0) {
        "exit" => {
            let attempt = variable("AWS_BATCH_JOB_ATTEMPT").and_then(|n| n.parse().ok());
            let code = word(1).split(',').nth(attempt.unwrap_or(1) - 1);
            ExitCode::from(code.and_then(|code| code.parse().ok()).unwrap_or(99))
        }
        "sleep" => forever(),
        _ => {
            #[allow(clippy::print_stdout, reason = "the log is what is tested")]
            {
                println!("{} {}", word(1), variable("STUB").unwrap_or_default());
            }
            ExitCode::SUCCESS
        }
    }
}

fn function(api: &str) -> Result<ExitCode, Failed> {
    let runtime = "/2018-06-01/runtime";
    if let Some(error_type) = variable("STUB_INIT_ERROR") {
        let error = json!({"errorType": error_type, "errorMessage": "could not start"});
        request(api, "POST", &format!("{runtime}/init/error"), &error.to_string())?;
        return Ok(ExitCode::FAILURE);
    }
    let mut served = 0;
    loop {
        let (head, body) = request(api, "GET", &format!("{runtime}/invocation/next"), "")?;
        served += 1;
        let id = header(&head, "lambda-runtime-aws-request-id").unwrap_or_default();
        let event: Value = serde_json::from_str(&body)?;
        let invocation = format!("{runtime}/invocation/{id}");
        match event["do"].as_str().unwrap_or_default() {
            "fail" => {
                let error = json!({"errorType": event["as"], "errorMessage": "stub: as told"});
                request(api, "POST", &format!("{invocation}/error"), &error.to_string())?;
            }
            "exit" => return Ok(ExitCode::from(3)),
            "abort" => std::process::abort(),
            "sleep" => forever(),
            _ => {
                let answer = json!({
                    "event": event,
                    "served": served,
                    "stub": variable("STUB"),
                    "region": variable("AWS_REGION"),
                    "home": variable("HOME"),
                });
                request(api, "POST", &format!("{invocation}/response"), &answer.to_string())?;
            }
        }
    }
}

fn forever() -> ! {
    loop {
        std::thread::sleep(std::time::Duration::from_secs(3600));
    }
}

fn request(api: &str, method: &str, path: &str, body: &str) -> Result<(String, String), Failed> {
    let mut stream = TcpStream::connect(api)?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {api}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    let length = header(&head, "content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((head, String::from_utf8(body)?))
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}
