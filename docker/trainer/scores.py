"""What the images held out say about a network, from counts alone: sums over all processes and batches."""

from dataclasses import dataclass

import torch

from loader import NO_LABEL

TOP = 5
# Of equal width, as in C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
CONFIDENCE_BINS = 15


@dataclass
class Counts:
    """Sums over images held out, on the device.

    `loss`: the sum of losses. `confusion`: images by class (rows) and predicted class (columns), flattened. `near`:
    images whose class is among the TOP most probable ones. `bins`: for each bin of confidence, the images in it, how
    many of them were right, and the sum of their confidences.
    """

    loss: torch.Tensor
    confusion: torch.Tensor
    near: torch.Tensor
    bins: torch.Tensor

    @classmethod
    def on(cls, device: torch.device, classes: int) -> "Counts":
        return cls(
            torch.zeros((), dtype=torch.float64, device=device),
            torch.zeros(classes * classes, dtype=torch.int64, device=device),
            torch.zeros((), dtype=torch.int64, device=device),
            torch.zeros(3, CONFIDENCE_BINS, dtype=torch.float64, device=device),
        )

    def add(self, logits: torch.Tensor, labels: torch.Tensor) -> None:
        """`logits`: float32 [N, classes]; `labels`: int64 [N], of which NO_LABEL counts nowhere."""
        classes = logits.shape[1]
        counted = labels != NO_LABEL
        known = labels.clamp(min=0)
        self.loss += torch.nn.functional.cross_entropy(logits, labels, reduction="sum", ignore_index=NO_LABEL)
        # argmax and not the maximum's place: of equal logits they may differ, and training counts by argmax.
        predicted = logits.argmax(1)
        self.confusion.index_add_(0, known * classes + predicted, counted.long())
        # By rank and not by topk, so that classes that tie with the right one never push it out.
        right_logit = logits.gather(1, known.unsqueeze(1))
        self.near += ((logits > right_logit).sum(1) < TOP).logical_and_(counted).sum()
        confidence = logits.softmax(1).amax(1).double()
        place = (confidence * CONFIDENCE_BINS).long().clamp_(0, CONFIDENCE_BINS - 1)
        weights = counted.double()
        right = (predicted == labels).double()
        self.bins.index_add_(1, place, torch.stack([weights, weights * right, weights * confidence]))


@dataclass(frozen=True)
class Evaluation:
    """Means over images. `confusion`: images by class (rows) and predicted class (columns), int64 on the CPU."""

    loss: float
    accuracy: float
    top5_accuracy: float
    calibration_error: float
    confusion: torch.Tensor

    @property
    def balanced_accuracy(self) -> float:
        """The mean of the classes' accuracies, over classes that have images."""
        return mean_of_classes(self.confusion.diagonal().double(), self.confusion.sum(1))

    @property
    def macro_f1(self) -> float:
        """The mean of the classes' F1 scores, over classes that have images or were predicted."""
        counts = self.confusion.sum(0) + self.confusion.sum(1)
        return mean_of_classes(2.0 * self.confusion.diagonal().double(), counts)

    def metrics(self, prefix: str) -> dict[str, float]:
        """By name, `prefix` before each: val or test."""
        values = {
            "loss": self.loss,
            "accuracy": self.accuracy,
            "balanced_accuracy": self.balanced_accuracy,
            "macro_f1": self.macro_f1,
            "top5_accuracy": self.top5_accuracy,
            "calibration_error": self.calibration_error,
        }
        return {f"{prefix}_{name}": value for name, value in values.items()}


def evaluation_of(counts: Counts) -> Evaluation:
    """`counts`: sums over all processes."""
    classes = round(counts.confusion.numel() ** 0.5)
    confusion = counts.confusion.view(classes, classes).cpu()
    images = int(confusion.sum())
    per_image = 1 / images if images else float("nan")
    _, right, confidence = counts.bins.cpu()
    return Evaluation(
        float(counts.loss) * per_image,
        int(confusion.diagonal().sum()) * per_image,
        int(counts.near) * per_image,
        float((right - confidence).abs().sum()) * per_image,
        confusion,
    )


def unknown(classes: int) -> Evaluation:
    """Of an epoch that was not evaluated: each score is NaN."""
    nan = float("nan")
    return Evaluation(nan, nan, nan, nan, torch.zeros(classes, classes, dtype=torch.int64))


def mean_of_classes(parts: torch.Tensor, wholes: torch.Tensor) -> float:
    there = wholes > 0
    return float((parts[there] / wholes[there]).mean()) if bool(there.any()) else float("nan")
