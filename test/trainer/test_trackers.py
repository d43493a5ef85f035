"""Trackers tell what they are told, and cost a training nothing when they are down, hang or are not there."""

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

import trackers as trackers_module
from trackers import Trackers

SETTINGS = {"learning_rate": 0.1, "model_name": "small_cnn"}


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """What a test waits for in the end comes in a second or two; on a busy machine later."""
    monkeypatch.setattr(trackers_module, "SECONDS_TO_FINISH", 120.0)


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    """What TensorBoard's event files hold. A record: length, its checksum, an event, its checksum."""
    from tensorboardX.proto.event_pb2 import Event

    found = {}
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            event = Event.FromString(content[12 : 12 + length])
            content = content[16 + length :]
            found.update({(value.tag, event.step): value.simple_value for value in event.summary.value})
    return found


def test_tensorboard_gets_each_epoch_and_those_of_earlier_attempts(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"epoch": 1, "val_loss": 0.5}\n{"epoch": 2, "val_l')
    trackers = Trackers(["tensorboard"], tmp_path / "metrics.jsonl", SETTINGS)
    trackers.log(2, {"val_loss": 0.25, "train_loss": None, "seconds": 2.0})
    trackers.close()
    told = scalars(tmp_path / "tensorboard")
    assert (told["loss/val", 1], told["loss/val", 2], told["seconds", 2]) == (0.5, 0.25, 2.0)
    assert ("loss/train", 2) not in told


def test_a_training_tells_tensorboard(run):
    trial = run(TRACKERS="tensorboard")
    told = scalars(trial.folder / "tensorboard")
    assert [told["accuracy/val", epoch] for epoch in (1, 2)] == pytest.approx(
        [line["val_accuracy"] for line in trial.metrics]
    )


def test_one_that_is_not_installed_is_one_warning_and_the_others_go_on(tmp_path, monkeypatch, capfd):
    (tmp_path / "lib" / "wandb").mkdir(parents=True)
    (tmp_path / "lib" / "wandb" / "__init__.py").write_text("raise ImportError('no wandb')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
    trackers = Trackers(["wandb", "tensorboard"], tmp_path / "metrics.jsonl", SETTINGS)
    trackers.log(1, {"val_loss": 0.5})
    trackers.close()
    assert "warning: wandb: wandb is not installed; training continues without it" in capfd.readouterr().err
    assert scalars(tmp_path / "tensorboard")["loss/val", 1] == 0.5


def warnings_of(capfd) -> list[str]:
    return [line for line in capfd.readouterr().err.splitlines() if line.startswith("train.py: warning:")]


def point_at(address: str, folder: Path, monkeypatch) -> None:
    monkeypatch.setenv("WANDB_BASE_URL", address)
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_DIR", str(folder))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


def test_a_server_that_never_answers_is_one_warning(tmp_path, monkeypatch, capfd):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(120)
        point_at(f"http://127.0.0.1:{server.getsockname()[1]}", tmp_path, monkeypatch)
        trackers = Trackers(["wandb"], tmp_path / "metrics.jsonl", SETTINGS)
        connection, _ = server.accept()
        trackers.log(1, {"val_loss": 0.5})
        trackers.close(0.1)
        connection.close()
    assert warnings_of(capfd) == [
        "train.py: warning: the trackers did not finish within 0.1 s and were stopped; training continues"
    ]


def test_a_server_that_refuses_is_one_warning(tmp_path, monkeypatch, capfd):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    point_at(f"http://127.0.0.1:{port}", tmp_path, monkeypatch)
    trackers = Trackers(["mlflow"], tmp_path / "metrics.jsonl", SETTINGS)
    trackers.close()
    (warning,) = warnings_of(capfd)
    assert "warning: mlflow: API request to" in warning


def test_an_end_that_reads_nothing_is_one_warning_and_holds_nobody_up(tmp_path, monkeypatch, capfd):
    (tmp_path / "deaf.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(trackers_module, "__file__", str(tmp_path / "deaf.py"))
    trackers = Trackers(["tensorboard"], tmp_path / "metrics.jsonl", SETTINGS)
    for epoch in range(5000):  # many times what a pipe holds
        trackers.log(epoch, {"val_loss": 0.5})
    trackers.close(0.1)
    assert warnings_of(capfd) == [
        "train.py: warning: the trackers are too slow, so they miss some epochs; training continues"
    ]


def test_an_end_that_is_gone_is_one_warning(tmp_path, monkeypatch, capfd):
    (tmp_path / "gone.py").write_text("")
    monkeypatch.setattr(trackers_module, "__file__", str(tmp_path / "gone.py"))
    trackers = Trackers(["tensorboard"], tmp_path / "metrics.jsonl", SETTINGS)
    assert trackers.process is not None
    trackers.process.wait()
    for epoch in (1, 2):
        trackers.log(epoch, {"val_loss": 0.5})
    trackers.close()
    assert warnings_of(capfd) == [
        "train.py: warning: the trackers exited early and get no more metrics; training continues"
    ]


class Mlflow(BaseHTTPRequestHandler):
    """As much of MLflow's REST interface as a run needs."""

    told: ClassVar[list[tuple[str, dict]]] = []

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        name = self.path.split("/api/2.0/mlflow/")[-1].split("?")[0]
        self.told.append((name, body))
        experiment = {"experiment_id": "1", "name": "digits", "lifecycle_stage": "active", "artifact_location": "a"}
        run = {"info": {"run_id": "r1", "run_uuid": "r1", "experiment_id": "1", "status": "RUNNING"}, "data": {}}
        answer = {} if name == "runs/search" else {"experiment": experiment, "run": run}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None: ...


def test_mlflow_gets_settings_and_metrics_under_the_runners_names(tmp_path, monkeypatch, capfd):
    Mlflow.told.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Mlflow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "digits")
        monkeypatch.setenv("MLFLOW_RUN_NAME", "digits-1-abc")
        trackers = Trackers(["mlflow"], tmp_path / "metrics.jsonl", SETTINGS)
        trackers.log(1, {"val_loss": 0.5})
        trackers.close()
        server.shutdown()
    told = {name: body for name, body in Mlflow.told}
    assert capfd.readouterr().err == ""
    assert told["runs/create"]["run_name"] == "digits-1-abc"
    assert "val_loss" in json.dumps(Mlflow.told)
    assert "learning_rate" in json.dumps(Mlflow.told)


def test_wandb_writes_the_run_under_the_runners_names(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    monkeypatch.setenv("WANDB_RUN_ID", "digits-1-abc")
    trackers = Trackers(["wandb"], tmp_path / "metrics.jsonl", SETTINGS)
    trackers.log(1, {"val_loss": 0.5})
    trackers.close()
    (record,) = (tmp_path / "wandb").glob("offline-run-*/run-digits-1-abc.wandb")
    assert b"val_loss" in record.read_bytes()
