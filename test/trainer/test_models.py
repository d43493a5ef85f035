import pytest
import torch
from optimizers import learning_rate_at

from config import MODELS, Settings
from errors import BadSettingError
from models import Architecture, build, fit_size, fit_test_size


@pytest.mark.parametrize("name", ["small_cnn", "small_resnet", "resnet18", "mobilenet_v3_small", "vit_b_16"])
def test_a_network_gives_a_value_for_each_class(name):
    size = fit_size(name, None, 8)
    model = build(Architecture(name, 5, size)).eval()
    assert model(torch.zeros(2, 3, size, size)).shape == (2, 5)


def test_every_torchvision_name_exists():
    import torchvision.models as zoo

    assert [name for name in MODELS if not name.startswith("small_") and not hasattr(zoo, name)] == []


def test_resnet_keeps_small_images_at_full_size_in_its_first_layers():
    small, large = (build(Architecture("resnet18", 2, size)) for size in (64, 65))
    strides = [model.get_submodule("conv1").stride for model in (small, large)]
    assert strides == [(1, 1), (2, 2)]


def test_dropout_stands_before_the_last_layer():
    model = build(Architecture("mobilenet_v3_small", 2, 32, dropout=0.3))
    assert [module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)] == [0.0, 0.3]


def test_a_size_that_a_network_cannot_take_is_refused():
    with pytest.raises(BadSettingError, match=r"IMAGE_SIZE is 40; vit_b_16 needs at least 16 and a multiple of 16"):
        fit_size("vit_b_16", 40, 40)


def rates(**settings) -> list[float]:
    return [
        round(learning_rate_at(done, Settings(learning_rate=1.0, epochs=8, **settings)), 4) for done in (0, 2, 4, 6, 8)
    ]


def test_cosine_falls_to_nothing_over_the_budget():
    assert rates(schedule="cosine") == [1.0, 0.8536, 0.5, 0.1464, 0.0]


def test_step_falls_to_a_tenth_twice():
    assert rates(schedule="step") == [1.0, 1.0, 0.1, 0.01, 0.01]


def test_warmup_rises_before_the_schedule():
    assert rates(schedule="constant", warmup_epochs=4.0) == [0.0, 0.5, 1.0, 1.0, 1.0]


def test_a_size_to_test_at_is_refused_where_the_network_has_only_one():
    assert fit_test_size("resnet18", 288, 224) == 288
    assert fit_test_size("vit_b_16", None, 224) == fit_test_size("vit_b_16", 224, 224) == 224
    with pytest.raises(BadSettingError, match="TEST_RESOLUTION is 288, but vit_b_16 takes only images of its"):
        fit_test_size("vit_b_16", 288, 224)
    with pytest.raises(BadSettingError, match="TEST_RESOLUTION is 16; convnext_tiny needs at least 32"):
        fit_test_size("convnext_tiny", 16, 32)
