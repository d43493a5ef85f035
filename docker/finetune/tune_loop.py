"""The loop of fine-tuning: epochs of steps, validation after each, and what is saved."""

import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

import base_model
import model_output
import stored
from errors import Interrupted, NoDataError, NonFiniteError
from files import append_line
from interruption import asked_to_stop, undisturbed
from machine import cache_folder, processors, visible_gpus
from precision import Precision, choose_device, choose_precision
from progress import print_now
from sequences import Sequence, sequences_of
from texts import cut, data_files, digest_of_files, read_texts, require_template, split, tokenize
from throughput import peak_flops
from tune_settings import Tuning
from tuner import Best, Tuner, learning_rate_at

PROGRAM = "tune.py"
FORMAT = 1
SECONDS_BETWEEN_LINES = 30.0


def tune(settings: Tuning, environ: Mapping[str, str]) -> None:
    """All of fine-tuning. Raises TrainerError for what the user can fix."""
    tuner, identity = assemble(settings, environ)
    saved = time.monotonic()

    def save(epoch: int, step: int) -> None:
        nonlocal saved
        save_checkpoint(tuner, identity, epoch, step)
        saved = time.monotonic()

    def due() -> bool:
        return time.monotonic() - saved >= settings.checkpoint_seconds

    with undisturbed():  # SIGTERM waits until the current step is done and its checkpoint is saved
        for epoch in range(tuner.epoch + 1, settings.epochs + 1):
            began = time.perf_counter()
            rate = train_epoch(tuner, epoch, save, due)
            metrics = {
                "train_loss": (tuner.tally[0] / tuner.tally[1]).item(),
                **validate(tuner, epoch, save),
                "learning_rate": learning_rate_at(epoch - 1 + (tuner.steps - 1) / tuner.steps, settings),
                "tokens_per_second": rate,
                "seconds": time.perf_counter() - began,
            }
            if not (math.isfinite(metrics["train_loss"]) and math.isfinite(metrics["val_perplexity"])):
                end_diverged(tuner, epoch, metrics)
                break
            keep(tuner, epoch, metrics)
            is_last = epoch == settings.epochs
            if asked_to_stop() or due() or is_last:
                save(epoch, 0)
            if asked_to_stop() and not is_last:
                raise Interrupted
        if settings.save == "merged" and settings.epochs >= settings.budget and tuner.best is not None:
            tuner.load(tuner.best.weights)
            merged = tuner.model.merge_and_unload()
            model_output.save_model(merged, tuner.tokenizer, settings, tuner.best.epoch, tuner.best.metrics)


def assemble(settings: Tuning, environ: Mapping[str, str]) -> tuple[Tuner, dict[str, Any]]:
    """The fine-tuning as it begins or goes on, and what its checkpoints must agree with. The texts are read before the
    model, which takes longer.
    """
    torch.set_num_threads(processors(environ))
    precision = choose_precision(settings.mixed_precision, choose_device(settings.device, environ))
    if precision.name == "fp16":  # LoRA's gradients would need scaling, and such GPUs are leaving
        precision = Precision(precision.device, "no")
    if precision.device.type == "cuda" and visible_gpus(environ) > 1:
        print(f"{PROGRAM}: warning: it trains on one GPU, and {visible_gpus(environ)} are here", file=sys.stderr)
    assert settings.data_dir is not None and settings.base_model is not None
    folder = base_model.find(settings.base_model, (settings.data_dir, Path()), cache_folder(environ))
    tokenizer = base_model.read_tokenizer(folder)
    training, validation, digest = read_data(settings, tokenizer)
    model = base_model.read_model(folder, settings, precision)
    sequences = [*training, *validation]
    longest = max(len(one.ids) for one in sequences)
    base_model.require_fit(model, settings, longest, max(max(one.ids) for one in sequences))
    identity = {**settings.identity(), "base_model": base_model.digest_of(folder), "data": digest}
    tuner = Tuner(settings, precision, model, tokenizer, training, validation)
    tuner.require_apart()
    resume(tuner, identity)
    count = sum(one.numel() for one in tuner.trained().values())
    total = sum(one.numel() for one in model.parameters())
    print_now(
        f"{precision}; {count:,} of {total:,} weights are trained; {len(training):,} sequences to train on, "
        f"{len(validation):,} held out; {tuner.steps:,} steps an epoch"
    )
    return tuner, identity


def read_data(settings: Tuning, tokenizer: Any) -> tuple[list[Sequence], list[Sequence], str]:
    """Sequences to train on and held out, and the digest of their files. Raises TrainerError."""
    folder = settings.data_dir
    assert folder is not None

    def render(messages: list[dict[str, Any]], ask: bool) -> str:
        require_template(tokenizer.chat_template)
        return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=ask)

    def encode(text: str) -> list[int]:
        return tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]

    def tokens(files: list[Path]) -> list:
        texts = read_texts(folder, files, render, settings.loss_on)
        return [tokenize(text, encode, [], [tokenizer.eos_token_id]) for text in texts]

    training_files, held_files = data_files(folder)
    training, validation = tokens(training_files), tokens(held_files)
    if not held_files:
        kept, held = split(len(training), settings.validation_share, settings.seed)
        training, validation = [training[one] for one in kept], [training[one] for one in held]
    packing = settings.packing == "true"
    both = [
        sequences_of(cut(texts, settings.max_length), settings.max_length, packing) for texts in (training, validation)
    ]
    for sequences, what in zip(both, ("train on", "validate on"), strict=True):
        if not sequences:
            raise NoDataError(f"DATA_DIR is {str(folder)!r}, whose texts leave nothing to {what}: they are empty")
    return both[0], both[1], digest_of_files(folder, [*training_files, *held_files])


def train_epoch(tuner: Tuner, epoch: int, save: Any, due: Any) -> float:
    """Trains from `tuner.step` to the end of the epoch; tokens a second. Raises Interrupted once a checkpoint is
    saved.
    """
    began = said = time.perf_counter()
    tokens = 0
    for step in range(tuner.step, tuner.steps):
        tokens += tuner.take_step(epoch, step)
        now = time.perf_counter()
        if now - said >= SECONDS_BETWEEN_LINES:
            said = now
            print_now(f"epoch {epoch}: step {step + 1:,} of {tuner.steps:,}, {tokens / (now - began):,.0f} tokens/s")
        if asked_to_stop() or due():
            save(epoch - 1, step + 1)
        if asked_to_stop():
            raise Interrupted
    if tuner.precision.device.type == "cuda":
        torch.cuda.synchronize(tuner.precision.device)
    tuner.step = 0
    return tokens / max(time.perf_counter() - began, 1e-9)


def validate(tuner: Tuner, epoch: int, save: Any) -> dict[str, float]:
    """Raises Interrupted once a checkpoint that includes all steps of this epoch is saved."""
    loss = math.nan
    for said in tuner.evaluate():
        if said is not None:
            loss = said
        elif asked_to_stop():
            save(epoch - 1, tuner.steps)
            raise Interrupted
    return {"val_loss": loss, "val_perplexity": math.exp(loss) if loss < 700 else math.inf}


def keep(tuner: Tuner, epoch: int, metrics: dict[str, float]) -> None:
    """Reports the epoch, and writes its model if it is the best so far."""
    settings = tuner.settings
    append_line(settings.metrics_file, {"epoch": epoch, **metrics, **measured(tuner, metrics["tokens_per_second"])})
    before = tuner.best.metrics[settings.objective_metric] if tuner.best else None
    improved = settings.is_better(metrics[settings.objective_metric], before)
    if improved:
        tuner.best = Best(epoch, metrics, tuner.weights())
        model_output.save_model(tuner.model, tuner.tokenizer, settings, epoch, metrics)
    print_now(
        f"epoch {epoch}/{settings.epochs}  train loss {metrics['train_loss']:.4f}  val loss {metrics['val_loss']:.4f} "
        f"perplexity {metrics['val_perplexity']:.4g}  rate {metrics['learning_rate']:.3g}  {metrics['seconds']:.1f} s  "
        f"{metrics['tokens_per_second']:,.0f} tokens/s{'  best so far' if improved else ''}"
    )
    tuner.tally.zero_()


def measured(tuner: Tuner, tokens_per_second: float) -> dict[str, float]:
    """On a GPU its peak memory in GB, and the share of its peak spent on the network (MFU) if that peak is known.

    A token takes 2 operations a weight forward, 2 backward for what lies before, and 2 for the weight's own gradient,
    which LoRA spares. Attention and what gradient checkpointing repeats are not counted.
    """
    device = tuner.precision.device
    if device.type != "cuda":
        return {}
    found = {"gpu_memory_gb": round(torch.cuda.max_memory_allocated(device) / 1e9, 3)}
    torch.cuda.reset_peak_memory_stats(device)
    peak = peak_flops(torch.cuda.get_device_name(device), tuner.precision.name)
    if peak is not None:
        total = sum(one.numel() for one in tuner.model.parameters())
        trained = sum(one.numel() for one in tuner.trained().values())
        found["mfu"] = round(tokens_per_second * (4 * total + 2 * trained) / peak, 4)
    return found


def end_diverged(tuner: Tuner, epoch: int, metrics: dict[str, float]) -> None:
    """As the trainer of images does it: fine-tuning that diverges after a finite epoch succeeds with the model of its
    best epoch, and nulls mark the epoch. Raises NonFiniteError if there was no finite epoch.
    """
    append_line(tuner.settings.metrics_file, {"epoch": epoch, **dict.fromkeys(metrics, None)})
    what = f"the loss was not finite in epoch {epoch} (LEARNING_RATE={tuner.settings.learning_rate:g})"
    if tuner.best is None:
        raise NonFiniteError(f"{what}; lower the highest learning rate")
    print(f"{PROGRAM}: {what}; keeping the best epoch before it", file=sys.stderr)


def save_checkpoint(tuner: Tuner, identity: dict[str, Any], epoch: int, step: int) -> None:
    """Writes the state after `epoch` whole epochs and `step` steps of the next one."""
    best = tuner.best
    # One set of weights for both is written once.
    is_best = best is not None and best.epoch == epoch and step == 0
    stored.save_state(
        tuner.settings.checkpoint_dir,
        {
            "format": FORMAT,
            "epoch": epoch,
            "step": step,
            "tally": tuner.tally,
            "identity": identity,
            "precision": tuner.precision.name,
            "weights": best.weights if best is not None and is_best else tuner.weights(),
            "optimizer": tuner.optimizer.state_dict(),
            "best": vars(best) if best else None,
        },
    )


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Raises ValueError if it is damaged or of another version, and whatever torch raises."""
    state = stored.read_state(path)
    if state.get("format") != FORMAT or "optimizer" not in state:
        raise ValueError("it was written by another version or program")
    return state


def resume(tuner: Tuner, identity: dict[str, Any]) -> None:
    """Goes on from the checkpoint of an earlier attempt or a lower rung, if there is one. MODEL_DIR holds its best
    model again, since this may be another machine. Raises BadSettingError if it was trained with other settings.
    """
    folder = tuner.settings.checkpoint_dir
    found = stored.newest(folder, read_checkpoint, PROGRAM)
    if found is None:
        return
    path, state = found
    stored.refuse_others(path, state["identity"], identity)
    stored.forget_damaged(folder, path)
    if state["best"] is not None:
        tuner.best = Best(**state["best"])
        tuner.load(tuner.best.weights)
        with undisturbed():
            model_output.save_model(tuner.model, tuner.tokenizer, tuner.settings, tuner.best.epoch, tuner.best.metrics)
    tuner.load(state["weights"])
    tuner.optimizer.load_state_dict(state["optimizer"])
    tuner.tally.copy_(state["tally"])
    tuner.epoch, tuner.step = state["epoch"], state["step"]
    if state["precision"] != tuner.precision.name:
        print_now(f"the checkpoint was trained in {state['precision']}; going on in {tuner.precision.name}")
    print_now(f"resuming after epoch {tuner.epoch}, step {tuner.step}")
