"""Makes data/: chats about sums, and a tiny model to start from, of random weights. A real model's folder goes there
instead, with its tokenizer. The folder appears whole, by a rename, and is left alone when it is there already.
"""

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

DATA = Path(__file__).with_name("data")
TEMPLATE = (
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def tokenizer() -> PreTrainedTokenizerFast:
    """Every byte is a token."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE({letter: place for place, letter in enumerate([*letters, "<end>"])}, []))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=bytewise, eos_token="<end>")
    made.chat_template = TEMPLATE
    return made


def write(data: Path) -> None:
    made = tokenizer()
    made.save_pretrained(data / "model")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(made),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=256,
        eos_token_id=made.eos_token_id,
        bos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(data / "model")
    chats = [
        [{"role": "user", "content": f"{a}+{b}?"}, {"role": "assistant", "content": str(a + b)}]
        for a in range(30)
        for b in range(30)
    ]
    (data / "chats.jsonl").write_text("".join(json.dumps({"messages": chat}) + "\n" for chat in chats))


def main() -> None:
    if DATA.exists():
        print(f"{DATA} is there already", file=sys.stderr)
        return
    # Beside it, so that the rename stays on one file system; hidden, so that nothing takes it for data.
    with TemporaryDirectory(prefix=".data-", dir=DATA.parent) as folder:
        write(Path(folder, "data"))
        os.rename(Path(folder, "data"), DATA)
    print(f"wrote {DATA}", file=sys.stderr)


if __name__ == "__main__":
    main()
