"""The network under torch.compile, if this machine has what it needs."""

import importlib.util
import shutil
import sys
from collections.abc import Callable, MutableMapping
from types import ModuleType
from typing import TypeVar, cast

import torch
from torch import nn

from machine import cache_folder

Made = TypeVar("Made")


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
        "compiling the network (COMPILE=true), which takes minutes unless an earlier trial on this host did it already",
        flush=True,
    )
    return cast(nn.Module, torch.compile(model, dynamic=False))


def leave_compiler_out(make: Callable[[], Made]) -> Made:
    """What `make` returns, without the compiler being imported for a question that has one answer where nothing is
    compiled: DistributedDataParallel asks it how gradients are exchanged, and torchvision whether a detector can be
    compiled. That import costs 7 to 9 s of processor time per process.

    If it is asked something else, as by another version of torch, it is imported after all.
    """
    if "torch._dynamo" in sys.modules:
        return make()
    answers, instead = ModuleType("torch._dynamo.utils"), ModuleType("torch._dynamo")
    vars(answers).update(get_optimize_ddp_mode=lambda: "ddp_optimizer", is_compile_supported=lambda _device: False)
    vars(instead).update(utils=answers)
    sys.modules.update({"torch._dynamo": instead, "torch._dynamo.utils": answers})
    vars(torch).update(_dynamo=instead)
    try:
        return make()
    except (ImportError, AttributeError):
        pass
    finally:
        for name in ("torch._dynamo", "torch._dynamo.utils"):
            del sys.modules[name]
        delattr(torch, "_dynamo")
    return make()


def keep_compiler_out(kind: type) -> None:
    """Lets the methods of a torch class run without importing the compiler, which costs 7 s of processor time per
    trial.

    Some methods are wrapped so that torch.compile skips them, and the wrapper imports the compiler to find out how.
    This stores the answer that the wrapper would cache. If torch drops these wrappers, it does nothing.
    """
    for method in vars(kind).values():
        # There may be other wrappers around that one, such as a context manager's.
        while (method := getattr(method, "__wrapped__", None)) is not None:
            if not hasattr(method, "__dynamo_disable"):
                setattr(method, "__dynamo_disable", method)


def what_compiling_lacks(device: torch.device, environ: MutableMapping[str, str]) -> str | None:
    """What torch.compile needs and this machine lacks; None if nothing."""
    compilers = (environ.get("CXX", "c++"), "g++", "clang++")
    if not any(shutil.which(name, path=environ.get("PATH", "")) for name in compilers):
        return "a C++ compiler, such as g++ (the image has one when built with COMPILER=yes)"
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        return "the package triton (the image has it when built with COMPILER=yes)"
    return None
