"""DATA_DIR as sequences to train on and sequences held out."""

from pathlib import Path
from typing import Any

from errors import NoDataError
from sequences import Sequence, sequences_of
from texts import cut, data_files, digest_of_files, read_texts, require_template, split, tokenize
from tune_settings import Tuning


def read_data(settings: Tuning, tokenizer: Any) -> tuple[list[Sequence], list[Sequence], str]:
    """Sequences to train on and held out, and the digest of their files. Raises TrainerError."""
    folder = settings.data_dir
    assert folder is not None

    def render(messages: list[dict[str, Any]], ask: bool) -> str:
        require_template(tokenizer.chat_template)
        return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=ask)

    def encode(text: str) -> list[int]:
        return tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]

    def tokens(files: list[Path]) -> list:
        texts = read_texts(folder, files, render, settings.loss_on, begin)
        return [tokenize(text, encode, [tokenizer.eos_token_id]) for text in texts]

    # As the tokenizer itself begins a text; a chat begins as its template says.
    first = tokenizer("a", verbose=False)["input_ids"][0]
    begin = tokenizer.bos_token if first == tokenizer.bos_token_id else ""

    training_files, held_files = data_files(folder)
    training, validation = tokens(training_files), tokens(held_files)
    if not held_files:
        kept, held = split(len(training), settings.validation_share, settings.seed)
        training, validation = [training[one] for one in kept], [training[one] for one in held]
    packing = settings.packing == "true"
    both = [
        sequences_of(cut(texts, settings.max_length), settings.max_length, packing) for texts in (training, validation)
    ]
    for sequences, what in zip(both, ("train on", "validate on"), strict=True):
        if not sequences:
            raise NoDataError(f"DATA_DIR is {str(folder)!r}, whose texts are empty, so there is nothing to {what}")
    return both[0], both[1], digest_of_files(folder, [*training_files, *held_files])
