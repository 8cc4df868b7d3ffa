"""infra/template.yaml as plain CloudFormation, without AWS: `translate.py [TEMPLATE] > translated.json`.

SAM's own translator makes the roles, versions, aliases and deployments that a stack will have; the state machine stands
in it as an object, not as a string, so that cfn-lint sees its states. What a stage may do in the lake is

    Resources.<Stage>LakePolicy.Properties.PolicyDocument.Statement

(Stage: Ingest, Features, Matching, Recommend, Drift), what the state machine may do is Resources.DayRole, and a
resource `{"Fn::Sub": "${DataBucket.Arn}/processed/*"}` means keys of the bucket that the parameter LakeName names.
"""

import json
import os
import pathlib
import re
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

import samtranslator
from cfnlint.decode.cfn_yaml import load
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def translate(path):
    template = plain(load(str(path)))
    for name, resource in template["Resources"].items():
        localise(name, resource, path.parent)
    managed = pathlib.Path(samtranslator.__file__).parent / "internal/data/aws_managed_policies.json"
    translator = Translator(json.loads(managed.read_text())["aws"], Parser())
    # The translator reads defaults only from here; what has none is given at a deployment.
    defaults = {name: spec.get("Default", "given") for name, spec in template["Parameters"].items()}
    translated = translator.translate(template, defaults)
    for resource in translated["Resources"].values():
        inline(resource.get("Properties", {}))
    return translated


def plain(node):
    """cfn-lint's nodes, which remember their lines, as plain ones."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


def localise(name, resource, folder):
    """What `sam package` does: code becomes an object in S3, the state machine's file becomes its definition."""
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::Serverless::Function":
        properties["CodeUri"] = {"Bucket": "code", "Key": f"{name}.zip"}
    if resource["Type"] == "AWS::Serverless::StateMachine":
        definition = (folder / properties.pop("DefinitionUri")).read_text()
        named, given = set(re.findall(r"\$\{(\w+)\}", definition)), set(properties["DefinitionSubstitutions"])
        if named != given:
            sys.exit(f"{name}: DefinitionSubstitutions: expected {sorted(named)}, as the definition names them, found {sorted(given)}")
        properties["Definition"] = json.loads(definition)


def inline(properties):
    joined = properties.get("DefinitionString", {}).get("Fn::Join")
    if joined:
        del properties["DefinitionString"]
        properties["Definition"] = json.loads(joined[0].join(joined[1]))


if __name__ == "__main__":
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("template.yaml"))
    json.dump(translate(source), sys.stdout, indent=1, default=str)
    print()
