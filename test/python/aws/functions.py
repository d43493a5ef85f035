"""Lambda: each version's bundle runs in a Node process of its own, kept warm, with its role's credentials."""

import hashlib
import io
import json
import os
import subprocess
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .roles import Role

WORKER = """
import { createInterface } from 'node:readline';
const { handler } = await import(process.argv[1]);
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { payload: (await handler(JSON.parse(line), {})) ?? null };
  } catch (error) {
    const { name, message, stack } = error;
    answer = { error: { errorType: name, errorMessage: message, trace: (stack ?? '').split('\\n') } };
  }
  process.stdout.write(JSON.stringify(answer) + '\\n');
}
"""


@dataclass(frozen=True)
class Function:
    bundle: Path
    environment: tuple[tuple[str, str], ...]
    role: Role
    description: str


class Functions:
    def __init__(self, folder: Path, node: str, endpoint: dict[str, str]) -> None:
        self._folder = folder
        self._node = node
        self._endpoint = endpoint
        # By ARN: of $LATEST without a version, and of each version.
        self._functions: dict[str, Function] = {}
        self._published: dict[str, int] = {}
        self._permitted: set[tuple[str, str, str]] = set()
        self._workers: list[subprocess.Popen] = []
        self._idle: dict[str, list[subprocess.Popen]] = {}
        self._lock = threading.Lock()

    def put(self, arn: str, archive: bytes, environment: dict[str, str], role: Role, description: str) -> None:
        """Creates or updates what $LATEST is."""
        folder = self._folder / "functions" / hashlib.sha256(archive).hexdigest()
        if not folder.exists():
            with zipfile.ZipFile(io.BytesIO(archive)) as code:
                code.extractall(folder)
        self._functions[arn] = Function(folder / "index.mjs", tuple(sorted(environment.items())), role, description)

    def publish(self, arn: str) -> str:
        """The ARN of a new version. As AWS::Lambda::Version, it fails when nothing changed since the last one."""
        last = self._published.get(arn, 0)
        if last > 0 and self._functions.get(f"{arn}:{last}") == self._functions[arn]:
            raise ValueError(f"A version for this Lambda function exists ( {last} ). Modify the function first: {arn}")
        self._published[arn] = last + 1
        version = f"{arn}:{last + 1}"
        self._functions[version] = self._functions[arn]
        return version

    def delete(self, arn: str) -> None:
        del self._functions[arn]

    def permit(self, arn: str, principal: str, source: str) -> None:
        """The function's own policy: which service may invoke it, for what."""
        self._permitted.add((arn, principal, source))

    def is_permitted(self, arn: str, principal: str, source: str) -> bool:
        return (arn, principal, source) in self._permitted

    def knows(self, arn: str) -> bool:
        return arn in self._functions

    def invoke(self, arn: str, payload: bytes) -> tuple[bool, bytes]:
        """Whether it failed, and the answer or the error as Lambda tells it. `arn` names a version."""
        worker = self._take(arn)
        worker.stdin.write(json.dumps(json.loads(payload)) + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        if line == "":
            return True, b'{"errorType": "Runtime.ExitError", "errorMessage": "the function ended"}'
        with self._lock:
            self._idle.setdefault(arn, []).append(worker)
        answer = json.loads(line)
        if "error" in answer:
            return True, json.dumps(answer["error"]).encode()
        return False, json.dumps(answer["payload"]).encode()

    def _take(self, arn: str) -> subprocess.Popen:
        function = self._functions[arn]
        with self._lock:
            idle = self._idle.get(arn, [])
            if idle:
                return idle.pop()
        environment = {
            "PATH": os.environ["PATH"],
            **self._endpoint,
            **dict(function.environment),
            **function.role.credentials(),
        }
        worker = subprocess.Popen(
            [self._node, "--input-type=module", "-e", WORKER, str(function.bundle)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with self._lock:
            self._workers.append(worker)
        return worker

    def stop(self) -> None:
        for worker in self._workers:
            worker.kill()
