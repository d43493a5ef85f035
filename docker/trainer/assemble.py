"""What training starts with: the machine, the images, the network, and the checkpoint of an earlier attempt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
import weights
from batch_size import choose, fits_in

import data
import models
from batches import evaluation_size, statistics, steps_of
from card import DataSummary, listing_digest
from checkpoint import Best, Checkpoint, ModelInput, load_checkpoint
from config import AUTOMATIC, Settings, identity_of_defaults
from data import Data, Sizes, Split
from engine import Learner, Statistics
from errors import NoDataError
from keeper import Keeper
from loader import Batch
from machine import cache_folder, processors
from model_folder import ModelFolder
from precision import Precision, choose_device, choose_precision, tune
from progress import Progress
from throughput import Meter, training_flops
from world import World, enter
from writer import Writer


@dataclass(frozen=True)
class Machine:
    """What this process trains on. `threads`: CPU threads, and processes that decode images."""

    precision: Precision
    world: World
    threads: int

    @property
    def device(self) -> torch.device:
        return self.precision.device


@dataclass
class Training:
    """Training in progress: `epoch` whole epochs and `step` steps of the next one are done. `upcoming`: the next
    epoch's batches, once their decoding has begun.
    """

    settings: Settings
    machine: Machine
    data: Data
    classes: int
    learner: Learner
    keeper: Keeper
    meter: Meter
    progress: Progress
    best: Best | None
    epoch: int
    step: int
    upcoming: Iterator[Batch] | None = None

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return steps_of(len(self.data.training), self.settings.batch_size, self.machine.world.size)

    @property
    def evaluated_at_once(self) -> int:
        trained, tested = self.keeper.folder.architecture.image_size, self.data.validation.size
        # As many pixels as twice a step's.
        batch = int(self.settings.batch_size * min(1.0, (trained / tested) ** 2))
        return evaluation_size(batch, tested, self.machine.world.size)


def assemble(settings: Settings, environ: Mapping[str, str], progress: Progress, writer: Writer) -> Training:
    """Raises TrainerError for what the user can fix."""
    machine = choose_machine(settings, environ)
    if settings.trial_id:
        progress.say(f"trial {settings.trial_id} of sweep {settings.sweep_id}")
    earlier = load_checkpoint(settings.checkpoint_dir, settings.identity(), identity_of_defaults())
    if earlier:
        tell_earlier(earlier, machine.precision, progress)
    assert settings.data_dir is not None  # read_settings has seen to it
    split = data.split_folder(
        settings.data_dir,
        settings.seed,
        settings.validation_share,
        settings.labels,
        settings.group_by,
        cache_folder(environ) / "shards",
    )
    for note in split.notes if machine.world.writes else ():
        progress.say(f"train.py: {note}")
    sizes = choose_sizes(settings, split)
    images = load_images(settings, split, sizes, machine, environ, progress)

    seen = DataSummary(
        listing_digest(settings.data_dir, split.seen),
        len(images.training),
        len(images.validation),
        len(images.test) if images.test else 0,
    )
    if earlier and earlier.data.digest != seen.digest:
        progress.say("train.py: warning: these are not the images that the checkpoint was trained on")
    architecture = models.Architecture(settings.model_name, len(split.classes), sizes.trained, settings.dropout)
    identity = settings.identity()
    if settings.batch_size == AUTOMATIC:
        settings = with_batch_size(settings, architecture, images, machine, earlier, progress)
    learner, given = make_learner(settings, environ, architecture, split, images, machine, earlier, progress)
    flops = partial(training_flops, learner.model, architecture.image_size)
    meter = Meter(machine.precision, machine.world.size, flops)
    folder = ModelFolder(settings.model_dir, architecture, given, settings, seen)
    keeper = Keeper(folder, identity, machine.world, writer, meter.checkpoint_wait)
    if earlier and earlier.best:
        keeper.keep(earlier.best)  # the folder of a new attempt is empty
    tell_setup(settings, split, sizes, images, machine, progress)
    return Training(
        settings=settings,
        machine=machine,
        data=images,
        classes=len(split.classes),
        learner=learner,
        keeper=keeper,
        meter=meter,
        progress=progress,
        best=earlier.best if earlier else None,
        epoch=earlier.epoch if earlier else 0,
        step=earlier.step if earlier else 0,
    )


def choose_machine(settings: Settings, environ: Mapping[str, str]) -> Machine:
    threads = processors(environ)
    torch.set_num_threads(threads)
    device = choose_device(settings.device, environ)
    precision = choose_precision(settings.mixed_precision, device)
    tune(precision)
    return Machine(precision, enter(device, environ), threads)


def choose_sizes(settings: Settings, split: Split) -> Sizes:
    """Raises BadSettingError if the network does not accept the sizes requested."""
    name = settings.model_name
    trained = models.fit_size(name, settings.image_size, settings.image_size or data.common_side(split))
    tested = models.fit_test_size(name, settings.test_resolution, trained)
    return Sizes(trained, data.stored_size(split, trained, settings.augment), tested)


def load_images(
    settings: Settings, split: Split, sizes: Sizes, machine: Machine, environ: Mapping[str, str], progress: Progress
) -> Data:
    """The images of all parts; training and validation images move to the GPU if they take little of its memory."""
    world = machine.world
    images = data.load(
        split,
        sizes,
        cache_folder(environ) / "images",
        # One process decodes while the others wait for it.
        machine.threads * world.size,
        fit=settings.image_fit,
        sharers=world.size,
        limit=settings.max_unreadable,
        progress=progress,
    )
    training, validation = (part.on(machine.device) for part in (images.training, images.validation))
    if len(training) < world.size:
        raise NoDataError(f"{len(training)} training images for {world.size} processes; use --gpus {len(training)}")
    # Images that are on the GPU are not kept in main memory as well.
    return Data(training, validation, images.test, replace(images.decoded, pixels=None))


def make_learner(
    settings: Settings,
    environ: Mapping[str, str],
    architecture: models.Architecture,
    split: Split,
    images: Data,
    machine: Machine,
    earlier: Checkpoint | None,
    progress: Progress,
) -> tuple[Learner, ModelInput]:
    """The network and its optimizer, new or from the checkpoint, and how images become its input."""
    torch.manual_seed(settings.seed)
    model = models.build(architecture)
    if earlier:
        given = earlier.input
        model.load_state_dict(earlier.weights)
    else:
        measured = None
        if settings.weights:
            assert settings.data_dir is not None
            places = weights.Places((settings.data_dir, Path.cwd()), cache_folder(environ) / "weights")
            source = weights.find(settings.weights, settings.model_name, places)
            progress.say(weights.start_from(model, source))
            measured = source.statistics
        if measured is None:
            progress.begin("computing the mean and standard deviation of the training images", 0)
            measured = statistics(images.training, machine.world, machine.device, machine.threads)
        else:
            progress.say("normalising images as the weights' own training images were")
        tested = images.validation.size
        given = ModelInput(
            list(split.classes), *measured, settings.image_fit, tested if tested != architecture.image_size else None
        )
    measures = Statistics.on(machine.device, given.mean, given.std)
    learner = Learner(model, settings, machine.precision, measures, machine.world, class_weights(settings, images))
    if earlier:
        learner.restore(earlier.optimizer, earlier.scaler, earlier.tally, earlier.average)
    return learner, given


def with_batch_size(
    settings: Settings,
    architecture: models.Architecture,
    images: Data,
    machine: Machine,
    earlier: Checkpoint | None,
    progress: Progress,
) -> Settings:
    """The settings with BATCH_SIZE=auto resolved: the checkpoint's batch size, or the largest that fits."""
    found = earlier.batch_size if earlier else None
    if found is None:
        progress.begin("finding the largest batch that fits", 0)
        # A training step without other processes, whose parts are alike.
        alone = replace(settings, compile="false")
        measures = Statistics.on(machine.device, [0.5] * 3, [0.25] * 3)

        def fits(count: int) -> bool:
            learner = Learner(models.build(architecture), alone, machine.precision, measures, World())
            fitted = fits_in(learner, architecture.image_size, count)
            return not machine.world.any(not fitted)[0]

        found = choose(len(images.training), machine.world.size, machine.device, fits)
    progress.say(f"BATCH_SIZE=auto: {found} images per step")
    return replace(settings, batch_size=found)


def class_weights(settings: Settings, images: Data) -> torch.Tensor | None:
    """[classes], for the loss; their mean over the training images is 1. None: all count the same."""
    if settings.class_weights == "none":
        return None
    counts = images.training.labels.bincount().cpu()
    return (counts.sum() / (counts.count_nonzero() * counts)).nan_to_num(posinf=0.0).float()


def tell_earlier(earlier: Checkpoint, precision: Precision, progress: Progress) -> None:
    steps = f" and {earlier.step} steps" if earlier.step else ""
    progress.say(f"resuming after epoch {earlier.epoch}{steps}")
    if earlier.precision not in (None, precision.name):
        progress.say(
            f"train.py: warning: the checkpoint was trained in {format_of(earlier.precision)} on another kind of "
            f"machine; training continues in {format_of(precision.name)}, with slightly different numbers"
        )


def format_of(precision: str | None) -> str:
    return "float32" if precision == "no" else str(precision)


def tell_setup(
    settings: Settings, split: Split, sizes: Sizes, images: Data, machine: Machine, progress: Progress
) -> None:
    """Logs what was chosen."""
    world, training = machine.world, images.training
    progress.say(
        f"{machine.precision}, channels last; {world.size} process{'es' * (world.size > 1)} with {machine.threads} CPU "
        f"threads and {training.workers(machine.threads)} image workers; images "
        f"{training.home or images.decoded.kind} ({images.decoded.bytes / 1e6:,.1f} MB)"
    )
    pixels = f"{sizes.trained}x{sizes.trained} pixels"
    if sizes.tested != sizes.trained:
        pixels += f" ({sizes.tested}x{sizes.tested} in validation)"
    test = f", {len(images.test)} test images" if images.test else ""
    progress.say(
        f"{settings.model_name}: {len(split.classes)} classes, {len(training)} training images, "
        f"{len(images.validation)} validation images{test}, {pixels}"
    )
