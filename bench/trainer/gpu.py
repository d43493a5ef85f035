"""Training steps on made-up images, train.py's own or a plain loop's: images a second, MFU and peak memory of one GPU.

    python gpu.py MODEL SIZE BATCH SECONDS [--loop ours|plain] [--compile] [--nccl] [--device cpu]

Prints one row of gpu.sh's table. Nothing is read from disk, so this is what is left when decoding costs nothing. The
plain loop is float32 as torch multiplies it by default, Adam, batches copied from memory as they are due, and two
numbers fetched at each step. `--nccl`: ours through DistributedDataParallel, NCCL and our batch normalisation over
processes, of which this is the only one. Imports no more than torch, torchvision, NumPy and Pillow.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker" / "trainer"))
from timing import timed

from batch_norm import synchronise
from batches import plan_epoch, steps_of, training_batches
from config import Settings
from engine import Learner, Statistics
from loader import Images
from models import Architecture, build
from precision import choose_precision, tune
from throughput import STEPS_FORWARD, peak_flops, training_flops
from world import World

CLASSES = 100
BATCHES = 8


class OneOfOne(World):
    """Does what World leaves out where one process is alone."""

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    def synchronise(self, model: nn.Module) -> list:
        return synchronise(model)

    def normalises_alone(self, count: int, choice: str) -> bool:
        return False

    def join(self, model: nn.Module, device: torch.device) -> nn.Module:
        devices = [device] if device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(model, device_ids=devices, gradient_as_bucket_view=True)


def made_up_images(count: int, size: int) -> Images:
    pixels = torch.randint(0, 256, (count, size, size, 3), dtype=torch.uint8)
    labels = torch.randint(0, CLASSES, (count,))
    return Images([], labels, size, pixels, torch.arange(count))


def our_steps(options: argparse.Namespace, device: torch.device, model: nn.Module, world: World) -> Iterator[None]:
    """One step of train.py each time that it is asked, epoch after epoch."""
    settings = Settings(batch_size=options.batch, compile="true" if options.compile else "false", augment="flip")
    precision = choose_precision("auto", device)
    tune(precision)
    learner = Learner(model, settings, precision, Statistics.on(device, [0.5] * 3, [0.25] * 3), world)
    images = made_up_images(BATCHES * options.batch, options.size).on(device)
    assert steps_of(len(images), options.batch) == BATCHES
    for epoch in range(1, sys.maxsize):
        plan = plan_epoch(images, 0, epoch, settings.augment)
        for batch in training_batches(images, plan, options.batch, 0, world, device, 1):
            learner.step(batch, options.batch, 0.0001)
            yield


def plain_steps(options: argparse.Namespace, device: torch.device, model: nn.Module) -> Iterator[None]:
    model = model.to(device)
    if options.compile:
        model = torch.compile(model)  # type: ignore[assignment]
    images = made_up_images(BATCHES * options.batch, options.size)
    assert images.pixels is not None
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr=0.0001), nn.CrossEntropyLoss()
    while True:
        for some in torch.randperm(len(images)).split(options.batch):
            pixels = images.pixels[some].permute(0, 3, 1, 2).contiguous().float() / 255
            inputs, labels = ((pixels - 0.5) / 0.25).to(device), images.labels[some].to(device)
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            loss.item(), (outputs.argmax(1) == labels).sum().item()
            yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("size", type=int)
    parser.add_argument("batch", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--loop", choices=("ours", "plain"), default="ours")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--nccl", action="store_true")
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    device = torch.device(options.device, 0) if options.device == "cuda" else torch.device(options.device)
    torch.manual_seed(0)
    model = build(Architecture(options.model, CLASSES, options.size, 0.0))
    flops = training_flops(model, options.size)
    world = World()
    if options.nccl:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        backend = "nccl" if device.type == "cuda" else "gloo"
        place = tempfile.mkdtemp()
        dist.init_process_group(backend, init_method=f"file://{place}/meeting", rank=0, world_size=1)
        world = OneOfOne()
    steps = our_steps(options, device, model, world) if options.loop == "ours" else plain_steps(options, device, model)
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    rate = options.batch * timed(steps, options.seconds, wait)
    memory, mfu = "", ""
    if device.type == "cuda":
        memory = f"{torch.cuda.max_memory_allocated() / 1e9:.1f} GB"
        # The plain loop's float32 runs as TF32 in convolutions: the peak of bf16 is what the chip could have done.
        peak = peak_flops(torch.cuda.get_device_name(), "bf16")
        mfu = "" if peak is None else f"{rate * flops / peak:.1%}"
    how = " ".join(name for name in ("compile", "nccl") if getattr(options, name)) or "as it is"
    gflop = f"{flops / STEPS_FORWARD / 1e9:.2f}"
    cells = (
        options.model,
        str(options.size),
        str(options.batch),
        gflop,
        options.loop,
        how,
        f"{rate:,.0f}",
        mfu,
        memory,
    )
    print(f"| {' | '.join(cells)} |", flush=True)
    if options.nccl:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
