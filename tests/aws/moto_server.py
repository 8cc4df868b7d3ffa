"""moto's server with a Step Functions interpreter that runs state machines as AWS does.

    python moto_server.py [--port N] --steps-to PORT

Listens on 127.0.0.1 (port 0: any free one) and prints one line, {"port": N}, once it does. The tasks of an
execution call their services at 127.0.0.1:PORT: there the emulator answers for Lambda and Batch and sends the rest
back here.

moto 5.2.5 differs from AWS in what is mended below; each part says how.
"""

import argparse
import json
import os
import signal
import sys

ARGUMENTS = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ARGUMENTS.add_argument("--port", type=int, default=0, help="where to listen; 0: any free port")
ARGUMENTS.add_argument("--steps-to", type=int, required=True, help="the port that executions call services at")


def run_state_machines():
    """moto only pretends to run an execution unless told so, and would want Docker for Lambda and Batch."""
    from moto.core.config import default_user_config

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    default_user_config["batch"] = {"use_docker": False}
    default_user_config["lambda"] = {"use_docker": False}


def spell_members_as_the_services_do():
    """A task's parameters are spelt `JobName`, Batch's API has `jobName`, and the answer is spelt back.

    moto has the code for it, but its look-up of an operation's shape is left out, so that `batch:submitJob.sync`
    fails on its first parameter.
    """
    import botocore.session
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service

    session = botocore.session.Session()
    service = state_task_service.StateTaskService

    def operation(task, service_name, action):
        model = session.get_service_model(task._get_boto_service_name(service_name))
        wanted = (action or task.resource.api_action).replace("_", "").lower()
        return next((model.operation_model(name) for name in model.operation_names if name.lower() == wanted), None)

    def normalise_parameters(self, parameters, boto_service_name=None, service_action_name=None):
        found = operation(self, boto_service_name, service_action_name)
        if found and found.input_shape:
            self._to_boto_request(parameters, found.input_shape)

    def normalise_response(self, response, boto_service_name=None, service_action_name=None):
        found = operation(self, boto_service_name, service_action_name)
        if found and found.output_shape:
            self._from_boto_response(response, found.output_shape)

    service._normalise_parameters = normalise_parameters
    service._normalise_response = normalise_response


def fill_in_the_context_object():
    """`$$.Execution.StartTime` is a datetime that no output can hold, and `$$.Execution.RedriveCount` is missing."""
    from moto.stepfunctions.parser.backend import execution_worker

    worker = execution_worker.ExecutionWorker
    environment_of = worker._get_evaluation_environment

    def evaluation_environment(self):
        environment = environment_of(self)
        execution = environment.states.context_object.context_object_data["Execution"]
        start = execution["StartTime"]
        if hasattr(start, "strftime"):
            execution["StartTime"] = start.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        execution["RedriveCount"] = 0
        return environment

    worker._get_evaluation_environment = evaluation_environment


def list_nothing_where_nothing_is():
    """A Distributed Map over an empty prefix has no items; moto takes `Contents` for granted and fails."""
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.eval import resource_eval_s3

    reader = resource_eval_s3.ResourceEvalS3

    def list_objects(env, resource_runtime_part, state_credentials):
        client = reader._get_s3_client(resource_runtime_part, state_credentials)
        env.stack.append(client.list_objects_v2(**env.stack.pop()).get("Contents", []))

    reader._handle_list_objects_v2 = staticmethod(list_objects)


def fail_a_map_at_its_first_failed_child():
    """ToleratedFailureCount 0 ends a Distributed Map with its first failed child, under the Map's own error; moto has
    the field, but gives such a child's output as null and goes on.
    """
    from moto.stepfunctions.parser.api import HistoryEventType
    from moto.stepfunctions.parser.asl.component.common.error_name import failure_event, states_error_name
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
        distributed_item_processor_worker as distributed,
    )
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

    worker = distributed.DistributedItemProcessorWorker
    run = worker._eval_job

    def eval_job(self, env, job):
        run(self, env, job)
        if job.job_output is None:
            name = states_error_name.StatesErrorName(typ=StatesErrorNameType.StatesExceedToleratedFailureThreshold)
            cause = "The specified tolerated failure threshold was exceeded"
            details = EventDetails(mapRunFailedEventDetails={"error": name.error_name, "cause": cause})
            event = failure_event.FailureEvent(
                env=env, error_name=name, event_type=HistoryEventType.MapRunFailed, event_details=details
            )
            job.job_output = failure_event.FailureEventException(failure_event=event)

    worker._eval_job = eval_job


def serve(port):
    from werkzeug.serving import make_server

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

    class Quiet(MotoRequestHandler):
        def log_request(self, *_):
            """One line a request drowns what matters; errors are still written."""

    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Quiet)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


def main():
    arguments = ARGUMENTS.parse_args()
    # moto's name for where its own calls go; it need not be where it listens itself.
    os.environ["MOTO_PORT"] = str(arguments.steps_to)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    run_state_machines()
    spell_members_as_the_services_do()
    fill_in_the_context_object()
    list_nothing_where_nothing_is()
    fail_a_map_at_its_first_failed_child()
    serve(arguments.port)


if __name__ == "__main__":
    main()
