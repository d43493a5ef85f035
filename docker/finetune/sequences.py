"""Sequences of tokens as tensors: several texts packed into one, or one text each, padded."""

from dataclasses import dataclass

import torch

from texts import IGNORED, Tokens, pack

State = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Sequence:
    """`positions` begin at 0 with each text; `learned`: how many tokens are to be predicted."""

    ids: list[int]
    labels: list[int]
    positions: list[int]
    learned: int


def sequences_of(texts: list[Tokens], size: int, packing: bool) -> list[Sequence]:
    bins = pack([len(text.ids) for text in texts], size) if packing else [[number] for number in range(len(texts))]
    return [joined([texts[number] for number in one]) for one in bins]


def joined(texts: list[Tokens]) -> Sequence:
    labels = [label for text in texts for label in text.labels]
    return Sequence(
        [token for text in texts for token in text.ids],
        labels,
        [place for text in texts for place in range(len(text.ids))],
        sum(label != IGNORED for label in labels),
    )


def collate(sequences: list[Sequence], packing: bool, padding: int, device: torch.device) -> tuple[State, torch.Tensor]:
    """The inputs of a network and its labels, [sequences, tokens of the longest].

    With packing there is no attention mask: transformers keeps texts apart by where positions begin again, and padding
    becomes a text of its own, of which nothing is learned.
    """
    longest = max(len(one.ids) for one in sequences)
    gaps = [longest - len(one.ids) for one in sequences]
    several = list(zip(sequences, gaps, strict=True))
    inputs = {"input_ids": torch.tensor([one.ids + [padding] * gap for one, gap in several])}
    if packing:
        inputs["position_ids"] = torch.tensor([one.positions + list(range(gap)) for one, gap in several])
    else:
        inputs["attention_mask"] = torch.tensor([[1] * len(one.ids) + [0] * gap for one, gap in several])
    labels = torch.tensor([one.labels + [IGNORED] * gap for one, gap in several])
    return {name: value.to(device) for name, value in inputs.items()}, labels.to(device)
