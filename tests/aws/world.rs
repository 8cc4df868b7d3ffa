//! A lake on AWS with all that a day needs: buckets, functions, a job definition, the state machine,
//! and a topic that somebody listens to. Each test has one of its own.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    cloud::{ACCOUNT, Cloud, REGION},
    http, personal,
    servers::{Emulator, Server},
};

pub(crate) const DATA: &str = "decision-data-lake";
pub(crate) const FEATURES: &str = "decision-data-lake-features";
pub(crate) const STAGES: [&str; 5] = ["ingest", "features", "matching", "recommend", "drift"];
/// The prefixes of what goes live.
pub(crate) const MATCHING: &str = "models/Modelo_Matching_Classificacao";
pub(crate) const RECOMMEND: &str = "models/Modelo_Recomendacao_Vagas";
/// An address where nothing listens: a store that is not there.
pub(crate) const NO_STORE: &str = "http://127.0.0.1:1";

/// The day in São Paulo, where nobody names another.
pub(crate) fn today() -> String {
    stage::day_in_sao_paulo(stage::cli::now())
}

/// The subject of what is published: its date is that of the execution's start in UTC, since a
/// state machine knows no other.
pub(crate) fn subject_of(outcome: &str) -> String {
    let date: String = stage::cli::now().to_string().chars().take(10).collect();
    format!("ML Lab {date}: {outcome}")
}

/// A test that begins shortly before midnight, here or in São Paulo, would end on another day than
/// it expects: it waits.
fn wait_where_a_day_is_about_to_end() {
    const DAY: u64 = 86_400;
    const LONGEST_TEST: u64 = 300;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for hours_behind in [0, 3] {
        let left = DAY - (now - hours_behind * 3_600) % DAY;
        if left <= LONGEST_TEST {
            thread::sleep(Duration::from_secs(left + 1));
        }
    }
}

/// The binaries under test: `MLLAB_E2E_BIN` is the folder that holds them.
pub(crate) fn binary(name: &str) -> PathBuf {
    let folder = env::var("MLLAB_E2E_BIN").expect("MLLAB_E2E_BIN: run tests/aws/run.sh");
    let path = fs::canonicalize(folder).unwrap().join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Raw files of a small source, made once.
pub(crate) fn sample() -> &'static Path {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let dir = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let ran = Command::new(binary("mllab"))
            .args(["sample", "--quiet", "--out"])
            .arg(dir.path())
            .args(["--candidates=2000", "--jobs=700", "--applications=2600", "--seed=7"])
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        dir
    });
    dir.path()
}

pub(crate) struct World {
    name: &'static str,
    pub(crate) dir: TempDir,
    pub(crate) emulator: Emulator,
    pub(crate) cloud: Cloud,
    pub(crate) machine: String,
    queue: String,
    /// All that has been published, as text.
    told: RefCell<String>,
    _moto: Server,
}

/// What an execution that was started without `mllab` has come to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) arn: String,
    pub(crate) status: String,
    pub(crate) error: String,
    pub(crate) cause: String,
}

/// How an execution ended, as `mllab aws run` prints it, and its history.
pub(crate) struct Day {
    pub(crate) exit_code: i32,
    pub(crate) told: Value,
    pub(crate) arn: String,
    events: Vec<Value>,
}

impl Day {
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.exit_code, 0, "{:#}", self.told);
        self
    }

    /// It ended with an error of that name and its exit code; gives what is said of it.
    #[track_caller]
    pub(crate) fn failed(&self, name: &str, exit_code: i32) -> String {
        assert_eq!(
            (&self.told["error"], self.exit_code),
            (&json!(name), exit_code),
            "{}",
            self.told
        );
        self.told["message"].as_str().unwrap().to_owned()
    }

    /// What a task that was entered answered, and its `failed_tries`.
    #[track_caller]
    pub(crate) fn step(&self, state: &str) -> Value {
        let is_entry = |event: &&Value| event["stateEnteredEventDetails"]["name"] == state;
        let entry = self.events.iter().find(is_entry);
        let entry = entry.unwrap_or_else(|| panic!("{state} was not entered: {:#}", self.told));
        // An event belongs to the state of the event before it: branches run at the same time.
        let mut own = vec![&entry["id"]];
        let (mut answer, mut failed) = (json!({}), Vec::new());
        for event in self.events.iter().filter(|event| event["id"].as_i64() > entry["id"].as_i64())
        {
            if !own.contains(&&event["previousEventId"]) {
                continue;
            }
            match event["type"].as_str().unwrap() {
                "TaskStateExited" => break,
                "TaskFailed" | "TaskTimedOut" => failed.push(json!({
                    "error": event["taskFailedEventDetails"]["error"],
                })),
                "TaskSucceeded" => {
                    let output = event["taskSucceededEventDetails"]["output"].as_str().unwrap();
                    let output: Value = serde_json::from_str(output).unwrap();
                    answer = output.get("Payload").cloned().unwrap_or(output);
                }
                _ => {}
            }
            own.push(&event["id"]);
        }
        answer["failed_tries"] = json!(failed);
        answer
    }

    /// That the day's release has published a new version of a series.
    #[track_caller]
    pub(crate) fn released(&self, series: &str) {
        let release = self.step("Release");
        let published = release["published"].as_array().unwrap();
        let of = |name: &Value| name.as_str().unwrap().starts_with(&format!("{series} v"));
        assert!(published.iter().any(of), "{published:?}");
    }
}

impl World {
    /// A world with the sample's raw files in it.
    pub(crate) fn new(name: &'static str) -> Self {
        Self::with(name, |definition| definition)
    }

    /// The same, with a state machine that differs from the one deployed.
    pub(crate) fn with(name: &'static str, change: impl Fn(String) -> String) -> Self {
        wait_where_a_day_is_about_to_end();
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("logs")).unwrap();
        let emulator = Emulator::start();
        let python = env::var("MLLAB_E2E_PYTHON").expect("MLLAB_E2E_PYTHON: run tests/aws/run.sh");
        let moto = Server::start(
            Command::new(python)
                .arg(root().join("tests/aws/moto_server.py"))
                .args(["--steps-to", &emulator.server.port.to_string()])
                .stderr(fs::File::create(dir.path().join("moto.log")).unwrap()),
        );
        let cloud = Cloud { endpoint: format!("http://127.0.0.1:{}", moto.port) };
        emulator.configure(&configuration(&cloud.endpoint, &dir.path().join("logs")));
        cloud.create_bucket(DATA);
        cloud.create_bucket(FEATURES);
        let (topic, queue) = cloud.create_topic("mllab");
        let machine = cloud.create_state_machine(&change(definition(&topic)));
        let told = RefCell::default();
        let world = Self { name, dir, emulator, cloud, machine, queue, told, _moto: moto };
        world.put_raw_files("raw/");
        world
    }

    /// The functions and jobs anew, with something changed.
    pub(crate) fn configure(&self, change: impl FnOnce(&mut Value)) {
        let mut configuration = configuration(&self.cloud.endpoint, &self.dir.path().join("logs"));
        change(&mut configuration);
        self.emulator.configure(&configuration);
    }

    /// The sample's raw files, below a prefix.
    pub(crate) fn put_raw_files(&self, prefix: &str) {
        for entry in fs::read_dir(sample()).unwrap() {
            let path = entry.unwrap().path();
            let key = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
            self.cloud.put(DATA, &key, fs::read(&path).unwrap());
        }
    }

    /// An execution with an input of any kind, as EventBridge Scheduler or the console starts it.
    pub(crate) fn start(&self, name: &str, input: &str) -> Ended {
        let arn = self.cloud.start_execution(&self.machine, name, input);
        let told = self.cloud.ended(&arn);
        let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
        Ended { arn, status: text("status"), error: text("error"), cause: text("cause") }
    }

    /// `mllab aws run`
    #[track_caller]
    pub(crate) fn day(&self, arguments: &[&str]) -> Day {
        let ran = Command::new(binary("mllab"))
            .args(["aws", "run", "--json"])
            .env("MLLAB_STATE_MACHINE", &self.machine)
            .args(arguments)
            .current_dir(root())
            .env_remove("AWS_PROFILE")
            .envs(access(&self.cloud.endpoint))
            .output()
            .unwrap();
        let text = String::from_utf8(ran.stdout).unwrap();
        let told: Value = serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {text}\n{}", String::from_utf8_lossy(&ran.stderr)));
        let page = |told: &Value| {
            let message = told["message"].as_str()?;
            let (_, page) = message.split_once("executions/details/")?;
            page.lines().next().map(str::to_owned)
        };
        let arn = told["arn"].as_str().map(str::to_owned).or_else(|| page(&told));
        let events = arn.as_deref().map(|arn| self.cloud.history(arn)).unwrap_or_default();
        Day { exit_code: ran.status.code().unwrap(), arn: arn.unwrap_or_default(), events, told }
    }

    /// A file for a command line.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A stage's function, called alone.
    pub(crate) fn invoke(&self, stage: &str, event: &Value) -> http::Reply {
        self.emulator.invoke(&format!("mllab-{stage}:live"), event)
    }

    /// The invocations of a stage's function for an action.
    pub(crate) fn invocations(&self, stage: &str, action: &str) -> Vec<Value> {
        let of = |i: &Value| {
            i["function"] == format!("mllab-{stage}") && i["payload"]["action"] == action
        };
        self.emulator.invocations().into_iter().filter(of).collect()
    }

    /// What has been published since the last look.
    pub(crate) fn published(&self) -> Vec<(String, Value)> {
        let published = self.cloud.published(&self.queue);
        for (subject, message) in &published {
            // SNS takes no other subject.
            assert!(subject.is_ascii() && (1..=100).contains(&subject.len()), "{subject:?}");
            self.told.borrow_mut().push_str(&format!("{subject}\n{message}\n"));
        }
        published
    }

    /// The only thing that has been published since the last look.
    #[track_caller]
    pub(crate) fn notification(&self) -> (String, Value) {
        let mut published = self.published();
        assert_eq!(published.len(), 1, "{published:#?}");
        published.remove(0)
    }

    /// Every `latest.txt` there is, by its key.
    pub(crate) fn latest(&self) -> BTreeMap<String, String> {
        let keys = [DATA, FEATURES].into_iter().flat_map(|bucket| {
            let keys = self.cloud.list(bucket, "").into_keys();
            keys.filter(|key| key.ends_with("/latest.txt")).map(move |key| (bucket, key))
        });
        keys.map(|(bucket, key)| {
            let text = self.cloud.get(bucket, &key).unwrap();
            (key, String::from_utf8(text).unwrap())
        })
        .collect()
    }

    /// Every object of both buckets, with its ETag.
    pub(crate) fn objects(&self) -> BTreeMap<String, String> {
        let of = |bucket: &str| {
            let found = self.cloud.list(bucket, "").into_iter();
            found.map(|(key, etag)| (format!("{bucket}/{key}"), etag)).collect::<BTreeMap<_, _>>()
        };
        let mut objects = of(DATA);
        objects.extend(of(FEATURES));
        objects
    }

    /// The states that an execution entered, in their order.
    pub(crate) fn states(&self, execution: &str) -> Vec<String> {
        let events = self.cloud.history(execution);
        let entered = events.iter().filter_map(|e| e["stateEnteredEventDetails"]["name"].as_str());
        entered.map(str::to_owned).collect()
    }

    /// Writes down what each function and job has touched in the store, for the test of the
    /// permissions: `MLLAB_E2E_TOUCHED/<world>/<function>.json`.
    pub(crate) fn write_down_what_was_touched(&self) {
        let Ok(folder) = env::var("MLLAB_E2E_TOUCHED") else { return };
        let folder = Path::new(&folder).join(self.name);
        fs::create_dir_all(&folder).unwrap();
        for entry in fs::read_dir(self.dir.path().join("logs")).unwrap() {
            let path = entry.unwrap().path();
            let touched = touched(&fs::read_to_string(&path).unwrap());
            let file = folder.join(path.with_extension("json").file_name().unwrap());
            fs::write(file, serde_json::to_vec_pretty(&touched).unwrap()).unwrap();
        }
    }

    /// Logs, messages, and what is kept of refusals and failures name nobody of the raw files.
    fn names_nobody(&self) {
        self.published();
        let mut said = vec![("what was published".to_owned(), self.told.borrow().clone())];
        for entry in fs::read_dir(self.dir.path().join("logs")).unwrap() {
            let path = entry.unwrap().path();
            said.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
        for bucket in [DATA, FEATURES] {
            let kept = self.cloud.list(bucket, "").into_keys();
            for key in kept.filter(|key| ["/_gate/", "/_outcomes/"].iter().any(|f| key.contains(f)))
            {
                let text = String::from_utf8(self.cloud.get(bucket, &key).unwrap()).unwrap();
                said.push((key, text));
            }
        }
        for (place, text) in said {
            let named = personal::found(&text);
            assert!(named.is_none(), "{}: {place} holds {named:?}", self.name);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.names_nobody();
            return self.write_down_what_was_touched();
        }
        eprintln!("== logs of {}", self.name);
        for entry in fs::read_dir(self.dir.path().join("logs")).into_iter().flatten().flatten() {
            let log = fs::read_to_string(entry.path()).unwrap_or_default();
            let everyday = ["\"INFO\"", "\"DEBUG\"", "\"_aws\""];
            let plain = |line: &&str| !everyday.iter().any(|word| line.contains(word));
            let said: Vec<&str> = log.lines().filter(plain).collect();
            let end = said[said.len().saturating_sub(10)..].join("\n");
            eprintln!("-- {}\n{end}", entry.file_name().display());
        }
    }
}

/// What was done in the store, each operation on each object once.
fn touched(log: &str) -> BTreeSet<[String; 3]> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of = |line: Value| {
        (line["target"] == "store").then_some(())?;
        let fields = if line["fields"].is_object() { &line["fields"] } else { &line };
        let text = |key: &str| fields[key].as_str().map(str::to_owned);
        Some([text("op")?, text("bucket")?, text("key")?])
    };
    lines.filter_map(of).collect()
}

/// The SDK's variables for a server that takes any credentials.
fn access(endpoint: &str) -> BTreeMap<&'static str, String> {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// The functions and the job definition, as the template makes them.
fn configuration(endpoint: &str, logs: &Path) -> Value {
    let mut environment = json!(access(endpoint));
    environment["MLLAB_DATA_URI"] = json!(format!("s3://{DATA}/"));
    environment["MLLAB_FEATURES_URI"] = json!(format!("s3://{FEATURES}/"));
    environment["RUST_LOG"] = json!("info,store=debug");
    let mut functions = json!({});
    for stage in STAGES {
        functions[format!("mllab-{stage}")] = json!({
            "binary": binary(stage),
            "aliases": ["live"],
            "environment": environment,
            "timeout_seconds": 300,
            "memory_mb": 3008,
        });
    }
    json!({
        "region": REGION,
        "account": ACCOUNT,
        "upstream": endpoint,
        "logs": logs,
        "functions": functions,
        "jobs": {"mllab-matching-job": {
            "binary": binary("matching"),
            "environment": environment,
            "timeout_seconds": 300,
            "retry_strategy": retry_strategy(),
        }},
    })
}

/// When Batch tries a job again, from the template as SAM translates it (`MLLAB_E2E_TEMPLATE`).
fn retry_strategy() -> Value {
    let path = env::var("MLLAB_E2E_TEMPLATE").expect("MLLAB_E2E_TEMPLATE: run tests/aws/run.sh");
    let template: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let definition = &template["Resources"]["MatchingJobDefinition"]["Properties"];
    let strategy = as_the_api_spells_it(&definition["RetryStrategy"]);
    assert!(strategy["attempts"].as_u64() > Some(1), "{strategy}");
    strategy
}

/// CloudFormation writes `OnExitCode` where Batch's API has `onExitCode`.
fn as_the_api_spells_it(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(as_the_api_spells_it).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                (format!("{}{}", name[..1].to_lowercase(), &name[1..]), as_the_api_spells_it(value))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// The state machine with its substitutions made, as a deployment makes them.
fn definition(topic: &str) -> String {
    let path = root().join("statemachine.asl.json");
    let mut text = fs::read_to_string(path).unwrap();
    let batch = format!("arn:aws:batch:{REGION}:{ACCOUNT}");
    let mut put = |name: &str, value: &str| {
        let place = format!("${{{name}}}");
        assert!(text.contains(&place), "{place} is not in the state machine");
        text = text.replace(&place, value);
    };
    for stage in STAGES {
        let name = format!("{}{}FunctionAlias", stage[..1].to_uppercase(), &stage[1..]);
        put(&name, &format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:mllab-{stage}:live"));
    }
    put("DataBucket", DATA);
    put("TopicArn", topic);
    put("JobQueueArn", &format!("{batch}:job-queue/mllab"));
    put("MatchingJobDefinition", "mllab-matching-job");
    put("ShardConcurrency", "50");
    assert!(!text.contains("${"), "a substitution is left");
    text
}
