"""Every setting of fine-tuning, declared once and read from environment variables, as in ../trainer/config.py.

Nothing here imports torch, so a bad setting fails in a tenth of a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config import Trained, setting, values_of
from errors import BadSettingError

METRICS = ("train_loss", "val_loss", "val_perplexity", "learning_rate", "tokens_per_second", "seconds")


@dataclass(frozen=True)
class Tuning(Trained):
    """Everything that defines one fine-tuning: hyperparameters first, then what the trial runner sets."""

    learning_rate: float = setting(0.0002, "highest learning rate of the schedule", above=0)
    batch_size: int = setting(8, "sequences per step, over all GPUs together", minimum=1)
    method: str = setting(
        "lora",
        "what to train: small matrices beside the linear layers (lora), or all weights (full)",
        choices=("lora", "full"),
    )
    lora_rank: int = setting(16, "rank of LoRA's matrices", minimum=1)
    lora_alpha: float | None = setting(
        None, "LoRA's output is scaled by this divided by the rank; default: twice the rank", above=0
    )
    lora_dropout: float = setting(0.0, "share of the inputs to LoRA's matrices that is dropped", minimum=0, below=1)
    lora_targets: str = setting(
        "all-linear",
        "layers that get LoRA's matrices: all-linear (every linear layer but the last), or the ends of layer names, "
        "comma-separated, such as q_proj,v_proj",
    )
    weight_decay: float = setting(0.0, "AdamW's weight decay, applied to matrices", minimum=0)
    clip_gradient: float = setting(1.0, "maximum gradient norm; larger gradients are scaled down to it", above=0)
    schedule: str = setting(
        "cosine",
        "learning rate over MAX_EPOCHS: cosine and linear decay to 0",
        choices=("cosine", "linear", "constant"),
    )
    warmup_share: float = setting(
        0.03, "share of MAX_EPOCHS over which the learning rate ramps up from 0", minimum=0, below=1
    )
    max_length: int = setting(1024, "tokens per sequence; longer texts are split", minimum=2)
    packing: str = setting(
        "true",
        "true packs several texts into each sequence, hidden from one another; false pads each to its own sequence",
        choices=("true", "false"),
    )
    loss_on: str = setting(
        "answers",
        "what to learn from chats and from prompts with completions: only the answers, or all tokens",
        choices=("answers", "all"),
    )
    validation_share: float = setting(
        0.1, "share of the texts held out for validation, unless the data has a file for it", above=0, below=1
    )
    mixed_precision: str = setting(
        "auto",
        "number format of matrix multiplications and, with LoRA, of the frozen weights: auto uses bf16 where the "
        "device supports it, otherwise float32 (no)",
        choices=("auto", "no", "bf16"),
    )
    micro_batch: int | None = setting(
        None,
        "sequences per forward pass on one GPU; gradients accumulate over a batch's parts; default: the whole batch, "
        "halved whenever memory runs out",
        minimum=1,
        sweepable=False,
    )
    gradient_checkpointing: str = setting(
        "false",
        "true recomputes activations instead of storing them: less memory, a third slower",
        choices=("false", "true"),
        sweepable=False,
    )
    save: str = setting(
        "adapter",
        "with LoRA, what MODEL_DIR holds: LoRA's matrices alone (adapter) or, once the last epoch is done, the whole "
        "model with them merged in (merged)",
        choices=("adapter", "merged"),
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
    base_model: str | None = setting(
        None,
        "the model to start from: a folder with config.json, *.safetensors and the tokenizer, relative to DATA_DIR or "
        "the working directory, or an s3:// address of one; required",
        sweepable=False,
    )

    seed: int = setting(
        0, "random seed for the split, LoRA's initial weights, text order and dropout", minimum=0, sweepable=False
    )
    epochs: int = setting(1, "epochs to train, including those already in the checkpoint", minimum=1, sweepable=False)
    max_epochs: int | None = setting(
        None, "the sweep's full budget in epochs, for schedules; default: EPOCHS", minimum=1, sweepable=False
    )
    objective_metric: str = setting(
        "val_loss", "metric that decides which epoch is best", choices=METRICS, sweepable=False
    )
    objective_goal: str | None = setting(
        None,
        "the better direction; default: maximize for tokens_per_second, otherwise minimize",
        choices=("maximize", "minimize"),
        sweepable=False,
    )
    data_dir: Path | None = setting(None, "folder of .jsonl and .txt files; required", sweepable=False)
    checkpoint_dir: Path = setting(
        Path("output/checkpoint"), "folder of checkpoints, to write to and resume from", sweepable=False
    )
    model_dir: Path = setting(Path("output/model"), "folder for the best epoch's model", sweepable=False)
    metrics_file: Path = setting(
        Path("output/metrics.jsonl"), "file that gets one JSON object per epoch", sweepable=False
    )

    @property
    def natural_goal(self) -> str:
        return "maximize" if self.objective_metric == "tokens_per_second" else "minimize"

    @property
    def alpha(self) -> float:
        return 2.0 * self.lora_rank if self.lora_alpha is None else self.lora_alpha


def read_tuning(environ: Mapping[str, str]) -> Tuning:
    """Reads the settings from variables. Raises BadSettingError: the variable, its value, what is allowed."""
    settings = Tuning(**values_of(Tuning, environ, "the fine-tuning program"))
    if settings.base_model is None:
        raise BadSettingError(
            "BASE_MODEL is not set; set it to the folder or s3:// address of a model with config.json, *.safetensors "
            "and the tokenizer's files"
        )
    if settings.data_dir is None:
        raise BadSettingError("DATA_DIR is not set; set it to a folder of .jsonl or .txt files")
    if settings.budget < settings.epochs:
        raise BadSettingError(f"MAX_EPOCHS is {settings.budget}, below EPOCHS ({settings.epochs}); raise MAX_EPOCHS")
    if settings.micro_batch is not None and settings.micro_batch > settings.batch_size:
        raise BadSettingError(
            f"MICRO_BATCH is {settings.micro_batch}; it must be at most BATCH_SIZE ({settings.batch_size})"
        )
    if settings.method == "full" and settings.save == "merged":
        raise BadSettingError("SAVE is 'merged', but METHOD=full always saves the whole model; remove SAVE")
    return settings
