"""Batch normalisation over two gloo processes beside torch's own over all their images in one."""

import copy
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn

from batch_norm import synchronise

# How the images are shared out, and their type. With none of bf16 in one of them, torch's own would never end.
CASES = [(4, 4, torch.float32), (3, 5, torch.float32), (0, 8, torch.float32), (0, 8, torch.bfloat16)]
Outcome = list[dict[str, torch.Tensor]]


def outcome(layer: nn.Module, images: torch.Tensor, wanted: torch.Tensor) -> dict[str, torch.Tensor]:
    images = images.clone().requires_grad_()
    result = layer(images)
    (result.float() * wanted).sum().backward()
    assert images.grad is not None
    gradients = {name: weight.grad for name, weight in layer.named_parameters() if weight.grad is not None}
    return {"result": result.detach(), "images": images.grad, **gradients, **dict(layer.named_buffers())}


def given(dtype: torch.dtype) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    normalisation = nn.BatchNorm2d(3)
    nn.init.normal_(normalisation.weight, generator=generator)
    # Far from nothing: a mean of squares less the square of the mean would be noise.
    images = (torch.randn(8, 3, 4, 4, generator=generator) + 100).to(dtype)
    return nn.Sequential(normalisation), images, torch.randn(8, 3, 4, 4, generator=generator)


def process(rank: int, folder: str) -> None:
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    outcomes: Outcome = []
    for first, _, dtype in CASES:
        layer, images, wanted = given(dtype)
        ours = slice(first) if rank == 0 else slice(first, None)
        synchronise(layer)
        outcomes.append(outcome(layer, images[ours], wanted[ours]))
    torch.save(outcomes, Path(folder, str(rank)))
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> tuple[Outcome, Outcome]:
    folder = tmp_path_factory.mktemp("world")
    mp.spawn(process, (str(folder),), nprocs=2)
    first, second = (torch.load(folder / str(rank)) for rank in range(2))
    return first, second


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: " ".join(map(str, CASES[number])))
def test_two_processes_normalise_as_one_does(outcomes, number):
    layer, images, wanted = given(CASES[number][2])
    whole = outcome(copy.deepcopy(layer), images, wanted)
    first, second = (some[number] for some in outcomes)
    rtol, atol = (2e-2, 5e-2) if images.dtype == torch.bfloat16 else (1e-4, 1e-4)
    for name in ("result", "images"):
        torch.testing.assert_close(torch.cat([first[name], second[name]]), whole[name], rtol=rtol, atol=atol)
    for name in ("0.weight", "0.bias"):
        torch.testing.assert_close(first[name] + second[name], whole[name], rtol=rtol, atol=atol)
    for name in ("0.running_mean", "0.running_var", "0.num_batches_tracked"):
        torch.testing.assert_close(first[name], whole[name], rtol=rtol, atol=atol)
        assert torch.equal(first[name], second[name])
