"""What a training leaves in MODEL_DIR, and that others can use it."""

import csv
import io
import json

import numpy
import onnxruntime
import pytest
import safetensors.torch
import torch
from safetensors.torch import load_file

import export
import predict
from card import DataSummary, listing_digest, model_card
from checkpoint import Best, ModelInput
from config import Settings
from conftest import train_in, write_images
from errors import NoDataError
from images import read_image
from model_folder import ModelFolder, write_tensors
from models import Architecture, build

CLASSES = ["cat", "dog|fox", "none"]
CONFUSION = torch.tensor([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
METRICS = {"val_accuracy": 11 / 14, "val_loss": 0.5}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return write_images(tmp_path_factory.mktemp("data") / "images", {"cat": 20, "dog": 10})


@pytest.fixture(scope="module")
def trial(tmp_path_factory, images):
    """One training for all tests here that only look at it."""
    return train_in(tmp_path_factory.mktemp("trial"), images, EXPORT="onnx", SEED=7, LEARNING_RATE=0.003)


@pytest.fixture
def folder(tmp_path) -> ModelFolder:
    """The folder of a small network that nobody trained, saved."""
    architecture = Architecture("small_cnn", len(CLASSES), 8)
    given = ModelInput(CLASSES, [0.5] * 3, [0.25] * 3)
    folder = ModelFolder(tmp_path / "model", architecture, given, Settings(seed=7), DataSummary("ab12", 1000, 14))
    folder.save(Best(3, METRICS, build(architecture).state_dict(), CONFUSION))
    return folder


def test_weights_are_written_a_tensor_at_a_time_as_safetensors_writes_them(tmp_path):
    network = build(Architecture("small_resnet", 3, 8)).to(memory_format=torch.channels_last)
    weights = network.state_dict()

    class File(io.BytesIO):
        largest = 0

        def write(self, content) -> int:
            self.largest = max(self.largest, len(content))
            return super().write(content)

    file = File()
    write_tensors(file, weights)
    plain = {name: value.contiguous() for name, value in weights.items()}
    assert file.getvalue() == safetensors.torch.save(plain, metadata={"format": "pt"})
    assert file.largest == max(value.nbytes for value in weights.values())


def test_the_exported_model_classifies_as_the_model_does(trial, images):
    classifier = predict.load(trial.folder / "model")
    paths = sorted(images.rglob("*.png"))[::5]
    session = onnxruntime.InferenceSession(trial.folder / "model" / "model.onnx")
    pixels = torch.stack([read_image(path, classifier.image_size) for path in paths])
    (logits,) = session.run(["logits"], {"images": pixels.numpy()})
    expected = [classifier.predict(path) for path in paths]
    classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
    assert [classes[place] for place in logits.argmax(1)] == [prediction.label for prediction in expected]
    shares = torch.from_numpy(logits).softmax(1).max(1).values
    numpy.testing.assert_allclose(shares, [prediction.probability for prediction in expected], rtol=1e-4)


def test_the_confusion_matrix_counts_each_validation_image_and_agrees_with_the_metrics(trial):
    with open(trial.folder / "model" / "confusion.csv") as file:
        head, *rows = csv.reader(file)
    counts = numpy.array([row[1:] for row in rows], dtype=int)
    assert (head, [row[0] for row in rows]) == (["class", "cat", "dog"], ["cat", "dog"])
    assert counts.sum(1).tolist() == [4, 2]
    assert counts.trace() / 6 == pytest.approx(trial.model["metrics"]["val_accuracy"])
    assert trial.model["class_accuracy"] == {"cat": counts[0, 0] / 4, "dog": counts[1, 1] / 2}


def test_the_card_tells_settings_seed_data_and_versions(trial, images):
    card = (trial.folder / "model" / "MODEL_CARD.md").read_text()
    digest = listing_digest(images, images.rglob("*.png"))
    assert trial.model["data_digest"] == digest
    for row in (
        ("SEED", "7"),
        ("LEARNING_RATE", "0.003"),
        ("torch", str(torch.__version__)),
        ("training images", "24"),
        ("validation images", "6"),
        ("digest of names and sizes (SHA-256)", digest),
    ):
        assert f"| {row[0]} | {row[1]} |" in card


def test_the_card_tells_each_class_and_what_it_is_taken_for():
    description = {"model": "small_cnn", "classes": CLASSES, "image_size": 8, "epoch": 3, "metrics": METRICS}
    card = model_card(Settings(), DataSummary("ab12", 1000, 14), description, CONFUSION)
    rows = [line for line in card.splitlines() if line.startswith(("| cat", "| dog", "| none"))]
    assert rows == [
        "| cat | 10 | 0.8000 | 0.8889 | dog\\|fox (2) |",
        "| dog\\|fox | 4 | 0.7500 | 0.6000 | cat (1) |",
        "| none | 0 |  |  |  |",
    ]


def test_a_class_without_images_has_no_accuracy(folder):
    description = json.loads((folder.path / "model.json").read_text())
    assert description["class_accuracy"] == {"cat": 0.8, "dog|fox": 0.75, "none": None}


def test_the_weights_are_plain_safetensors(folder):
    weights = load_file(folder.path / "model.safetensors")
    model = build(folder.architecture)
    model.load_state_dict(weights)
    assert {str(value.dtype) for value in weights.values()} == {"torch.float32", "torch.int64"}


def test_a_model_of_the_earlier_format_is_still_read(folder, images):
    path = next(images.rglob("*.png"))
    now = predict.load(folder.path).predict(path)
    torch.save(load_file(folder.path / "model.safetensors"), folder.path / "model.pt")
    (folder.path / "model.safetensors").unlink()
    description = json.loads((folder.path / "model.json").read_text())
    (folder.path / "model.json").write_text(json.dumps(description | {"format": 1}))
    assert predict.load(folder.path).predict(path) == now


def test_a_model_of_a_later_format_is_refused_with_the_remedy(folder):
    (folder.path / "model.json").write_text('{"format": 99}')
    with pytest.raises(NoDataError, match=r"has format 99; this version reads 2 and 1: use the predict.py"):
        predict.load(folder.path)


def test_damaged_weights_are_refused(folder):
    path = folder.path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(NoDataError, match="is not a model folder"):
        predict.load(folder.path)


def test_an_export_that_computes_something_else_is_not_kept(folder, monkeypatch):
    real = export.trace

    def another(model, images):
        return real(torch.nn.Sequential(model, torch.nn.Tanh()), images)

    monkeypatch.setattr(export, "trace", another)
    with pytest.raises(export.ExportError, match="differ from the model's by"):
        export.export_onnx(folder.path)
    assert not (folder.path / "model.onnx").exists()


def test_an_export_that_fails_is_a_warning(run, monkeypatch, capsys):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no such operator")

    monkeypatch.setattr(torch.onnx, "export", broken)
    trial = run(EXPORT="onnx")
    assert trial.status == 0
    told = capsys.readouterr().err
    assert "warning: model.onnx was not written: small_cnn cannot be exported to ONNX: no such operator" in told


def test_an_export_of_earlier_weights_does_not_stay_beside_new_ones(folder):
    (folder.path / "model.onnx").write_text("of an earlier training")
    folder.save(Best(4, METRICS, build(folder.architecture).state_dict(), CONFUSION))
    assert not (folder.path / "model.onnx").exists()


def test_a_lower_rung_is_not_exported_and_the_last_one_is(run):
    assert not (run(EXPORT="onnx", EPOCHS=1, MAX_EPOCHS=2).folder / "model" / "model.onnx").exists()
    assert (run(EXPORT="onnx", EPOCHS=2, MAX_EPOCHS=2).folder / "model" / "model.onnx").exists()


def test_the_digest_of_data_depends_on_names_and_sizes_and_not_on_the_place(tmp_path):
    def digest(root, **files: int) -> str:
        root.mkdir()
        for name, size in files.items():
            (root / name).write_bytes(bytes(size))
        return listing_digest(root, root.iterdir())

    first = digest(tmp_path / "first", a=1, b=2)
    assert digest(tmp_path / "same", b=2, a=1) == first
    assert digest(tmp_path / "larger", a=1, b=3) != first
    assert digest(tmp_path / "renamed", a=1, c=2) != first
