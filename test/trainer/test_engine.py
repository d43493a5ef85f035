import math

import pytest
import torch
from augment import Mix
from optimizers import make_optimizer, regrouped
from torch.utils._python_dispatch import TorchDispatchMode

from config import Settings
from engine import Learner, Statistics, parts_of
from errors import BadSettingError, NoDeviceError
from loader import NO_LABEL
from models import Architecture, build
from precision import Precision, choose_device, choose_precision, scaler_state, tune
from snapshot import numbers, snapshot
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


def learner(precision: str = "bf16", **settings) -> Learner:
    statistics = Statistics.on(CPU, [0.5] * 3, [0.25] * 3)
    model = build(Architecture("small_cnn", 3, 8, 0.1))
    return Learner(model, Settings(**settings), Precision(CPU, precision), statistics, World())


def test_with_test_flip_an_image_and_its_mirror_image_are_judged_alike(batch):
    pixels, labels = batch
    ours = learner("no", test_flip="true")
    ours.step(batch, 8, 0.01)
    one = ours.evaluate(lambda _: [(pixels, labels)], 8, 3)
    other = ours.evaluate(lambda _: [(pixels.flip(2), labels)], 8, 3)
    assert one.loss == pytest.approx(other.loss, rel=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_no_step_asks_the_device_for_a_value(batch, optimizer):
    ours = learner(optimizer=optimizer, clip_gradient=1.0, label_smoothing=0.1)
    ours.step(batch, 8, 0.001)
    with Asked() as asked:
        ours.step(batch, 8, 0.001)
        ours.step(batch, 8, 0.001)
    assert asked.times == 0


def test_a_loss_that_is_not_finite_is_known_at_the_second_look(batch):
    ours = learner()
    ours.step(batch, 8, 0.001)
    ours.tally.sums[0] = math.nan
    with Asked() as asked:
        assert not ours.diverged()
    assert asked.times == 0  # the device is only told to copy
    assert ours.diverged()
    ours.tally.reset()
    assert not ours.diverged()


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_a_first_step_that_overflows_in_fp16_changes_nothing(batch, monkeypatch, optimizer):
    monkeypatch.setattr(torch, "empty_like", lambda like, **_: torch.full_like(like, math.nan))  # it may hold anything
    ours = learner("fp16", optimizer=optimizer)
    before = [weight.detach().clone() for weight in ours.model.parameters()]
    for scale in (math.inf, 1.0):
        ours.scaler.load_state_dict({**ours.scaler.state_dict(), "scale": scale})
        ours.step(batch, 8, 0.001)
        after = [weight.detach() for weight in ours.model.parameters()]
        assert all(torch.isfinite(weight).all() for weight in after)
        assert all(torch.equal(was, now) for was, now in zip(before, after, strict=True)) == (scale == math.inf)


def test_the_state_of_fp16s_scale_is_taken_without_asking_for_it(batch):
    ours = learner("fp16")
    assert numbers(snapshot(scaler_state(ours.scaler))) == ours.scaler.state_dict()
    ours.step(batch, 8, 0.001)
    with Asked() as asked:
        state = snapshot(scaler_state(ours.scaler))
    assert asked.times == 0
    assert numbers(state) == ours.scaler.state_dict()
    assert scaler_state(learner("bf16").scaler) == {}


def test_the_confusion_of_an_evaluation_counts_each_image_once(batch):
    seen = learner().evaluate(lambda _: [batch, batch], 8, 3)
    assert seen.confusion.sum(1).tolist() == [6, 6, 4]
    assert seen.accuracy == seen.confusion.diagonal().sum() / 16


def out_of_memory_above(most: int, seen: list[int]):
    def batches(at_once: int):
        seen.append(at_once)
        if at_once > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 6.00 GiB.")
        yield torch.zeros(at_once, 8, 8, 3, dtype=torch.uint8), torch.zeros(at_once, dtype=torch.int64)

    return batches


def test_an_evaluation_that_takes_too_much_memory_is_made_smaller(capsys):
    seen: list[int] = []
    assert learner().evaluate(out_of_memory_above(2, seen), 8, 3).confusion.sum() == 2
    assert seen == [8, 4, 2]
    assert "out of memory; validating 2 images at a time" in capsys.readouterr().err


def test_the_next_evaluation_starts_with_as_many_as_fitted():
    seen: list[int] = []
    ours = learner()
    for _ in range(2):
        ours.evaluate(out_of_memory_above(2, seen), 8, 3)
    assert seen == [8, 4, 2, 2]


def test_an_evaluation_of_one_image_that_takes_too_much_memory_fails():
    with pytest.raises(torch.OutOfMemoryError):
        learner().evaluate(out_of_memory_above(0, []), 8, 3)


def test_images_without_a_label_count_nowhere(batch):
    pixels, labels = batch
    labelled = labels.clone()
    labelled[3] = NO_LABEL
    ours = learner(label_smoothing=0.1)
    seen = ours.evaluate(lambda _: [(pixels, labelled)], 8, 3)
    assert int(seen.confusion.sum()) == 7
    assert math.isfinite(seen.loss)
    ours.step((pixels, labelled), 8, 0.001)
    assert ours.tally.sums[2] == 7


@pytest.mark.parametrize("now", ["fp16", "bf16", "no"])
@pytest.mark.parametrize("before", ["fp16", "bf16", "no"])
def test_a_checkpoint_of_one_precision_goes_on_in_another(batch, before, now):
    earlier, later = learner(precision=before), learner(precision=now)
    earlier.step(batch, 8, 0.001)
    later.restore(earlier.optimizer.state_dict(), earlier.scaler.state_dict(), earlier.tally.sums)
    later.step(batch, 8, 0.001)
    if before == now == "fp16":
        assert later.scaler.state_dict()["_growth_tracker"] == 2


@pytest.mark.parametrize("name", ["vit_b_16", "convnext_tiny", "resnet18"])
def test_only_weights_of_layers_decay(name):
    model = build(Architecture(name, 3, 32))
    decaying, others = make_optimizer(model, Settings(weight_decay=0.1)).param_groups
    named = dict(model.named_modules())
    layers = {"Linear", "NonDynamicallyQuantizableLinear", "Conv2d", "Conv2dNormActivation", "MultiheadAttention"}
    assert {type(named[weight.rpartition(".")[0]]).__name__ for weight in decaying["param_names"]} <= layers
    special = [name for name in others["param_names"] if not name.endswith(("weight", "bias"))]
    assert {name.rpartition(".")[2] for name in special} == {
        "vit_b_16": {"class_token", "pos_embedding"},
        "convnext_tiny": {"layer_scale"},
        "resnet18": set(),
    }[name]


@pytest.mark.parametrize("named", [True, False])
def test_an_optimizer_whose_weights_were_grouped_otherwise_goes_on(named):
    model = build(Architecture("convnext_tiny", 3, 32))
    for weight in model.parameters():
        weight.grad = torch.randn_like(weight)
    weights = list(model.named_parameters())
    groups = [[one for one in weights if (one[1].ndim > 1) is several] for several in (True, False)]
    theirs = torch.optim.Adam([{"params": some if named else [weight for _, weight in some]} for some in groups])
    theirs.step()
    ours = make_optimizer(model, Settings())
    ours.load_state_dict(regrouped(theirs.state_dict(), model, ours))
    assert all(torch.equal(ours.state[weight]["exp_avg"], theirs.state[weight]["exp_avg"]) for _, weight in weights)


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
    with pytest.raises(BadSettingError, match="MIXED_PRECISION is 'fp16', which needs a GPU"):
        choose_precision("fp16", CPU)


@pytest.mark.parametrize(("name", "tf32"), [("no", False), ("bf16", True), ("fp16", True)])
def test_float32_is_float32_unless_mixed(monkeypatch, name, tf32):
    for flag in ("benchmark", "allow_tf32"):
        monkeypatch.setattr(torch.backends.cudnn, flag, getattr(torch.backends.cudnn, flag))
    before = torch.get_float32_matmul_precision()
    try:
        tune(Precision(torch.device("cuda", 0), name))
        assert torch.backends.cudnn.allow_tf32 is torch.backends.cuda.matmul.allow_tf32 is tf32
    finally:
        torch.set_float32_matmul_precision(before)


def test_a_gpu_that_torch_cannot_use_is_said_and_refused_when_asked_for(monkeypatch, capsys):
    def too_old() -> None:
        raise RuntimeError("The NVIDIA driver on your system is too old (found version 11040).")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", "13.2")
    monkeypatch.setattr(torch.cuda, "init", too_old)
    monkeypatch.setattr("precision.visible_gpus", lambda _: 1)
    with pytest.raises(NoDeviceError, match=r"1 is present, but The NVIDIA driver on your system is too old"):
        choose_device("cuda", {})
    assert choose_device("auto", {}).type == "cpu"
    assert "warning: training on the CPU, because no GPU can be used: 1 is present" in capsys.readouterr().err
    assert choose_device("cpu", {}).type == "cpu"


def weights_of(ours: Learner) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in ours.model.state_dict().items()}


@pytest.mark.parametrize(("images", "at_once"), [(8, 3), (9, 2), (1, 4), (0, 4)])
def test_parts_of_a_batch_are_whole_and_even(images, at_once):
    sizes = [part.stop - part.start for part in parts_of(images, at_once)]
    assert sum(sizes) == images
    assert max(sizes) <= at_once
    assert max(sizes) - min(sizes) <= 1


def small_steps(micro_batch: int | None, batch) -> dict[str, torch.Tensor]:
    """After two steps of a network without batch normalisation, which depends on the part."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
    statistics = Statistics.on(CPU, [0.5] * 3, [0.25] * 3)
    settings = Settings(micro_batch=micro_batch, optimizer="sgd")
    ours = Learner(model, settings, Precision(CPU, "no"), statistics, World())
    ours.step(batch, 8, 0.1)
    ours.step(batch, 8, 0.1)
    assert ours.tally.sums[2] == 16
    return weights_of(ours)


def test_gradients_of_a_batch_in_parts_are_those_of_the_whole(batch):
    whole, parts = small_steps(None, batch), small_steps(3, batch)
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value)


def test_a_step_that_runs_out_of_memory_goes_on_with_half_as_many_images(batch, monkeypatch, capsys):
    ours, seeds = learner(), []
    real = ours.accumulate

    def little_memory(batch, count, mix):
        if min(ours.micro_batch, len(batch[1])) > 4:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(batch, count, mix)

    monkeypatch.setattr(ours, "accumulate", little_memory)
    ours.step(batch, 8, 0.001, lambda: seeds.append(1))
    assert (ours.micro_batch, len(seeds)) == (4, 1)
    assert ours.tally.sums[2] == 8
    assert "out of memory; continuing with 4 images at a time" in capsys.readouterr().err


def test_a_step_that_does_not_fit_with_two_images_fails(batch, monkeypatch):
    ours = learner()

    def no_memory(batch, count, mix):
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(ours, "accumulate", no_memory)
    with pytest.raises(RuntimeError, match="out of memory"):
        ours.step(batch, 8, 0.001)
    assert ours.micro_batch == 2


def test_the_average_moves_towards_the_weights_and_is_what_is_kept(batch):
    ours = learner(ema=0.75)
    before = weights_of(ours)
    ours.step(batch, 8, 0.1)
    after = weights_of(ours)
    for name, value in ours.kept_weights().items():
        expected = before[name].lerp(after[name], 0.25) if value.is_floating_point() else after[name]
        torch.testing.assert_close(value, expected)


def test_the_average_of_the_first_steps_keeps_little_of_the_initial_weights(batch):
    ours = learner(ema=0.999)
    before = weights_of(ours)
    ours.step(batch, 8, 0.1, before=0)
    after = weights_of(ours)
    name = next(iter(before))
    torch.testing.assert_close(ours.kept_weights()[name], before[name].lerp(after[name], 0.9))


def test_an_evaluation_is_of_the_average_and_leaves_the_weights(batch):
    ours = learner(ema=0.999)
    first = ours.evaluate(lambda _: [batch], 8, 3)
    for _ in range(3):
        ours.step(batch, 8, 0.1)
    after = weights_of(ours)
    evaluated = ours.evaluate(lambda _: [batch], 8, 3)
    assert evaluated.loss == pytest.approx(first.loss, abs=0.05)
    assert all(torch.equal(value, after[name]) for name, value in ours.model.state_dict().items())


def test_class_weights_weigh_the_loss(batch):
    pixels, labels = batch
    ours = learner("no")
    ours.class_weights = torch.tensor([0.0, 1.0, 2.0])
    ours.step((pixels, labels), 8, 0.0)
    plain = learner("no")
    plain.model.load_state_dict(ours.model.state_dict())
    assert ours.tally.sums[0] > 0
    only_first = (pixels[labels == 0], labels[labels == 0])
    before = float(ours.tally.sums[0])
    ours.step(only_first, len(only_first[1]), 0.0)
    assert float(ours.tally.sums[0]) == before


def test_a_mix_that_keeps_everything_is_the_batch_itself(batch):
    plain, mixed_whole = learner("no"), learner("no")
    mixed_whole.model.load_state_dict(plain.model.state_dict())
    for ours, mix in ((plain, None), (mixed_whole, Mix(1.0, None))):
        torch.manual_seed(0)
        ours.step(batch, 8, 0.001, mix=mix)
    torch.testing.assert_close(mixed_whole.tally.sums, plain.tally.sums)
