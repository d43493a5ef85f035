"""EventBridge Scheduler: one invocation of a schedule, with the rights of its role."""

import json
import uuid

from botocore.exceptions import ClientError

from .deploy import session
from .roles import Roles, allows


def fire(schedule: dict, roles: Roles, endpoint: str) -> dict:
    """The execution that it started, or where the call that failed ended up."""
    target = schedule["Target"]
    if schedule["State"] != "ENABLED":
        raise KeyError(f"{schedule['Name']} is {schedule['State']}")
    if not target["Arn"].endswith(":aws-sdk:sfn:startExecution"):
        raise KeyError(f"{target['Arn']} is not known to aws/scheduler.py")
    text = target["Input"].replace("<aws.scheduler.execution-id>", uuid.uuid4().hex)
    request = {key[0].lower() + key[1:]: value for key, value in json.loads(text).items()}
    role = roles.of_arn(target["RoleArn"])
    own = role.credentials()
    states = session(own["AWS_ACCESS_KEY_ID"], own["AWS_SECRET_ACCESS_KEY"]).client(
        "stepfunctions", endpoint_url=endpoint
    )
    try:
        return {"execution": states.start_execution(**request)["executionArn"]}
    except ClientError as error:
        queue = target["DeadLetterConfig"]["Arn"]
        return {"execution": None, "deadLetter": allows(role, "sqs:SendMessage", queue), "error": str(error)}
