"""AWS for the tests: deploys a synthesized assembly, prints what a test needs to know, and serves until its input ends.

    python cloud_server.py ASSEMBLY NODE RUNNER WARM_RUNNER

Prints one JSON line when all is there. Then a JSON line in gives one out: `{"set": {...}}`, `{"get": NAME}`,
`{"account": {...}}`, `{"deploy": ASSEMBLY}` (the stack again), `{"fire": SCHEDULE}`.
"""

import json
import logging
import os
import sys
import tempfile
from pathlib import Path

from moto.core.config import default_user_config

default_user_config["stepfunctions"] = {"execute_state_machine": True}
default_user_config["core"]["mock_credentials"] = False


def patch_step_functions() -> None:
    """moto leaves the names of Batch's parameters in the state machine's capitals, which boto does not know; and what
    a stop interrupts it reports as an error of the state machine, which then hides the stop.
    """
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_batch import (
        StateTaskServiceBatch,
    )
    from moto.stepfunctions.parser.asl.eval.environment import Environment
    from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped

    def shapes(service, action):
        import boto3

        model = boto3.client("batch", region_name="us-east-1").meta.service_model
        operation = "".join(part.capitalize() for part in (action or service._get_boto_service_action()).split("_"))
        return model.operation_model(operation)

    def parameters(self, parameters, boto_service_name=None, service_action_name=None):
        self._to_boto_request(parameters, shapes(self, service_action_name).input_shape)

    def response(self, response, boto_service_name=None, service_action_name=None):
        self._from_boto_response(response, shapes(self, service_action_name).output_shape)

    set_error = Environment.set_error

    def unless_stopped(self, error):
        if not isinstance(self._program_state, ProgramStopped):
            set_error(self, error)

    Environment.set_error = unless_stopped
    StateTaskServiceBatch._normalise_parameters = parameters
    StateTaskServiceBatch._normalise_response = response
    state_task_service_callback._DELAY_SECONDS_SYNC_CONDITION_CHECK = 0.1


def main() -> None:
    from aws import ACCOUNT, REGION
    from aws.batch import Batch
    from aws.deploy import Deployment
    from aws.events import Events
    from aws.functions import Functions
    from aws.gateway import Gateway
    from aws.redrive import tell_ends
    from aws.roles import Roles
    from aws.serve import serve

    assembly, node, runner, warm_runner = sys.argv[1:5]
    roles = Roles()
    gateway, port = serve(lambda moto: Gateway(moto, roles))
    endpoint = f"http://127.0.0.1:{port}"
    # Step Functions calls the other services by this port.
    os.environ["MOTO_PORT"] = str(port)
    patch_step_functions()
    # It prints whole state machines where an execution ends in a state Fail.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    environment = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION}
    with tempfile.TemporaryDirectory(prefix="sweepstack-cloud-", ignore_cleanup_errors=True) as folder:
        gateway.batch = Batch(Path(folder), node, Path(runner), Path(warm_runner), environment)
        gateway.functions = Functions(Path(folder), node, environment)
        events = Events(gateway.functions)
        tell_ends(events)
        deployment = Deployment(endpoint, roles, gateway.batch, gateway.functions, events)
        deployment.deploy(Path(assembly))
        told = {"endpoint": endpoint, "outputs": deployment.outputs, "account": ACCOUNT, "region": REGION}
        print(json.dumps(told), flush=True)
        try:
            for line in sys.stdin:
                print(json.dumps(answer(json.loads(line), gateway, roles, deployment, events)), flush=True)
        finally:
            gateway.batch.stop()
            gateway.functions.stop()
    os._exit(0)


def answer(command: dict, gateway, roles, deployment, events) -> dict:
    try:
        if "deploy" in command:
            deployment.deploy(Path(command["deploy"]))
            return {}
        if "fire" in command:
            from aws.scheduler import fire

            return fire(deployment.schedules[command["fire"]], roles, deployment.endpoint)
        if command.get("get") == "people":
            return {"people": {policy: person.credentials() for policy, person in deployment.people.items()}}
        if command.get("get") == "mails":
            return {"mails": events.mails}
        return obey(command, gateway, roles)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def obey(command: dict, gateway, roles):
    """`set`: faults to come. `account`: what it says of itself. `get`: what happened. `revoke`: [role, action]: takes
    an action from a role's policies.
    """
    batch = gateway.batch
    for name, value in command.get("set", {}).items():
        setattr(batch, name, {tuple(each) for each in value} if isinstance(value, list) else value)
    for name, value in command.get("account", {}).items():
        setattr(gateway.account, name, value)
    if "revoke" in command:
        role, action = command["revoke"]
        statements = roles.named(role).statements
        roles.named(role).statements = [
            {**each, "Action": [one for one in listed(each["Action"]) if one != action]} for each in statements
        ]
        return {"before": statements}
    if "restore" in command:
        role, statements = command["restore"]
        roles.named(role).statements = statements
    known = {
        "submitted": lambda: batch.submitted,
        "seconds": lambda: batch.seconds,
        "running": batch.running,
        "definitions": batch.definitions_used,
        "denied": lambda: gateway.denied,
    }
    asked = command.get("get")
    return {asked: known[asked]()} if asked in known else {}


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    main()
