"""The network under torch.compile, where this machine has what that takes."""

import importlib.util
import shutil
from collections.abc import MutableMapping
from typing import cast

import torch
from torch import nn

from machine import cache_folder


def compiled(model: nn.Module, device: torch.device, environ: MutableMapping[str, str]) -> nn.Module:
    """The model under torch.compile; what cannot be compiled runs as it is, and torch says so on stderr.

    It is compiled once for each shape: a training has few, and code for any shape is slower. The code is kept in the
    cache folder, so the host's next trial of the same network does not compile it again.
    """
    lacking = what_compiling_lacks(device, environ)
    if lacking is not None:
        print(f"train.py: warning: COMPILE=true needs {lacking}; the network is not compiled")
        return model
    import torch._dynamo

    torch._dynamo.config.suppress_errors = True
    environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder(environ) / "compiled"))
    print(
        "compiling the network (COMPILE=true), which takes minutes unless an earlier trial on this host has done it",
        flush=True,
    )
    return cast(nn.Module, torch.compile(model, dynamic=False))


def keep_compiler_out(kind: type) -> None:
    """Has the methods of a class of torch's run without the compiler being imported: 7 s of processor time a trial.

    Some are wrapped so that torch.compile passes them over, and the wrapper imports the compiler to ask how. Here the
    answer that it would remember is put in place. Should torch drop the wrappers, this does nothing.
    """
    for method in vars(kind).values():
        wrapped = getattr(method, "__wrapped__", None)
        if wrapped is not None and not hasattr(wrapped, "__dynamo_disable"):
            setattr(wrapped, "__dynamo_disable", wrapped)


def what_compiling_lacks(device: torch.device, environ: MutableMapping[str, str]) -> str | None:
    """What is not here of what torch.compile needs; None when all is."""
    compilers = (environ.get("CXX", "c++"), "g++", "clang++")
    if not any(shutil.which(name, path=environ.get("PATH", "")) for name in compilers):
        return "a C++ compiler, such as g++ (the image has one if it is built with COMPILER=yes)"
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        return "the package triton (the image has it if it is built with COMPILER=yes)"
    return None
