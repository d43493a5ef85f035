"""Steps of tune.py's LoRA on made-up tokens, by several trials at once on one device: tokens a second, MFU and memory.

    python lora.py NETWORK LENGTH BATCH SECONDS [--lanes N] [--device cpu]

Prints one row of gpu.sh's table. The network has the shape of Llama and random weights, in the format that tune.py
chooses; each sequence holds four texts. Each trial is a process of its own, and all begin to count together.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker" / "trainer"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker" / "finetune"))
from timing import timed

from base_model import with_lora
from precision import DTYPES, choose_precision
from sequences import Sequence
from throughput import peak_flops
from tune_settings import Tuning
from tuner import Tuner
from world import World

# Hidden size, its multiple in the layers between, layers, heads, heads of keys and values, vocabulary.
NETWORKS = {"tiny": (32, 64, 2, 2, 2, 256), "1b": (2048, 5632, 22, 32, 4, 32000)}
TEXTS = 4
BATCHES = 4


def tuner_of(options: argparse.Namespace) -> Tuner:
    """A fine-tuning of a network with random weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    hidden, between, layers, heads, groups, vocabulary = NETWORKS[options.network]
    device = torch.device(options.device)
    precision = choose_precision("auto", device)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=between,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=groups,
        max_position_embeddings=options.length,
        use_cache=False,
    )
    settings = Tuning(batch_size=options.batch, max_length=options.length)
    torch.set_default_dtype(DTYPES[precision.name])
    with device:
        model = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    model = with_lora(model, settings).to(device)
    text = options.length // TEXTS
    sequences = [
        Sequence(ids := torch.randint(0, vocabulary, (text * TEXTS,)).tolist(), ids, [*range(text)] * TEXTS, len(ids))
        for _ in range(BATCHES * options.batch)
    ]
    tokenizer = SimpleNamespace(pad_token_id=0, eos_token_id=0)
    return Tuner(settings, precision, World(), model, tokenizer, sequences, sequences)


def lane(options: argparse.Namespace) -> None:
    """One trial: says that it is ready, waits for a line, and prints what it measured."""
    torch.manual_seed(0)
    tuner = tuner_of(options)
    on_gpu = tuner.precision.device.type == "cuda"
    wait = torch.cuda.synchronize if on_gpu else lambda: None

    def steps():
        for epoch in range(1, sys.maxsize):
            for step in range(tuner.steps):
                yield tuner.take_step(min(epoch, tuner.settings.budget), step)

    endless = steps()
    timed(endless, 0, wait)  # warms up
    print("ready", flush=True)
    if sys.stdin.readline() == "":
        return  # another one failed
    tokens = len(tuner.batch(1, 0)) * len(tuner.training[0].ids)
    rate = tokens * timed(endless, options.seconds, wait)
    found = {
        "rate": rate,
        "flops": tuner.flops(),
        "weights": sum(one.numel() for one in tuner.model.parameters()),
        "memory": torch.cuda.max_memory_reserved() if on_gpu else None,
        "peak": peak_flops(torch.cuda.get_device_name(), tuner.precision.name) if on_gpu else None,
    }
    print(json.dumps(found), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("length", type=int)
    parser.add_argument("batch", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--lanes", type=int, help="trials at once; without it this is one of them")
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args()
    if options.lanes is None:
        lane(options)
        return 0
    what = [options.network, str(options.length), str(options.batch), str(options.seconds), "--device", options.device]
    command = [sys.executable, str(Path(__file__).resolve()), *what]
    several = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(options.lanes)
    ]
    # Nobody counts before all are ready; who failed has said nothing, and the others then end without their line.
    ready = all([one.stdout is not None and one.stdout.readline() == "ready\n" for one in several])
    for one in several:
        if one.stdin is not None and ready:
            one.stdin.write("\n")
            one.stdin.flush()
    texts = [one.communicate()[0] for one in several]
    if not ready or any(one.returncode for one in several):
        return 1
    found = [json.loads(text) for text in texts]
    rate = sum(one["rate"] for one in found)
    one = found[0]
    mfu = "" if one["peak"] is None else f"{rate * one['flops'] / one['peak']:.1%}"
    memory = "" if one["memory"] is None else f"{sum(one['memory'] for one in found) / 1e9:.1f} GB"
    weights = f"{one['weights']:,}"
    cells = (options.network, weights, str(options.length), str(options.batch), str(options.lanes), f"{rate:,.0f}")
    print(f"| {' | '.join((*cells, mfu, memory))} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
