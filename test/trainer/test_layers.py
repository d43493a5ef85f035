"""What is frozen, and which layers learn at which rate."""

import pytest
import torch
from layers import block_of, freeze, head_of, rate_factors
from test_engine import learner

from models import Architecture, build

LEARNS = {"backbone": {"head.3.weight", "head.3.bias"}}


@pytest.fixture
def small() -> torch.nn.Module:
    return build(Architecture("small_resnet", 3, 8))


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("layer2.0.conv1.weight", "layer2"),
        ("features.3.1.block.0.weight", "features.3"),
        ("encoder.layers.encoder_layer_7.ln_1.weight", "encoder.layers.encoder_layer_7"),
        ("conv1.weight", None),
        ("class_token", None),
    ],
)
def test_a_block_is_named_by_its_number(name, block):
    assert block_of(name) == block


def test_a_frozen_backbone_leaves_the_last_layer_to_learn(small):
    freeze(small, "backbone")
    assert {name for name, weight in small.named_parameters() if weight.requires_grad} == LEARNS["backbone"]


def test_frozen_normalisation_leaves_all_else_to_learn(small):
    modules = freeze(small, "norm")
    assert all(isinstance(module, torch.nn.BatchNorm2d) for module in modules)
    still = {id(weight) for module in modules for weight in module.parameters()}
    assert all(weight.requires_grad is (id(weight) not in still) for weight in small.parameters())


@pytest.mark.parametrize("what", ["backbone", "norm"])
def test_what_is_frozen_is_the_same_after_a_step(what):
    ours = learner(freeze=what, weights="somewhere")
    before = {name: value.clone() for name, value in ours.model.state_dict().items()}
    batch = (torch.randint(0, 256, (8, 8, 8, 3), dtype=torch.uint8), torch.arange(8) % 3)
    ours.step(batch, 8, 0.1)
    changed = {name for name, value in ours.model.state_dict().items() if not torch.equal(value, before[name])}
    head = head_of(ours.model)
    if what == "backbone":
        assert changed == {f"{head}.weight", f"{head}.bias"}
    else:
        assert f"{head}.weight" in changed
        assert not any("running" in name for name in changed)


def test_all_layers_learn_alike_unless_said(small):
    assert set(rate_factors(small, 1.0, 1.0).values()) == {1.0}


def test_rates_fall_from_the_head_to_the_stem():
    factors = rate_factors(build(Architecture("resnet18", 2, 32)), 10.0, 0.5)
    names = ("fc.1.weight", "layer4.0.conv1.weight", "layer3.1.bn2.bias", "layer1.0.conv1.weight", "conv1.weight")
    assert [factors[name] for name in names] == [10.0, 0.5, 0.25, 0.0625, 0.03125]


def test_the_optimizer_follows_the_factors():
    ours = learner(head_lr_factor=10.0)
    batch = (torch.randint(0, 256, (8, 8, 8, 3), dtype=torch.uint8), torch.arange(8) % 3)
    ours.step(batch, 8, 0.01)
    assert {group["lr"] for group in ours.optimizer.param_groups} == {0.01, 0.1}
