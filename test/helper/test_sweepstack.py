"""The helper of training programs. Without packages, so that it runs under any Python: see python/try-versions.sh."""

import importlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import types
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

HELPER = Path(__file__).resolve().parents[2] / "python"
sys.path.insert(0, str(HELPER))

import sweepstack  # noqa: E402 - found through the path above

FOLDERS = ["CHECKPOINT_DIR", "MODEL_DIR", "DATA_DIR"]
CONTRACT = [*FOLDERS, "METRICS_FILE", "SWEEP_PARAMETERS", "EPOCHS", "MAX_EPOCHS", "SEED", "RANK"]


class InFolder(unittest.TestCase):
    """Each test in a folder and an environment of its own."""

    def setUp(self) -> None:
        self.folder = Path(self.entered(tempfile.TemporaryDirectory()))
        self.metrics = self.folder / "metrics.jsonl"
        clean = {name: value for name, value in os.environ.items() if name not in CONTRACT}
        self.entered(mock.patch.dict(os.environ, clean, clear=True))
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)

    def entered(self, context):
        """As unittest's own enterContext, which is of Python 3.11."""
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def lines(self) -> list:
        return [json.loads(line) for line in self.metrics.read_text().splitlines()]


class Parameters(InFolder):
    def test_by_hand_the_defaults_are_the_parameters(self) -> None:
        options = sweepstack.params({"optimizer.lr": 0.5}, layers=2)
        self.assertEqual((options["optimizer.lr"], options.layers), (0.5, 2))
        self.assertFalse(sweepstack.in_sweep())

    def test_a_trial_replaces_the_defaults_in_their_number_types(self) -> None:
        os.environ["SWEEP_PARAMETERS"] = '{"rate": 1, "layers": 3.0, "half": 0.5, "on": true, "kind": "a", "new": [1]}'
        options = sweepstack.params(rate=0.1, layers=2, half=1, on=False, kind="b", inactive=7)
        expected = {"rate": 1.0, "layers": 3, "half": 0.5, "on": True, "kind": "a", "new": [1], "inactive": 7}
        self.assertEqual(options, expected)
        self.assertEqual([type(options[name]) for name in ("rate", "layers", "half", "on")], [float, int, float, bool])

    def test_a_name_that_is_not_there_is_named_with_those_that_are(self) -> None:
        with self.assertRaisesRegex(AttributeError, "no parameter named rat; known: rate"):
            _ = sweepstack.params(rate=1).rat


class Reports(InFolder):
    def setUp(self) -> None:
        super().setUp()
        os.environ["METRICS_FILE"] = str(self.metrics)

    def test_each_report_is_a_line(self) -> None:
        sweepstack.report(epoch=1, loss=0.5)
        sweepstack.report({"val/acc": 1}, epoch=2)
        self.assertEqual(self.lines(), [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "val/acc": 1}])

    def test_what_has_the_value_of_a_float_is_reported_as_one(self) -> None:
        class Tensor:
            def __float__(self) -> float:
                return 0.25

        sweepstack.report(loss=Tensor())
        self.assertEqual(self.lines(), [{"loss": 0.25}])

    def test_what_is_not_finite_is_reported(self) -> None:
        sweepstack.report(loss=float("nan"))
        self.assertEqual(self.metrics.read_text(), '{"loss": NaN}\n')

    def test_what_is_no_number_is_refused_by_name_and_nothing_is_written(self) -> None:
        with self.assertRaisesRegex(TypeError, "loss: received 'low'"):
            sweepstack.report(loss="low")
        self.assertFalse(self.metrics.exists())

    def test_only_the_first_of_several_processes_reports(self) -> None:
        os.environ["RANK"] = "1"
        sweepstack.report(loss=1)
        self.assertFalse(self.metrics.exists())

    def test_by_hand_it_prints(self) -> None:
        del os.environ["METRICS_FILE"]
        printed = io.StringIO()
        with redirect_stdout(printed):
            sweepstack.report(epoch=3, val_loss=0.125)
        self.assertEqual(printed.getvalue(), "epoch 3, val_loss 0.125\n")


class Places(InFolder):
    def test_a_trial_has_its_own(self) -> None:
        for variable in FOLDERS:
            os.environ[variable] = str(self.folder / variable)
        os.environ.update(EPOCHS="7", MAX_EPOCHS="20", SEED="3")
        self.assertEqual(sweepstack.checkpoint_dir(), self.folder / "CHECKPOINT_DIR")
        self.assertEqual(sweepstack.model_dir(), self.folder / "MODEL_DIR")
        self.assertEqual(sweepstack.data_dir(), self.folder / "DATA_DIR")
        self.assertEqual((sweepstack.epochs(), sweepstack.max_epochs(), sweepstack.seed()), (7, 20, 3))

    def test_by_hand_they_are_folders_here_and_those_to_write_to_are_made(self) -> None:
        for made in (sweepstack.checkpoint_dir(), sweepstack.model_dir("out/model")):
            self.assertTrue(made.is_dir())
        self.assertFalse(sweepstack.data_dir().exists())
        self.assertEqual((sweepstack.epochs(5), sweepstack.max_epochs(), sweepstack.seed(4)), (5, 10, 4))


class Stopping(InFolder):
    def program(self, text: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(HELPER)}
        command = [sys.executable, "-c", text]
        ended = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=60)
        return ended.stdout + ended.stderr

    def test_sigterm_is_noticed_and_an_earlier_handler_is_called_too(self) -> None:
        text = (
            "import os, signal, sweepstack\n"
            "signal.signal(signal.SIGTERM, lambda *_: print('earlier'))\n"
            "print(sweepstack.should_stop(), sweepstack.should_stop())\n"
            "os.kill(os.getpid(), signal.SIGTERM)\n"
            "print(sweepstack.should_stop())\n"
        )
        self.assertEqual(self.program(text), "False False\nearlier\nTrue\n")

    def test_importing_it_leaves_the_signal_alone(self) -> None:
        text = (
            "import signal\n"
            "before = signal.getsignal(signal.SIGTERM)\n"
            "import sweepstack\n"
            "print(signal.getsignal(signal.SIGTERM) is before)\n"
        )
        self.assertEqual(self.program(text), "True\n")

    def test_another_thread_asks_without_an_error(self) -> None:
        answers: list = []
        with mock.patch.object(sweepstack, "_listens", False):
            thread = threading.Thread(target=lambda: answers.append(sweepstack.should_stop()))
            thread.start()
            thread.join()
        self.assertEqual(answers, [False])


class Callbacks(InFolder):
    """Against stand-ins with the names that the libraries have."""

    def setUp(self) -> None:
        super().setUp()
        os.environ["METRICS_FILE"] = str(self.metrics)
        self.addCleanup(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        self.addCleanup(importlib.reload, sweepstack)

    def library(self, name: str, base: str) -> None:
        module = types.ModuleType(name)
        setattr(module, base, type(base, (), {}))
        parents = {parent: types.ModuleType(parent) for parent in [name.rpartition(".")[0]] if parent}
        self.entered(mock.patch.dict(sys.modules, {**parents, name: module}))

    def test_hugging_face_reports_its_logs_and_stops_with_a_checkpoint(self) -> None:
        self.library("transformers", "TrainerCallback")
        callback = sweepstack.HuggingFaceCallback()
        state = types.SimpleNamespace(is_world_process_zero=True, epoch=0.5)
        control = types.SimpleNamespace(should_save=False, should_training_stop=False)
        callback.on_train_begin(None, state, control)
        callback.on_log(None, state, control, logs={"eval_loss": 0.5, "epoch": 0.5})
        callback.on_step_end(None, state, control)
        self.assertFalse(control.should_training_stop)
        os.kill(os.getpid(), signal.SIGTERM)
        callback.on_step_end(None, state, control)
        self.assertTrue(control.should_save and control.should_training_stop)
        self.assertEqual(self.lines(), [{"epoch": 0.5, "eval_loss": 0.5}])

    def test_lightning_reports_each_epoch_and_stops(self) -> None:
        self.library("lightning.pytorch", "Callback")
        callback = sweepstack.LightningCallback()
        trainer = types.SimpleNamespace(is_global_zero=True, current_epoch=0, should_stop=False)
        trainer.callback_metrics = {"val_acc": 0.5}
        callback.on_train_start(trainer, None)
        callback.on_train_epoch_end(trainer, None)
        callback.on_train_batch_end(trainer, None, None, None, 0)
        self.assertFalse(trainer.should_stop)
        os.kill(os.getpid(), signal.SIGTERM)
        callback.on_train_batch_end(trainer, None, None, None, 1)
        self.assertTrue(trainer.should_stop)
        self.assertEqual(self.lines(), [{"epoch": 1, "val_acc": 0.5}])

    def test_another_name_is_no_attribute(self) -> None:
        with self.assertRaises(AttributeError):
            _ = sweepstack.KerasCallback


if __name__ == "__main__":
    unittest.main()
