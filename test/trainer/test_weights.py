"""Weights to start from: where they are found, how they are read, what fits."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import safetensors.torch
import torch
import weights
from weights import IMAGENET, Places, Source, fetch, find, read, resized_positions, start_from

from errors import BadSettingError
from models import Architecture, build


@pytest.fixture
def places(tmp_path) -> Places:
    (tmp_path / "data").mkdir()
    (tmp_path / "source").mkdir()
    return Places((tmp_path / "data", tmp_path / "source"), tmp_path / "cache")


@pytest.fixture
def web(tmp_path) -> Iterator[tuple[str, Path, list[str]]]:
    """A server of files: its address, its folder, and what was asked for."""
    folder, asked = tmp_path / "web", []
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder, asked
    server.shutdown()
    server.server_close()


def refused(text: str, places: Places, model: str = "small_cnn") -> str:
    with pytest.raises(BadSettingError) as caught:
        find(text, model, places)
    return str(caught.value)


def test_a_file_is_looked_for_in_the_data_and_then_in_the_source(places):
    (places.folders[1] / "w.pt").touch()
    assert find("w.pt", "small_cnn", places).file == places.folders[1] / "w.pt"
    (places.folders[0] / "w.pt").touch()
    assert find("w.pt", "small_cnn", places).file == places.folders[0] / "w.pt"


def test_a_file_that_is_nowhere_is_named_with_what_is_allowed(places):
    message = refused("w.pt", places, "resnet18")
    assert "WEIGHTS is 'w.pt'" in message
    assert str(places.folders[0]) in message
    assert "IMAGENET1K_V1" in message


def test_an_address_of_another_kind_is_refused(places):
    assert "must start with https:// or s3://" in refused("gs://bucket/w.pt", places)


def test_networks_of_ours_have_no_imagenet_weights(places):
    assert "MODEL_NAME=small_cnn has no published weights" in refused("imagenet", places)


def test_torchvisions_weights_are_known_by_name(places, monkeypatch):
    fetched = []

    def instead(url, cache, expected=""):
        fetched.append((url.rsplit("/", 1)[-1], expected))
        return cache

    monkeypatch.setattr(weights, "fetch", instead)
    for name in ("imagenet", "IMAGENET1K_V1", "DEFAULT"):
        assert find(name, "resnet18", places).statistics == IMAGENET
    assert set(fetched) == {("resnet18-f37072fd.pth", "f37072fd")}


def test_a_model_folder_of_ours_brings_its_statistics(places):
    folder = places.folders[0] / "model"
    folder.mkdir()
    safetensors.torch.save_file({"a": torch.zeros(1)}, folder / "model.safetensors")
    (folder / "model.json").write_text(json.dumps({"mean": [0.1, 0.2, 0.3], "std": [1, 1, 1]}))
    source = find("model", "small_cnn", places)
    assert (source.file.name, source.statistics) == ("model.safetensors", ([0.1, 0.2, 0.3], [1.0, 1.0, 1.0]))


def test_an_address_is_fetched_once(web, tmp_path):
    address, folder, asked = web
    (folder / "w.pt").write_bytes(b"weights")
    for _ in range(3):
        assert fetch(f"{address}/w.pt", tmp_path / "cache").read_bytes() == b"weights"
    assert len(asked) == 1


def test_a_damaged_file_in_the_cache_is_fetched_again(web, tmp_path):
    address, folder, _ = web
    (folder / "w.pt").write_bytes(b"weights")
    fetch(f"{address}/w.pt", tmp_path / "cache").write_bytes(b"weightx")
    assert fetch(f"{address}/w.pt", tmp_path / "cache").read_bytes() == b"weights"


def test_a_file_of_another_digest_is_refused(web, tmp_path):
    address, folder, _ = web
    (folder / "w.pt").write_bytes(b"weights")
    right = hashlib.sha256(b"weights").hexdigest()
    assert fetch(f"{address}/w.pt#sha256={right}", tmp_path / "cache").exists()
    with pytest.raises(BadSettingError, match=f"has SHA-256 {right}, expected 0000"):
        fetch(f"{address}/w.pt#sha256={'0' * 64}", tmp_path / "cache")


def test_an_address_that_does_not_answer_is_told_with_the_reason(web, tmp_path):
    with pytest.raises(BadSettingError, match=r"/none.pt', which cannot be fetched: .*404"):
        fetch(f"{web[0]}/none.pt", tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*/none.pt"))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"model": state, "epoch": 3},
        lambda state: {"state_dict": {f"module.{name}": value for name, value in state.items()}},
        lambda state: {"model_state_dict": {f"_orig_mod.module.{name}": value for name, value in state.items()}},
    ],
)
def test_weights_are_found_inside_what_programs_save(tmp_path, wrap):
    state = {"conv.weight": torch.ones(2), "fc.bias": torch.zeros(1)}
    torch.save(wrap(state), tmp_path / "w.pt")
    assert set(read(tmp_path / "w.pt")) == {"conv.weight", "fc.bias"}


def test_a_file_that_is_no_weights_is_refused(tmp_path):
    (tmp_path / "w.pt").write_text("hello")
    with pytest.raises(BadSettingError, match="cannot be read as weights"):
        read(tmp_path / "w.pt")


def saved(state: object, folder: Path) -> Source:
    torch.save(state, folder / "weights.pt")
    return Source(folder / "weights.pt", "weights.pt", None)


def test_weights_for_other_classes_are_taken_but_for_the_last_layer(tmp_path):
    donor = build(Architecture("small_cnn", 7, 8))
    model = build(Architecture("small_cnn", 2, 8))
    said = start_from(model, saved(donor.state_dict(), tmp_path))
    assert torch.equal(model.state_dict()["0.0.weight"], donor.state_dict()["0.0.weight"])
    assert said.startswith("started from 24 of 26 tensors in weights.pt; new: 12")


def test_weights_of_another_network_are_refused_with_a_tensor_of_each(tmp_path):
    other = build(Architecture("small_resnet", 2, 8)).state_dict()
    with pytest.raises(BadSettingError, match=r"for another MODEL_NAME \(the file begins with stem.0.0.weight \[16,"):
        start_from(build(Architecture("small_cnn", 2, 8)), saved(other, tmp_path))


def test_positions_of_another_size_are_interpolated(tmp_path):
    donor, model = (build(Architecture("vit_b_16", 3, size)) for size in (16, 48))
    positions = donor.get_parameter("encoder.pos_embedding").detach()
    said = start_from(model, saved(donor.state_dict(), tmp_path))
    own = model.get_parameter("encoder.pos_embedding").detach()
    assert "started from 152 of 152" in said
    torch.testing.assert_close(own[:, :1], positions[:, :1])
    # One place became nine of the same value.
    torch.testing.assert_close(own[:, 1:], positions[:, 1:].expand(1, 9, 768))


def test_positions_that_are_not_of_a_square_stay():
    theirs = torch.zeros(1, 7, 4)
    assert resized_positions(theirs, torch.zeros(1, 17, 4)) is theirs
