"""The model that fine-tuning starts from: found or fetched, read with its tokenizer, and given LoRA's matrices.

Nothing is asked of a hub, and no code of a model's folder is run.
"""

import hashlib
import json
import os
import warnings
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from weights import alone

from errors import BadSettingError, first_line, translate
from files import write_whole
from precision import DTYPES, Precision
from tune_settings import Tuning

# Before transformers is imported: it reads them then.
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

LISTING = ".listing.json"
# The same weights in formats that are not read, which often lie beside those in ours.
OTHER_FORMATS = (".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack", ".onnx", ".ot")
# Of each file of weights, to tell it from another.
SAMPLES = 64
SAMPLE_BYTES = 4096


def find(text: str, folders: tuple[Path, ...], cache: Path) -> Path:
    """The folder of BASE_MODEL on this machine: an s3:// address, or a folder in one of `folders`, in turn.

    Raises BadSettingError.
    """
    if "://" in text:
        if not text.startswith("s3://"):
            raise BadSettingError(f"BASE_MODEL is {text!r}; an address must start with s3://")
        folder = fetch(text, cache)
    else:
        found = [path for path in (folder / text for folder in folders) if path.is_dir()]
        if not found:
            where = " and ".join(f"{str(folder)!r}" for folder in folders)
            raise BadSettingError(
                f"BASE_MODEL is {text!r}, but there is no such folder in {where}; name a folder there or an s3:// "
                "address. Hub names are not looked up: download the model once and put it in a bucket"
            )
        folder = found[0]
    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise BadSettingError(
            f"BASE_MODEL is {text!r}, which lacks config.json or *.safetensors; name a folder written by "
            "save_pretrained, or a downloaded model"
        )
    return folder


def fetch(address: str, cache: Path) -> Path:
    """The folder at an s3:// address, in the cache of this machine. Only what has changed is fetched again."""
    try:
        import boto3  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise BadSettingError(f"BASE_MODEL is {address!r}, but boto3 is not installed here; install it") from error
    at = urlsplit(address)
    prefix = at.path.strip("/") + "/"
    folder = cache / "models" / hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:16]
    with alone(folder):
        try:
            client = boto3.client("s3")
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=at.netloc, Prefix=prefix, Delimiter="/")
            objects = [one for page in pages for one in page.get("Contents", []) if not one["Key"].endswith("/")]
            known = json.loads((folder / LISTING).read_text()) if (folder / LISTING).exists() else {}
            objects = [one for one in objects if not one["Key"].lower().endswith(OTHER_FORMATS)]
            now = {one["Key"].rsplit("/", 1)[-1]: [one["Size"], one["ETag"]] for one in objects}
            for name, listed in now.items():
                file = folder / name
                if known.get(name) == listed and file.exists() and file.stat().st_size == listed[0]:
                    continue
                print(f"fetching {address.rstrip('/')}/{name}", flush=True)
                write_whole(file, partial(client.download_fileobj, at.netloc, prefix + name))
        except Exception as error:  # of the network, the other side, boto3
            if translate(error) is not None:
                raise
            raise BadSettingError(
                f"BASE_MODEL is {address!r}, which cannot be fetched: {first_line(str(error) or type(error).__name__)}"
            ) from error
        if not now:
            raise BadSettingError(
                f"BASE_MODEL is {address!r}, which has no files; name the folder that has config.json"
            )
        for file in folder.iterdir():
            if file.name not in now and file.name not in (".lock", LISTING):
                file.unlink()
        write_whole(folder / LISTING, lambda out: out.write(json.dumps(now).encode()))
    return folder


def read_tokenizer(folder: Path) -> Any:
    """The tokenizer beside the model. Raises BadSettingError."""
    from transformers import AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        # Otherwise it would ask at the terminal whether to run a folder's code.
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # transformers raises many types of error
        if translate(error) is not None:  # no memory, not a bad folder
            raise
        raise unreadable(folder, "has no readable tokenizer", error) from error
    if tokenizer.eos_token_id is None:
        raise BadSettingError(
            f"BASE_MODEL is {str(folder)!r}, whose tokenizer has no end token; set eos_token in tokenizer_config.json"
        )
    return tokenizer


def read_model(folder: Path, settings: Tuning, precision: Precision) -> Any:
    """The model on its device, with LoRA's matrices if METHOD is lora. Raises BadSettingError.

    With LoRA the weights that stay have the precision's format: they are read alone. What is trained is float32.
    """
    import torch
    from transformers import AutoModelForCausalLM

    lora = settings.method == "lora"
    try:
        model, loaded = AutoModelForCausalLM.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
            dtype=DTYPES[precision.name] if lora else torch.float32,
        )
    except Exception as error:
        if translate(error) is not None:
            raise
        raise unreadable(folder, "cannot be read as a causal language model", error) from error
    if loaded["missing_keys"]:
        lacking = sorted(loaded["missing_keys"])
        raise BadSettingError(
            f"BASE_MODEL is {str(folder)!r}, whose *.safetensors lack {len(lacking)} of the weights that config.json "
            f"needs, such as {lacking[0]}, so they would be random; name the folder of a complete causal language model"
        )
    model.config.use_cache = False
    if settings.gradient_checkpointing == "true":
        model.activation_checkpointing_enable()
    torch.manual_seed(settings.seed)
    return (with_lora(model, settings) if lora else model).to(precision.device)


def require_fit(model: Any, settings: Tuning, longest: int, highest: int) -> None:
    """Raises BadSettingError if a network cannot take a sequence of `longest` tokens, or the token `highest`,
    which would end in an error of the device that names neither.
    """
    places = getattr(model.config, "max_position_embeddings", None)
    if places is not None and longest > places:
        raise BadSettingError(f"MAX_LENGTH is {settings.max_length}; this BASE_MODEL takes at most {places} tokens")
    known = model.get_input_embeddings().num_embeddings
    if highest >= known:
        raise BadSettingError(
            f"BASE_MODEL is {settings.base_model!r}, whose tokenizer produces token {highest}, but whose network knows "
            f"only {known}: they come from different models; put both from one model in the folder"
        )


def with_lora(model: Any, settings: Tuning) -> Any:
    """Raises BadSettingError if LORA_TARGETS names no layer."""
    import torch
    from peft import LoraConfig, get_peft_model

    named = [name.strip() for name in settings.lora_targets.split(",") if name.strip()]
    config = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.alpha,  # type: ignore[arg-type, unused-ignore]
        lora_dropout=settings.lora_dropout,
        target_modules="all-linear" if named == ["all-linear"] else named,
        task_type="CAUSAL_LM",
    )
    layers = {name.rsplit(".", 1)[-1] for name, one in model.named_modules() if isinstance(one, torch.nn.Linear)}
    missing = [name for name in named if name != "all-linear" and not any(is_end(name, one) for one in names(model))]
    if missing or not named:
        raise BadSettingError(
            f"LORA_TARGETS is {settings.lora_targets!r}; no layer is named {', '.join(missing) or 'that'}; known: "
            f"all-linear, {', '.join(sorted(layers))}"
        )
    with warnings.catch_warnings():
        # peft asks transformers in a way that will end with its next version.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        adapted = get_peft_model(model, config)
    # What a person wrote, not where this machine keeps it.
    adapted.peft_config["default"].base_model_name_or_path = settings.base_model
    return adapted


def names(model: Any) -> list[str]:
    return [name for name, _ in model.named_modules()]


def is_end(end: str, name: str) -> bool:
    return name == end or name.endswith(f".{end}")


def unreadable(folder: Path, what: str, error: Exception) -> BadSettingError:
    reason = first_line(str(error) or type(error).__name__)
    return BadSettingError(f"BASE_MODEL is {str(folder)!r}, which {what}: {reason}")


def digest_of(folder: Path) -> str:
    """Tells base models apart, by the content of config.json and the names, sizes and samples of the weights. A
    whole model takes minutes to read, and one that was trained further differs everywhere.
    """
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        digest.update(f"{path.name}\0{size}\n".encode())
        with open(path, "rb") as file:
            for number in range(SAMPLES):
                file.seek(number * max(0, size - SAMPLE_BYTES) // (SAMPLES - 1))
                digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()
