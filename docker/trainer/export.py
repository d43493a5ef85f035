"""Exports a trained model to ONNX, and checks it against the outputs of the model.

train.py does this at the end of training. For a model folder without an export:

    python export.py MODEL_DIR

The graph takes `images`, uint8 of shape [batch, 3, image_size, image_size], normalises them itself, and yields
`logits`, float32 of shape [batch, classes]. The class names are in its metadata.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from torch import nn

from errors import TrainerError
from images import CHANNELS, normalise
from model_folder import EXPORT_NAME, input_size_of, network_of, read_model, write_bytes

# Relative to the largest logit: float32 sums in another order differ by a hundredth of this.
TOLERANCE = 1e-4


class ExportError(TrainerError):
    """The model could not be exported, or the export gives different results."""


class Deployed(nn.Module):
    """A network that normalises its own input, so that nobody can get that wrong."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, model: nn.Module, mean: torch.Tensor, std: torch.Tensor):
        super().__init__()
        self.model = model
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.model(normalise(images, self.mean, self.std))


def export_onnx(folder: Path) -> float:
    """Writes model.onnx next to the weights in a model folder, and returns the largest difference of a logit.

    Always from the files and on the CPU, so that the export is what predict.py loads. Raises ExportError.
    """
    import onnx

    description, weights = read_model(folder)
    model = network_of(description, weights)
    deployed = Deployed(model, torch.tensor(description["mean"]), torch.tensor(description["std"])).eval()
    generator = torch.Generator().manual_seed(0)
    shape = (CHANNELS, input_size_of(description), input_size_of(description))
    try:
        graph = onnx.load_from_string(trace(deployed, random_images(2, shape, generator)))
        onnx.helper.set_model_props(graph, {"classes": json.dumps(description["classes"])})
        onnx.checker.check_model(graph)
        # With another batch size than it was traced with.
        difference = compare(deployed, graph, random_images(1, shape, generator))
    except ExportError:
        raise
    except Exception as error:  # the exporter raises many types of error for what it cannot express
        raise ExportError(f"{description['model']} cannot be exported to ONNX: {error}") from error
    write_bytes(folder / EXPORT_NAME, graph.SerializeToString())
    return difference


def random_images(count: int, shape: tuple[int, int, int], generator: torch.Generator) -> torch.Tensor:
    return torch.randint(0, 256, (count, *shape), dtype=torch.uint8, generator=generator)


def trace(model: nn.Module, images: torch.Tensor) -> bytes:
    batch = {0: "batch"}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        file = Path(folder, EXPORT_NAME)
        # It warns about its successor, which imports torch's compiler (many seconds per trial) for the same graph.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (images,),
            file,
            dynamo=False,
            input_names=["images"],
            output_names=["logits"],
            dynamic_axes={"images": batch, "logits": batch},
        )
        return file.read_bytes()


@torch.inference_mode()
def compare(model: nn.Module, graph, images: torch.Tensor) -> float:
    """Runs both on `images`; the largest difference. Raises ExportError if it is more than rounding."""
    from onnx.reference import ReferenceEvaluator

    expected = model(images)
    (logits,) = ReferenceEvaluator(graph).run(None, {"images": images.numpy()})
    difference = (torch.as_tensor(logits) - expected).abs().max().item()
    if not difference <= TOLERANCE * max(1.0, expected.abs().max().item()):
        raise ExportError(f"its outputs differ from the model's by {difference:.3g}, so it was discarded")
    return difference


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python export.py MODEL_DIR", file=sys.stderr)
        return 64
    folder = Path(arguments[0])
    try:
        difference = export_onnx(folder)
    except TrainerError as error:
        print(f"export.py: {error}", file=sys.stderr)
        return error.status
    print(f"{folder / EXPORT_NAME}  largest difference from the model's outputs: {difference:.2g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
