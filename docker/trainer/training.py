"""The training loop: epochs of steps, validation after each, and what is saved.

assemble.py prepares what the loop starts with; one step, forward and backward, is Learner.step in engine.py.
"""

import math
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from augment import draw_mix
from optimizers import learning_rate_at
from scores import Evaluation, unknown

from assemble import Training, assemble
from batches import derive_seed, evaluation_batches, plan_epoch, training_batches
from config import Settings
from engine import STEPS_BETWEEN_LOOKS, seed_dropout
from errors import Interrupted, NonFiniteError
from files import append_line
from interruption import asked_to_stop, undisturbed
from loader import Batch, Images
from program import is_first
from progress import Progress, print_now, say_nothing
from trackers import Trackers
from writer import Writer


def train(settings: Settings, trackers: Trackers, environ: Mapping[str, str]) -> None:
    """All of training, or this process's part in it. Raises TrainerError for what the user can fix."""
    tell = print_now if is_first(environ) else say_nothing
    with Progress(tell) as progress, Writer() as writer:
        training = assemble(settings, environ, progress, writer)
        with undisturbed():  # SIGTERM waits until the current step is done and its checkpoint is saved
            for epoch in range(training.epoch + 1, settings.epochs + 1):
                began = time.perf_counter()
                trained = train_epoch(training, epoch)
                if math.isfinite(trained.loss) and epoch < settings.epochs and training.data.training.pixels is None:
                    # The decoders fill their queues while the images held out are looked at.
                    training.upcoming = begin_batches(training, epoch + 1)
                evaluation = validate(training, epoch) if math.isfinite(trained.loss) else None
                metrics = {
                    "train_loss": trained.loss,
                    "train_accuracy": trained.accuracy,
                    **(evaluation or unknown(training.classes)).metrics("val"),
                    "learning_rate": trained.last_rate,
                    "images_per_second": trained.images_per_second,
                    "seconds": time.perf_counter() - began,
                }
                if evaluation is None or not math.isfinite(evaluation.loss):
                    end_diverged(training, epoch, metrics)
                    break
                keep(training, trackers, epoch, metrics, evaluation)
            training.keeper.finish()
        finish(training)


@dataclass(frozen=True)
class Trained:
    """The result of one epoch of training, which ended early if the loss was not finite."""

    loss: float
    accuracy: float
    last_rate: float
    images_per_second: float


def train_epoch(training: Training, epoch: int) -> Trained:
    """Trains from `training.step` to the end of the epoch. Raises Interrupted once a checkpoint is being saved."""
    settings, learner, keeper, world = training.settings, training.learner, training.keeper, training.machine.world
    images, first, steps = training.data.training, training.step, training.steps
    began = time.perf_counter()
    training.progress.begin(f"epoch {epoch}/{settings.epochs}", len(images), first * settings.batch_size)
    batches, training.upcoming = training.upcoming or begin_batches(training, epoch), None
    for step, batch in enumerate(training.meter.data_wait.timed(batches), first):
        count = min(settings.batch_size, len(images) - step * settings.batch_size)
        seed = partial(seed_dropout, training.machine.device, settings.seed, epoch, step, world.rank)
        seed()
        before = (epoch - 1) * steps + step
        mix = draw_mix(settings.mixup, settings.cutmix, derive_seed(settings.seed, epoch, step, world.rank, "mix"))
        learner.step(batch, count, learning_rate_at(epoch - 1 + step / steps, settings), seed, mix, before)
        training.progress.advance(count)
        if step == first:
            world.lose_patience()
        if step % STEPS_BETWEEN_LOOKS == 0 and learner.diverged():
            break
        if step % world.steps_between_talks == 0:
            stop, due = world.any(asked_to_stop(), keeper.due())
            if stop or due:
                keeper.save(epoch - 1, step + 1, learner, training.best)
            if stop:
                raise Interrupted
    training.step = 0
    loss, accuracy = learner.results()
    seen = max(0, min((steps - first) * settings.batch_size, len(images) - first * settings.batch_size))
    last_rate = learning_rate_at(epoch - 1 + (steps - 1) / steps, settings)
    return Trained(loss, accuracy, last_rate, seen / (time.perf_counter() - began))


def begin_batches(training: Training, epoch: int) -> Iterator[Batch]:
    """The batches of an epoch from `training.step` on. Images that are not held are decoded from this call on."""
    settings, machine, images = training.settings, training.machine, training.data.training
    how = (settings.augment, settings.sampling, settings.random_erasing, settings.shuffle_buffer)
    plan = plan_epoch(images, settings.seed, epoch, *how)
    batch, first, size = settings.batch_size, training.step, training.keeper.folder.architecture.image_size
    return training_batches(images, plan, batch, first, machine.world, machine.device, machine.threads, size)


def validate(training: Training, epoch: int) -> Evaluation:
    """Raises Interrupted once a checkpoint that includes all steps of this epoch is being saved."""
    try:
        return evaluate(training, training.data.validation, "validating")
    except Interrupted:
        training.keeper.save(epoch - 1, training.steps, training.learner, training.best)
        raise


def evaluate(training: Training, images: Images, what: str) -> Evaluation:
    machine, progress = training.machine, training.progress
    progress.begin(what, -(-len(images) // machine.world.size))

    def batches(at_once: int):
        held_out = evaluation_batches(images, at_once, machine.world, machine.device, machine.threads)
        for pixels, labels in training.meter.data_wait.timed(held_out):
            yield pixels, labels
            progress.advance(len(labels))

    return training.learner.evaluate(batches, training.evaluated_at_once, training.classes)


def keep(training: Training, trackers: Trackers, epoch: int, metrics: dict[str, float], evaluation: Evaluation) -> None:
    """Reports the epoch, and hands what is saved to the writer thread. Raises Interrupted once a checkpoint is being
    saved.

    The order leaves no gap: a process that dies between two of these steps repeats the epoch, and the later line for an
    epoch replaces the earlier one.
    """
    settings, learner, keeper, world = training.settings, training.learner, training.keeper, training.machine.world
    measured = training.meter.read(metrics["images_per_second"])
    if training.keeper.identity["batch_size"] == "auto":
        measured["batch_size"] = settings.batch_size
    if world.writes:
        append_line(settings.metrics_file, {"epoch": epoch, **metrics, **measured})
        trackers.log(epoch, {**metrics, **measured})
    before = training.best.metrics[settings.objective_metric] if training.best else None
    improved = settings.is_better(metrics[settings.objective_metric], before)
    if improved:
        training.best = keeper.best(epoch, metrics, evaluation, learner)
    training.progress.say(log_line(settings, epoch, metrics, measured, improved))
    learner.tally.reset()
    is_last = epoch == settings.epochs
    stop, due = world.any(asked_to_stop(), keeper.due())
    if stop or due or is_last:
        keeper.save(epoch, 0, learner, training.best)
    if stop and not is_last:
        raise Interrupted


def end_diverged(training: Training, epoch: int, metrics: dict[str, float]) -> None:
    """Training that diverges after a finite epoch succeeds with its best epoch's model; the null in its metrics
    marks it as diverged. Raises NonFiniteError if there was no finite epoch.

    Every metric is null, because no objective of a diverged epoch is worth ranking, least of all a lucky accuracy of
    broken weights.
    """
    settings = training.settings
    if training.machine.world.writes:
        append_line(settings.metrics_file, {"epoch": epoch, **dict.fromkeys(metrics, None)})
    what = f"the loss was not finite in epoch {epoch} (LEARNING_RATE={settings.learning_rate:g})"
    if training.best is None:
        raise NonFiniteError(f"{what}; lower the highest learning rate")
    print(f"train.py: {what}; keeping the best epoch before it", file=sys.stderr)


def finish(training: Training) -> None:
    """What is done once, after the last epoch. On a lower rung the model will be trained further, so it is not yet
    tested or exported.
    """
    settings, world = training.settings, training.machine.world
    if settings.epochs >= settings.budget and training.data.test is not None:
        test(training, training.data.test)
    # One process exports, which can take minutes; the others do not wait for it.
    world.leave()
    if world.writes and settings.epochs >= settings.budget and settings.export != "none":
        export(settings)


def test(training: Training, images: Images) -> None:
    """Loss and accuracy of the best model on images used neither to train nor to choose it."""
    best, learner = training.best, training.learner
    if best is None:
        return
    learner.average = None  # the best weights are those of its average already
    learner.model.load_state_dict(best.weights)
    evaluation = evaluate(training, images.on(training.machine.device), "testing")
    training.progress.say(
        f"test of the best epoch, {best.epoch}: loss {evaluation.loss:.4f} accuracy {evaluation.accuracy:.4f} on "
        f"{len(images)} images"
    )
    if training.machine.world.writes:
        training.keeper.folder.save(best, evaluation.metrics("test"))


def export(settings: Settings) -> None:
    from export import export_onnx
    from model_folder import EXPORT_NAME

    try:
        difference = export_onnx(settings.model_dir)
        print(f"wrote {EXPORT_NAME}; its outputs differ from the model's by at most {difference:.2g}", flush=True)
    except Exception as error:  # whatever it is, the trial has its model and metrics
        print(f"train.py: warning: {EXPORT_NAME} was not written: {error}", file=sys.stderr)


def log_line(
    settings: Settings, epoch: int, metrics: dict[str, float], measured: dict[str, float], improved: bool
) -> str:
    """The log line of one epoch."""
    return (
        f"epoch {epoch}/{settings.epochs}  "
        f"train loss {metrics['train_loss']:.4f} accuracy {metrics['train_accuracy']:.4f}  "
        f"val loss {metrics['val_loss']:.4f} accuracy {metrics['val_accuracy']:.4f}  "
        f"rate {metrics['learning_rate']:.3g}  {metrics['seconds']:.1f} s  "
        f"{metrics['images_per_second']:,.0f} images/s{'  best so far' if improved else ''}"
        f"{'  MFU {:.1%}'.format(measured['mfu']) if 'mfu' in measured else ''}"
    )
