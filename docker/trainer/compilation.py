"""The network under torch.compile, if this machine has what it needs."""

import importlib.util
import shutil
from collections.abc import MutableMapping
from typing import cast

import torch
from torch import nn

from machine import cache_folder


def compiled(model: nn.Module, device: torch.device, environ: MutableMapping[str, str]) -> nn.Module:
    """The model under torch.compile; parts that cannot be compiled run as they are, and torch says so on stderr.

    It is compiled once per shape: training has few shapes, and code for any shape is slower. The code is kept in the
    cache folder, so that the next trial of the same network on this host does not compile it again.
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
    """Lets the methods of a torch class run without importing the compiler, which costs 7 s of processor time per
    trial.

    Some methods are wrapped so that torch.compile skips them, and the wrapper imports the compiler to find out how.
    This stores the answer that the wrapper would cache. If torch drops these wrappers, it does nothing.
    """
    for method in vars(kind).values():
        wrapped = getattr(method, "__wrapped__", None)
        if wrapped is not None and not hasattr(wrapped, "__dynamo_disable"):
            setattr(wrapped, "__dynamo_disable", wrapped)


def what_compiling_lacks(device: torch.device, environ: MutableMapping[str, str]) -> str | None:
    """What torch.compile needs and this machine lacks; None if nothing."""
    compilers = (environ.get("CXX", "c++"), "g++", "clang++")
    if not any(shutil.which(name, path=environ.get("PATH", "")) for name in compilers):
        return "a C++ compiler, such as g++ (the image has one if it is built with COMPILER=yes)"
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        return "the package triton (the image has it if it is built with COMPILER=yes)"
    return None
