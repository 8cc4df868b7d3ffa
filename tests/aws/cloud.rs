//! S3, SNS, SQS and Step Functions as a test asks them: in plain HTTP, not through the SDK that is
//! under test.

use std::{collections::BTreeMap, thread, time::Duration};

use serde_json::{Value, json};

use crate::http;

pub(crate) const REGION: &str = "sa-east-1";
pub(crate) const ACCOUNT: &str = "123456789012";

/// The server that stands in for all of them.
pub(crate) struct Cloud {
    pub(crate) endpoint: String,
}

impl Cloud {
    /// A request by target, as JSON.
    #[track_caller]
    fn json(&self, service: &str, target: &str, body: &Value) -> Value {
        let scope = scope(service);
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", target),
            ("authorization", &scope),
        ];
        http::send("POST", &format!("{}/", self.endpoint), &headers, body.to_string()).ok().json()
    }

    /// A request of the older kind; gives the text of an element of the answer.
    #[track_caller]
    fn query(&self, service: &str, form: &str, element: &str) -> String {
        let scope = scope(service);
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", scope.as_str()),
        ];
        let reply = http::send("POST", &format!("{}/", self.endpoint), &headers, form).ok().text();
        elements(&reply, element).next().unwrap_or_else(|| panic!("no {element}: {reply}")).into()
    }

    #[track_caller]
    fn s3(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> http::Reply {
        let scope = scope("s3");
        let headers = [("authorization", scope.as_str())];
        http::send(method, &format!("{}/{path}", self.endpoint), &headers, body)
    }

    pub(crate) fn create_bucket(&self, bucket: &str) {
        let region = format!(
            "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        );
        self.s3("PUT", bucket, region).ok();
    }

    #[track_caller]
    pub(crate) fn put(&self, bucket: &str, key: &str, body: impl Into<Vec<u8>>) {
        self.s3("PUT", &format!("{bucket}/{key}"), body).ok();
    }

    /// An object; none where there is none.
    pub(crate) fn get(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        let reply = self.s3("GET", &format!("{bucket}/{key}"), "");
        if reply.status == 404 { None } else { Some(reply.ok().body) }
    }

    /// The keys below a prefix, with their ETags.
    pub(crate) fn list(&self, bucket: &str, prefix: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut after = String::new();
        loop {
            let query = format!("{bucket}?list-type=2&prefix={prefix}&start-after={after}");
            let reply = self.s3("GET", &query, "").ok().text();
            found.extend(
                elements(&reply, "Key")
                    .zip(elements(&reply, "ETag"))
                    .map(|(key, etag)| (key.to_owned(), etag.to_owned())),
            );
            match found.last_key_value() {
                Some((last, _)) if reply.contains("<IsTruncated>true") => after.clone_from(last),
                _ => return found,
            }
        }
    }

    /// A topic, and the address of a queue that gets what is published there.
    pub(crate) fn create_topic(&self, name: &str) -> (String, String) {
        let topic = self.query("sns", &format!("Action=CreateTopic&Name={name}"), "TopicArn");
        let queue = self.json("sqs", "AmazonSQS.CreateQueue", &json!({"QueueName": name}));
        let endpoint = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
        let form = format!("Action=Subscribe&TopicArn={topic}&Protocol=sqs&Endpoint={endpoint}");
        self.query("sns", &form, "SubscriptionArn");
        (topic, queue["QueueUrl"].as_str().unwrap().to_owned())
    }

    /// What was published since the last look: subjects and messages.
    pub(crate) fn published(&self, queue: &str) -> Vec<(String, Value)> {
        let mut published = Vec::new();
        loop {
            let ask = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
            let told = self.json("sqs", "AmazonSQS.ReceiveMessage", &ask);
            let messages = told["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return published;
            }
            for message in messages {
                let delete = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
                self.json_or_nothing("sqs", "AmazonSQS.DeleteMessage", &delete);
                let body: Value = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
                let text = body["Message"].as_str().unwrap();
                let told = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
                published.push((body["Subject"].as_str().unwrap().to_owned(), told));
            }
        }
    }

    fn json_or_nothing(&self, service: &str, target: &str, body: &Value) {
        let scope = scope(service);
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", target),
            ("authorization", &scope),
        ];
        http::send("POST", &format!("{}/", self.endpoint), &headers, body.to_string()).ok();
    }

    pub(crate) fn create_state_machine(&self, definition: &str) -> String {
        let body = json!({
            "name": "mllab",
            "definition": definition,
            "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/mllab"),
        });
        let made = self.json("states", "AWSStepFunctions.CreateStateMachine", &body);
        made["stateMachineArn"].as_str().unwrap().to_owned()
    }

    pub(crate) fn start_execution(&self, machine: &str, name: &str, input: &str) -> String {
        let body = json!({"stateMachineArn": machine, "name": name, "input": input});
        let started = self.json("states", "AWSStepFunctions.StartExecution", &body);
        started["executionArn"].as_str().unwrap().to_owned()
    }

    /// What is told of an execution once it has ended.
    pub(crate) fn ended(&self, execution: &str) -> Value {
        let body = json!({"executionArn": execution});
        loop {
            let told = self.json("states", "AWSStepFunctions.DescribeExecution", &body);
            if told["status"] != "RUNNING" {
                return told;
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn history(&self, execution: &str) -> Vec<Value> {
        let body = json!({"executionArn": execution, "maxResults": 1000});
        let told = self.json("states", "AWSStepFunctions.GetExecutionHistory", &body);
        assert_eq!(told["nextToken"], Value::Null, "one page holds a day");
        told["events"].as_array().unwrap().clone()
    }
}

/// No server here checks a signature; the service is read from its scope.
fn scope(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// The texts of an element that holds no others.
fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&open)?;
        let (text, after) = after.split_once(&close)?;
        rest = after;
        Some(text)
    })
}
