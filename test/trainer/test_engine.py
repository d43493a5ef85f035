import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from config import Settings
from engine import Learner, Statistics, make_optimizer
from errors import BadSettingError
from models import Architecture, build
from precision import Precision, choose_precision
from world import World

CPU = torch.device("cpu")


class Asked(TorchDispatchMode):
    """Notes each time that a value leaves the device: on a GPU the program would wait there."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.times += func in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.is_nonzero.default)
        return func(*args, **(kwargs or {}))


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randint(0, 256, (8, 8, 8, 3), dtype=torch.uint8), torch.arange(8) % 3


def learner(**settings) -> Learner:
    statistics = Statistics.on(CPU, [0.5] * 3, [0.25] * 3)
    model = build(Architecture("small_cnn", 3, 8, 0.1))
    return Learner(model, Settings(**settings), Precision(CPU, "bf16"), statistics, World())


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_no_step_asks_the_device_for_a_value(batch, optimizer):
    ours = learner(optimizer=optimizer, clip_gradient=1.0, label_smoothing=0.1)
    ours.step(batch, 8, 0.001)
    with Asked() as asked:
        ours.step(batch, 8, 0.001)
        ours.step(batch, 8, 0.001)
    assert asked.times == 0
    with Asked() as asked:
        ours.tally.is_finite()
    assert asked.times == 1


def test_without_a_c_compiler_nothing_is_compiled_and_that_is_said(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    ours = learner(compile="true")
    assert ours.network is ours.model
    assert "COMPILE=true needs a C++ compiler" in capsys.readouterr().out


def test_the_confusion_of_an_evaluation_counts_each_image_once(batch):
    seen = learner().evaluate([batch, batch], 3)
    assert seen.confusion.sum(1).tolist() == [6, 6, 4]
    assert seen.accuracy == seen.confusion.diagonal().sum() / 16


def test_biases_and_normalisation_do_not_decay():
    model = build(Architecture("small_cnn", 3, 8))
    decaying, others = make_optimizer(model, Settings(weight_decay=0.1)).param_groups
    assert (decaying["weight_decay"], others["weight_decay"]) == (0.1, 0.0)
    assert {weight.ndim for weight in decaying["params"]} == {2, 4}
    assert {weight.ndim for weight in others["params"]} == {1}


def test_a_gradient_is_scaled_down_to_its_limit(batch):
    ours = learner(optimizer="sgd", momentum=0.0, clip_gradient=0.01)
    before = [weight.detach().clone() for weight in ours.model.parameters()]
    ours.step(batch, 8, 1.0)
    after = [weight.detach() for weight in ours.model.parameters()]
    moved = torch.cat([(was - now).flatten() for was, now in zip(before, after, strict=True)])
    assert float(moved.norm()) == pytest.approx(0.01, rel=1e-3)


def test_a_cpu_takes_bf16_where_it_has_the_instructions(monkeypatch):
    for flags, name in (({"avx512_bf16"}, "bf16"), ({"avx512f"}, "no")):
        monkeypatch.setattr("precision.processor_flags", lambda flags=flags: frozenset(flags))
        assert choose_precision("auto", CPU).name == name


def test_fp16_on_a_cpu_is_refused():
    with pytest.raises(BadSettingError, match="MIXED_PRECISION is 'fp16', which is for GPUs"):
        choose_precision("fp16", CPU)
