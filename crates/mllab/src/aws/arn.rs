//! ARNs of Step Functions, and the pages of the console that show what they name.

use std::fmt;

use stage::Error;

/// `arn:<partition>:states:<region>:<account>:<kind>:<rest>`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arn {
    whole: String,
    partition: String,
    region: String,
    rest: String,
}

impl Arn {
    /// A state machine's, also of one of its versions or aliases.
    pub(crate) fn of_state_machine(text: &str) -> Result<Self, Error> {
        Self::of(text, "stateMachine").ok_or_else(|| {
            Error::config(format!(
                "--state-machine: expected arn:aws:states:<region>:<account>:stateMachine:<name>, found {text}"
            ))
        })
    }

    pub(crate) fn of_execution(text: &str) -> Result<Self, Error> {
        Self::of(text, "execution")
            .ok_or_else(|| Error::failed(format!("expected the ARN of an execution, found {text}")))
    }

    fn of(text: &str, kind: &str) -> Option<Self> {
        let mut parts = text.splitn(7, ':');
        let mut part = || parts.next().filter(|part| !part.is_empty());
        let (arn, partition, service) = (part()?, part()?, part()?);
        let (region, _account, found, rest) = (part()?, part()?, part()?, part()?);
        (arn == "arn" && service == "states" && found == kind).then(|| Self {
            whole: text.to_owned(),
            partition: partition.to_owned(),
            region: region.to_owned(),
            rest: rest.to_owned(),
        })
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The last part: of an execution, its name.
    pub(crate) fn name(&self) -> &str {
        self.rest.rsplit(':').next().unwrap_or(&self.rest)
    }

    pub(crate) fn console(&self) -> String {
        format!("{}/states/home?region={}#/v2/executions/details/{self}", self.host(), self.region)
    }

    fn host(&self) -> String {
        match self.partition.as_str() {
            "aws-cn" => "https://console.amazonaws.cn".to_owned(),
            "aws-us-gov" => "https://console.amazonaws-us-gov.com".to_owned(),
            _ => format!("https://{}.console.aws.amazon.com", self.region),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}
