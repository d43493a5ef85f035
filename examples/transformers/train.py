"""Trains a tiny GPT-2 from scratch on the characters of a text, with Hugging Face's Trainer."""

from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel, HfArgumentParser, Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

CONTEXT = 64


@dataclass
class Settings:
    text: str
    model_dir: str
    n_embd: int = 32
    n_layer: int = 2


def windows(tokens: torch.Tensor, stride: int) -> list[dict[str, torch.Tensor]]:
    starts = range(0, len(tokens) - CONTEXT, stride)
    return [{"input_ids": tokens[at : at + CONTEXT], "labels": tokens[at : at + CONTEXT]} for at in starts]


def main() -> None:
    settings, training = HfArgumentParser((Settings, TrainingArguments)).parse_args_into_dataclasses()
    text = Path(settings.text).read_text()
    characters = sorted(set(text))
    tokens = torch.tensor([characters.index(character) for character in text])
    split = len(tokens) * 9 // 10
    torch.manual_seed(training.seed)
    config = GPT2Config(
        vocab_size=len(characters),
        n_positions=CONTEXT,
        n_embd=settings.n_embd,
        n_layer=settings.n_layer,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
    )
    trainer = Trainer(
        model=GPT2LMHeadModel(config),
        args=training,
        train_dataset=windows(tokens[:split], 16),
        eval_dataset=windows(tokens[split:], CONTEXT // 4),
    )
    trainer.train(resume_from_checkpoint=get_last_checkpoint(training.output_dir))
    trainer.save_model(settings.model_dir)


if __name__ == "__main__":
    main()
