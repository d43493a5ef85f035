"""MODEL_DIR: the weights as safetensors, the tokenizer, and finetune.json, which says how they were made."""

import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Any

from interruption import undisturbed
from tune_settings import Tuning

DESCRIPTION_NAME = "finetune.json"
FORMAT = 1


def save_model(model: Any, tokenizer: Any, settings: Tuning, epoch: int, metrics: dict[str, float]) -> None:
    """Replaces the contents of MODEL_DIR. The description comes last, so it never sits beside other weights."""
    folder = settings.model_dir
    part = folder.with_name(f".{folder.name}.tmp")
    with undisturbed():
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        adapter = settings.method == "lora" and hasattr(model, "peft_config")
        model.save_pretrained(part, **({"save_embedding_layers": False} if adapter else {}))
        tokenizer.save_pretrained(part)
        described = describe(settings, "adapter" if adapter else "whole model", epoch, metrics)
        (part / DESCRIPTION_NAME).write_text(json.dumps(described, indent=2) + "\n")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DESCRIPTION_NAME).unlink(missing_ok=True)
        fresh = {path.name for path in part.iterdir()}
        for path in sorted(part.iterdir(), key=lambda path: (path.name == DESCRIPTION_NAME, path.name)):
            os.replace(path, folder / path.name)
        for path in folder.iterdir():
            if path.name not in fresh and path.suffix in (".safetensors", ".json", ".md"):
                path.unlink()
        part.rmdir()


def describe(settings: Tuning, holds: str, epoch: int, metrics: dict[str, float]) -> dict[str, Any]:
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    return {
        "format": FORMAT,
        "holds": holds,
        "base_model": settings.base_model,
        "epoch": epoch,
        "metrics": metrics,
        "settings": {
            name: value for name, value in values.items() if value is not None and not isinstance(value, Path)
        },
    }
