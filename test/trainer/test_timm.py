"""Networks of PyTorch Image Models: built, trained, refused."""

import sys

import pytest
import torch
from layers import freeze
from weights import known_weights

import predict
from config import read_settings
from conftest import train_in, write_images
from errors import BadSettingError
from models import Architecture, build, fit_test_size


def test_a_network_trains_resumes_and_predicts(tmp_path):
    root = write_images(tmp_path / "data", {"cat": 20, "dog": 20}, size=32)
    settings = {"MODEL_NAME": "timm/test_vit", "EPOCHS": 2, "EXPORT": "onnx", "MAX_EPOCHS": 2}
    train_in(tmp_path / "parts", root, **settings | {"EPOCHS": 1})
    parts, whole = (train_in(tmp_path / name, root, **settings) for name in ("parts", "whole"))
    assert parts.metrics == whole.metrics
    assert whole.model["model"] == "timm/test_vit"
    assert predict.load(whole.folder / "model").predict(root / "cat" / "000.png").label in ("cat", "dog")
    assert (whole.folder / "model" / "model.onnx").exists()


def test_a_network_without_a_size_of_its_own_takes_others():
    model = build(Architecture("timm/test_resnet", 5, 32, 0.1)).eval()
    assert model(torch.zeros(2, 3, 40, 40)).shape == (2, 5)
    assert fit_test_size("timm/test_resnet", 40, 32) == 40
    with pytest.raises(BadSettingError, match="TEST_RESOLUTION is 48, but timm/test_vit takes only images of its"):
        fit_test_size("timm/test_vit", 48, 32)


def test_sizes_and_networks_that_it_does_not_have_are_refused():
    with pytest.raises(BadSettingError, match="IMAGE_SIZE is 40, which timm/test_vit cannot take"):
        build(Architecture("timm/test_vit", 5, 40))
    with pytest.raises(BadSettingError, match=r"timm .* has no 'test_resnt'; did you mean 'timm/test_resnet'"):
        build(Architecture("timm/test_resnt", 5, 32))


def test_a_network_that_it_does_not_have_is_told_before_images_are_decoded(tmp_path, capsys):
    root = write_images(tmp_path / "data", {"cat": 4, "dog": 4})
    assert train_in(tmp_path / "trial", root, MODEL_NAME="timm/test_resnt").status == 64
    assert "has no 'test_resnt'" in capsys.readouterr().err
    assert not (tmp_path / "cache").exists()


def test_without_the_package_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(BadSettingError, match="needs the package timm; build the image with --build-arg EXTRAS"):
        build(Architecture("timm/test_resnet", 5, 32))


def test_a_name_that_ends_after_the_prefix_is_refused():
    with pytest.raises(BadSettingError, match=r"MODEL_NAME is 'timm/'; known: small_cnn, .*, timm/[.]{3}"):
        read_settings({"DATA_DIR": ".", "MODEL_NAME": "timm/"})
    assert read_settings({"DATA_DIR": ".", "MODEL_NAME": "timm/test_vit"}).model_name == "timm/test_vit"


def test_its_weights_have_addresses_and_statistics_of_their_own():
    names, statistics = known_weights("timm/test_vit")
    assert names["DEFAULT"] == "https://huggingface.co/timm/test_vit.r160_in1k/resolve/main/model.safetensors"
    assert statistics == ([0.5] * 3, [0.5] * 3)


def test_normalisation_that_includes_the_activation_is_frozen():
    model = build(Architecture("timm/test_efficientnet", 5, 32))
    frozen = freeze(model, "norm")
    kinds = {type(module).__name__ for module in frozen}
    assert "BatchNormAct2d" in kinds
    assert not any(weight.requires_grad for module in frozen for weight in module.parameters())
