"""The networks, by name. torchvision is imported only if one of its networks is used: that takes seconds."""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from timm_networks import PREFIX, build_timm, configuration, takes_one_size
from torch import nn

from compilation import leave_compiler_out
from errors import BadSettingError

SMALL_IMAGE = 64
# The image sizes that some networks accept, in pixels: (smallest, multiple of).
SIZES = {"convnext_tiny": (32, 1), "vit_b_16": (16, 16)}


@dataclass(frozen=True)
class Architecture:
    """Everything that determines the shape of a network; saved with its weights."""

    name: str
    classes: int
    image_size: int
    dropout: float = 0.0


def build(architecture: Architecture) -> nn.Module:
    """A network with new weights from torch's random generator. [N, 3, size, size] to logits [N, classes]."""
    name, classes, dropout = architecture.name, architecture.classes, architecture.dropout
    if name == "small_cnn":
        return small_cnn(classes, dropout)
    if name == "small_resnet":
        return SmallResNet(classes, dropout)
    if name.startswith(PREFIX):
        return build_timm(name, classes, architecture.image_size, dropout)
    zoo = torchvision_models()
    options: dict[str, Any] = {"image_size": architecture.image_size} if name.startswith("vit_") else {}
    model = getattr(zoo, name)(**options)
    if name.startswith("resnet") and architecture.image_size <= SMALL_IMAGE:
        use_small_stem(model)
    replace_head(model, classes, dropout)
    return model


def fit_test_size(name: str, wanted: int | None, trained: int) -> int:
    """The image size to validate and predict at, in pixels: the requested one, or that of training.

    Raises BadSettingError if the network does not accept it.
    """
    if wanted is None:
        return trained
    smallest, _ = SIZES.get(name, (4, 1))
    if wanted < smallest:
        raise BadSettingError(f"TEST_RESOLUTION is {wanted}; {name} needs at least {smallest}")
    if wanted != trained and (takes_one_size(name) if name.startswith(PREFIX) else name.startswith("vit_")):
        raise BadSettingError(
            f"TEST_RESOLUTION is {wanted}, but {name} takes only images of its training size ({trained}); leave it "
            "out, or use a convolutional network"
        )
    return wanted


def torchvision_models() -> ModuleType:
    """torchvision.models, imported when it is needed."""
    return leave_compiler_out(lambda: importlib.import_module("torchvision.models"))


def fit_size(name: str, wanted: int | None, default: int) -> int:
    """The image size to train at, in pixels: the requested one, or the default, enlarged if the network needs it.

    Raises BadSettingError if the network does not accept the requested size, and for one that timm does not have: this
    is asked before images are decoded.
    """
    if name.startswith(PREFIX):
        configuration(name)
    smallest, multiple = SIZES.get(name, (4, 1))
    if wanted is None:
        return max(smallest, -(-default // multiple) * multiple)
    if wanted < smallest or wanted % multiple != 0:
        of = f" and a multiple of {multiple}" if multiple > 1 else ""
        raise BadSettingError(f"IMAGE_SIZE is {wanted}; {name} needs at least {smallest}{of}")
    return wanted


def convolution(inputs: int, outputs: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    """Convolution and batch normalisation, which provides the bias."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False), nn.BatchNorm2d(outputs)
    )


def small_cnn(classes: int, dropout: float) -> nn.Module:
    """Four convolutions, 0.24 million weights: for images of 8 to 64 pixels, or a first look at any data."""
    return nn.Sequential(
        convolution(3, 32),
        nn.ReLU(inplace=True),
        convolution(32, 64),
        # The order makes no difference to the result, and the ReLU has a quarter of the values.
        nn.MaxPool2d(2),
        nn.ReLU(inplace=True),
        convolution(64, 128),
        nn.ReLU(inplace=True),
        convolution(128, 128),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(128, classes),
    )


class SmallResNet(nn.Module):
    """A narrow residual network of 7 blocks in three stages of 16, 32 and 64 channels, 0.23 million weights.

    For images of 8 to 64 pixels: on 8 pixels a step costs a fifteenth of resnet18's.
    """

    def __init__(self, classes: int, dropout: float):
        super().__init__()
        self.stem = nn.Sequential(convolution(3, 16), nn.ReLU(inplace=True))
        widths = [(16, 16, 1), (16, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 64, 1)]
        self.blocks = nn.Sequential(*(ResidualBlock(*width) for width in widths))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(64, classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.blocks(self.stem(images)))


class ResidualBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.body = nn.Sequential(
            convolution(inputs, outputs, stride), nn.ReLU(inplace=True), convolution(outputs, outputs)
        )
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else convolution(inputs, outputs, stride, size=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu_(self.body(x) + self.shortcut(x))


class WithMirrorImage(nn.Module):
    """A network whose answer is the mean of its logits for an image and for the image mirrored left to right."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return (self.model(images) + self.model(images.flip(3))) / 2


def use_small_stem(model: nn.Module) -> None:
    """The first layers of a ResNet quarter each side, which leaves little of an image of up to 64 pixels.

    The first convolution becomes 3x3 with stride 1, and the pooling after it is removed.
    """
    large = model.get_submodule("conv1")
    assert isinstance(large, nn.Conv2d)
    small = nn.Conv2d(3, large.out_channels, 3, stride=1, padding=1, bias=False)
    nn.init.kaiming_normal_(small.weight, mode="fan_out", nonlinearity="relu")
    model.conv1 = small
    model.maxpool = nn.Identity()


def replace_head(model: nn.Module, classes: int, dropout: float) -> None:
    """Replaces the last linear layer, and the dropout before it, by dropout and a layer for our classes."""
    name, last = [(name, module) for name, module in model.named_modules() if isinstance(module, nn.Linear)][-1]
    parent, _, attribute = name.rpartition(".")
    holder = model.get_submodule(parent)
    if isinstance(holder, nn.Sequential):
        for module in holder:
            if isinstance(module, nn.Dropout):
                module.p = 0.0
    setattr(holder, attribute, nn.Sequential(nn.Dropout(dropout), nn.Linear(last.in_features, classes)))
