"""Trains an image classifier on a folder of images: one trial of a sweep, or on its own.

    DATA_DIR=photos python train.py [--distributed] [--gpus N]

Every setting is an environment variable; `python train.py --help` lists them. An epoch trains, validates, appends a
line to METRICS_FILE, keeps the model in MODEL_DIR if it is the best so far, and leaves a checkpoint in CHECKPOINT_DIR,
as do two minutes of a long epoch, and SIGTERM. Started again, it goes on after the checkpoint's step, and on a CPU
with as many threads ends with the same numbers as one that was never stopped. Where it sees several GPUs, it trains on
all of them, in a process each: launch.py. How it may end otherwise: errors.py.
"""

import argparse
import math
import os
import sys
import time
from collections.abc import Mapping

from config import Settings, describe, read_settings
from errors import INTERRUPTED_STATUS, Interrupted, NonFiniteError, translate
from files import append_line
from interruption import asked_to_stop, raise_on_sigterm, undisturbed
from launch import end_with_launcher, is_launched, launch, leave_status, processes_for
from machine import cache_folder, processors
from trackers import Trackers


def main(environ: Mapping[str, str], arguments: list[str]) -> int:
    """Runs one training and returns its exit status."""
    parser = argparse.ArgumentParser("train.py", add_help=False, exit_on_error=False)
    parser.add_argument("--distributed", action="store_true")
    parser.add_argument("--gpus", type=int)
    try:
        options, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        options, unknown = None, arguments
    if options is None or unknown:
        print(describe())
        return 0 if unknown and unknown[0] in ("-h", "--help") else 64
    raise_on_sigterm()
    end_with_launcher(environ)
    status = 1
    try:
        settings = read_settings(environ)
        processes = 1 if is_launched(environ) else processes_for(settings, options.distributed, options.gpus, environ)
        if processes > 1:
            return launch(processes, environ)
        first = environ.get("RANK", "0") == "0"
        with Trackers(settings.trackers if first else (), settings.metrics_file, settings.shown()) as trackers:
            train(settings, trackers, environ)
        return 0
    except Exception as error:
        said = translate(error)
        status = 1 if said is None else said.status
        # Of the processes that train together the first one to fail speaks for all.
        if leave_status(status, environ):
            if said is None:
                raise
            print(f"train.py: {said}", file=sys.stderr, flush=True)
        return status
    except Interrupted:
        if leave_status(INTERRUPTED_STATUS, environ):
            print("train.py: interrupted; started again, it goes on after its last checkpoint", file=sys.stderr)
        return INTERRUPTED_STATUS


def train(settings: Settings, trackers: Trackers, environ: Mapping[str, str]) -> None:
    """The whole training, or this process's part in it. Raises TrainerError for what a person can put right."""
    # Here and not above: importing torch takes seconds, and a bad setting or a signal should not wait for it.
    import torch

    import data
    import models
    from batches import evaluation_batches, plan_epoch, statistics, steps_of, training_batches
    from card import DataSummary, listing_digest
    from checkpoint import Best, Keeper, ModelInput, copy_weights, load_checkpoint
    from engine import STEPS_BETWEEN_LOOKS, Learner, Statistics, learning_rate_at, seed_dropout
    from model_folder import ModelFolder
    from precision import choose_device, choose_precision, tune
    from throughput import Meter
    from world import enter, local_rank

    # What it runs on.
    threads = processors(environ)
    torch.set_num_threads(threads)
    device = choose_device(settings.device, local_rank(environ))
    tune(device)
    precision = choose_precision(settings.mixed_precision, device)
    world = enter(device, environ)
    say = print_now if world.writes else say_nothing
    if settings.trial_id:
        say(f"trial {settings.trial_id} of sweep {settings.sweep_id}")

    # What an earlier attempt, or a lower rung, left.
    earlier = load_checkpoint(settings.checkpoint_dir, settings.identity())
    best = earlier.best if earlier else None
    if earlier:
        say(f"going on after epoch {earlier.epoch}{f' and {earlier.step} steps' if earlier.step else ''}")
        if earlier.best and world.writes:
            ModelFolder(settings.model_dir, earlier.architecture, earlier.input, settings, earlier.data).save(
                earlier.best
            )
        if earlier.epoch >= settings.epochs:
            if world.writes:
                finish(settings)
            return

    # The data.
    assert settings.data_dir is not None  # read_settings has seen to it
    split = data.split_folder(settings.data_dir, settings.seed, settings.validation_share)
    size = models.fit_size(
        settings.model_name, settings.image_size, settings.image_size or data.default_image_size(split)
    )
    kept_in = cache_folder(environ) / "images"
    training, validation, decoded = data.load(split, size, kept_in, threads, world.size, settings.max_unreadable)
    training, validation = training.on(device), validation.on(device)
    listed = [sample.path for sample in (*split.training, *split.validation)]
    seen = DataSummary(listing_digest(settings.data_dir, listed), len(training), len(validation))

    # The model and its optimizer, fresh or as they were.
    torch.manual_seed(settings.seed)
    architecture = models.Architecture(settings.model_name, len(split.classes), size, settings.dropout)
    model = models.build(architecture)
    given = earlier.input if earlier else ModelInput(list(split.classes), *statistics(training))
    if earlier:
        model.load_state_dict(earlier.weights)
    elif settings.pretrained:
        say(models.start_from(model, settings.data_dir / settings.pretrained))
    if earlier and earlier.data.digest != seen.digest:
        say("train.py: warning: the images are not those that the checkpoint was trained on")
    learner = Learner(model, settings, precision, Statistics.on(device, given.mean, given.std), world)
    if earlier:
        learner.restore(earlier.optimizer, earlier.scaler, earlier.tally)
    folder = ModelFolder(settings.model_dir, architecture, given, settings, seen)
    keeper = Keeper(settings, world, architecture, given, seen)
    meter = Meter(learner.model, size, precision, world.size)
    say(
        f"{precision}, channels last; {world.size} process{'es' * (world.size > 1)} of {threads} CPU threads and "
        f"{training.workers(threads)} image workers; images {training.home or decoded.kind} "
        f"({decoded.bytes / 1e6:,.1f} MB)"
    )
    say(
        f"{settings.model_name}: {len(split.classes)} classes, {len(training)} images to train on, {len(validation)} "
        f"to validate on, {size}x{size} pixels"
    )

    steps = steps_of(len(training), settings.batch_size)
    first_epoch, first_step = (earlier.epoch + 1, earlier.step) if earlier else (1, 0)
    with undisturbed():  # SIGTERM waits for the end of a step, and of the checkpoint that it asks for
        for epoch in range(first_epoch, settings.epochs + 1):
            started = time.perf_counter()
            plan = plan_epoch(training, settings.seed, epoch, settings.augment)
            batches = training_batches(training, plan, settings.batch_size, first_step, world, device, threads)
            diverged = False
            for step, batch in enumerate(batches, first_step):
                rate = learning_rate_at(epoch - 1 + step / steps, settings)
                seed_dropout(device, settings.seed, epoch, step, world.rank)
                learner.step(batch, min(settings.batch_size, len(training) - step * settings.batch_size), rate)
                if step % STEPS_BETWEEN_LOOKS == 0 and learner.diverged():
                    diverged = True
                    break
                if step % world.steps_between_talks == 0:
                    stop, due = world.any(asked_to_stop(), keeper.due())
                    if stop or due:
                        keeper.save(epoch - 1, step + 1, learner, best)
                    if stop:
                        raise Interrupted
            train_loss, train_accuracy = learner.results()
            trained_seconds = time.perf_counter() - started
            evaluation = None
            if math.isfinite(train_loss) and not diverged:
                try:
                    held_out = evaluation_batches(validation, settings.batch_size, world, device, threads)
                    evaluation = learner.evaluate(held_out, len(split.classes))
                except Interrupted:
                    keeper.save(epoch - 1, steps, learner, best)
                    raise
            images = min((steps - first_step) * settings.batch_size, len(training))
            metrics = {
                "train_loss": train_loss,
                "train_accuracy": train_accuracy,
                "val_loss": evaluation.loss if evaluation else math.nan,
                "val_accuracy": evaluation.accuracy if evaluation else math.nan,
                "learning_rate": learning_rate_at(epoch - 1 + (steps - 1) / steps, settings),
                "images_per_second": images / trained_seconds,
                "seconds": time.perf_counter() - started,
            }
            first_step = 0
            if evaluation is None or not math.isfinite(evaluation.loss):
                # The objective, whichever it is, is not worth ranking: a lucky accuracy of broken weights least of all.
                if world.writes:
                    append_line(settings.metrics_file, {"epoch": epoch, **dict.fromkeys(metrics, None)})
                end_diverged(settings, epoch, best is not None)
                break

            # This order leaves no gap: a process that ends between two of these repeats the epoch, and the later line
            # of an epoch replaces the earlier one.
            value = metrics[settings.objective_metric]
            improved = settings.is_better(value, best.metrics[settings.objective_metric] if best else None)
            if world.writes:
                append_line(settings.metrics_file, {"epoch": epoch, **metrics})
                trackers.log(epoch, metrics)
            if improved:
                best = Best(epoch, metrics, copy_weights(learner.model), evaluation.confusion)
                if world.writes:
                    folder.save(best)
            learner.tally.reset()
            keeper.save(epoch, 0, learner, best)
            say(log_line(settings, epoch, metrics, improved) + meter.use(metrics["images_per_second"]))
            if epoch < settings.epochs and world.any(asked_to_stop())[0]:
                raise Interrupted
    if world.writes:
        finish(settings)
    world.leave()


def finish(settings: Settings) -> None:
    """What is done once, when all epochs are trained. A lower rung's model is trained on, and not exported yet."""
    if settings.export == "none" or settings.epochs < settings.budget:
        return
    from export import export_onnx
    from model_folder import EXPORT_NAME

    try:
        difference = export_onnx(settings.model_dir)
        print(f"wrote {EXPORT_NAME}; its outputs differ by {difference:.2g} from the model's own", flush=True)
    except Exception as error:  # whatever it is: the trial has its model and its metrics
        print(f"train.py: warning: no {EXPORT_NAME}: {error}", file=sys.stderr)


def end_diverged(settings: Settings, epoch: int, had_finite: bool) -> None:
    """A training that diverges after a finite epoch ends well with the model of its best epoch, and is marked diverged
    by the null in its metrics. Raises NonFiniteError when there was no such epoch.
    """
    what = f"the loss was not finite in epoch {epoch} (LEARNING_RATE={settings.learning_rate:g})"
    if not had_finite:
        raise NonFiniteError(f"{what}; lower the highest learning rate")
    print(f"train.py: {what}; the best epoch before it is kept", file=sys.stderr)


def print_now(text: str) -> None:
    print(text, flush=True)


def say_nothing(text: str) -> None:
    """Of the processes that train together one speaks."""


def log_line(settings: Settings, epoch: int, metrics: dict[str, float], improved: bool) -> str:
    """One epoch, for a person."""
    return (
        f"epoch {epoch}/{settings.epochs}  "
        f"train loss {metrics['train_loss']:.4f} accuracy {metrics['train_accuracy']:.4f}  "
        f"val loss {metrics['val_loss']:.4f} accuracy {metrics['val_accuracy']:.4f}  "
        f"rate {metrics['learning_rate']:.3g}  {metrics['seconds']:.1f} s  "
        f"{metrics['images_per_second']:,.0f} images/s{'  best so far' if improved else ''}"
    )


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:]))
