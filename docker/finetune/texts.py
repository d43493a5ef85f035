"""Texts to learn from: read, cut to length, packed into sequences, and ordered.

A line of a .jsonl file is one text in one of three forms; a .txt file is one text as a whole.

    {"text": "..."}
    {"prompt": "...", "completion": "..."}
    {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}
"""

import hashlib
import json
import random
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import BadSettingError, NoDataError, TrainerError, UnreadableError, first_line

FORMS = '{"text": ...}, {"prompt": ..., "completion": ...} or {"messages": [{"role": ..., "content": ...}]}'
VALIDATION = ("val", "valid", "validation")
# The label of a token that is not learned, as cross-entropy and transformers have it.
IGNORED = -100


@dataclass(frozen=True)
class Piece:
    """Part of a text, and whether it is learned. The pieces of a text are tokenized one by one."""

    text: str
    learned: bool


@dataclass(frozen=True)
class Tokens:
    """`labels[i]` is `ids[i]` where that token is to be predicted from those before it, otherwise IGNORED."""

    ids: list[int]
    labels: list[int]


Render = Callable[[list[dict[str, Any]], bool], str]


def read_texts(folder: Path, files: Iterable[Path], render: Render, loss_on: str, begin: str = "") -> list[list[Piece]]:
    """The texts of the files, each as its pieces. `render(messages, ask)`: a chat as text, which with `ask` ends where
    the answer begins. `begin`: what stands before other texts. Raises UnreadableError that names the file and the line.
    """
    texts = []
    for path in files:
        name = path.relative_to(folder).as_posix()
        try:
            # Without the mark that Windows puts at the beginning of a file.
            content = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableError(f"{name} is not UTF-8 text ({error}); save it as UTF-8") from error
        except OSError as error:
            raise UnreadableError(f"{name} cannot be read: {error}") from error
        if path.suffix.lower() == ".txt":
            texts.append(begun([Piece(content, True)], begin))
            continue
        for number, line in enumerate(content.split("\n"), 1):
            if line.strip():
                texts.append(read_line(f"{name}, line {number},", line, render, loss_on, begin))
    return texts


def begun(pieces: list[Piece], begin: str) -> list[Piece]:
    return [Piece(begin, False), *pieces] if begin else pieces


def read_line(where: str, line: str, render: Render, loss_on: str, begin: str = "") -> list[Piece]:
    """The pieces of one line. Raises UnreadableError, which begins with `where`."""
    try:
        record = json.loads(line)
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise UnreadableError(f"{where} has half a character, {error.object[error.start]!r}; remove it") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{where} is not JSON ({error}); allowed: {FORMS}") from error
    everything = loss_on == "all"
    if isinstance(record, dict):
        if isinstance(record.get("text"), str):
            return begun([Piece(record["text"], True)], begin)
        if isinstance(record.get("prompt"), str) and isinstance(record.get("completion"), str):
            return begun([Piece(record["prompt"], everything), Piece(record["completion"], True)], begin)
        if is_chat(record.get("messages")):
            try:
                return chat_pieces(record["messages"], render, everything)
            except TrainerError:
                raise
            except Exception as error:  # a template refuses what it was not made for, by jinja's errors and others
                reason = first_line(str(error) or type(error).__name__)
                raise UnreadableError(f"{where} does not fit the model's chat template: {reason}") from error
        raise UnreadableError(f"{where} {flaw(record)}; allowed: {FORMS}")
    raise UnreadableError(f"{where} is {line.strip()[:60]!r}; allowed: {FORMS}")


def flaw(record: dict[str, Any]) -> str:
    """What is wrong with an object that has none of the forms."""
    for keys in (("text",), ("prompt", "completion"), ("messages",)):
        if all(key in record for key in keys):
            return f"has {' and '.join(keys)}, but without the right kind of value"
    return f"has {', '.join(sorted(record)) or 'no keys'}"


def is_chat(messages: object) -> bool:
    return (
        isinstance(messages, list)
        and len(messages) > 0
        and all(
            isinstance(one, dict) and isinstance(one.get("role"), str) and isinstance(one.get("content"), str)
            for one in messages
        )
    )


def chat_pieces(messages: list[dict[str, Any]], render: Render, everything: bool) -> list[Piece]:
    """A chat's answers, each from where the template asks for it, and what stands between them.

    Raises ValueError if the template writes the beginning of a chat in another way when more follows.
    """
    whole = render(messages, False)
    if everything:
        return [Piece(whole, True)]
    pieces, done = [], 0
    for number, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        asked, answered = render(messages[:number], True), render(messages[: number + 1], False)
        if not (whole.startswith(asked) and whole.startswith(answered) and done <= len(asked) <= len(answered)):
            raise ValueError("it renders the start of a chat differently once more messages follow; set LOSS_ON=all")
        pieces += [Piece(whole[done : len(asked)], False), Piece(whole[len(asked) : len(answered)], True)]
        done = len(answered)
    if done == 0:
        raise ValueError("no message has the role assistant, so there is no answer to learn; set LOSS_ON=all")
    return pieces


def tokenize(pieces: list[Piece], encode: Callable[[str], list[int]], end: list[int]) -> Tokens:
    """`end`: what stands after each text, which is learned if the last piece is."""
    ids: list[int] = []
    labels: list[int] = []
    for piece in pieces:
        part = encode(piece.text)
        ids += part
        labels += part if piece.learned else [IGNORED] * len(part)
    if ids[-len(end) :] != end:
        ids += end
        labels += end if pieces[-1].learned else [IGNORED] * len(end)
    return Tokens(ids, labels)


def cut(texts: Iterable[Tokens], length: int) -> list[Tokens]:
    """Splits a text into parts of at most `length` tokens. Parts with nothing to learn are dropped."""
    parts = []
    for text in texts:
        for at in range(0, len(text.ids), length):
            # The first token of a sequence has none before it to be predicted from.
            labels = [IGNORED, *text.labels[at + 1 : at + length]]
            if any(label != IGNORED for label in labels):
                parts.append(Tokens(text.ids[at : at + length], labels))
    return parts


def pack(lengths: list[int], size: int) -> list[list[int]]:
    """Which texts share a sequence of `size` tokens: longest first, each where it leaves the least room (best fit)."""
    bins: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (tokens left, bin), in order
    for text in sorted(range(len(lengths)), key=lambda one: (-lengths[one], one)):
        at = bisect_left(room, (lengths[text], -1))
        if at == len(room):
            left, place = size, len(bins)
            bins.append([])
        else:
            left, place = room.pop(at)
        bins[place].append(text)
        if left > lengths[text]:
            insort(room, (left - lengths[text], place))
    return bins


def split(count: int, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Numbers of the texts to train on and of those held out: at least one of each. Raises NoDataError."""
    if count < 2:
        raise NoDataError(f"DATA_DIR has only {count} text, so none can be held out; add texts, or a file val.jsonl")
    order = list(range(count))
    random.Random(f"{seed} split").shuffle(order)
    held = min(count - 1, max(1, round(count * share)))
    return sorted(order[held:]), sorted(order[:held])


def epoch_order(count: int, seed: int, epoch: int) -> list[int]:
    """The order of the sequences in an epoch."""
    order = list(range(count))
    random.Random(f"{seed} {epoch}").shuffle(order)
    return order


def data_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files to train on, and those held out: named val, valid or validation, or in a folder of that name.

    Those named test are neither, nor is a model's folder, whose tokenizer may have a .txt file. Raises NoDataError.
    """
    if not folder.is_dir():
        raise NoDataError(f"DATA_DIR is {str(folder)!r}, which is not a folder; set it to a folder of .jsonl files")
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in (".jsonl", ".txt") and path.is_file()]
    found = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    found = [path for path in found if not (path.parent / "config.json").exists()]
    held = [path for path in found if is_named(path.relative_to(folder), VALIDATION)]
    training = [path for path in found if path not in held and not is_named(path.relative_to(folder), ("test",))]
    if not training:
        raise NoDataError(f"DATA_DIR is {str(folder)!r}, which has no .jsonl or .txt file to train on; add train.jsonl")
    return training, held


def is_named(path: Path, names: tuple[str, ...]) -> bool:
    return path.stem in names or any(part in names for part in path.parts[:-1])


def digest_of_files(folder: Path, files: Iterable[Path]) -> str:
    """SHA-256 of the names and contents of files."""
    digest = hashlib.sha256()
    for path in files:
        with open(path, "rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def require_template(template: object) -> None:
    """Raises BadSettingError for chats without a chat template."""
    if not template:
        raise BadSettingError(
            "lines with messages need a chat template, and the tokenizer of BASE_MODEL has none; add "
            "chat_template.jinja to its folder, or write the lines as prompt and completion"
        )
