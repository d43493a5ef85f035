"""The scores of an evaluation, beside scikit-learn's."""

import math

import pytest
import torch
from scores import CONFIDENCE_BINS, Counts, Evaluation, evaluation_of
from sklearn.metrics import balanced_accuracy_score, f1_score, top_k_accuracy_score

from loader import NO_LABEL

CPU = torch.device("cpu")


def evaluated(logits: torch.Tensor, labels: torch.Tensor, at_once: int) -> Evaluation:
    counts = Counts.on(CPU, logits.shape[1])
    for some, theirs in zip(logits.split(at_once), labels.split(at_once), strict=True):
        counts.add(some, theirs)
    return evaluation_of(counts)


@pytest.fixture(scope="module", params=[2, 12])
def guesses(request) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits that are right more often than not, of classes of unequal size."""
    generator = torch.Generator().manual_seed(request.param)
    classes = request.param
    labels = (torch.rand(400, generator=generator).square() * classes).long()
    logits = torch.randn(400, classes, generator=generator)
    logits[torch.arange(400), labels] += 1.0
    return logits, labels


def test_scores_are_those_of_scikit_learn(guesses):
    logits, labels = guesses
    found = evaluated(logits, labels, 400)
    predicted = logits.argmax(1)
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert found.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    if logits.shape[1] > 5:
        assert found.top5_accuracy == pytest.approx(top_k_accuracy_score(labels, logits, k=5))
    else:
        assert found.top5_accuracy == 1


def test_calibration_error_is_the_mean_gap_of_confidence_and_accuracy_by_bin(guesses):
    logits, labels = guesses
    confidence, predicted = logits.double().softmax(1).max(1)
    gap = 0.0
    for place in range(CONFIDENCE_BINS):
        here = (confidence * CONFIDENCE_BINS).long().clamp(max=CONFIDENCE_BINS - 1) == place
        if here.any():
            gap += float(here.sum()) * abs(float(confidence[here].mean() - (predicted == labels)[here].double().mean()))
    assert evaluated(logits, labels, 400).calibration_error == pytest.approx(gap / 400, rel=1e-4)


def test_how_many_are_evaluated_at_once_changes_nothing(guesses):
    logits, labels = guesses
    whole, parts = evaluated(logits, labels, 400), evaluated(logits, labels, 7)
    assert parts.metrics("val") == pytest.approx(whole.metrics("val"))


def test_an_image_that_could_not_be_read_counts_nowhere(guesses):
    logits, labels = guesses
    unread = labels.clone()
    unread[::3] = NO_LABEL
    read = unread != NO_LABEL
    there, without = evaluated(logits, unread, 400), evaluated(logits[read], labels[read], 400)
    assert there.metrics("val") == pytest.approx(without.metrics("val"))
    assert torch.equal(there.confusion, without.confusion)


def test_a_class_without_images_has_no_part_in_balanced_accuracy():
    logits = torch.tensor([[3.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    found = evaluated(logits, torch.tensor([0, 0, 1]), 3)
    assert (found.balanced_accuracy, found.macro_f1) == (1.0, 1.0)


def test_a_class_that_is_only_predicted_lowers_macro_f1():
    found = evaluated(torch.tensor([[3.0, 0.0], [0.0, 3.0]]), torch.tensor([0, 0]), 2)
    assert found.balanced_accuracy == 0.5
    assert found.macro_f1 == pytest.approx((2 / 3 + 0) / 2)


def test_without_an_image_nothing_is_known():
    found = evaluated(torch.zeros(1, 2), torch.tensor([NO_LABEL]), 1)
    assert all(math.isnan(value) for value in found.metrics("val").values())
