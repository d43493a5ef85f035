"""The loop of fine-tuning: epochs of steps, validation after each, and what is saved."""

import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import torch

import base_model
import model_output
from errors import Interrupted, NonFiniteError
from files import append_line
from interruption import asked_to_stop, undisturbed
from machine import cache_folder, processors
from precision import Precision, choose_device, choose_precision
from progress import print_now
from tune_checkpoint import PROGRAM, Saver, resume
from tune_data import read_data
from tune_settings import Tuning
from tuner import Best, Tuner, learning_rate_at
from world import enter

SECONDS_BETWEEN_LINES = 30.0


def tune(settings: Tuning, environ: Mapping[str, str]) -> None:
    """All of fine-tuning, or this process's part in it. Raises TrainerError for what the user can fix."""
    tuner, saver = assemble(settings, environ)
    with undisturbed():  # SIGTERM waits until the current step is done and its checkpoint is saved
        for epoch in range(tuner.epoch + 1, settings.epochs + 1):
            began = time.perf_counter()
            rate = train_epoch(tuner, saver, epoch)
            metrics = {
                "train_loss": (tuner.tally[0] / tuner.tally[1]).item(),
                **validate(tuner, saver, epoch),
                "learning_rate": learning_rate_at(epoch - 1 + (tuner.steps - 1) / tuner.steps, settings),
                "tokens_per_second": rate,
                "seconds": time.perf_counter() - began,
            }
            if not (math.isfinite(metrics["train_loss"]) and math.isfinite(metrics["val_perplexity"])):
                end_diverged(tuner, epoch, metrics)
                break
            keep(tuner, epoch, metrics)
            is_last = epoch == settings.epochs
            stop, due = saver.ask()
            if stop or due or is_last:
                saver.save(epoch, 0)
            if stop and not is_last:
                raise Interrupted
        tuner.world.leave()
        if tuner.world.writes and settings.save == "merged" and settings.epochs >= settings.budget:
            save_merged(tuner)


def assemble(settings: Tuning, environ: Mapping[str, str]) -> tuple[Tuner, Saver]:
    """The fine-tuning as it begins or goes on. The texts are read before the model, which takes longer."""
    torch.set_num_threads(processors(environ))
    precision = choose_precision(settings.mixed_precision, choose_device(settings.device, environ))
    if precision.name == "fp16":  # LoRA's gradients would need scaling, and such GPUs are leaving
        precision = Precision(precision.device, "no")
    world = enter(precision.device, environ)
    assert settings.data_dir is not None and settings.base_model is not None
    folder = base_model.find(settings.base_model, (settings.data_dir, Path()), cache_folder(environ))
    tokenizer = base_model.read_tokenizer(folder)
    training, validation, digest = read_data(settings, tokenizer)
    model = base_model.read_model(folder, settings, precision)
    sequences = [*training, *validation]
    longest = max(len(one.ids) for one in sequences)
    base_model.require_fit(model, settings, longest, max(max(one.ids) for one in sequences))
    identity = {**settings.identity(), "base_model": base_model.digest_of(folder), "data": digest}
    tuner = Tuner(settings, precision, world, model, tokenizer, training, validation)
    tuner.require_apart()
    resume(tuner, identity)
    if world.writes:
        tell_setup(tuner)
    return tuner, Saver(tuner, identity)


def tell_setup(tuner: Tuner) -> None:
    count = sum(one.numel() for one in tuner.trained().values())
    total = sum(one.numel() for one in tuner.model.parameters())
    size = tuner.world.size
    print_now(
        f"{tuner.precision}{f', {size} processes' if size > 1 else ''}; training {count:,} of {total:,} weights; "
        f"{len(tuner.training):,} sequences to train on, {len(tuner.validation):,} held out; {tuner.steps:,} steps per "
        "epoch"
    )


def train_epoch(tuner: Tuner, saver: Saver, epoch: int) -> float:
    """Trains from `tuner.step` to the end of the epoch; tokens a second, of all processes. Raises Interrupted once a
    checkpoint is saved.
    """
    began = said = time.perf_counter()
    tokens = 0
    first = tuner.step
    for step in range(first, tuner.steps):
        tokens += tuner.take_step(epoch, step)
        if step == first:
            tuner.world.lose_patience()
        now = time.perf_counter()
        if tuner.world.writes and now - said >= SECONDS_BETWEEN_LINES:
            said = now
            print_now(f"epoch {epoch}: step {step + 1:,} of {tuner.steps:,}, {tokens / (now - began):,.0f} tokens/s")
        stop, due = saver.ask()
        if stop or due:
            saver.save(epoch - 1, step + 1)
        if stop:
            raise Interrupted
    if tuner.precision.device.type == "cuda":
        torch.cuda.synchronize(tuner.precision.device)
    tuner.step = 0
    return tokens / max(time.perf_counter() - began, 1e-9)


def validate(tuner: Tuner, saver: Saver, epoch: int) -> dict[str, float]:
    """Raises Interrupted once a checkpoint that includes all steps of this epoch is saved."""
    loss = math.nan
    for said in tuner.evaluate():
        if said is not None:
            loss = said
        elif tuner.world.any(asked_to_stop())[0]:
            saver.save(epoch - 1, tuner.steps)
            raise Interrupted
    return {"val_loss": loss, "val_perplexity": math.exp(loss) if loss < 700 else math.inf}


def keep(tuner: Tuner, epoch: int, metrics: dict[str, float]) -> None:
    """Reports the epoch, and writes its model if it is the best so far."""
    settings, writes = tuner.settings, tuner.world.writes
    measured = tuner.meter.read(metrics["tokens_per_second"])
    if writes:
        append_line(settings.metrics_file, {"epoch": epoch, **metrics, **measured})
    before = tuner.best.metrics[settings.objective_metric] if tuner.best else None
    improved = settings.is_better(metrics[settings.objective_metric], before)
    if improved:
        with tuner.meter.checkpoint_wait:
            tuner.best = Best(epoch, metrics, tuner.weights() if writes else {})
            if writes:
                model_output.save_model(tuner.model, tuner.tokenizer, settings, epoch, metrics)
    if writes:
        print_now(
            f"epoch {epoch}/{settings.epochs}  train loss {metrics['train_loss']:.4f}  "
            f"val loss {metrics['val_loss']:.4f} perplexity {metrics['val_perplexity']:.4g}  "
            f"rate {metrics['learning_rate']:.3g}  {metrics['seconds']:.1f} s  "
            f"{metrics['tokens_per_second']:,.0f} tokens/s{'  best so far' if improved else ''}"
        )
    tuner.tally.zero_()


def save_merged(tuner: Tuner) -> None:
    """Writes the best epoch as a whole model, with LoRA's matrices added in."""
    if tuner.best is None:
        return
    tuner.load(tuner.best.weights)
    merged = tuner.model.merge_and_unload()
    model_output.save_model(merged, tuner.tokenizer, tuner.settings, tuner.best.epoch, tuner.best.metrics)


def end_diverged(tuner: Tuner, epoch: int, metrics: dict[str, float]) -> None:
    """Like the image trainer: fine-tuning that diverges after a finite epoch succeeds with the model of its
    best epoch, and nulls mark the epoch. Raises NonFiniteError if there was no finite epoch.
    """
    if tuner.world.writes:
        append_line(tuner.settings.metrics_file, {"epoch": epoch, **dict.fromkeys(metrics, None)})
    what = f"the loss was not finite in epoch {epoch} (LEARNING_RATE={tuner.settings.learning_rate:g})"
    if tuner.best is None:
        raise NonFiniteError(f"{what}; lower the highest learning rate")
    if tuner.world.writes:
        print(f"{PROGRAM}: {what}; keeping the best epoch before it", file=sys.stderr)
