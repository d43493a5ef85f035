"""What stands in front of moto: judges each call by its caller's role, answers for Batch and Lambda's Invoke."""

import json
import re
import time
from urllib.parse import parse_qs, unquote

from . import ACCOUNT, REGION
from .account import ACCOUNT_SETTINGS, QUOTAS_TARGET, Account, signed_for
from .batch import Batch
from .functions import Functions
from .jobs import ClientError
from .redrive import redrive
from .roles import Role, Roles, allows
from .serve import read_body

INVOKE = re.compile(r"^/2015-03-31/functions/(.+)/invocations$")
BATCH_ACTIONS = {
    "submitjob": "batch:SubmitJob",
    "describejobs": "batch:DescribeJobs",
    "listjobs": "batch:ListJobs",
    "terminatejob": "batch:TerminateJob",
    "describejobqueues": "batch:DescribeJobQueues",
    "describecomputeenvironments": "batch:DescribeComputeEnvironments",
    "describejobdefinitions": "batch:DescribeJobDefinitions",
}
BATCH = re.compile(rf"^/v1/({'|'.join(BATCH_ACTIONS)})$")

JSON_SERVICES = {
    "AWSStepFunctions": "states",
    "secretsmanager": "secretsmanager",
    "AmazonSSM": "ssm",
    "Logs_20140328": "logs",
}

FORM = "application/x-www-form-urlencoded"
# What takes no permission.
FOR_EVERYBODY = ("sts:GetCallerIdentity",)

# The metadata service of the one instance that all trials run on, which nobody takes back.
INSTANCE = {
    "instance-type": "c6i.xlarge",
    "instance-life-cycle": "spot",
    "placement/availability-zone": f"{REGION}a",
}

# What the ECS agent tells each container of its task: its image was pulled for 7.5 s.
TASK = {"PullStartedAt": "2026-11-28T08:00:00.25Z", "PullStoppedAt": "2026-11-28T08:00:07.75Z"}


class Gateway:
    """A WSGI application around moto's."""

    def __init__(self, moto, roles: Roles) -> None:
        self._moto, self._roles = moto, roles
        self.batch: Batch | None = None
        self.functions: Functions | None = None
        self.account = Account()
        # What was denied, as (role, action, resource): a test can ask for it.
        self.denied: list[tuple[str, str, str]] = []

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith("/latest/"):
            return instance_metadata(path, environ, start_response)
        if path == "/ecs/v4/task":
            return answer(start_response, json.dumps(TASK).encode())
        role = self._roles.of_request(environ.get("HTTP_AUTHORIZATION", ""))
        if self.account.withholds(environ):
            return refuse(start_response, "AccessDeniedException", "the test withholds this right", 403)
        if path == ACCOUNT_SETTINGS:
            return answer(start_response, self.account.settings())
        invoke, batch = INVOKE.match(path), BATCH.match(path)
        if invoke is not None:
            return self._invoke(role, unquote(invoke[1]), read_body(environ), start_response)
        if batch is not None:
            return self._batch(role, batch[1], json.loads(read_body(environ)), start_response)
        target = environ.get("HTTP_X_AMZ_TARGET")
        if target is not None:
            return self._json_service(role, target, environ, start_response)
        if role is not None and environ.get("CONTENT_TYPE", "").startswith(FORM):
            return self._query_service(role, environ, start_response)
        if role is not None:
            return self._s3(role, environ, start_response)
        return self._moto(environ, start_response)

    def _query_service(self, role: Role, environ, start_response):
        """EC2, IAM and STS, which are asked by forms."""
        form = parse_qs(read_body(environ).decode())
        action = f"{signed_for(environ)}:{form['Action'][0]}"
        if action in FOR_EVERYBODY or self._may(role, action, asked_by(form)):
            return self._moto(environ, start_response)
        return refuse_s3(start_response, f"{role.name} may not {action}")

    def _may(self, role: Role | None, action: str, resource: str, context: dict[str, str] | None = None) -> bool:
        if role is None or allows(role, action, resource, context or {}):
            return True
        self.denied.append((role.name, action, resource))
        return False

    def _invoke(self, role, name: str, body: bytes, start_response):
        if not self._may(role, "lambda:InvokeFunction", name):
            return refuse(start_response, "AccessDeniedException", f"not allowed to invoke {name}", 403)
        if not self.functions.knows(name):
            return refuse(start_response, "ResourceNotFoundException", f"Function not found: {name}", 404)
        failed, payload = self.functions.invoke(name, body)
        extra = [("X-Amz-Function-Error", "Unhandled")] if failed else []
        return answer(start_response, payload, extra)

    def _batch(self, role, action: str, body: dict, start_response):
        asked, context = self._asked_of_batch(action, body)
        for name, resource in asked:
            if not self._may(role, name, resource, context):
                message = f"not authorized to perform {name} on {resource}"
                return refuse(start_response, "AccessDeniedException", message, 403)
        try:
            return answer(start_response, json.dumps(self.batch.call(action, body)).encode())
        except ClientError as error:
            return refuse(start_response, error.code, str(error), error.status)

    def _asked_of_batch(self, action: str, body: dict) -> tuple[list[tuple[str, str]], dict[str, str]]:
        """What a policy is asked, as (action, resource), and what its conditions are told."""
        name, job = BATCH_ACTIONS[action], f"arn:aws:batch:{REGION}:{ACCOUNT}:job/{body.get('jobId', 'new')}"
        if action == "submitjob":
            tagging = [("batch:TagResource", job)] if body.get("tags") else []
            return [*((name, each) for each in (body["jobQueue"], body["jobDefinition"], job)), *tagging], {}
        if action == "terminatejob":
            tags = self.batch.tags_of(body["jobId"])
            return [(name, job)], {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
        return [(name, "*")], {}

    def _json_service(self, role, target: str, environ, start_response):
        service, operation = target.split(".")[0], target.split(".")[-1]
        prefix = JSON_SERVICES.get(service)
        if role is not None and prefix is not None:
            resource = asked_of(prefix, json.loads(read_body(environ)))
            if not self._may(role, f"{prefix}:{operation}", resource):
                return refuse(start_response, "AccessDeniedException", f"not authorized: {prefix}:{operation}", 400)
        if QUOTAS_TARGET.match(target):
            found = self.account.quota(operation, json.loads(read_body(environ))["QuotaCode"])
            if found is None:
                return refuse(start_response, "NoSuchResourceException", "no applied value", 400)
            return answer(start_response, found)
        if operation == "RedriveExecution":
            if redrive(json.loads(read_body(environ))["executionArn"]):
                return answer(start_response, json.dumps({"redriveDate": time.time()}).encode())
            return refuse(start_response, "ExecutionNotRedrivable", "it runs, or it succeeded", 400)
        return self._moto(environ, start_response)

    def _s3(self, role: Role, environ, start_response):
        _, bucket, *rest = environ["PATH_INFO"].split("/", 2)
        key = rest[0] if rest else ""
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        arn = f"arn:aws:s3:::{bucket}"
        lists = f"{arn}"
        for action, resource in s3_actions(environ, query, arn, key):
            if not self._may(role, action, resource):
                return refuse_s3(start_response, f"{role.name} may not {action} on {resource}")
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and key and not allows(role, "s3:ListBucket", lists):
            return self._hiding_missing(role, environ, start_response)
        return self._moto(environ, start_response)

    def _hiding_missing(self, role: Role, environ, start_response):
        """Who may not list the bucket is not told that a key is not there: 403 instead of 404."""
        seen = {}

        def remember(status, headers, exc_info=None):
            seen["status"], seen["headers"] = status, headers

        body = b"".join(self._moto(environ, remember))
        if seen["status"].startswith("404"):
            return refuse_s3(start_response, f"{role.name} may not s3:ListBucket")
        start_response(seen["status"], seen["headers"])
        return [body]


def asked_by(form: dict[str, list[str]]) -> str:
    """The resource that a policy is asked for: the only roles that anybody asks for are those of services."""
    if "RoleName" not in form:
        return "*"
    return f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/spot.amazonaws.com/{form['RoleName'][0]}"


def asked_of(prefix: str, body: dict) -> str:
    """The resource that a policy is asked for."""
    own = f"arn:aws:{prefix}:{REGION}:{ACCOUNT}"
    if prefix == "secretsmanager":
        return f"{own}:secret:{body['SecretId']}-a1b2c3"
    if prefix == "ssm":
        return f"{own}:parameter{body['Name']}"
    if prefix == "logs":
        return f"{own}:log-group:{body['logGroupName']}:log-stream:{body['logStreamName']}"
    return body.get("executionArn") or body.get("stateMachineArn") or ""


def s3_actions(environ, query, arn: str, key: str) -> list[tuple[str, str]]:
    """The actions that S3 asks a policy for, of one request."""
    method, resource = environ["REQUEST_METHOD"], f"{arn}/{key}"
    if key == "":
        if method == "POST" and "delete" in query:
            keys = re.findall(rb"<Key>(.*?)</Key>", read_body(environ))
            return [("s3:DeleteObject", f"{arn}/{unquote(each.decode())}") for each in keys]
        return [("s3:ListBucket", arn)]
    if method in ("GET", "HEAD"):
        return [("s3:GetObject", resource)]
    if method == "DELETE":
        return [("s3:AbortMultipartUpload" if "uploadId" in query else "s3:DeleteObject", resource)]
    actions = [("s3:PutObject", resource)]
    source = environ.get("HTTP_X_AMZ_COPY_SOURCE")
    if source is not None:
        actions.append(("s3:GetObject", f"arn:aws:s3:::{unquote(source).lstrip('/')}"))
    return actions


def instance_metadata(path: str, environ, start_response):
    """As IMDSv2 answers: a token by PUT, and everything else with that token only."""
    if environ["REQUEST_METHOD"] == "PUT":
        return answer(start_response, b"token-1")
    known = INSTANCE.get(path.removeprefix("/latest/meta-data/"))
    if known is not None and environ.get("HTTP_X_AWS_EC2_METADATA_TOKEN") == "token-1":
        return answer(start_response, known.encode())
    return refuse(start_response, "NotFound", path, 404)


def answer(start_response, body: bytes, extra=()):
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *extra]
    start_response("200 OK", headers)
    return [body]


def refuse(start_response, code: str, message: str, status: int):
    body = json.dumps({"message": message, "__type": code}).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("x-amzn-ErrorType", code),
        ("x-amzn-RequestId", "00000000-0000-0000-0000-000000000000"),
    ]
    start_response(f"{status} Refused", headers)
    return [body]


def refuse_s3(start_response, message: str):
    body = f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>".encode()
    start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]
