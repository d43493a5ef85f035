"""What moto's Step Functions lacks: telling how executions ended, and redriving one."""

import json
import time

from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from . import ACCOUNT, REGION
from .events import Events

REDRIVABLE = (ExecutionStatus.FAILED, ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT)


class RedriveWorker(ExecutionWorker):
    """Goes on at one state with the input that it had, in the definition that the execution started with."""

    def __init__(self, state: str, given: str, **more) -> None:
        super().__init__(**more)
        self._state, self._given = state, given

    def _get_evaluation_entrypoint(self):
        details = self._evaluation_details.state_machine_details
        details.definition = json.dumps({**json.loads(details.definition), "StartAt": self._state})
        return super()._get_evaluation_entrypoint()

    def _get_evaluation_environment(self):
        environment = super()._get_evaluation_environment()
        environment.states.reset(json.loads(self._given))
        return environment


def redrive(arn: str) -> bool:
    """Starts an execution again at the state that failed; False when it did not fail. It enters that state anew.
    (AWS goes on inside a Map with the iterations that failed; this starts the whole Map again.)
    """
    execution = stepfunctions_parser_backends[ACCOUNT][REGION].describe_execution(arn)
    if execution.exec_status not in REDRIVABLE:
        return False
    states = json.loads(execution.state_machine.definition)["States"]
    entered = [event.get("stateEnteredEventDetails") for event in execution.to_history_output()["events"]]
    last = [each for each in entered if each and each["name"] in states][-1]
    worker = execution._get_start_execution_worker()
    execution.exec_worker = RedriveWorker(
        last["name"],
        last["input"],
        evaluation_details=worker._evaluation_details,
        exec_comm=worker._execution_communication,
        cloud_watch_logging_session=None,
        activity_store={},
    )
    execution.exec_status = ExecutionStatus.RUNNING
    execution.error = execution.cause = execution.stop_date = None
    execution.exec_worker.start()
    return True


def tell_ends(events: Events) -> None:
    """Sends EventBridge a status change when an execution ends."""
    terminated = BaseExecutionWorkerCommunication.terminated

    def told(self) -> None:
        terminated(self)
        execution = self.execution
        detail = {
            "executionArn": execution.exec_arn,
            "name": execution.name,
            "status": execution.exec_status.value,
            "stopDate": int(time.time() * 1000),
        }
        if execution.output is not None:
            detail["output"] = json.dumps(execution.output)
        events.tell(
            {
                "source": "aws.states",
                "detail-type": "Step Functions Execution Status Change",
                "detail": {**detail, "stateMachineArn": execution.state_machine.arn},
            }
        )

    BaseExecutionWorkerCommunication.terminated = told
