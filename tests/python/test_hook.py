"""The hook that looks at a new version of a function before it gets traffic. `python -m unittest tests/python/test_hook.py`"""

import importlib.util
import io
import json
import os
import pathlib
import unittest

ROOT = pathlib.Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("handler", ROOT / "infra/hook/handler.py")
handler = importlib.util.module_from_spec(spec)
spec.loader.exec_module(handler)


class NoSuchKey(Exception):
    pass


class Cloud:
    """CodeDeploy, S3 and Lambda in one, with what they were asked."""

    class exceptions:
        NoSuchKey = NoSuchKey

    def __init__(self, stage, answer, latest=None, failing=False):
        self.stage, self.answer, self.latest, self.failing = stage, answer, latest, failing
        self.codedeploy = self.s3 = self.invoke_client = self
        self.events, self.settled = [], []

    def get_deployment(self, deploymentId):
        function = {"Type": "AWS::Lambda::Function", "Properties": {"Name": f"mllab-{self.stage}", "Alias": "live", "CurrentVersion": "3", "TargetVersion": "4"}}
        content = json.dumps({"version": 0.0, "Resources": [{self.stage: function}]})
        return {"deploymentInfo": {"revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}}}

    def put_lifecycle_event_hook_execution_status(self, **settled):
        self.settled.append(settled)

    def get_object(self, Bucket, Key):
        if self.latest is None:
            raise NoSuchKey
        self.read = f"{Bucket}/{Key}"
        return {"Body": io.BytesIO(self.latest.encode())}

    def call(self, FunctionName, Payload):
        if self.failing:
            raise ConnectionError("no way to Lambda")
        self.events.append((FunctionName, json.loads(Payload)))
        failed = {"FunctionError": "Unhandled"} if "errorType" in self.answer else {}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **failed}

    @property
    def invoke(self):
        return type("Lambda", (), {"invoke": staticmethod(self.call)})


def refused(question):
    check = {"name": "x", "question": question, "check": "x", "expected": "y", "found": "z", "passed": False}
    return {"version": "v7", "passed": False, "checks": [check]}


def hook(cloud):
    return handler.handle({"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}, None, cloud)


class HookTest(unittest.TestCase):
    def setUp(self):
        os.environ |= {"MLLAB_DATA_URI": "s3://lake/", "MLLAB_FEATURES_URI": "s3://lake-features/"}

    def settled_as(self, cloud, status):
        self.assertEqual(hook(cloud)["status"], status)
        self.assertEqual([s["status"] for s in cloud.settled], [status])

    def test_the_new_version_answers_for_the_version_that_is_live(self):
        for stage, uri in {
            "features": "s3://lake-features/features/v7/",
            "matching": "s3://lake/models/Modelo_Matching_Classificacao/v7/",
            "recommend": "s3://lake/models/Modelo_Recomendacao_Vagas/v7/",
            "drift": "s3://lake/drift_reports/v7/",
        }.items():
            cloud = Cloud(stage, {"version": "v7", "checks": []}, latest="v7/a.npy\nv7/b.npy\n")
            self.settled_as(cloud, "Succeeded")
            (function, event), = cloud.events
            self.assertEqual(function, f"mllab-{stage}:4")
            self.assertEqual((event["action"], event["version"]), ("verify", uri))

    def test_ingest_answers_for_its_newest_version(self):
        cloud = Cloud("ingest", {"version": "v7", "checks": []}, latest="v7/other")
        self.settled_as(cloud, "Succeeded")
        self.assertNotIn("version", cloud.events[0][1])

    def test_before_the_first_day_there_is_nothing_to_answer_for(self):
        self.settled_as(Cloud("matching", {"errorType": "BadInput", "errorMessage": "s3://lake/x/ has no version: run the stage matching first"}), "Succeeded")

    def test_code_that_may_mend_what_the_gate_refused_is_let_through_while_nothing_is_live(self):
        self.settled_as(Cloud("matching", refused("served")), "Succeeded")

    def test_while_nothing_is_live_only_its_absence_and_the_gate_excuse_new_code(self):
        for answer in ("StoreUnavailable", "BadInput", "StageFailed", "ConfigInvalid", "Runtime.ExitError"):
            self.settled_as(Cloud("matching", {"errorType": answer, "errorMessage": "x"}), "Failed")

    def test_ingest_has_no_latest_so_a_refusal_of_its_newest_version_counts(self):
        self.settled_as(Cloud("ingest", refused("served")), "Failed")

    def test_the_bounds_are_those_of_the_scheduled_day(self):
        os.environ["MLLAB_DAY_GATE"] = '{"recommend": {"recall": 0.7}}'
        self.addCleanup(os.environ.pop, "MLLAB_DAY_GATE")
        for stage, bounds in {"recommend": {"recall": 0.7}, "matching": None}.items():
            cloud = Cloud(stage, {"version": "v7", "checks": []}, latest="v7/x")
            self.settled_as(cloud, "Succeeded")
            self.assertEqual(cloud.events[0][1].get("gate"), bounds)

    def test_code_that_judges_what_is_live_otherwise_gets_no_traffic(self):
        for answer in ("StoreUnavailable", "BadInput", "StageFailed", "Runtime.ExitError"):
            cloud = Cloud("matching", {"errorType": answer, "errorMessage": "it has no version"}, latest="v7/model_matching.json")
            self.settled_as(cloud, "Failed")
        self.settled_as(Cloud("matching", refused("served"), latest="v7/model_matching.json"), "Failed")

    def test_what_is_said_of_data_and_models_is_none_of_the_codes(self):
        for question in ("input", "world", "model"):
            self.settled_as(Cloud("drift", refused(question), latest="v7/drift_report.html"), "Succeeded")

    def test_a_deployment_is_settled_whatever_happens(self):
        self.settled_as(Cloud("matching", {}, latest="v7/x", failing=True), "Failed")

    def test_every_stage_has_its_event(self):
        for stage in ("ingest", *handler.LATEST):
            event = json.loads((ROOT / f"infra/hook/events/{stage}-verify.json").read_text())
            self.assertEqual(event["action"], "verify")


if __name__ == "__main__":
    unittest.main()
