"""RECIPE: what an experienced person would set for a kind of task, where the environment says nothing else."""

from collections.abc import Mapping
from typing import Any

# Small images, learned from nothing in a few epochs.
SMALL = {"optimizer": "adamw", "weight_decay": 0.01, "augment": "shift_flip", "ema": 0.99}
# Photographs, learned from nothing: after A. Steiner et al., "How to Train Your ViT?", TMLR 2022, and torchvision's own
# recipe of 2021 (https://pytorch.org/blog/how-to-train-state-of-the-art-models-using-torchvision-latest-primitives/),
# less what only pays over hundreds of epochs.
PHOTO = {
    "optimizer": "adamw",
    "weight_decay": 0.05,
    "augment": "trivial",
    "label_smoothing": 0.1,
    "random_erasing": 0.1,
    "mixup": 0.2,
    "cutmix": 1.0,
    "clip_gradient": 1.0,
    "ema": 0.999,
}
# From WEIGHTS: little changes of what is known, more of the new last layer.
FINETUNE = {
    "learning_rate": 0.0003,
    "head_lr_factor": 10.0,
    "layer_decay": 0.8,
    "optimizer": "adamw",
    "weight_decay": 0.05,
    "augment": "crop_flip",
    "label_smoothing": 0.1,
    "clip_gradient": 1.0,
    "ema": 0.99,
}
RECIPES: Mapping[str, Mapping[str, Any]] = {"none": {}, "small": SMALL, "photo": PHOTO, "finetune": FINETUNE}


def defaults_of(recipe: str, weights: str | None, model_name: str) -> Mapping[str, Any]:
    """The settings of a recipe by field. `auto` is finetune with WEIGHTS, small for a network whose name begins with
    small_, and photo otherwise.
    """
    if recipe == "auto":
        recipe = "finetune" if weights else "small" if model_name.startswith("small_") else "photo"
    return RECIPES[recipe]
