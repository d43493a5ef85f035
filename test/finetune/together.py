"""Two processes that fine-tune together over gloo, as torchrun starts them, in a moment: forked from one that has
imported torch and transformers.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

PRELOADED = ["torch", "transformers.models.llama.modeling_llama", "peft", "together"]
SIZE = 2

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker" / "finetune"))

import tune  # noqa: E402 - found through the path above


def finish(folder: Path, environ: Mapping[str, str], fault: str = "") -> tuple[list[int | None], str]:
    """Fine-tunes in `folder`; the exit statuses of both processes, and what they said. `fault`: see `process`."""
    folder.mkdir(exist_ok=True)
    for name in ("meeting", "status", "log"):
        (folder / name).unlink(missing_ok=True)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    several = [
        context.Process(target=process, args=(rank, folder, dict(environ), fault), daemon=True) for rank in range(SIZE)
    ]
    for one in several:
        one.start()
    for one in several:
        one.join()
    return [one.exitcode for one in several], (folder / "log").read_text()


def process(rank: int, folder: Path, environ: dict[str, str], fault: str) -> None:
    """`fault`, in the second process alone at the third step of the second epoch: a SIGTERM, or no memory is left."""
    import torch

    import tuner

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    output = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    torch.distributed.init_process_group = partial(
        torch.distributed.init_process_group, init_method=f"file://{folder}/meeting", rank=rank, world_size=SIZE
    )
    real = tuner.Tuner.take_step

    def take_step(self: tuner.Tuner, epoch: int, step: int) -> int:
        if (rank, epoch, step) == (1, 2, 2):
            if fault == "memory":
                raise MemoryError
            if fault == "signal":
                os.kill(os.getpid(), signal.SIGTERM)
        return real(self, epoch, step)

    tuner.Tuner.take_step = take_step  # type: ignore[method-assign]
    launched = {"WORLD_SIZE": str(SIZE), "RANK": str(rank), "LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": str(SIZE)}
    os.environ.update(launched)
    sys.exit(tune.main({**environ, **launched, "SWEEPSTACK_STATUS_FILE": str(folder / "status")}, []))
