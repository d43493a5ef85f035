"""Classifies images with a trained model.

On the command line, one line per image (file, class, probability, separated by tabs):

    python predict.py MODEL_DIR IMAGE ...

From Python:

    from predict import load
    load("output/model").predict("image.png").label
"""

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from errors import TrainerError
from images import normalise, read_image
from model_folder import input_size_of, network_of, read_model


@dataclass(frozen=True)
class Prediction:
    label: str
    probability: float
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Classifier:
    """A model with everything needed to use it: `model` takes normalised float32 [N, 3, image_size, image_size]."""

    model: torch.nn.Module
    classes: list[str]
    image_size: int
    mean: torch.Tensor
    std: torch.Tensor
    image_fit: str = "crop"

    @torch.inference_mode()
    def predict(self, path: str | Path) -> Prediction:
        """The class of one image file. Raises UnreadableError if it cannot be read."""
        images = read_image(Path(path), self.image_size, self.image_fit).unsqueeze(0).to(self.mean.device)
        shares = self.model(normalise(images, self.mean, self.std)).softmax(1)[0].tolist()
        best = max(range(len(shares)), key=shares.__getitem__)
        return Prediction(self.classes[best], shares[best], dict(zip(self.classes, shares, strict=True)))


def load(folder: str | Path, device: str = "cpu") -> Classifier:
    """Loads a model folder written by train.py. Raises NoDataError if it is not one."""
    description, weights = read_model(Path(folder), device)
    model = network_of(description, weights).to(device)
    mean, std = (torch.tensor(description[name], device=device) for name in ("mean", "std"))
    fit = description.get("image_fit", "crop")  # not recorded in older models
    return Classifier(model, description["classes"], input_size_of(description), mean, std, fit)


def main(arguments: list[str]) -> int:
    if len(arguments) < 2 or arguments[0].startswith("-"):
        print("usage: python predict.py MODEL_DIR IMAGE ...", file=sys.stderr)
        return 64
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # file names are printed byte for byte
    try:
        classifier = load(arguments[0])
        for path in arguments[1:]:
            prediction = classifier.predict(path)
            print(f"{path}\t{prediction.label}\t{prediction.probability:.4f}")
    except TrainerError as error:
        print(f"predict.py: {error}", file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
