"""Trains an image classifier on a folder of images: one trial of a sweep, or on its own.

    DATA_DIR=photos python train.py

Every setting is an environment variable; `python train.py --help` lists them. An epoch trains, validates, appends a
line to METRICS_FILE, keeps the model in MODEL_DIR if it is the best so far, and leaves a checkpoint in CHECKPOINT_DIR.
Started again, it goes on after the checkpoint's epoch, and on a CPU with as many threads ends with the same numbers
as one that was never stopped. How it may end otherwise: errors.py.
"""

import math
import os
import sys
import time
from collections.abc import Mapping

from config import Settings, describe, read_settings
from errors import INTERRUPTED_STATUS, Interrupted, NoDeviceError, NonFiniteError, translate
from files import append_line
from interruption import raise_on_sigterm
from trackers import Trackers


def main(environ: Mapping[str, str], arguments: list[str]) -> int:
    """Runs one training and returns its exit status."""
    if arguments:
        print(describe())
        return 0 if arguments[0] in ("-h", "--help") else 64
    raise_on_sigterm()
    try:
        settings = read_settings(environ)
        with Trackers(settings.trackers, settings.metrics_file, settings.shown()) as trackers:
            train(settings, trackers)
    except Exception as error:
        said = translate(error)
        if said is None:
            raise
        print(f"train.py: {said}", file=sys.stderr)
        return said.status
    except Interrupted:
        print("train.py: interrupted; started again, it goes on after its last checkpoint", file=sys.stderr)
        return INTERRUPTED_STATUS
    return 0


def train(settings: Settings, trackers: Trackers) -> None:
    """The whole training. Raises TrainerError for what a person can put right."""
    # Here and not above: importing torch takes seconds, and a bad setting or a signal should not wait for it.
    import torch

    import data
    import models
    from card import DataSummary, listing_digest
    from checkpoint import Best, Checkpoint, ModelInput, copy_weights, load_checkpoint, save_checkpoint
    from engine import Statistics, evaluate, learning_rate_at, make_optimizer, train_epoch
    from model_folder import ModelFolder

    if settings.trial_id:
        print(f"trial {settings.trial_id} of sweep {settings.sweep_id}", flush=True)

    # What an earlier attempt, or a lower rung, left.
    earlier = load_checkpoint(settings.checkpoint_dir, settings.identity())
    best = earlier.best if earlier else None
    if earlier:
        folder = ModelFolder(settings.model_dir, earlier.architecture, earlier.input, settings, earlier.data)
        folder.save(earlier.best)
        print(f"going on after epoch {earlier.epoch}", flush=True)
        if earlier.epoch >= settings.epochs:
            finish(settings)
            return

    # The data.
    device = choose_device(settings.device)
    split = data.split_folder(settings.data_dir, settings.seed, settings.validation_share)
    default_size = settings.image_size or data.default_image_size(split)
    size = models.fit_size(settings.model_name, settings.image_size, default_size)
    training, validation = data.load(split, size)

    # The model and its optimizer, fresh or as they were.
    torch.manual_seed(settings.seed)
    architecture = models.Architecture(settings.model_name, len(split.classes), size, settings.dropout)
    model = models.build(architecture)
    if earlier:
        given = earlier.input
        model.load_state_dict(earlier.weights)
    else:
        given = ModelInput(list(split.classes), *data.statistics(training))
        if settings.pretrained:
            print(models.start_from(model, settings.data_dir / settings.pretrained), flush=True)
    listed = [sample.path for sample in (*split.training, *split.validation)]
    seen = DataSummary(listing_digest(settings.data_dir, listed), len(training), len(validation))
    folder = ModelFolder(settings.model_dir, architecture, given, settings, seen)
    model.to(device)
    optimizer = make_optimizer(model, settings)
    if earlier:
        optimizer.load_state_dict(earlier.optimizer)
    statistics = Statistics(torch.tensor(given.mean, device=device), torch.tensor(given.std, device=device))
    print(
        f"{settings.model_name}: {len(split.classes)} classes, {len(training)} images to train on, {len(validation)} "
        f"to validate on, {size}x{size} pixels; {device.type}, CPU threads: {torch.get_num_threads()}",
        flush=True,
    )

    steps = max(1, math.ceil(len(training) / settings.batch_size))
    for epoch in range(earlier.epoch + 1 if earlier else 1, settings.epochs + 1):
        started = time.perf_counter()
        # Dropout and its like draw from this generator: a function of (seed, epoch), as order and augmentation are.
        torch.manual_seed(data.derive_seed(settings.seed, epoch, "model"))
        train_loss, train_accuracy, rate = train_epoch(
            model,
            optimizer,
            data.training_batches(training, settings, epoch),
            statistics,
            settings.label_smoothing,
            lambda step, epoch=epoch: learning_rate_at(epoch - 1 + step / steps, settings),
        )
        trained_seconds = time.perf_counter() - started
        val_loss, val_accuracy = math.nan, math.nan
        if math.isfinite(train_loss):
            val_loss, val_accuracy = evaluate(model, validation.batches(settings.batch_size), statistics)
        metrics = {
            "train_loss": train_loss,
            "train_accuracy": train_accuracy,
            "val_loss": val_loss,
            "val_accuracy": val_accuracy,
            "learning_rate": rate,
            "images_per_second": len(training) / trained_seconds,
            "seconds": time.perf_counter() - started,
        }
        if not math.isfinite(val_loss):
            # The objective, whichever it is, is not worth ranking: a lucky accuracy of broken weights least of all.
            append_line(settings.metrics_file, {"epoch": epoch, **dict.fromkeys(metrics, None)})
            diverged(settings, epoch, best is not None)
            break

        # This order leaves no gap: a process that ends between two of these repeats the epoch, and the later line of an
        # epoch replaces the earlier one.
        append_line(settings.metrics_file, {"epoch": epoch, **metrics})
        trackers.log(epoch, metrics)
        weights = copy_weights(model)
        value = metrics[settings.objective_metric]
        improved = settings.is_better(value, best.metrics[settings.objective_metric] if best else None)
        if improved:
            best = Best(epoch, metrics, weights)
            folder.save(best)
        save_checkpoint(
            settings.checkpoint_dir,
            Checkpoint(epoch, settings.identity(), architecture, given, seen, weights, optimizer.state_dict(), best),
        )
        print(log_line(settings, epoch, metrics, improved), flush=True)
    finish(settings)


def finish(settings: Settings) -> None:
    """What is done once, when all epochs are trained. A lower rung's model is trained on, and not exported yet."""
    if settings.export == "none" or settings.epochs < settings.budget:
        return
    from export import EXPORT_NAME, export_onnx

    try:
        difference = export_onnx(settings.model_dir)
        print(f"wrote {EXPORT_NAME}; its outputs differ by {difference:.2g} from the model's own", flush=True)
    except Exception as error:  # whatever it is: the trial has its model and its metrics
        print(f"train.py: warning: no {EXPORT_NAME}: {error}", file=sys.stderr)


def choose_device(wanted: str):
    """The torch.device to train on. Raises NoDeviceError when a GPU is asked for and there is none."""
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise NoDeviceError("DEVICE is 'cuda' and no GPU is usable; use a machine with one, or DEVICE=auto")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def diverged(settings: Settings, epoch: int, had_finite: bool) -> None:
    """A training that diverges after a finite epoch ends well with the model of its best epoch, and is marked diverged
    by the null in its metrics. Raises NonFiniteError when there was no such epoch.
    """
    what = f"the loss was not finite in epoch {epoch} (LEARNING_RATE={settings.learning_rate:g})"
    if not had_finite:
        raise NonFiniteError(f"{what}; lower the highest learning rate")
    print(f"train.py: {what}; the best epoch before it is kept", file=sys.stderr)


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
