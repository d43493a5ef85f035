"""Lambda: each version's bundle runs in a Node process of its own, kept warm, with its role's credentials."""

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


@dataclass
class Function:
    name: str
    bundle: Path
    environment: dict[str, str]
    role: Role


class Functions:
    def __init__(self, folder: Path, node: str, endpoint: dict[str, str]) -> None:
        self._folder = folder
        self._node = node
        self._endpoint = endpoint
        self._functions: dict[str, Function] = {}
        self._workers: list[subprocess.Popen] = []
        self._idle: dict[str, list[subprocess.Popen]] = {}
        self._lock = threading.Lock()

    def create(self, arn: str, name: str, archive: bytes, environment: dict[str, str], role: Role) -> None:
        folder = self._folder / "functions" / name
        folder.mkdir(parents=True)
        zip_file = folder / "code.zip"
        zip_file.write_bytes(archive)
        with zipfile.ZipFile(zip_file) as code:
            code.extractall(folder)
        self._functions[arn] = Function(name, folder / "index.mjs", environment, role)

    def invoke(self, arn: str, payload: bytes) -> tuple[bool, bytes]:
        """Whether it failed, and the answer or the error as Lambda tells it. `arn` names a version."""
        function = self._functions[arn.rsplit(":", 1)[0]]
        worker = self._take(function)
        worker.stdin.write(json.dumps(json.loads(payload)) + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        if line == "":
            return True, b'{"errorType": "Runtime.ExitError", "errorMessage": "the function ended"}'
        with self._lock:
            self._idle.setdefault(function.name, []).append(worker)
        answer = json.loads(line)
        if "error" in answer:
            return True, json.dumps(answer["error"]).encode()
        return False, json.dumps(answer["payload"]).encode()

    def _take(self, function: Function) -> subprocess.Popen:
        with self._lock:
            idle = self._idle.get(function.name, [])
            if idle:
                return idle.pop()
        environment = {
            "PATH": os.environ["PATH"],
            **self._endpoint,
            **function.environment,
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
