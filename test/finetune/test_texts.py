"""Texts: how lines are read, cut, packed and held out."""

import json
from pathlib import Path

import pytest

from errors import NoDataError, UnreadableError
from texts import IGNORED, Piece, Tokens, chat_pieces, cut, data_files, pack, read_line, read_texts, split, tokenize


def render(messages, ask):
    return "".join(f"<{one['role']}>{one['content']}." for one in messages) + ("<assistant>" if ask else "")


def said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def test_of_a_chat_the_answers_are_learned():
    chat = [said("user", "a"), said("assistant", "b"), said("user", "c"), said("assistant", "d")]
    assert chat_pieces(chat, render, False) == [
        Piece("<user>a.<assistant>", False),
        Piece("b.", True),
        Piece("<user>c.<assistant>", False),
        Piece("d.", True),
    ]


def test_all_of_a_chat_is_learned_on_demand():
    assert chat_pieces([said("user", "a")], render, True) == [Piece("<user>a.", True)]


def test_a_template_that_rewrites_the_beginning_is_refused():
    def counting(messages, ask):
        return f"{len(messages)}: {render(messages, ask)}"

    with pytest.raises(ValueError, match="set LOSS_ON=all"):
        chat_pieces([said("user", "a"), said("assistant", "b")], counting, False)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON"),
        ('"text"', "is '\"text\"'"),
        ('{"txt": "a"}', "has txt; allowed"),
        ('{"messages": [{"role": "user"}]}', "has messages, but without the right kind of value; allowed"),
        ('{"prompt": "a", "completion": null}', "has prompt and completion, but without the right kind"),
        ('{"text": "\\ud83d"}', "has half a character, '\\ud83d'"),
        ("[" * 100_000, "is not JSON"),
        (json.dumps({"messages": [said("user", "a")]}), "no message has the role assistant"),
    ],
)
def test_a_line_that_is_no_text_is_named(line, reason):
    with pytest.raises(UnreadableError) as error:
        read_line("train.jsonl, line 3,", line, render, "answers")
    assert str(error.value).startswith("train.jsonl, line 3,")
    assert reason in str(error.value)


def test_what_a_template_refuses_is_told_with_the_line():
    class TemplateError(Exception):
        """As jinja's, which is no ValueError."""

    def strict(messages, ask):
        raise TemplateError("roles must alternate")

    with pytest.raises(UnreadableError, match="line 3, does not fit the model's chat template: roles must alternate"):
        line = json.dumps({"messages": [said("assistant", "a")]})
        read_line("train.jsonl, line 3,", line, strict, "answers")


def test_other_texts_than_chats_begin_as_the_tokenizer_has_it():
    lines = [{"text": "a"}, {"prompt": "a", "completion": "b"}, {"messages": [said("assistant", "a")]}]
    pieces = [read_line("", json.dumps(line), render, "answers", "<s>") for line in lines]
    assert [one[0] for one in pieces] == [Piece("<s>", False), Piece("<s>", False), Piece("<assistant>", False)]


def test_files_of_windows_read_as_others_do(tmp_path: Path):
    (tmp_path / "a.JSONL").write_bytes(b'\xef\xbb\xbf{"text": "a"}\r\n\r\n{"text": "b"}\r\n')
    training, _ = data_files(tmp_path)
    assert read_texts(tmp_path, training, render, "answers") == [[Piece("a", True)], [Piece("b", True)]]


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path):
    (tmp_path / "a.jsonl").write_bytes('{"text": "é"}'.encode("utf-16"))
    with pytest.raises(UnreadableError, match=r"^a.jsonl is not UTF-8 text .*; save it as UTF-8$"):
        read_texts(tmp_path, [tmp_path / "a.jsonl"], render, "answers")


def test_the_end_is_learned_after_what_is_learned_and_written_once():
    def encode(text: str) -> list[int]:
        return [ord(letter) for letter in text]

    assert tokenize([Piece("a", False), Piece("b", True)], encode, [0]) == Tokens([97, 98, 0], [IGNORED, 98, 0])
    assert tokenize([Piece("a\0", True)], encode, [0]).ids == [97, 0]


def test_a_long_text_is_cut_and_parts_without_anything_to_learn_are_left_out():
    text = Tokens([1, 2, 3, 4, 5], [IGNORED, IGNORED, 3, 4, 5])
    assert cut([text], 2) == [Tokens([3, 4], [IGNORED, 4])]


def test_texts_share_sequences_and_none_is_lost_or_too_long():
    lengths = [5, 3, 8, 2, 2, 1, 6]
    bins = pack(lengths, 8)
    assert sorted(text for one in bins for text in one) == list(range(7))
    assert all(sum(lengths[text] for text in one) <= 8 for one in bins)
    assert len(bins) == 4


def test_at_least_one_text_is_held_out_and_one_is_not():
    for count in (2, 3, 50):
        training, held = split(count, 0.1, 0)
        assert sorted(training + held) == list(range(count))
        assert training and held
    with pytest.raises(NoDataError):
        split(1, 0.1, 0)


def test_a_models_folder_and_test_files_are_no_texts_to_train_on(tmp_path: Path):
    for name in ("train.jsonl", "val.jsonl", "test.jsonl", "model/config.json", "model/merges.txt", ".git/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert data_files(tmp_path) == ([tmp_path / "train.jsonl"], [tmp_path / "val.jsonl"])
