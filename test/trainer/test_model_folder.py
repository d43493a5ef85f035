"""What a training leaves in MODEL_DIR, and that others can use it."""

import csv
import json

import numpy
import onnxruntime
import pytest
import torch
from PIL import Image

import export
import predict
from card import listing_digest
from checkpoint import ModelInput
from errors import NoDataError
from images import read_image
from model_folder import class_accuracy, confusion_csv
from models import Architecture, build


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    from conftest import write_images

    return write_images(tmp_path_factory.mktemp("data") / "images", {"cat": 20, "dog|fox": 10})


@pytest.fixture(scope="module")
def trial(tmp_path_factory, images):
    """One training for all tests here that only look at it."""
    from conftest import train_in

    return train_in(tmp_path_factory.mktemp("trial"), images, EXPORT="onnx", SEED=7, LEARNING_RATE=0.003)


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
