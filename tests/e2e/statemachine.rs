//! The state machine of a day on AWS: `statemachine.asl.json` is this description, printed.
//!
//! A change is made here; `MLLAB_WRITE_DOCS=1 cargo test -p e2e statemachine` prints it anew. What is
//! particular about it is in ARCHITECTURE.md, "The day on AWS".

use std::{env, fs};

use serde_json::{Map, Value, json};
use stage::ErrorName;

use crate::tidy::{STAGES, root};

/// Errors of Lambda itself, after which the same call may succeed.
const LAMBDA: [&str; 3] =
    ["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"];
const THROTTLED: &str = "Lambda.TooManyRequestsException";
/// The name of an error less the service before its dot: names that begin with `States.` may not be
/// raised.
const LAST_PART: &str = "States.ArrayGetItem(States.StringSplit($ERROR, '.'), States.MathAdd(States.ArrayLength(States.StringSplit($ERROR, '.')), -1))";
const INVOKE: &str = "arn:aws:states:::lambda:invoke";
/// Seconds of a function of a stage, and of one that only looks something up.
const LONG: u32 = 930;
const SHORT: u32 = 330;

/// `base` with the keys of `more`.
fn with(mut base: Value, more: Value) -> Value {
    let (Value::Object(all), Value::Object(more)) = (&mut base, more) else { panic!("no objects") };
    all.extend(more);
    base
}

/// An object with a key for each stage of `names`.
fn each(names: &[&str], value: impl Fn(&str) -> Value, suffix: &str) -> Value {
    names.iter().map(|name| (format!("{name}{suffix}"), value(name))).collect::<Map<_, _>>().into()
}

pub(crate) fn capital(stage: &str) -> String {
    stage[..1].to_uppercase() + &stage[1..]
}

/// Names of our own errors that the same call meets again, or that it does not.
fn errors(transient: bool) -> Vec<&'static str> {
    let all = ErrorName::ALL.into_iter().filter(|name| name.is_transient() == transient);
    all.map(ErrorName::as_str).collect()
}

fn retry(errors: &[&str], pause: u32, attempts: u32, longest: u32) -> Value {
    json!({
        "ErrorEquals": errors, "IntervalSeconds": pause, "BackoffRate": 2, "MaxAttempts": attempts,
        "MaxDelaySeconds": longest, "JitterStrategy": "FULL",
    })
}

fn never(errors: &[&str]) -> Value {
    json!({"ErrorEquals": errors, "MaxAttempts": 0})
}

/// What nobody knows by its name is tried once more.
fn once_more() -> Value {
    retry(&["States.TaskFailed"], 5, 1, 5)
}

/// When the call of a function is repeated.
fn of_function() -> Value {
    let lasting = [&errors(false)[..], &["Sandbox.Timedout"]].concat();
    let passing = [&errors(true)[..], &[THROTTLED], &LAMBDA].concat();
    json!([never(&lasting), retry(&passing, 2, 5, 60), once_more()])
}

/// When that of a shard is: a throttled one waits for its turn.
fn of_shard() -> Value {
    let lasting = [&errors(false)[..], &["Panic", "Sandbox.Timedout"]].concat();
    let passing = [&errors(true)[..], &LAMBDA].concat();
    json!([retry(&[THROTTLED], 2, 40, 60), never(&lasting), retry(&passing, 2, 5, 60), once_more()])
}

fn catch(errors: &[&str], next: &str) -> Value {
    json!({"ErrorEquals": errors, "ResultPath": "$.caught", "Next": next})
}

fn catch_all(next: &str) -> Value {
    json!([catch(&["States.ALL"], next)])
}

fn choice(comment: &str, condition: Value, then: &str, otherwise: &str) -> Value {
    let choice = with(condition, json!({"Next": then}));
    json!({"Type": "Choice", "Comment": comment, "Choices": [choice], "Default": otherwise})
}

fn is_true(variable: &str) -> Value {
    json!({"Variable": variable, "BooleanEquals": true})
}

fn wanted(stage: &str, then: &str, otherwise: &str) -> Value {
    choice(&format!("Is {stage} to run?"), is_true(&format!("$.wanted.{stage}")), then, otherwise)
}

fn pass(comment: &str, more: Value) -> Value {
    with(json!({"Type": "Pass", "Comment": comment}), more)
}

/// A state that raises what was caught; `error` is where it stands.
fn raise(comment: &str, error: &str, cause: &str) -> Value {
    let path = LAST_PART.replace("$ERROR", error);
    json!({"Type": "Fail", "Comment": comment, "ErrorPath": path, "CausePath": cause})
}

/// Ends a branch of Train or Gate; the cause names the state.
fn raise_in_branch(comment: &str, state: &str) -> Value {
    raise(comment, "$.caught.Error", &format!("States.Format('{state}: {{}}', $.caught.Cause)"))
}

fn ends_train(stage: &str) -> Value {
    let comment = "Ends Train under the error's own name, less the service before its dot: names that begin with States. may not be raised. The cause names the stage.";
    raise_in_branch(comment, &capital(stage))
}

/// An event of a stage.
fn event(action: &str, more: Value) -> Value {
    let who = json!({"execution.$": "$.run.execution", "logical_date.$": "$.run.logical_date"});
    with(with(json!({"action": action}), who), more)
}

/// An event that asks for a stage's own work.
fn work(stage: &str, action: &str, inputs: Value) -> Value {
    let config = format!("$.config.{stage}");
    event(action, with(json!({"force.$": "$.run.force", "config.$": config}), inputs))
}

fn call(comment: &str, stage: &str, seconds: u32, payload: Value, more: Value) -> Value {
    let parameters = with(json!({"FunctionName": function(stage)}), payload);
    with(
        json!({
            "Type": "Task", "Comment": comment, "Resource": INVOKE, "TimeoutSeconds": seconds,
            "Parameters": parameters, "Retry": of_function(),
        }),
        more,
    )
}

fn function(stage: &str) -> String {
    format!("${{{}FunctionAlias}}", capital(stage))
}

/// What is kept of the answer of a run, and under which name later stages take it.
fn made(keys: &[&str], as_input: Option<&str>) -> Value {
    let kept = each(keys, |key| json!(format!("$.Payload.{key}")), ".$");
    match as_input {
        Some(name) => with(kept, json!({"as_input": {format!("{name}.$"): "$.Payload.uri"}})),
        None => kept,
    }
}

fn parallel(comment: &str, branches: Value, caught: &str, next: &str, more: Value) -> Value {
    let base = json!({"Type": "Parallel", "Comment": comment, "Branches": branches});
    with(with(base, json!({"Catch": catch_all(caught), "Next": next})), more)
}

/// The Distributed Map over a stage's shards, whose states begin with `first` where it is given.
fn shards(
    stage: &str,
    comment: &str,
    reader: Value,
    item: Value,
    inputs: Value,
    first: Option<(&str, Value)>,
) -> Value {
    let name = format!("{}Shard", capital(stage));
    let state = |end: &str| format!("{name}{end}");
    let (failed, gave_up, throttled) = (state("Failed"), state("GaveUp"), state("Throttled"));
    let broke = state("Broke");
    let value = |failed: Value| json!({"Parameters": {"failed": failed}, "End": true});
    let shard = call(
        "One shard. The stage keeps an error that a repetition would meet again; a throttled function waits for its turn.",
        stage,
        LONG,
        json!({"Payload": with(work(stage, "shard", inputs), json!({"shard.$": "$.shard"}))}),
        json!({
            "ResultPath": null, "OutputPath": null, "Retry": of_shard(),
            "Catch": [
                catch(&[&errors(false)[..], &["Panic"]].concat(), &failed),
                catch(&errors(true), &gave_up),
                catch(&[THROTTLED], &throttled),
                catch(&["States.ALL"], &broke),
            ],
            "End": true,
        }),
    );
    let mut states = json!({
        name.clone(): shard,
        failed: {
            "Type": "Fail",
            "Comment": "The Map ends at once, under a name of its own; the stage has kept this one.",
            "ErrorPath": "$.caught.Error", "CausePath": "$.caught.Cause",
        },
        gave_up: pass(
            "The store was not to be had, retries included, so that nothing could be kept there: a value, and a small one.",
            value(json!({"error.$": "$.caught.Error", "cause": "tried again to no avail"})),
        ),
        throttled: pass(
            "No function could be had, however long it waited.",
            value(json!({"error": "Throttled", "cause.$": "$.caught.Error"})),
        ),
        broke: pass(
            "No answer of the stage's own (crash, time limit, permission). Its cause may be long, and stands in the execution of the shard.",
            value(json!({"error": "StageFailed", "cause.$": "$.caught.Error"})),
        ),
    });
    let mut start = name;
    if let Some((first, state)) = first {
        start = first.to_owned();
        states = with(states, state);
    }
    let label = format!("{}Shards", capital(stage));
    let config = json!({format!("{stage}.$"): format!("$.config.{stage}")});
    json!({
        "Type": "Map", "Comment": comment, "Label": label,
        "MaxConcurrencyPath": "$.run.shards_at_once", "ToleratedFailureCount": 0,
        "ItemReader": reader,
        "ItemSelector": with(json!({"run.$": "$.run", "config": config}), item),
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": start, "States": states,
        },
        "ResultSelector": {"failed.$": "$[*].failed"}, "ResultPath": "$.shards",
        "Retry": [retry(&["States.ItemReaderFailed"], 5, 2, 60)],
        "Catch": [
            catch(&["States.ExceedToleratedFailureThreshold"], &format!("{label}Error")),
            catch(&["States.ALL"], &format!("{}Failed", capital(stage))),
        ],
        "Next": capital(stage),
    })
}

/// Raises the error that a shard has kept.
fn shards_error(stage: &str, inputs: Value) -> Value {
    let failed = format!("{}Failed", capital(stage));
    call(
        "The Map tells only that a shard failed: the stage has kept which error that was, and raises it by its name.",
        stage,
        SHORT,
        json!({"Payload": work(stage, "result", inputs)}),
        json!({"ResultPath": null, "Catch": catch_all(&failed), "Next": failed}),
    )
}

/// A branch of the gate.
fn gate(stage: &str, wanted: Value, uri: &str, comment: &str) -> Value {
    let name = capital(stage);
    let (verify, refused) = (format!("Verify{name}"), format!("{name}Refused"));
    let (start, skipped) = (format!("{name}GateWanted"), format!("{name}GateSkipped"));
    let question = format!("Is there a version of {stage} to look at?");
    let judged = event("verify", json!({"version.$": uri, "gate.$": format!("$.gate.{stage}")}));
    json!({"StartAt": start, "States": {
        start.clone(): choice(&question, wanted, &verify, &skipped),
        skipped: pass("Not wanted.", json!({"OutputPath": null, "End": true})),
        verify.clone(): call(
            &format!("{comment} A refusal is stored beside the versions."),
            stage,
            LONG,
            json!({"Payload": judged}),
            json!({
                "ResultSelector": made(&["version"], None),
                "ResultPath": "$.verified", "OutputPath": "$.verified",
                "Catch": catch_all(&refused), "End": true,
            }),
        ),
        refused: raise_in_branch(
            "Ends the Gate under the error's own name (less the service before its dot, as in Train); the cause names the stage.",
            &verify,
        ),
    }})
}

/// Names the stage of a failure.
fn failed(comment: &str, stage: Value) -> Value {
    let caught = json!({"error.$": "$.caught.Error", "cause.$": "$.caught.Cause"});
    let parameters = with(stage, caught);
    let more = json!({"ResultPath": "$.failure", "Next": "NotifyFailure"});
    with(pass(comment, json!({"Parameters": parameters})), more)
}

fn failed_in(state: &str) -> Value {
    failed("Names the stage.", json!({"stage": state}))
}

/// The cause of a branch begins with its stage.
fn failed_in_branch() -> Value {
    let stage = "States.ArrayGetItem(States.StringSplit($.caught.Cause, ':'), 0)";
    failed("Names the stage, with which the branch's cause begins.", json!({"stage.$": stage}))
}

fn publish(comment: &str, outcome: &str, message: Value, more: Value) -> Value {
    let date = "States.ArrayGetItem(States.StringSplit($$.Execution.StartTime, 'T'), 0)";
    let subject = format!("States.Format('ML Lab {{}}: {}", outcome.replace("DATE", date));
    let passing = ["ThrottledException", "KMSThrottlingException", "InternalErrorException"];
    let passing = passing.iter().chain(&["AmazonSNSException", "SdkClientException"]);
    let passing: Vec<String> = passing.map(|name| format!("SNS.{name}")).collect();
    let passing: Vec<&str> = passing.iter().map(String::as_str).collect();
    with(
        json!({
            "Type": "Task", "Comment": comment,
            "Resource": "arn:aws:states:::sns:publish", "TimeoutSeconds": 60,
            "Parameters": {"TopicArn": "${TopicArn}", "Subject.$": subject, "Message": message},
            "ResultPath": null, "Retry": [retry(&passing, 2, 5, 60), once_more()],
        }),
        more,
    )
}

/// What this execution is to do, from its input.
fn understands() -> Value {
    let no_version = json!({"version": null, "uri": null, "unchanged": true, "as_input": {}});
    let not_wanted = |stage: &str| match stage {
        "ingest" => no_version.clone(),
        "features" => with(no_version.clone(), json!({"live": true, "rows": 0})),
        _ => with(no_version.clone(), json!({"live": true})),
    };
    let given = "$.given.";
    let is = |path: &str, test: Value| with(json!({"Variable": path}), test);
    let like = |path: &str, pattern: &str| is(path, json!({"StringMatches": pattern}));
    let count =
        |keys: &str, number: u32| is(&format!("$.counts.{keys}"), json!({"NumericEquals": number}));
    let names = STAGES.map(|stage| format!("'{stage}'")).join(", ");
    json!({
        "Defaults": pass(
            "What the execution's input does not say; events/README.md lists the keys. The input as text tells what it is: no Choice asks for an object.",
            json!({
                "Parameters": {
                    "defaults": {
                        "logical_date.$": "$$.Execution.StartTime",
                        "force": false, "only": STAGES, "raw": "raw/", "batch_rows": 500_000,
                        "config": {}, "gate": {},
                    },
                    "stages": each(&STAGES, |_| json!({}), ""),
                    "gates": each(&STAGES[1..], |_| json!({}), ""),
                    "text.$": "States.JsonToString($$.Execution.Input)",
                },
                "Next": "IsObject",
            }),
        ),
        "IsObject": choice(
            "Is there anything to put over the defaults?",
            like("$.text", "{*"),
            "Given", "InputRefused",
        ),
        "Given": pass("The input over the defaults.", json!({
            "Parameters": {
                "given.$": "States.JsonMerge($.defaults, $$.Execution.Input, false)",
                "stages.$": "$.stages",
                "gates.$": "$.gates",
            },
            "Next": "Texts",
        })),
        "Texts": pass("Lists and objects as texts, of which a Choice can tell what they are.", json!({
            "Parameters": each(
                &["only", "config", "gate"],
                |key| json!(format!("States.JsonToString({given}{key})")),
                ".$",
            ),
            "ResultPath": "$.texts",
            "Next": "Typed",
        })),
        "Typed": choice(
            "Is each value of the type that the states after this take for granted? A function that gets another type ends the execution on the spot, and tells nobody.",
            json!({"And": [
                is("$.given.logical_date", json!({"IsString": true})),
                like("$.given.logical_date", "*-*-*"),
                is("$.given.force", json!({"IsBoolean": true})),
                is("$.given.raw", json!({"IsString": true})),
                like("$.given.raw", "raw*/"),
                is("$.given.batch_rows", json!({"IsNumeric": true})),
                like("$.texts.only", "[*"),
                {"Not": like("$.texts.only", "[*[*")},
                {"Not": like("$.texts.only", "*{*")},
                like("$.texts.config", "{*"),
                like("$.texts.gate", "{*"),
            ]}),
            "Plan", "InputRefused",
        ),
        "Plan": pass(
            "What this execution will do. A stage that is not wanted counts as unchanged and live, and gives the next ones no URI: they take the newest of its series.",
            json!({
                "Parameters": with(each(&STAGES, not_wanted, ""), json!({
                    "run": {
                        "execution.$": "$$.Execution.Name",
                        "logical_date.$": "$.given.logical_date",
                        "force.$": "$.given.force",
                        "batch_rows.$": "$.given.batch_rows",
                        "raw_prefix.$": "$.given.raw",
                        "raw.$": "States.Format('s3://${DataBucket}/{}', $.given.raw)",
                        "shards_at_once.$": "States.StringToJson('${ShardConcurrency}')",
                    },
                    "wanted": each(
                        &STAGES,
                        |stage| json!(format!("States.ArrayContains($.given.only, '{stage}')")),
                        ".$",
                    ),
                    "config.$": "States.JsonMerge($.stages, $.given.config, false)",
                    "gate.$": "States.JsonMerge($.gates, $.given.gate, false)",
                    "whole": {"passed": true},
                    "given.$": "$.given",
                    "names.$": format!("States.Array(States.Array({names}), $.given.only)"),
                })),
                "Next": "Keys",
            }),
        ),
        "Keys": pass("Everything that was named in the input.", json!({
            "Parameters": {
                "keys.$": "$.given.*",
                "config.$": "$.config.*",
                "gate.$": "$.gate.*",
                "names.$": "$.names[*][*]",
            },
            "ResultPath": "$.input",
            "Next": "Count",
        })),
        "Count": pass("A misspelt key or stage makes one of these counts larger than what is known.", json!({
            "Parameters": {
                "keys.$": "States.ArrayLength($.input.keys)",
                "config.$": "States.ArrayLength($.input.config)",
                "gate.$": "States.ArrayLength($.input.gate)",
                "names.$": "States.ArrayLength(States.ArrayUnique($.input.names))",
            },
            "ResultPath": "$.counts",
            "Next": "Understood",
        })),
        "Understood": choice(
            "Is the input understood, to its last key?",
            json!({"And": [
                count("keys", 7), count("config", 5), count("gate", 4), count("names", 5),
                is("$.given.only[0]", json!({"IsPresent": true})),
            ]}),
            "IngestWanted", "InputRefused",
        ),
        "InputRefused": pass("Nothing has run yet.", json!({
            "Parameters": {
                "run": {"logical_date": null},
                "failure": {
                    "stage": "Plan",
                    "error": "ConfigInvalid",
                    "cause.$": "States.Format('the input of the execution is not understood: expected an object with any of logical_date (YYYY-MM-DD), force (true or false), only (a list of at least one of ingest, features, matching, recommend, drift), raw (a prefix that begins with raw and ends in /), batch_rows (a number), config (an object by stage) and gate (an object by any of matching, recommend, drift); found {}', States.JsonToString($$.Execution.Input))",
                },
            },
            "Next": "NotifyFailure",
        })),
    })
}

fn ingest() -> Value {
    let inputs = || json!({"inputs": {"raw.$": "$.run.raw"}});
    let raw = ["*.json", "*.json.gz", "*.json.zst", "*.parquet"]
        .map(|pattern| json!({"Variable": "$.shard.key", "StringMatches": pattern}));
    let first = json!({
        "IsRawFile": choice(
            "The prefix may hold folder markers and other objects that are not a table.",
            json!({"Or": raw}),
            "IngestShard", "IngestShardDone",
        ),
        "IngestShardDone": pass("Nobody's work.", json!({"OutputPath": null, "End": true})),
    });
    json!({
        "IngestWanted": wanted("ingest", "IngestShards", "FeaturesWanted"),
        "IngestShards": shards(
            "ingest",
            "Each raw file to a Lambda of its own, which leaves its clean rows where Ingest finds them.",
            json!({
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "Parameters": {"Bucket": "${DataBucket}", "Prefix.$": "$.run.raw_prefix"},
            }),
            json!({"shard": {"key.$": "$$.Map.Item.Value.Key"}}),
            inputs(),
            Some(("IsRawFile", first)),
        ),
        "IngestShardsError": shards_error("ingest", inputs()),
        "Ingest": call(
            "Clean tables from the shards' rows; raises what became of the first shard that failed without a word.",
            "ingest", LONG, json!({"Payload": with(work("ingest", "run", inputs()), json!({"shards.$": "$.shards.failed"}))}),
            json!({
                "ResultSelector": made(&["version", "uri", "unchanged"], Some("processed")),
                "ResultPath": "$.ingest",
                "Catch": catch_all("IngestFailed"), "Next": "FeaturesWanted",
            }),
        ),
    })
}

fn features() -> Value {
    let rows = || json!({"rows.$": "$.Payload.metrics.rows_candidates"});
    let made_all = made(&["version", "uri", "unchanged", "live"], Some("features"));
    let newest = with(
        made(&["version"], Some("features")),
        json!({
            "uri": null, "unchanged": true, "live": true,
        }),
    );
    let judged =
        event("verify", json!({"version.$": "$.features.uri", "gate.$": "$.gate.features"}));
    json!({
        "FeaturesWanted": wanted("features", "Features", "FeaturesNeeded"),
        "Features": call(
            "The feature store's tables.",
            "features", LONG, json!({"Payload": work("features", "run", json!({"inputs.$": "$.ingest.as_input"}))}),
            json!({
                "ResultSelector": with(made_all, rows()), "ResultPath": "$.features",
                "Catch": catch_all("FeaturesFailed"), "Next": "FeaturesLive",
            }),
        ),
        "FeaturesLive": choice(
            "What is live has been judged.",
            is_true("$.features.live"),
            "Train", "VerifyFeatures",
        ),
        "VerifyFeatures": call(
            "Is the input whole? Looked at before anything is trained on it; the report is stored beside the version.",
            "features", LONG, json!({"Payload": judged}),
            json!({
                "ResultSelector": made(&["passed"], None), "ResultPath": "$.whole",
                "Catch": catch_all("VerifyFeaturesFailed"), "Next": "InputWhole",
            }),
        ),
        "InputWhole": choice(
            "Nothing is trained on data that is not whole; the report of the day is made all the same, and Release refuses the day.",
            is_true("$.whole.passed"),
            "Train", "NotTrained",
        ),
        "NotTrained": pass("As if neither model was wanted.", json!({
            "Parameters": {"matching.$": "$.matching", "recommend.$": "$.recommend"},
            "ResultPath": "$.train", "Next": "DriftWanted",
        })),
        "FeaturesNeeded": choice(
            "Without a run of features, is there a stage that asks how many rows they have?",
            is_true("$.wanted.matching"),
            "FeaturesNewest", "Train",
        ),
        "FeaturesNewest": call(
            "The features that there are: how many rows they have says where matching trains, and the stages after read this version and no later one. Without a URI it is none of the day's versions: nobody asked for it to go live.",
            "features", LONG, json!({"Payload": event("newest", json!({}))}),
            json!({
                "ResultSelector": with(newest, rows()), "ResultPath": "$.features",
                "Catch": catch_all("FeaturesFailed"), "Next": "Train",
            }),
        ),
    })
}

fn matching() -> Value {
    let batch = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("Batch.{name}")).collect()
    };
    let passing = batch(&[
        "AWSBatchException",
        "ServerException",
        "TooManyRequestsException",
        "SdkClientException",
    ]);
    let passing: Vec<&str> = passing.iter().map(String::as_str).collect();
    let refused = [
        &passing[..1],
        &["Batch.ClientException"],
        &passing[1..],
        &["States.Permissions", "States.Timeout"],
    ]
    .concat();
    let same = ["execution", "logical_date", "force", "config", "inputs"];
    json!({"StartAt": "MatchingWanted", "States": {
        "MatchingWanted": wanted("matching", "MatchingEvent", "MatchingSkipped"),
        "MatchingSkipped": pass(
            "Not wanted, or there is nothing to learn from yet: the rest of the day goes on.",
            json!({"OutputPath": "$.matching", "End": true}),
        ),
        "MatchingEvent": pass("The call of the stage, the same for Lambda and Batch.", json!({
            "Parameters": work("matching", "run", json!({"inputs.$": "$.features.as_input"})),
            "ResultPath": "$.event", "Next": "MatchingSize",
        })),
        "MatchingSize": choice(
            "More rows than a Lambda should take? They are those of the features that it trains on, whichever execution made them; batch_rows 0 always chooses Batch.",
            json!({"Variable": "$.features.rows", "NumericGreaterThanEqualsPath": "$.run.batch_rows"}),
            "MatchingBatch", "Matching",
        ),
        "MatchingBatch": {
            "Type": "Task",
            "Comment": "Trains on one large machine. Which exit codes are worth another attempt stands in the job definition.",
            "Resource": "arn:aws:states:::batch:submitJob.sync",
            "TimeoutSeconds": 28800,
            "Parameters": {
                "JobName": "mllab-matching",
                "JobQueue": "${JobQueueArn}",
                "JobDefinition": "${MatchingJobDefinition}",
                "ContainerOverrides": {"Command.$": "States.Array('--event', States.JsonToString($.event))"},
            },
            "ResultSelector": {"Cause": ""}, "ResultPath": "$.batch",
            "Retry": [retry(&passing, 2, 5, 60)],
            "Catch": [
                catch(&refused, "MatchingFailed"),
                with(catch(&["States.TaskFailed"], "MatchingOutcome"), json!({"ResultPath": "$.batch"})),
                catch(&["States.ALL"], "MatchingFailed"),
            ],
            "Next": "MatchingOutcome",
        },
        "MatchingOutcome": pass(
            "Batch does not know what the job made, nor its error by its name: the stage says it, and of a job that never came so far what Batch says.",
            json!({
                "Parameters": with(
                    each(&same, |key| json!(format!("$.event.{key}")), ".$"),
                    json!({"action": "result", "job.$": "$.batch.Cause"}),
                ),
                "ResultPath": "$.event", "Next": "Matching",
            }),
        ),
        "Matching": call(
            "The match model: trained here, or the outcome of the job.",
            "matching", LONG, json!({"Payload.$": "$.event"}),
            json!({
                "ResultSelector": made(&["version", "uri", "unchanged", "live"], Some("matching")),
                "ResultPath": "$.matching", "OutputPath": "$.matching",
                "Catch": [
                    catch(&["NothingToLearn"], "MatchingSkipped"),
                    catch(&["States.ALL"], "MatchingFailed"),
                ],
                "End": true,
            }),
        ),
        "MatchingFailed": ends_train("matching"),
    }})
}

fn recommend() -> Value {
    let inputs = || json!({"inputs.$": "$.features.as_input"});
    let run = with(work("recommend", "run", inputs()), json!({"shards.$": "$.shards.failed"}));
    json!({"StartAt": "RecommendWanted", "States": {
        "RecommendWanted": wanted("recommend", "RecommendPlan", "RecommendSkipped"),
        "RecommendSkipped": pass("Not wanted.", json!({"OutputPath": "$.recommend", "End": true})),
        "RecommendPlan": call(
            "Which texts have no vector yet, in how many shards: a list in S3.",
            "recommend", LONG, json!({"Payload": work("recommend", "plan", inputs())}),
            json!({
                "ResultSelector": made(&["bucket", "key", "shards"], None), "ResultPath": "$.plan",
                "Catch": catch_all("RecommendFailed"), "Next": "RecommendShards",
            }),
        ),
        "RecommendShards": shards(
            "recommend",
            "Each shard of texts to a Lambda of its own, which leaves their vectors where Recommend finds them.",
            json!({
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket.$": "$.plan.bucket", "Key.$": "$.plan.key"},
            }),
            with(inputs(), json!({"shard.$": "$$.Map.Item.Value"})),
            json!({"inputs.$": "$.inputs"}),
            None,
        ),
        "RecommendShardsError": shards_error("recommend", inputs()),
        "Recommend": call(
            "Vectors, index and recommendations; raises what became of the first shard that failed without a word.",
            "recommend", LONG, json!({"Payload": run}),
            json!({
                "ResultSelector": made(&["version", "uri", "unchanged", "live"], Some("recommend")),
                "ResultPath": "$.recommend", "OutputPath": "$.recommend",
                "Catch": catch_all("RecommendFailed"), "End": true,
            }),
        ),
        "RecommendFailed": ends_train("recommend"),
    }})
}

/// Drift, then the gate and the release.
fn rest() -> Value {
    let unchanged = ["ingest", "features", "train.matching", "train.recommend", "drift"];
    let unchanged = unchanged.map(|stage| is_true(&format!("$.{stage}.unchanged")));
    let live = ["features", "train.matching", "train.recommend", "drift"];
    let live = live.map(|stage| is_true(&format!("$.{stage}.live")));
    let uri = |path: &str| json!({"Variable": path, "IsString": true});
    let of = |stage: &str, key: &str| match stage {
        "matching" | "recommend" => json!(format!("$.train.{stage}.{key}")),
        _ => json!(format!("$.{stage}.{key}")),
    };
    json!({
        "DriftWanted": wanted("drift", "Drift", "Changed"),
        "Drift": call(
            "What has changed since the version before, and whether it matters.",
            "drift", LONG, json!({"Payload": work("drift", "run", json!({
                "inputs.$": "States.JsonMerge($.features.as_input, States.JsonMerge($.train.matching.as_input, $.train.recommend.as_input, false), false)",
            }))}),
            json!({
                "ResultSelector": made(&["version", "uri", "unchanged", "live"], None),
                "ResultPath": "$.drift", "Catch": catch_all("DriftFailed"), "Next": "Changed",
            }),
        ),
        "Changed": choice(
            "A day on which every stage gave the version that there was, live already, publishes nothing.",
            json!({"And": unchanged.into_iter().chain(live).collect::<Value>()}),
            "Unchanged", "Gate",
        ),
        "Unchanged": {"Type": "Succeed", "Comment": "Nothing new, nothing to publish."},
        "Gate": parallel(
            "Nothing goes live that does not pass: a refusal ends the day with every latest.txt as it was.",
            json!([
                gate("matching", uri("$.train.matching.uri"), "$.train.matching.uri", "Beats the prior and the tree baseline, and answers the stored queries as it did when it was made."),
                gate("recommend", uri("$.train.recommend.uri"), "$.train.recommend.uri", "The index finds what an exact search finds, and the stored queries are answered as they were."),
                gate("drift", is_true("$.wanted.drift"), "$.drift.uri", "The report raises no alert, or none that the gate does not allow."),
            ]),
            "GateFailed",
            "Release",
            json!({"ResultPath": null}),
        ),
        "Release": call(
            "One decision on all of the day's versions: what goes live, what is held back, whether the day is refused. It is kept in releases/, and release.json and every latest.txt follow it. A day before the one on which this execution began (a backfill) moves nothing.",
            "drift", SHORT, json!({"Payload": event("release", json!({
                "started.$": "$$.Execution.StartTime",
                "versions": each(&STAGES[1..], |stage| of(stage, "uri"), ".$"),
            }))}),
            json!({
                "ResultSelector": made(&["release", "published", "held_back", "stays"], None),
                "ResultPath": "$.release", "Catch": catch_all("ReleaseFailed"), "Next": "Notify",
            }),
        ),
        "Notify": publish(
            "What was made and what went live. The subject has ASCII alone and never a hundred characters, whatever the input: SNS takes no other.",
            "done', DATE)",
            json!({
                "execution.$": "$.run.execution",
                "execution_arn.$": "$$.Execution.Id",
                "logical_date.$": "$.run.logical_date",
                "versions": each(&STAGES, |stage| of(stage, "version"), ".$"),
                "release.$": "$.release",
            }),
            json!({"Catch": catch_all("NotifyFailed"), "Next": "Done"}),
        ),
        "Done": {"Type": "Succeed", "Comment": "Published and told."},
        "IngestFailed": failed_in("Ingest"),
        "FeaturesFailed": failed_in("Features"),
        "VerifyFeaturesFailed": failed_in("VerifyFeatures"),
        "TrainFailed": failed_in_branch(),
        "DriftFailed": failed_in("Drift"),
        "GateFailed": failed_in_branch(),
        "ReleaseFailed": failed_in("Release"),
        "NotifyFailed": failed("Everything is live, but nobody was told.", json!({"stage": "Notify"})),
        "NotifyFailure": publish(
            "Tells which stage failed, with which error and why. Of the state's own data it needs no more than a refused input leaves.",
            "{}', DATE, $.failure.error)",
            json!({
                "stage.$": "$.failure.stage",
                "error.$": "$.failure.error",
                "cause.$": "$.failure.cause",
                "execution.$": "$$.Execution.Name",
                "execution_arn.$": "$$.Execution.Id",
                "logical_date.$": "$.run.logical_date",
            }),
            json!({
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.untold", "Next": "Failed"}],
                "Next": "Failed",
            }),
        ),
        "Failed": raise(
            "Ends under the error's own name (less the service before its dot, as in Train).",
            "$.failure.error",
            "$.failure.cause",
        ),
    })
}

pub(crate) fn machine() -> Value {
    let train = parallel(
        "Both models, from the same features.",
        json!([matching(), recommend()]),
        "TrainFailed",
        "DriftWanted",
        json!({
            "ResultSelector": {"matching.$": "$[0]", "recommend.$": "$[1]"},
            "ResultPath": "$.train",
        }),
    );
    let states = [understands(), ingest(), features(), json!({"Train": train}), rest()];
    json!({
        "Comment": "The day: raw files to clean tables, features, two models and a drift report; then the gate, and only then what services read. Printed by tests/e2e/statemachine.rs.",
        "StartAt": "Defaults",
        "TimeoutSeconds": 43200,
        "States": states.into_iter().fold(json!({}), with),
    })
}

/// JSON with a line for each state, so that a difference shows which one has changed.
fn print(value: &Value) -> String {
    let (items, [open, close]): (Vec<String>, _) = match value {
        Value::Object(of) => {
            let item = |(key, value): (&String, _)| format!("{}: {}", json!(key), print(value));
            (of.iter().map(item).collect(), ["{", "}"])
        }
        Value::Array(of) => (of.iter().map(print).collect(), ["[", "]"]),
        other => return other.to_string(),
    };
    let is_states =
        value.as_object().is_some_and(|of| of.values().all(|state| state["Type"].is_string()));
    match is_states && !items.is_empty() {
        true => format!("{open}\n{}\n{close}", items.join(",\n")),
        false => format!("{open}{}{close}", items.join(", ")),
    }
}

#[test]
fn the_state_machine_is_what_is_described() {
    let expected = print(&machine()) + "\n";
    let path = root().join("statemachine.asl.json");
    if env::var_os("MLLAB_WRITE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap();
    let renew = "statemachine.asl.json: run this test with MLLAB_WRITE_DOCS=1";
    assert!(found == expected, "{renew}");
}
