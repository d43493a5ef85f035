import importlib.util
import shutil
import sys

import pytest
import torch
from torch import nn

from compilation import compiled, leave_compiler_out, what_compiling_lacks

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def network() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 4), nn.ReLU())


def test_without_a_compiler_nothing_is_compiled_and_that_is_said(network, capsys):
    assert compiled(network, CPU, {"PATH": ""}) is network
    assert "COMPILE=true needs a C++ compiler" in capsys.readouterr().out


def test_a_gpu_needs_triton_too(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name, path: f"/usr/bin/{name}")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert what_compiling_lacks(CPU, {}) is None
    assert "triton" in str(what_compiling_lacks(GPU, {}))


def test_what_is_compiled_is_kept_in_the_cache_folder(network, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name, path: f"/usr/bin/{name}")
    monkeypatch.setattr(torch, "compile", lambda model, dynamic: nn.Sequential(model))
    environ = {"SWEEPSTACK_CACHE": str(tmp_path)}
    assert compiled(network, CPU, environ) is not network
    assert environ["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path / "compiled")


def test_the_compiler_is_imported_after_all_for_what_it_alone_knows(monkeypatch):
    for name in ("torch._dynamo", "torch._dynamo.utils"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    replaced: list[bool] = []

    def make() -> str:
        replaced.append("torch._dynamo" in sys.modules)
        if replaced[-1]:
            raise AttributeError("torch._dynamo has no attribute 'explain'")
        return "made"

    assert leave_compiler_out(make) == "made"
    assert replaced == [True, False]
