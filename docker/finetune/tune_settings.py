"""Every setting of fine-tuning, declared once; read from environment variables, as ../trainer/config.py does it.

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
        "what is trained: small matrices beside the linear layers (lora), or all weights (full)",
        choices=("lora", "full"),
    )
    lora_rank: int = setting(16, "rank of LoRA's matrices", minimum=1)
    lora_alpha: float | None = setting(
        None, "LoRA's output is scaled by this over the rank; default: twice the rank", above=0
    )
    lora_dropout: float = setting(0.0, "share of the inputs of LoRA's matrices that is dropped", minimum=0, below=1)
    lora_targets: str = setting(
        "all-linear",
        "layers that get LoRA's matrices: all linear layers but the last, or ends of their names, separated by commas, "
        "such as q_proj,v_proj",
    )
    weight_decay: float = setting(0.0, "AdamW's weight decay, applied to matrices", minimum=0)
    clip_gradient: float = setting(1.0, "largest norm of a step's gradient; a larger one is scaled down to it", above=0)
    schedule: str = setting(
        "cosine",
        "learning rate over MAX_EPOCHS: cosine and linear fall to 0",
        choices=("cosine", "linear", "constant"),
    )
    warmup_share: float = setting(
        0.03, "share of MAX_EPOCHS over which the learning rate rises from 0", minimum=0, below=1
    )
    max_length: int = setting(1024, "tokens per sequence; a longer text becomes several", minimum=2)
    packing: str = setting(
        "true",
        "true fills each sequence with several texts, which do not see one another; false gives each its own, padded",
        choices=("true", "false"),
    )
    loss_on: str = setting(
        "answers",
        "what is learned of chats and of prompts with completions: the answers, or all tokens",
        choices=("answers", "all"),
    )
    validation_share: float = setting(
        0.1, "share of the texts held out for validation, unless the data has a file for it", above=0, below=1
    )
    mixed_precision: str = setting(
        "auto",
        "number format of multiplications, and with LoRA of the weights that stay as they are: auto is bf16 where the "
        "device has it, otherwise float32 (no)",
        choices=("auto", "no", "bf16"),
    )
    micro_batch: int | None = setting(
        None,
        "sequences that go through a GPU at once; the gradients of a batch's parts are added up; default: all, and "
        "half as many whenever memory runs out",
        minimum=1,
        sweepable=False,
    )
    gradient_checkpointing: str = setting(
        "false",
        "true computes activations a second time instead of keeping them: less memory, a third slower",
        choices=("false", "true"),
        sweepable=False,
    )
    save: str = setting(
        "adapter",
        "with LoRA, what MODEL_DIR holds: LoRA's matrices alone (adapter), or from the last epoch on the whole model "
        "with them added in (merged)",
        choices=("adapter", "merged"),
        sweepable=False,
    )
    checkpoint_seconds: float = setting(
        120.0,
        "seconds between checkpoints; one more is written at the end and on SIGTERM",
        minimum=0,
        sweepable=False,
    )
    device: str = setting(
        "auto",
        "auto uses a GPU if there is one that works; a sweep whose profile has GPUs sets cuda",
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
        0, "determines the split, LoRA's initial weights, order and dropout", minimum=0, sweepable=False
    )
    epochs: int = setting(
        1, "epochs trained when the program ends, including those of the checkpoint", minimum=1, sweepable=False
    )
    max_epochs: int | None = setting(
        None, "full budget of the sweep, for schedules; default: EPOCHS", minimum=1, sweepable=False
    )
    objective_metric: str = setting(
        "val_loss", "metric that decides which epoch is best", choices=METRICS, sweepable=False
    )
    objective_goal: str | None = setting(
        None,
        "which direction is better; default: maximize for tokens_per_second, otherwise minimize",
        choices=("maximize", "minimize"),
        sweepable=False,
    )
    data_dir: Path | None = setting(None, "folder of .jsonl and .txt files; required", sweepable=False)
    checkpoint_dir: Path = setting(
        Path("output/checkpoint"), "where checkpoints are written and resumed from", sweepable=False
    )
    model_dir: Path = setting(Path("output/model"), "where the best epoch's model is written", sweepable=False)
    metrics_file: Path = setting(
        Path("output/metrics.jsonl"), "file to which one JSON object per epoch is appended", sweepable=False
    )

    @property
    def natural_goal(self) -> str:
        return "maximize" if self.objective_metric == "tokens_per_second" else "minimize"

    @property
    def alpha(self) -> float:
        return 2.0 * self.lora_rank if self.lora_alpha is None else self.lora_alpha


def read_tuning(environ: Mapping[str, str]) -> Tuning:
    """The settings that the variables say. Raises BadSettingError: the variable, its value, what is allowed."""
    settings = Tuning(**values_of(Tuning, environ, "the fine-tuning program"))
    if settings.base_model is None:
        raise BadSettingError(
            "BASE_MODEL is not set; set it to the folder or s3:// address of a model: config.json, *.safetensors and "
            "the tokenizer's files"
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
        raise BadSettingError("SAVE is 'merged', but METHOD is 'full', which saves the whole model anyway; remove SAVE")
    return settings
