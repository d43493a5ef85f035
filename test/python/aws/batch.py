"""Batch: jobs and arrays whose children are real processes of the bundled runner, retried by the submitted rules."""

import json
import os
import re
import signal
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import ACCOUNT, REGION
from .jobs import ENDED, Child, ClientError, Definition, Job, detail, matches, retried, summary

MAX_OVERRIDES_BYTES = 8192
PAGE = 100
AT_ONCE = 4
# Children of larger arrays are calls of the runner in processes that stay: a thousand starts of Node take minutes.
WARM_FROM = 100
RECLAIMED = "Host EC2 (instance i-0123456789abcdef0) terminated."
# As Batch words it when a container ended by itself.
BY_ITSELF = "Essential container in task exited"


class Batch:
    def __init__(self, folder: Path, node: str, runner: Path, warm_runner: Path, endpoint: dict[str, str]) -> None:
        self._folder, self._node, self._runner, self._warm_runner = folder, node, runner, warm_runner
        self._endpoint = endpoint
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._jobs: dict[str, Job] = {}
        self._warm: dict[int, subprocess.Popen] = {}
        # As they were deployed, by ARN; and what is to be said of every one of them instead.
        self.queues: dict[str, dict] = {}
        self.environments: dict[str, dict] = {}
        self.broken_queues: dict = {}
        self.broken_environments: dict = {}
        self.definitions: dict[str, Definition] = {}
        self.submitted: list[str] = []
        # How long each job's containers ran, in all.
        self.seconds: dict[str, float] = {}
        # What goes wrong next: submissions that are throttled or refused; hosts that go and SIGTERMs that come in the
        # middle of a program, by (child, attempt).
        self.throttled = 0
        self.refused: str | None = None
        self.reclaims: set[tuple[int, int]] = set()
        self.terms: set[tuple[int, int]] = set()
        # Containers that end in a way of their own, in Batch's words, instead of running: by child, on every attempt.
        self.ends: dict[str, dict] = {}

    def call(self, action: str, body: dict) -> dict:
        calls = {
            "submitjob": self._submit,
            "describejobs": self._describe,
            "listjobs": self._list,
            "terminatejob": self._terminate,
            "describejobqueues": self._describe_queues,
            "describecomputeenvironments": self._describe_environments,
            "describejobdefinitions": self._describe_definitions,
        }
        return calls[action](body)

    def _submit(self, body: dict) -> dict:
        if self.throttled > 0:
            self.throttled -= 1
            raise ClientError("AWSBatchException", "Too Many Requests", 429)
        if self.refused is not None:
            raise ClientError(self.refused, "refused, because the test says so", 403)
        job = self._checked(body)
        self._jobs[job.id] = job
        self.submitted.append(job.name)
        for child in job.children:
            self._pool.submit(self._run, job, child)
        return {"jobId": job.id, "jobName": job.name, "jobArn": f"arn:aws:batch:{REGION}:{ACCOUNT}:job/{job.id}"}

    def _checked(self, body: dict) -> Job:
        """The job, unless Batch would refuse it."""
        definition = self.definitions.get(body["jobDefinition"])
        overrides = body.get("containerOverrides", {})
        size = body.get("arrayProperties", {}).get("size")
        retry = body.get("retryStrategy", {})
        timeout = body.get("timeout", {}).get("attemptDurationSeconds", definition.timeout if definition else 0)
        for wrong, message in (
            (definition is None, f"Job definition {body['jobDefinition']} does not exist"),
            (definition and not definition.active, f"JobDefinition {body['jobDefinition']} is not in ACTIVE status"),
            (body["jobQueue"] not in self.queues, f"Job queue {body['jobQueue']} does not exist"),
            (not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", body["jobName"]), "Job name is invalid"),
            (len(json.dumps(overrides)) > MAX_OVERRIDES_BYTES, "Container Overrides length must be at most 8192"),
            (size is not None and not 2 <= size <= 10_000, "Array size must be between 2 and 10000"),
            (len(retry.get("evaluateOnExit", [])) > 5, "evaluateOnExit takes at most 5 rules"),
            (not 1 <= retry.get("attempts", 1) <= 10, "attempts must be between 1 and 10"),
            (timeout < 60, "attemptDurationSeconds must be at least 60"),
        ):
            if wrong:
                raise ClientError("ClientException", message)
        job_id = str(uuid.uuid4())
        indexes = [None] if size is None else list(range(size))
        return Job(
            job_id,
            body["jobName"],
            body["jobQueue"],
            definition,
            size is not None,
            retry,
            timeout,
            {each["name"]: each["value"] for each in overrides.get("environment", [])},
            [Child(job_id if i is None else f"{job_id}:{i}", i) for i in indexes],
            int(time.time() * 1000),
            body.get("tags", {}),
        )

    def _run(self, job: Job, child: Child) -> None:
        """The attempts of one child, as the submitted rules have them."""
        for attempt in range(1, job.retry.get("attempts", 1) + 1):
            if child.terminated is not None:
                break
            began = time.monotonic()
            end = self._attempt(job, child, attempt)
            self.seconds[job.name] = self.seconds.get(job.name, 0) + time.monotonic() - began
            container = {key: end[key] for key in ("exitCode", "reason") if key in end}
            container["logStreamName"] = log_name(child, attempt)
            child.attempts.append({"container": container, "statusReason": end["statusReason"]})
            child.reason = end["statusReason"]
            if end.get("exitCode") == 0:
                child.status = "SUCCEEDED"
                return
            if child.terminated is not None or end.get("timedOut") or not retried(job.retry, attempt, end):
                break
            child.status = "RUNNABLE"
        child.reason = child.terminated or child.reason
        child.status = "FAILED"

    def _attempt(self, job: Job, child: Child, attempt: int) -> dict:
        environment = {
            "PATH": os.environ["PATH"],
            **self._endpoint,
            **job.definition.environment,
            **job.environment,
            **job.definition.role.credentials(),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self._endpoint["AWS_ENDPOINT_URL"],
            "ECS_CONTAINER_METADATA_URI_V4": f"{self._endpoint['AWS_ENDPOINT_URL']}/ecs/v4",
            "SWEEP_CACHE": str(self._folder / "cache"),
            "AWS_BATCH_JOB_ID": child.id,
            "AWS_BATCH_JOB_ATTEMPT": str(attempt),
        }
        if child.index is not None:
            environment["AWS_BATCH_JOB_ARRAY_INDEX"] = str(child.index)
        child.status = "RUNNING"
        told = self.ends.get(str(child.index or 0))
        if told is not None:
            return told
        if len(job.children) > WARM_FROM:
            return {"exitCode": self._warm_run(environment), "statusReason": BY_ITSELF}
        return self._process(job, child, attempt, environment)

    def _process(self, job: Job, child: Child, attempt: int, environment: dict[str, str]) -> dict:
        log = self._folder / log_name(child, attempt)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [self._node, str(self._runner)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child.process = process
        try:
            return self._ended(job, child, attempt, log)
        finally:
            self._tell_log(job, child, attempt, log)

    def _ended(self, job: Job, child: Child, attempt: int, log: Path) -> dict:
        """Waits for the process, through whatever befalls its host."""
        process = child.process
        place = (child.index or 0, attempt)
        if place in self.reclaims:
            wait_for(log, b"in the middle")
            # The host goes, with all that runs on it, and no signal is heard.
            process.send_signal(signal.SIGKILL)
            process.wait()
            return {"statusReason": RECLAIMED}
        if place in self.terms:
            wait_for(log, b"in the middle")
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(job.timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            return {"timedOut": True, "statusReason": "Job attempt duration exceeded timeout"}
        return {"exitCode": code if code >= 0 else 128 - code, "statusReason": BY_ITSELF}

    def _tell_log(self, job: Job, child: Child, attempt: int, log: Path) -> None:
        """As the log driver: what the container printed, line by line."""
        import boto3

        credentials = {"aws_access_key_id": "driver", "aws_secret_access_key": "secret"}
        logs = boto3.client("logs", endpoint_url=self._endpoint["AWS_ENDPOINT_URL"], region_name=REGION, **credentials)
        place = {"logGroupName": job.definition.log_group, "logStreamName": log_name(child, attempt)}
        logs.create_log_stream(**place)
        now = int(time.time() * 1000)
        lines = [line for line in log.read_text(errors="replace").splitlines() if line != ""]
        events = [{"timestamp": now, "message": line} for line in lines]
        if events:
            logs.put_log_events(**place, logEvents=events)

    def _warm_run(self, environment: dict[str, str]) -> int:
        worker = self._warm.get(threading.get_ident())
        if worker is None:
            worker = subprocess.Popen(
                [self._node, str(self._warm_runner)],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._warm[threading.get_ident()] = worker
        worker.stdin.write(json.dumps(environment) + "\n")
        worker.stdin.flush()
        return int(worker.stdout.readline() or 1)

    def _describe(self, body: dict) -> dict:
        found = []
        for job_id in body["jobs"]:
            parent, _, index = job_id.partition(":")
            job = self._jobs.get(parent)
            if job is not None:
                found.append(detail(job, job.children[int(index)] if index else None))
        return {"jobs": found}

    def _list(self, body: dict) -> dict:
        """Without a status only RUNNING ones; a filter by name lists every status; pages of 100."""
        if "arrayJobId" in body:
            job = self._jobs[body["arrayJobId"]]
            wanted = body.get("jobStatus", "RUNNING")
            found = [summary(job, child) for child in job.children if child.status == wanted]
        else:
            jobs = [job for job in self._jobs.values() if job.queue == body["jobQueue"]]
            filters = body.get("filters")
            if filters:
                jobs = [job for job in jobs if matches(filters[0]["values"][0], job.name)]
            else:
                jobs = [job for job in jobs if job.status == body.get("jobStatus", "RUNNING")]
            found = [summary(job, None) for job in jobs]
        first = int(body.get("nextToken") or 0)
        page = {"jobSummaryList": found[first : first + PAGE]}
        return {**page, "nextToken": str(first + PAGE)} if first + PAGE < len(found) else page

    def _terminate(self, body: dict) -> dict:
        job = self._jobs.get(body["jobId"])
        for child in job.children if job is not None else []:
            if child.status in ENDED:
                continue
            child.terminated = body["reason"]
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
            elif child.status == "RUNNABLE":
                child.reason, child.status = body["reason"], "FAILED"
        return {}

    def _describe_queues(self, body: dict) -> dict:
        sound = {"state": "ENABLED", "status": "VALID"}
        found = [(arn, self.queues[arn]) for arn in body["jobQueues"] if arn in self.queues]
        return {"jobQueues": [{**sound, **each, "jobQueueArn": arn, **self.broken_queues} for arn, each in found]}

    def _describe_environments(self, body: dict) -> dict:
        sound = {"state": "ENABLED", "status": "VALID"}
        wanted = [arn for arn in body["computeEnvironments"] if arn in self.environments]
        described = [
            {**sound, **self.environments[arn], "computeEnvironmentArn": arn, **self.broken_environments}
            for arn in wanted
        ]
        return {"computeEnvironments": described}

    def _describe_definitions(self, body: dict) -> dict:
        found = [self.definitions[arn] for arn in body["jobDefinitions"] if arn in self.definitions]
        described = [
            {
                "jobDefinitionArn": each.arn,
                "status": "ACTIVE" if each.active else "INACTIVE",
                "containerProperties": {"image": each.image},
            }
            for each in found
        ]
        return {"jobDefinitions": described}

    def tags_of(self, job_id: str) -> dict[str, str]:
        job = self._jobs.get(job_id)
        return {} if job is None else job.tags

    def next_revision(self, name: str) -> str:
        """The ARN of the next job definition of that name."""
        known = sum(1 for each in self.definitions.values() if each.name == name)
        return f"arn:aws:batch:{REGION}:{ACCOUNT}:job-definition/{name}:{known + 1}"

    def delete_queue(self, arn: str) -> None:
        """With every job in it, as Batch does."""
        self.queues.pop(arn, None)
        for job in self._jobs.values():
            if job.queue == arn:
                self._terminate({"jobId": job.id, "reason": "Job queue deleted"})

    def definitions_used(self) -> dict[str, str]:
        """The job definition of each job, by the job's name."""
        return {job.name: job.definition.arn for job in self._jobs.values()}

    def running(self) -> int:
        """Runners that run now."""
        children = [child for job in self._jobs.values() for child in job.children]
        return sum(1 for child in children if child.process is not None and child.process.poll() is None)

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for job in self._jobs.values():
            for child in job.children:
                child.terminated = "the test is over"
                if child.process is not None and child.process.poll() is None:
                    child.process.kill()
        for worker in self._warm.values():
            worker.kill()


def log_name(child: Child, attempt: int) -> str:
    return f"trial/default/{child.id.replace(':', '-')}-{attempt}"


def wait_for(log: Path, said: bytes) -> None:
    """Until a program has said it, or for half a minute."""
    for _ in range(600):
        if said in log.read_bytes():
            return
        time.sleep(0.05)
