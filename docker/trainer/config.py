"""Every setting of the training program, declared once; read from environment variables.

A setting's variable is its field's name in upper case. Values arrive as the trial runner writes them: a string bare,
anything else as JSON text. Nothing here imports torch, so a bad setting fails in a tenth of a second.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from recipes import RECIPES, defaults_of

from errors import BadSettingError

METRICS = (
    "train_loss",
    "train_accuracy",
    "val_loss",
    "val_accuracy",
    "val_balanced_accuracy",
    "val_macro_f1",
    "val_top5_accuracy",
    "val_calibration_error",
    "learning_rate",
    "images_per_second",
    "seconds",
)
# A batch size that is still to be found.
AUTOMATIC = 0
MODELS = (
    "small_cnn",
    "small_resnet",
    "resnet18",
    "resnet34",
    "resnet50",
    "efficientnet_b0",
    "mobilenet_v3_small",
    "mobilenet_v3_large",
    "convnext_tiny",
    "vit_b_16",
)


def setting(
    default: Any,
    help: str,
    *,
    choices: tuple[str, ...] | None = None,
    several: tuple[str, ...] | None = None,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    below: float | None = None,
    words: Mapping[str, Any] | None = None,
    prefix: str | None = None,
    aliases: tuple[str, ...] = (),
    sweepable: bool = True,
) -> Any:
    """Declares a field of Settings.

    The value is one of `choices`, or any number of `several`. `minimum` and `maximum` are inclusive, `above` and
    `below` exclusive. Also allowed are `words`, each standing for the value it maps to, and any text that begins with
    `prefix`.
    """
    limits = {"at least": minimum, "above": above, "at most": maximum, "below": below}
    metadata = {
        "help": help,
        "choices": choices,
        "several": several,
        "limits": {words: limit for words, limit in limits.items() if limit is not None},
        "words": words or {},
        "prefix": prefix,
        "aliases": aliases,
        "sweepable": sweepable,
    }
    return dataclasses.field(default=default, metadata=metadata)


def spoken(field: dataclasses.Field, value: Any) -> Any:
    """The word that stands for a value, or the value itself."""
    return next((word for word, meant in field.metadata["words"].items() if meant == value), value)


class Trained:
    """What every training program derives from its settings. Each program's settings are a dataclass of this class."""

    batch_size: int
    device: str
    seed: int
    epochs: int
    max_epochs: int | None
    objective_metric: str
    objective_goal: str | None

    @property
    def budget(self) -> int:
        """Epochs that the schedule spans."""
        return self.epochs if self.max_epochs is None else self.max_epochs

    @property
    def goal(self) -> str:
        """maximize or minimize."""
        return self.natural_goal if self.objective_goal is None else self.objective_goal

    @property
    def natural_goal(self) -> str:
        """The direction in which OBJECTIVE_METRIC is better, where OBJECTIVE_GOAL says nothing."""
        raise NotImplementedError

    def is_better(self, value: float, than: float | None) -> bool:
        """Ties stay with the earlier epoch, as on the leaderboard."""
        if than is None:
            return True
        return value > than if self.goal == "maximize" else value < than

    def identity(self) -> dict[str, Any]:
        """What must be the same for a checkpoint to be resumed: all that shapes training except its length."""
        fields = [field for field in dataclasses.fields(cast(Any, self)) if field.metadata["sweepable"]]
        shaping = {field.name: spoken(field, getattr(self, field.name)) for field in fields}
        return {**shaping, "seed": self.seed, "objective_metric": self.objective_metric, "objective_goal": self.goal}


@dataclass(frozen=True)
class Settings(Trained):
    """Everything that defines one training run: hyperparameters first, then what the trial runner sets."""

    recipe: str = setting(
        "none",
        "sensible defaults for the other settings: for small images, photographs or fine-tuning; auto picks one from "
        "WEIGHTS and MODEL_NAME",
        choices=("none", *(name for name in RECIPES if name != "none"), "auto"),
    )
    learning_rate: float = setting(0.001, "highest learning rate of the schedule", above=0)
    batch_size: int = setting(
        64,
        "images per step, across all GPUs; auto: the largest power of two that fits in each GPU's memory (64 on a CPU) "
        "and still makes at least 8 steps per epoch",
        minimum=2,
        words={"auto": AUTOMATIC},
    )
    model_name: str = setting(
        "small_cnn",
        "the network; timm/NAME takes one from PyTorch Image Models and needs the extra timm",
        choices=MODELS,
        prefix="timm/",
        aliases=("MODEL",),
    )
    optimizer: str = setting("adam", "the optimizer", choices=("adam", "adamw", "sgd"))
    momentum: float = setting(0.9, "momentum of sgd", minimum=0, below=1, aliases=("OPTIMIZER_MOMENTUM",))
    weight_decay: float = setting(
        0.0,
        "weight decay, applied only to the weights of linear and convolution layers",
        minimum=0,
        aliases=("OPTIMIZER_WEIGHT_DECAY",),
    )
    dropout: float = setting(0.0, "share of features dropped before the last layer", minimum=0, below=1)
    clip_gradient: float | None = setting(
        None,
        "maximum gradient norm; larger gradients are scaled down to it; default and none: no limit",
        above=0,
    )
    label_smoothing: float = setting(0.0, "share of each label spread evenly over all classes", minimum=0, below=1)
    schedule: str = setting(
        "cosine",
        "learning rate over MAX_EPOCHS: cosine decays to 0; step divides it by 10 halfway and again at three quarters",
        choices=("cosine", "step", "constant"),
    )
    warmup_epochs: float = setting(0.0, "epochs over which the learning rate ramps up from 0", minimum=0)
    augment: str = setting(
        "none",
        "random changes to training images: shift moves them by up to an eighth of their size, flip mirrors them left "
        "to right, crop keeps at least a quarter of the area; trivial (TrivialAugment) crops, mirrors and makes one "
        "more change of shape or colour",
        choices=("none", "shift", "flip", "shift_flip", "crop", "crop_flip", "trivial"),
    )
    random_erasing: float = setting(0.0, "share of training images that have a rectangle erased", minimum=0, maximum=1)
    mixup: float = setting(
        0.0, "blends pairs of images: alpha of the beta distribution, such as 0.2; 0: off", minimum=0
    )
    cutmix: float = setting(
        0.0,
        "pastes a part of one image into another: alpha of the beta distribution, such as 1; with MIXUP, each gets "
        "half of the batches; 0: off",
        minimum=0,
    )
    image_size: int | None = setting(
        None,
        "pixels per side; default: the images' most common shorter side, up to 224",
        minimum=4,
        maximum=1024,
    )
    test_resolution: int | None = setting(
        None,
        "pixels per side in validation, test and prediction; default: IMAGE_SIZE. After training with random crops, "
        "which magnify objects, a slightly larger size is often better",
        minimum=4,
        maximum=1024,
    )
    test_flip: str = setting(
        "false",
        "true validates, tests and predicts with the mean output for each image and its mirror image; this takes twice "
        "as long, and does not suit digits or text",
        choices=("false", "true"),
    )
    image_fit: str = setting(
        "crop",
        "how images are made square: cut out the centre (crop), pad with grey (letterbox), or distort (squeeze)",
        choices=("crop", "letterbox", "squeeze"),
    )
    validation_share: float = setting(
        0.2, "share of each class held out for validation, unless the data has a folder for it", above=0, below=1
    )
    group_by: str | None = setting(
        None,
        "keeps a group's images together, all in training or all held out; a group is a folder level below the class "
        "folder (1: the first; with LABELS, below DATA_DIR) or a column of LABELS",
    )
    shuffle_buffer: int = setting(
        10_000,
        "with tar shards: each image is drawn at random from this many consecutive ones, and the shards come in random "
        "order; larger shuffles better, smaller reads the disk more sequentially",
        minimum=1,
    )
    labels: str | None = setting(
        None,
        "CSV file in DATA_DIR with the columns path and label, instead of a folder per class; an optional column split "
        "holds train, val or test",
    )
    weights: str | None = setting(
        None,
        "weights to start from; none: random. imagenet or another torchvision name, an s3:// or https:// address "
        "(#sha256=... verifies it), or a file or model folder, relative to DATA_DIR or the working directory",
        aliases=("PRETRAINED",),
    )
    freeze: str = setting(
        "none",
        "what to keep as it is in WEIGHTS: nothing, all but the last layer (backbone), or normalisation layers (norm)",
        choices=("none", "backbone", "norm"),
    )
    head_lr_factor: float = setting(1.0, "learning rate of the last layer, as a multiple of the others'", above=0)
    layer_decay: float = setting(
        1.0, "learning rate of each block of layers, as a multiple of the next block's", above=0, maximum=1
    )
    ema: float = setting(
        0.0,
        "decay of a moving average of the weights, such as 0.99; the average is what gets validated and saved; 0: off",
        minimum=0,
        below=1,
    )
    micro_batch: int | None = setting(
        None,
        "images per forward pass on one GPU; gradients accumulate over a batch's parts; default: the whole batch, "
        "halved whenever memory runs out",
        minimum=2,
    )
    class_weights: str = setting(
        "none",
        "balanced weights each class's loss by the inverse of its number of training images",
        choices=("none", "balanced"),
    )
    sampling: str = setting(
        "none", "balanced draws images so that every class is equally frequent", choices=("none", "balanced")
    )
    max_unreadable: float = setting(
        0.01, "share of image files that may be unreadable; they are listed and skipped", minimum=0, below=1
    )
    mixed_precision: str = setting(
        "auto",
        "number format of matrix multiplications: auto uses bf16 on GPUs since 2020 and on CPUs with bf16 "
        "instructions, fp16 on older GPUs, and float32 (no) elsewhere",
        choices=("auto", "no", "bf16", "fp16"),
    )
    sync_bn: str = setting(
        "auto",
        "batch normalisation on several GPUs: over the whole batch (true), or on each GPU separately if its part has "
        "at least 2 images (false) or at least 16 (auto)",
        choices=("auto", "true", "false"),
    )
    compile: str = setting(
        "false",
        "true compiles the network with torch.compile if there is a C++ compiler: takes minutes once, then steps are "
        "faster",
        choices=("false", "true"),
        sweepable=False,
    )
    checkpoint_seconds: float = setting(
        120.0,
        "seconds between checkpoints; one is also written at the end and on SIGTERM",
        minimum=0,
        sweepable=False,
    )
    device: str = setting(
        "auto",
        "auto uses a working GPU if there is one; a sweep whose profile has GPUs sets cuda",
        choices=("auto", "cpu", "cuda"),
        sweepable=False,
    )
    trackers: tuple[str, ...] = setting(
        (),
        "experiment trackers, comma-separated; one that is down or not installed only causes a warning",
        several=("tensorboard", "wandb", "mlflow"),
        sweepable=False,
    )
    export: str = setting(
        "onnx",
        "onnx also exports the best epoch's model as model.onnx once training reaches MAX_EPOCHS",
        choices=("onnx", "none"),
        sweepable=False,
    )

    seed: int = setting(
        0, "random seed for the split, initial weights, image order and augmentation", minimum=0, sweepable=False
    )
    epochs: int = setting(10, "epochs to train, including those already in the checkpoint", minimum=1, sweepable=False)
    max_epochs: int | None = setting(
        None, "the sweep's full budget in epochs, for schedules; default: EPOCHS", minimum=1, sweepable=False
    )
    objective_metric: str = setting(
        "val_accuracy", "metric that decides which epoch is best", choices=METRICS, sweepable=False
    )
    objective_goal: str | None = setting(
        None,
        "the better direction; default: minimize for a loss, an error or seconds, otherwise maximize",
        choices=("maximize", "minimize"),
        sweepable=False,
    )
    data_dir: Path | None = setting(
        None,
        "folder that holds a folder of images per class, or train/, val/ and test/ folders that do, or tar shards; "
        "required",
        sweepable=False,
    )
    checkpoint_dir: Path = setting(
        Path("output/checkpoint"), "folder of checkpoints, to write to and resume from", sweepable=False
    )
    model_dir: Path = setting(Path("output/model"), "folder for the best epoch's model", sweepable=False)
    metrics_file: Path = setting(
        Path("output/metrics.jsonl"), "file that gets one JSON object per epoch", sweepable=False
    )
    sweep_id: str = setting("", "name of the sweep, for the log", sweepable=False)
    trial_id: str = setting("", "name of the trial, for the log", sweepable=False)

    @property
    def natural_goal(self) -> str:
        return "minimize" if self.objective_metric.endswith(("loss", "error", "seconds")) else "maximize"

    def shown(self) -> dict[str, Any]:
        """What describes a run to a person: everything except where its files are."""
        values = {field.name: spoken(field, getattr(self, field.name)) for field in dataclasses.fields(self)}
        values = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return {
            name: value for name, value in values.items() if value not in (None, "") and not isinstance(value, Path)
        }


def identity_of_defaults() -> dict[str, Any]:
    """The identity of a training run in which nothing is set, for settings that an older checkpoint does not know."""
    return {f.name: f.default for f in dataclasses.fields(Settings) if f.metadata["sweepable"]}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Reads the settings from variables. Raises BadSettingError: the variable, its value, what is allowed."""
    values = values_of(Settings, environ, "the built-in trainer")
    given = Settings(**values)
    settings = Settings(**{**defaults_of(given.recipe, given.weights, given.model_name), **values})
    if settings.data_dir is None:
        raise BadSettingError("DATA_DIR is not set; set it to a folder that has one folder of images per class")
    if settings.budget < settings.epochs:
        raise BadSettingError(f"MAX_EPOCHS is {settings.budget}, below EPOCHS ({settings.epochs}); raise MAX_EPOCHS")
    if settings.warmup_epochs >= settings.budget:
        raise BadSettingError(
            f"WARMUP_EPOCHS is {settings.warmup_epochs:g}; it must be below MAX_EPOCHS ({settings.budget})"
        )
    if settings.recipe == "finetune" and settings.weights is None:
        raise BadSettingError("RECIPE is 'finetune', but WEIGHTS is not set; set WEIGHTS too, or RECIPE=auto")
    if settings.freeze != "none" and settings.weights is None:
        raise BadSettingError(
            f"FREEZE is {settings.freeze!r}, but WEIGHTS is not set: frozen layers would stay random; set WEIGHTS too"
        )
    return settings


def values_of(kind: type, environ: Mapping[str, str], program: str) -> dict[str, Any]:
    """The values that variables set, by field of a dataclass made with `setting`. Messages name `program`.

    Raises BadSettingError: the variable, its value, what is allowed.
    """
    refuse_unknown_parameters(environ.get("SWEEP_PARAMETERS"), kind, program)
    values = {}
    for field in dataclasses.fields(kind):
        names = [name for name in variables_of(field) if environ.get(name, "") != ""]
        if len(names) > 1 and len({environ[name] for name in names}) > 1:
            raise BadSettingError(
                f"{' and '.join(names)} are two names of one setting but have different values; set only {names[0]}"
            )
        if names:
            values[field.name] = parse(field, names[0], environ[names[0]])
    return values


def variables_of(field: dataclasses.Field) -> tuple[str, ...]:
    return (field.name.upper(), *field.metadata["aliases"])


def parse(field: dataclasses.Field, variable: str, text: str) -> Any:
    """The value of one variable. Raises BadSettingError."""
    kinds = str(field.type) if not isinstance(field.type, type) else field.type.__name__
    rule = field.metadata
    if text in rule["words"]:
        return rule["words"][text]
    # An entry of a search space beside values, and what switches a recipe's value off. `null` is its JSON text.
    if "None" in kinds and rule["choices"] is None and text in ("none", "null"):
        return None
    if rule["choices"] is not None:
        prefix = rule["prefix"]
        if text not in rule["choices"] and not (prefix and text.startswith(prefix) and text != prefix):
            known = ", ".join(rule["choices"]) + (f", {prefix}..." if prefix else "")
            raise BadSettingError(f"{variable} is {text!r}; known: {known}{hint(text, rule['choices'])}")
        return text
    if rule["several"] is not None:
        names = tuple(part.strip() for part in text.split(",") if part.strip())
        for name in names:
            if name not in rule["several"]:
                known = ", ".join(rule["several"])
                raise BadSettingError(
                    f"{variable} is {text!r}; {name!r} is not known: {known}{hint(name, rule['several'])}"
                )
        return names
    if "Path" in kinds:
        return Path(text)
    if "str" in kinds:
        return text
    whole = "int" in kinds
    value = number(text, whole)
    within = {"at least": float.__ge__, "above": float.__gt__, "at most": float.__le__, "below": float.__lt__}
    if value is None or not all(within[words](float(value), float(at)) for words, at in rule["limits"].items()):
        limits = " and ".join(f"{words} {at:g}" for words, at in rule["limits"].items())
        remedy = " (in a search space: type: integer)" if whole else ""
        kind = "a whole number" if whole else "a number"
        besides = "".join(f", or {word}" for word in rule["words"])
        raise BadSettingError(f"{variable} is {text!r}; it must be {kind} {limits}{besides}{remedy}")
    return value


def number(text: str, whole: bool) -> int | float | None:
    """Reads a finite number; None if it is not one, or has a fraction where a whole number is needed."""
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or (whole and not value.is_integer()):
        return None
    return int(value) if whole else value


def refuse_unknown_parameters(text: str | None, kind: type, program: str) -> None:
    """An unknown parameter would have no effect, and waste every trial of its sweep."""
    if text is None or text == "":
        return
    try:
        parameters = json.loads(text)
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise BadSettingError(f"SWEEP_PARAMETERS is {text[:80]!r}; it must be a JSON object that maps names to values")
    fields = [field for field in dataclasses.fields(kind) if field.metadata["sweepable"]]
    known = {variable for field in fields for variable in variables_of(field)}
    names = sorted(field.name for field in fields)
    for parameter in parameters:
        if parameter.upper().replace(".", "_") not in known:
            raise BadSettingError(
                f"{program} has no parameter {parameter!r}, so setting it would have no effect"
                f"{hint(parameter.lower().replace('.', '_'), names)}; known: {', '.join(names)}"
            )


def hint(text: str, known: Any) -> str:
    nearest = get_close_matches(text, known, n=1, cutoff=0.6)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


def allowed_of(field: dataclasses.Field) -> str:
    """What a number may be, in words; empty without limits."""
    limits = ", ".join(f"{words} {at:g}" for words, at in field.metadata["limits"].items())
    return limits + "".join(f", or {word}" for word in field.metadata["words"])


def describe(kind: type = Settings, what: str = "Trains an image classifier") -> str:
    """The help text: one line per variable."""
    lines = [f"{what}. Settings are environment variables:", ""]
    for field in dataclasses.fields(kind):
        rule = field.metadata
        allowed = " | ".join(rule["choices"] or ()) or ",".join(rule["several"] or ()) or allowed_of(field)
        default = "" if field.default in (None, "", ()) else f"default {field.default}"
        notes = "; ".join(note for note in (allowed, default) if note)
        alias = "".join(f" (or {name})" for name in rule["aliases"])
        lines.append(f"  {field.name.upper()}{alias}: {rule['help']}{f' [{notes}]' if notes else ''}")
    return "\n".join(lines)
