"""A tiny model made on the spot, and a fine-tuning of it in this process: importing torch anew takes seconds."""

import json
from pathlib import Path

import pytest

import tune
from outcome import Run, variables

CHAT = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers of Llama, and a tokenizer of bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("base")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE({letter: place for place, letter in enumerate([*letters, "<end>"])}, []))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bytewise, eos_token="<end>")
    tokenizer.chat_template = CHAT
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=128,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Forty short sums to answer."""
    folder = tmp_path / "data"
    folder.mkdir()
    lines = [json.dumps({"prompt": f"{a}+{b}=", "completion": str(a + b)}) for a in range(5) for b in range(8)]
    (folder / "train.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(autouse=True)
def nobody_asked_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SIGTERM of an earlier test is not this one's."""
    monkeypatch.setattr("interruption._pending", False)


def environment(folder: Path, base: Path, data: Path, **settings: object) -> dict[str, str]:
    """The variables of a fine-tuning in `folder`. A setting of None is left out."""
    environ = {
        "BASE_MODEL": str(base),
        "DATA_DIR": str(data),
        "CHECKPOINT_DIR": str(folder / "checkpoint"),
        "MODEL_DIR": str(folder / "model"),
        "METRICS_FILE": str(folder / "metrics.jsonl"),
        "MAX_LENGTH": "32",
        "BATCH_SIZE": "4",
        "LEARNING_RATE": "0.01",
        "MIXED_PRECISION": "no",
        "EPOCHS": "2",
        "DEVICE": "cpu",
        "OMP_NUM_THREADS": "1",
    }
    return variables(environ, settings)


@pytest.fixture
def run(tmp_path: Path, base: Path, data: Path):
    """run(name, SETTING=value, ...) fine-tunes in a folder of that name: environment."""

    def run(name: str = "trial", **settings: object) -> Run:
        folder = tmp_path / name
        return Run(tune.main(environment(folder, base, data, **settings), []), folder)

    return run
