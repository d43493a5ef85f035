"""What Batch knows: definitions, jobs, children, and the rule by which an attempt is followed by another one."""

import subprocess
from dataclasses import dataclass, field

from .roles import Role

ENDED = ("SUCCEEDED", "FAILED")


class ClientError(Exception):
    """An answer of Batch that is an error; `code` is what Step Functions puts behind `Batch.`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass
class Definition:
    arn: str
    name: str
    environment: dict[str, str]
    role: Role
    timeout: int
    log_group: str
    image: str
    # Nothing can be submitted with a revision that was deregistered; jobs that were go on.
    active: bool = True


@dataclass
class Child:
    """A plain job, or one child of an array."""

    id: str
    index: int | None
    status: str = "RUNNABLE"
    reason: str | None = None
    attempts: list[dict] = field(default_factory=list)
    process: subprocess.Popen | None = None
    terminated: str | None = None


@dataclass
class Job:
    id: str
    name: str
    queue: str
    definition: Definition
    is_array: bool
    retry: dict
    timeout: int
    environment: dict[str, str]
    children: list[Child]
    created: int
    tags: dict[str, str]

    @property
    def status(self) -> str:
        if not self.is_array:
            return self.children[0].status
        statuses = {child.status for child in self.children}
        if statuses <= set(ENDED):
            return "FAILED" if "FAILED" in statuses else "SUCCEEDED"
        return "PENDING"


def matches(pattern: str | None, text: str | None) -> bool:
    """A pattern of evaluateOnExit, which takes only a trailing star."""
    if pattern is None or pattern == "*":
        return True
    if text is None:
        return False
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def retried(strategy: dict, attempt: int, end: dict) -> bool:
    """As Batch decides: no rule that matches means another attempt."""
    if attempt >= strategy.get("attempts", 1):
        return False
    for rule in strategy.get("evaluateOnExit", []):
        if (
            matches(rule.get("onStatusReason"), end.get("statusReason"))
            and matches(rule.get("onReason"), end.get("reason"))
            and matches(rule.get("onExitCode"), None if end.get("exitCode") is None else str(end["exitCode"]))
        ):
            return rule["action"].upper() == "RETRY"
    return True


def detail(job: Job, child: Child | None) -> dict:
    """A job as DescribeJobs tells it; `child` None: the job itself."""
    alone = child or (None if job.is_array else job.children[0])
    told = {
        "jobId": job.id if child is None else child.id,
        "jobName": job.name,
        "jobQueue": job.queue,
        "jobDefinition": job.definition.arn,
        "status": job.status if alone is None else alone.status,
        "createdAt": job.created,
        "tags": job.tags,
        "startedAt": job.created,
        "container": {
            "environment": [{"name": name, "value": value} for name, value in job.environment.items()],
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": job.definition.log_group}},
            **(alone.attempts[-1]["container"] if alone is not None and alone.attempts else {}),
        },
    }
    if alone is not None:
        told["attempts"] = alone.attempts
        if alone.reason is not None:
            told["statusReason"] = alone.reason
    elif job.status == "FAILED":
        told["statusReason"] = "Array Child Job failed"
    if child is not None:
        told["arrayProperties"] = {"index": child.index}
    elif job.is_array:
        counts: dict[str, int] = {}
        for each in job.children:
            counts[each.status] = counts.get(each.status, 0) + 1
        told["arrayProperties"] = {"size": len(job.children), "statusSummary": counts}
    return told


def summary(job: Job, child: Child | None) -> dict:
    """A job as ListJobs tells it."""
    whole = detail(job, child)
    kept = ("jobId", "jobName", "status", "createdAt", "statusReason", "arrayProperties")
    short = {key: whole[key] for key in kept if key in whole}
    container = {key: value for key, value in whole["container"].items() if key in ("exitCode", "reason")}
    return {**short, **({"container": container} if container else {})}
