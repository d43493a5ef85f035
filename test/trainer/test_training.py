import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import attempts
import onnx
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import checkpoint
import predict
import stored
import training
from conftest import TRAINER, environment, train_in, write_images
from errors import INTERRUPTED_STATUS, Interrupted
from files import write_whole
from interruption import raise_on_sigterm

SETTINGS = {"DROPOUT": 0.2, "AUGMENT": "shift_flip", "MAX_EPOCHS": 4}


def weights(run) -> dict[str, torch.Tensor]:
    return load_file(run.folder / "model" / "model.safetensors")


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_it_learns(run):
    assert run(EPOCHS=4, LEARNING_RATE=0.01).metrics[-1]["val_accuracy"] > 0.9


def test_a_line_of_metrics_an_epoch(run):
    trial = run()
    assert [line["epoch"] for line in trial.metrics] == [1, 2]
    assert set(trial.metrics[0]) == {
        *("epoch", "train_loss", "train_accuracy", "learning_rate", "val_loss", "val_accuracy"),
        *("val_balanced_accuracy", "val_macro_f1", "val_top5_accuracy", "val_calibration_error"),
    }


def test_a_line_says_how_long_the_training_waited(run):
    lines = (run().folder / "metrics.jsonl").read_text().splitlines()
    for line in map(json.loads, lines):
        assert 0 <= line["data_wait"] <= 1
        assert 0 <= line["checkpoint_wait"] <= 1


def test_the_best_model_is_tested_at_the_end_on_images_kept_for_that(tmp_path, capsys):
    write_images(tmp_path / "data" / "Train", {"cat": 20, "dog": 20})
    write_images(tmp_path / "data" / "Test", {"cat": 5, "dog": 5})
    settings = {"LEARNING_RATE": 0.01, "MAX_EPOCHS": 4}
    assert "test" not in train_in(tmp_path / "trial", tmp_path / "data", EPOCHS=2, **settings).model
    trial = train_in(tmp_path / "trial", tmp_path / "data", EPOCHS=4, **settings)
    assert set(trial.metrics[0]) & {"test_loss", "test_accuracy"} == set()
    assert trial.model["test"]["test_accuracy"] > 0.9
    assert "## Results on the test images" in (trial.folder / "model" / "MODEL_CARD.md").read_text()
    assert "accuracy 1.0000 on 10 images" in capsys.readouterr().out
    # Started once more, as by an attempt that ended before its files were taken away.
    shutil.rmtree(trial.folder / "model")
    assert train_in(tmp_path / "trial", tmp_path / "data", EPOCHS=4, **settings).model == trial.model


def test_images_are_fitted_alike_in_training_and_prediction(tmp_path):
    # Which half is bright tells the classes apart, and the centre shows neither.
    for name, place in (("left", 0), ("right", 30)):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(20):
            image = Image.new("RGB", (40, 10), (number, number, number))
            image.paste((255, 255, 255), (place, 0, place + 10, 10))
            image.save(tmp_path / "data" / name / f"{number}.png")
    for fit in ("squeeze", "letterbox"):
        trial = train_in(tmp_path / fit, tmp_path / "data", IMAGE_FIT=fit, EPOCHS=6, LEARNING_RATE=0.01)
        assert trial.metrics[-1]["val_accuracy"] == 1
        assert predict.load(trial.folder / "model").predict(tmp_path / "data" / "left" / "3.png").label == "left"


def test_a_model_validated_at_another_size_and_mirrored_is_used_like_that(tmp_path):
    root = write_images(tmp_path / "data", {"cat": 20, "dog": 20}, size=16)
    settings = {"IMAGE_SIZE": 8, "TEST_RESOLUTION": 12, "AUGMENT": "crop_flip", "LEARNING_RATE": 0.01, "MAX_EPOCHS": 4}
    settings["TEST_FLIP"] = "true"
    train_in(tmp_path / "parts", root, EPOCHS=1, **settings)
    parts = train_in(tmp_path / "parts", root, EPOCHS=4, **settings)
    whole = train_in(tmp_path / "whole", root, EPOCHS=4, EXPORT="onnx", **settings)
    assert parts.metrics == whole.metrics
    assert (whole.model["image_size"], whole.model["test_resolution"]) == (8, 12)
    assert "The network takes 12x12 pixels" in (whole.folder / "model" / "MODEL_CARD.md").read_text()
    classifier = predict.load(whole.folder / "model")
    assert classifier.image_size == 12
    left = torch.rand(1, 3, 12, 12)
    assert torch.allclose(classifier.model(left), classifier.model(left.flip(3)), atol=1e-5)
    shape = onnx.load(whole.folder / "model" / "model.onnx").graph.input[0].type.tensor_type.shape
    assert [size.dim_value for size in shape.dim][1:] == [3, 12, 12]


def test_odd_names_train_and_predict_in_a_fresh_process(tmp_path):
    root = write_images(tmp_path / "data", {"cat": 20, "dog": 20})
    os.rename(root / "dog" / "003.png", os.fsencode(root / "dog") + b"/\xe9.png")
    os.rename(root / "dog", os.fsencode(root) + b"/caf\xe9")
    trial = train_in(tmp_path / "trial", root, EXPORT="onnx", EPOCHS=4, LEARNING_RATE=0.01)
    assert trial.model["classes"] == ["café", "cat"]
    assert trial.status == 0
    for name in ("MODEL_CARD.md", "confusion.csv"):
        assert "café" in (trial.folder / "model" / name).read_text(encoding="utf-8")
    picture = os.fsencode(root) + b"/caf\xe9/\xe9.png"
    command = [os.fsencode(part) for part in (sys.executable, TRAINER / "predict.py", trial.folder / "model", picture)]
    line = subprocess.run(command, check=True, capture_output=True).stdout
    assert line.split(b"\t")[:2] == [picture, "café".encode()]


def test_data_larger_than_the_disk_is_trained_on_as_if_it_were_kept(run, monkeypatch):
    kept = run("kept")
    monkeypatch.setattr("cache.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    begun: list[bool] = []
    validate = training.validate

    def noted(now: training.Training, epoch: int) -> training.Evaluation:
        begun.append(now.upcoming is not None)
        return validate(now, epoch)

    monkeypatch.setattr(training, "validate", noted)
    assert run("read", SWEEPSTACK_CACHE=kept.folder / "elsewhere").metrics == kept.metrics
    assert begun == [True, False]  # the next epoch's images are decoded while an epoch is validated


def test_a_checkpoint_of_another_precision_goes_on_and_that_is_said(run, capsys, tmp_path):
    run(EPOCHS=1, MAX_EPOCHS=2, MIXED_PRECISION="auto")
    path = tmp_path / "trial" / "checkpoint" / "checkpoint.pt"
    state = checkpoint.read_checkpoint(path)
    other = "bf16" if state.precision == "no" else "no"
    checkpoint.save_checkpoint(path.parent, replace(state, precision=other))
    assert run(EPOCHS=2).status == 0
    assert "warning: the checkpoint was trained in" in capsys.readouterr().out


def test_a_checkpoint_of_the_version_before_goes_on(run, tmp_path):
    whole = run("whole", OPTIMIZER="adamw", WEIGHT_DECAY=0.1)
    run("parts", EPOCHS=1, MAX_EPOCHS=2, OPTIMIZER="adamw", WEIGHT_DECAY=0.1)
    path = tmp_path / "parts" / "checkpoint" / "checkpoint.pt"
    as_before(path)
    parts = run("parts", OPTIMIZER="adamw", WEIGHT_DECAY=0.1)
    assert parts.metrics == whole.metrics
    assert same(weights(parts), weights(whole))


def as_before(path: Path) -> None:
    """Rewrites a checkpoint as format 2 had it."""
    state = torch.load(path, weights_only=True)
    del state["precision"], state["input"]["fit"], state["data"]["test_images"]
    for name in ("image_fit", "sync_bn"):
        del state["identity"][name]
    for group in state["optimizer"]["param_groups"]:
        del group["param_names"]
    with open(path, "wb") as file:
        digesting = stored.Digesting(file)
        torch.save({**state, "format": 2}, cast(BinaryIO, digesting))
        file.write(stored.MARK + digesting.digest.digest())


def test_the_same_seed_gives_the_same_numbers_and_weights(run):
    first, second = run("first", **SETTINGS), run("second", **SETTINGS)
    assert first.metrics == second.metrics
    assert same(weights(first), weights(second))


def test_another_seed_gives_other_numbers(run):
    assert run("first", SEED=1).metrics != run("second", SEED=2).metrics


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_longer_budget_goes_on_and_ends_as_if_never_stopped(run, optimizer):
    whole = run("whole", EPOCHS=4, OPTIMIZER=optimizer, **SETTINGS)
    run("parts", EPOCHS=1, OPTIMIZER=optimizer, **SETTINGS)
    parts = run("parts", EPOCHS=4, OPTIMIZER=optimizer, **SETTINGS)
    assert parts.metrics == whole.metrics
    assert same(weights(parts), weights(whole))


@pytest.mark.usefixtures("written_at_once")
def test_an_interruption_after_the_metrics_repeats_the_epoch_to_the_same_numbers(run, monkeypatch):
    whole = run("whole", EPOCHS=3, **SETTINGS)
    save = checkpoint.save_checkpoint

    def interrupted(folder, state):
        if state.epoch == 2:
            raise Interrupted
        save(folder, state)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_checkpoint", interrupted)
        assert run("parts", EPOCHS=3, CHECKPOINT_SECONDS=0, **SETTINGS).status == 75
    parts = run("parts", EPOCHS=3, **SETTINGS)
    assert {line["epoch"]: line for line in parts.metrics} == {line["epoch"]: line for line in whole.metrics}
    assert [line["epoch"] for line in parts.metrics] == [1, 2, 2, 3]


def test_a_new_attempt_restores_the_best_model_to_an_empty_folder(run):
    first = run()
    before = weights(first)
    shutil.rmtree(first.folder / "model")
    second = run()
    assert second.status == 0
    assert same(weights(second), before)
    assert len(second.metrics) == 2


@pytest.mark.parametrize(("metric", "goal", "pick"), [("val_loss", "minimize", min), ("val_loss", "maximize", max)])
def test_the_best_epoch_by_the_objective_is_kept(run, metric, goal, pick):
    # A rate this high makes the loss go up and down.
    trial = run(EPOCHS=5, LEARNING_RATE=0.3, OBJECTIVE_METRIC=metric, OBJECTIVE_GOAL=goal, SCHEDULE="constant")
    best = pick(trial.metrics, key=lambda line: line[metric])
    assert trial.model["epoch"] == best["epoch"]
    assert trial.model["metrics"][metric] == best[metric]


def test_a_tie_stays_with_the_earlier_epoch(run):
    trial = run(EPOCHS=2, OBJECTIVE_METRIC="learning_rate", SCHEDULE="constant")
    assert trial.model["epoch"] == 1


def test_a_checkpoint_of_other_settings_is_refused(run, capsys):
    run(LEARNING_RATE=0.001)
    assert run(LEARNING_RATE=0.002).status == 64
    assert "was trained with LEARNING_RATE=0.001, but LEARNING_RATE is now 0.002" in capsys.readouterr().err


def test_a_last_batch_of_one_image_does_no_harm(run, tmp_path):
    data = write_images(tmp_path / "odd", {"a": 6, "b": 6})
    assert run(DATA_DIR=data, BATCH_SIZE=9).status == 0  # 10 images to train on


def test_a_loss_that_is_never_finite_ends_with_its_own_status(run, capsys):
    trial = run(LEARNING_RATE="1e30", OPTIMIZER="sgd")
    assert trial.status == 65
    assert trial.metrics == [dict.fromkeys(trial.metrics[0], None) | {"epoch": 1}]
    assert "LEARNING_RATE=1e+30" in capsys.readouterr().err


def test_a_training_that_diverges_later_keeps_its_best_epoch(run, monkeypatch):
    real = training.learning_rate_at
    monkeypatch.setattr(training, "learning_rate_at", lambda done, s: real(done, s) if done < 1 else 1e30)
    trial = run(EPOCHS=3, OPTIMIZER="sgd")
    assert trial.status == 0
    assert [line["val_accuracy"] is None for line in trial.metrics] == [False, True]
    assert trial.model["epoch"] == 1


def test_no_such_data_folder(run, capsys, tmp_path):
    assert run(DATA_DIR=tmp_path / "nowhere").status == 66
    assert "which is not a folder" in capsys.readouterr().err


def test_a_folder_without_images(run, capsys, tmp_path):
    (tmp_path / "empty" / "cat").mkdir(parents=True)
    assert run(DATA_DIR=tmp_path / "empty").status == 66
    assert "no images in" in capsys.readouterr().err


def test_a_single_class(run, capsys, tmp_path):
    assert run(DATA_DIR=write_images(tmp_path / "one", {"cat": 4})).status == 80
    assert "only one class folder ('cat')" in capsys.readouterr().err


def test_images_that_cannot_be_read_are_named_and_end_it_above_a_limit(run, capsys, images):
    (images / "cat" / "000.png").write_bytes(b"no image")
    assert run(MAX_UNREADABLE=0.02).status == 81
    told = capsys.readouterr().err
    assert "1 of 40 images cannot be read" in told
    assert "cat/000.png cannot be read as an image" in told


def test_below_the_limit_they_are_named_and_left_out(run, capsys, images):
    (images / "cat" / "000.png").write_bytes(b"no image")
    assert run(MAX_UNREADABLE=0.03).status == 0
    told = capsys.readouterr()
    assert "cat/000.png cannot be read as an image" in told.err
    assert "31 training images, 8 validation images" in told.out


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there(run, capsys):
    assert run(DEVICE="cuda").status == 82
    assert "no GPU can be used" in capsys.readouterr().err


def test_a_bad_setting_is_one_line_on_stderr(run, capsys):
    assert run(MODEL_NAME="nonesuch").status == 64
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_sigterm_ends_it_promptly_with_whole_files(images, tmp_path):
    folder = tmp_path / "stopped"
    environ = environment(folder, images, EPOCHS=100000, CHECKPOINT_SECONDS=0)
    program = attempts.start({**environ, "LOG": str(tmp_path / "log")})
    try:
        # Its first checkpoints come within an epoch, before there is a model.
        while not ((folder / "checkpoint" / "checkpoint-before.pt").exists() and (folder / "metrics.jsonl").exists()):
            program.join(0.05)
            assert program.exitcode is None
        program.terminate()
        program.join(60)
        assert program.exitcode == INTERRUPTED_STATUS
    finally:
        program.kill()
    assert sorted(path.name for path in folder.rglob("*.*")) == [
        *("MODEL_CARD.md", "checkpoint-before.pt", "checkpoint.pt", "confusion.csv"),
        *("metrics.jsonl", "model.json", "model.safetensors"),
    ]
    assert torch.load(folder / "checkpoint" / "checkpoint.pt", weights_only=True)["epoch"] >= 0
    assert all(json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines())


def test_sigterm_waits_for_the_file_that_is_being_written(tmp_path):
    raise_on_sigterm()

    def write(file):
        signal.raise_signal(signal.SIGTERM)
        file.write(b"whole")

    with pytest.raises(Interrupted):
        write_whole(tmp_path / "file", write)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"whole")]


def test_torchs_compiler_is_not_imported(images, tmp_path):
    # It takes longer than such a training itself.
    script = (
        "import os, sys, models, throughput, torch, train, world; train.main(os.environ, []); "
        "throughput.training_flops(models.build(models.Architecture('small_cnn', 3, 8)), 8); "  # as on a GPU
        "torch.distributed.init_process_group('gloo', init_method='file://meet', rank=0, world_size=1); "
        "network = models.build(models.Architecture('resnet18', 3, 32)); "
        "together = world.World(0, 2).join(network, torch.device('cpu')); "
        "together(torch.zeros(2, 3, 32, 32)).sum().backward(); "
        "sys.exit('torch._dynamo' in sys.modules)"
    ).replace("file://meet", f"file://{tmp_path}/meet")
    environ = {**os.environ, "DATA_DIR": str(images), "EPOCHS": "1", "DEVICE": "cpu", "PYTHONPATH": str(TRAINER)}
    assert subprocess.run([sys.executable, "-c", script], env=environ, cwd=tmp_path).returncode == 0
