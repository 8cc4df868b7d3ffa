"""Looks at a new version of a stage's function before it gets traffic; CodeDeploy calls it.

The new version is sent the stage's `verify` event (events/) for the version of the lake that is live. That was good
enough when it went live, so whatever makes it less now is the new code: a function that does not start, that lacks a
permission or an environment variable, that no longer reads what older code wrote, or that answers the stored queries
otherwise than they were answered then. Verifying reads, and leaves only a note beside the versions (`_gate/`).

What it does not prove: that training works, which only a day shows (and the gate of that day).

Where nothing is live yet, a function that says so itself has started, read its environment and listed its bucket. And
one that refuses the newest version has read it too: the day's gate may have refused it as well, and the new code may be
what mends that, so it must not wait for a version that only it can make.
"""

import json
import os
import pathlib

EVENTS = pathlib.Path(__file__).parent / "events"

# Where latest.txt of a stage lies; ingest has none, so its newest version is looked at.
LATEST = {
    "features": ("MLLAB_FEATURES_URI", "features"),
    "matching": ("MLLAB_DATA_URI", "models/Modelo_Matching_Classificacao"),
    "recommend": ("MLLAB_DATA_URI", "models/Modelo_Recomendacao_Vagas"),
    "drift": ("MLLAB_DATA_URI", "drift_reports"),
}


def handle(event, _context, clients=None):
    """The entry: settles the deployment with what looking at each new version gave."""
    clients = clients or Clients()
    try:
        deployment = clients.codedeploy.get_deployment(deploymentId=event["DeploymentId"])
        problems = [problem for target in targets(deployment) if (problem := look(clients, *target))]
    except Exception as error:  # whatever it was: a deployment that nobody settles waits for an hour
        problems = [f"{type(error).__name__}: {error}"]
    status = "Failed" if problems else "Succeeded"
    print(json.dumps({"deployment": event["DeploymentId"], "status": status, "problems": problems}))
    clients.codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )
    return {"status": status, "problems": problems}


def targets(deployment):
    """Function name and new version, of each function that the deployment shifts."""
    revision = deployment["deploymentInfo"]["revision"]
    content = (revision.get("appSpecContent") or revision["string"])["content"]
    found = []
    for resource in json.loads(content)["Resources"]:
        for described in resource.values():
            properties = described["Properties"]
            found.append((properties["Name"], properties["TargetVersion"]))
    return found


def look(clients, name, version):
    """What is wrong with a version of a function; None where nothing is."""
    stage = name.rsplit("-", 1)[1]
    event = json.loads((EVENTS / f"{stage}-verify.json").read_text())
    event["execution"] = f"deploy-{name}-{version}"
    live = live_version(clients, stage)
    if live:
        event["version"] = live
    # By the bounds of the scheduled day: with wider ones than a stage's own, what went live yesterday is refused today.
    bounds = json.loads(os.environ.get("MLLAB_DAY_GATE", "{}")).get(stage)
    if bounds:
        event["gate"] = bounds
    reply = clients.invoke.invoke(FunctionName=f"{name}:{version}", Payload=json.dumps(event).encode())
    answer = json.loads(reply["Payload"].read())
    where = f"{name}:{version} on {live or 'the newest version'}"
    if "FunctionError" in reply:
        error, message = answer.get("errorType"), answer.get("errorMessage")
        if error == "BadInput" and not live and "has no version" in message:
            return None
        return f"{where}: {error}: {message}"
    # Only what is served depends on the code; the other questions are about data and models.
    failed = [c for c in answer["checks"] if not c["passed"] and c["question"] == "served"]
    if not failed or (stage in LATEST and not live):
        return None
    return f"{where}: " + "; ".join(f"{c['check']}: expected {c['expected']}, found {c['found']}" for c in failed)


def live_version(clients, stage):
    """The URI of the version that latest.txt of a stage names; None where there is none."""
    if stage not in LATEST:
        return None
    variable, series = LATEST[stage]
    bucket = os.environ[variable].removeprefix("s3://").rstrip("/")
    try:
        latest = clients.s3.get_object(Bucket=bucket, Key=f"{series}/latest.txt")
    except clients.s3.exceptions.NoSuchKey:
        return None
    line = latest["Body"].read().decode().splitlines()[0]
    return f"s3://{bucket}/{series}/{line.split('/')[0]}/"


class Clients:
    """AWS, as Lambda's own SDK has it."""

    def __init__(self):
        import boto3
        from botocore.config import Config

        self.codedeploy = boto3.client("codedeploy")
        self.s3 = boto3.client("s3")
        # One call, as long as a stage may take: a repetition would only hide what went wrong.
        self.invoke = boto3.client("lambda", config=Config(read_timeout=870, retries={"total_max_attempts": 1}))
