"""How training ends when it fails: one message on stderr, and an exit status that the trial runner classifies.

64 to 66 and 75 mean what they mean in sysexits.h. The others are above that table and below the shell's own (from 126),
a range that few programs use. core/trial/failure.ts has the same list for the runner.
"""

import errno
from dataclasses import dataclass

INTERRUPTED_STATUS = 75


@dataclass(frozen=True)
class Status:
    """One exit status, for a person."""

    number: int
    meaning: str
    remedy: str


STATUSES = (
    Status(0, "trained to EPOCHS, or diverged after a finite epoch (the diverged epoch's metrics are null)", ""),
    Status(1, "unexpected error, with a traceback on stderr", "read the traceback"),
    Status(
        64,
        "an invalid setting, or a parameter the trainer does not have",
        "correct the variable named in the message",
    ),
    Status(65, "the loss was not finite in the first epoch", "lower the highest learning rate, or set CLIP_GRADIENT"),
    Status(66, "no images: the folder is missing or has none", "correct DATA_DIR"),
    Status(80, "only one class, or classes that do not match", "provide one folder of images per class"),
    Status(81, "more unreadable images than MAX_UNREADABLE allows", "repair or remove the files named in the message"),
    Status(82, "the requested device is not available", "use a machine with a GPU, or DEVICE=auto"),
    Status(83, "out of GPU memory", "lower BATCH_SIZE or IMAGE_SIZE, or use a GPU with more memory"),
    Status(84, "out of memory", "lower BATCH_SIZE or IMAGE_SIZE, or use a machine with more memory"),
    Status(85, "the disk is full or not writable", "free up disk space"),
    Status(
        INTERRUPTED_STATUS,
        "interrupted by SIGTERM, checkpoint complete",
        "start it again; it resumes from the checkpoint",
    ),
)


class TrainerError(Exception):
    """Something the user can fix: one line on stderr, no traceback."""

    status = 1


class BadSettingError(TrainerError):
    status = 64


class NonFiniteError(TrainerError):
    status = 65


class NoDataError(TrainerError):
    """There is nothing to train on, or nothing to load."""

    status = 66


class ClassesError(NoDataError):
    """There are images, but they do not form classes."""

    status = 80


class UnreadableError(NoDataError):
    """An image file, or too many of them, cannot be read."""

    status = 81


class NoDeviceError(TrainerError):
    status = 82


class OutOfGpuMemoryError(TrainerError):
    status = 83


class OutOfMemoryError(TrainerError):
    status = 84


class DiskError(TrainerError):
    status = 85


class Interrupted(BaseException):
    """SIGTERM arrived: a Spot machine is being taken back, or the sweep was stopped.

    Not an Exception, so that it passes every `except Exception`, like KeyboardInterrupt.
    """


# torch reports these in the text of a RuntimeError, cuDNN and cuBLAS by a status in it.
GPU_MEMORY_SIGNS = ("CUDA out of memory", "CUDA error: out of memory", "STATUS_ALLOC_FAILED")
MEMORY_SIGNS = ("DefaultCPUAllocator: can't allocate", "DefaultCPUAllocator: not enough", "Cannot allocate memory")
# torch.save loses the errno of a write that failed.
DISK_SIGNS = ("PytorchStreamWriter failed writing", "No space left on device")


def translate(error: Exception, lower: str = "BATCH_SIZE or IMAGE_SIZE") -> TrainerError | None:
    """What the user can fix about an error from Python, Pillow or torch; None if it is a bug in this program.

    `lower`: the settings that memory depends on. Errors are recognised by their names and texts, so a process can fail
    without importing torch.
    """
    if isinstance(error, TrainerError):
        return error
    text = str(error)
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO) or says(error, DISK_SIGNS):
        return DiskError(f"cannot write a file: {first_line(text)}; free up disk space")
    if says(error, GPU_MEMORY_SIGNS):
        return OutOfGpuMemoryError(
            f"out of GPU memory; lower {lower}, or use a GPU with more memory ({first_line(text)})"
        )
    if isinstance(error, MemoryError) or number == errno.ENOMEM or says(error, MEMORY_SIGNS):
        return OutOfMemoryError(f"out of memory; lower {lower}, or use a machine with more memory ({first_line(text)})")
    return None


def says(error: Exception, signs: tuple[str, ...]) -> bool:
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in signs)


def first_line(text: str) -> str:
    return text.splitlines()[0][:200] if text else "no details"
