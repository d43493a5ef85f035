"""How a training ends, other than well: one message on stderr, and an exit status that the trial runner classifies.

64 to 66 and 75 mean what they mean in sysexits.h; the others lie above that table and below a shell's own (126 on),
where hardly a program has any. core/trial/failure.ts holds the other end.
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
    Status(0, "trained to EPOCHS, or diverged after a finite epoch (that epoch's metrics are null)", ""),
    Status(1, "unexpected: a traceback stands on stderr", "read it"),
    Status(64, "a setting is wrong, or a sweep's parameter is unknown", "correct the variable that the message names"),
    Status(65, "the loss was not finite in the first epoch", "lower the highest learning rate, or set CLIP_GRADIENT"),
    Status(66, "no images: no folder, or none in it", "correct DATA_DIR"),
    Status(80, "one class only, or classes that do not fit one another", "give each class a folder of images"),
    Status(81, "more image files than MAX_UNREADABLE could not be read", "repair or remove the files that are named"),
    Status(82, "the device that was asked for is not there", "use a machine with a GPU, or DEVICE=auto"),
    Status(83, "out of GPU memory", "lower BATCH_SIZE or IMAGE_SIZE, or use a GPU with more memory"),
    Status(84, "out of memory", "lower BATCH_SIZE or IMAGE_SIZE, or use a machine with more memory"),
    Status(85, "the disk is full or does not take what is written", "free disk space"),
    Status(
        INTERRUPTED_STATUS,
        "interrupted by SIGTERM; the checkpoint is whole",
        "start it again: it goes on from there",
    ),
)


class TrainerError(Exception):
    """Something a person can put right: one line on stderr, no traceback."""

    status = 1


class BadSettingError(TrainerError):
    status = 64


class NonFiniteError(TrainerError):
    status = 65


class NoDataError(TrainerError):
    """There is nothing to train on, or nothing to load."""

    status = 66


class ClassesError(NoDataError):
    """There are images, and they cannot be told apart."""

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

    No Exception, so that it passes every `except Exception`, as KeyboardInterrupt does.
    """


# torch tells these by the text of a RuntimeError; cuDNN's and cuBLAS's own allocations by a status in it.
GPU_MEMORY_SIGNS = ("CUDA out of memory", "CUDA error: out of memory", "STATUS_ALLOC_FAILED")
MEMORY_SIGNS = ("DefaultCPUAllocator: can't allocate", "DefaultCPUAllocator: not enough", "Cannot allocate memory")
# torch.save loses the errno of a write that failed.
DISK_SIGNS = ("PytorchStreamWriter failed writing", "No space left on device")


def translate(error: Exception) -> TrainerError | None:
    """What a person can put right about an error of Python's, Pillow's or torch's; None: it is a fault of the program.

    By names and texts, so that a process that has not imported torch need not do so to fail.
    """
    if isinstance(error, TrainerError):
        return error
    text = str(error)
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO) or says(error, DISK_SIGNS):
        return DiskError(f"a file cannot be written: {first_line(text)}; free disk space")
    if says(error, GPU_MEMORY_SIGNS):
        return OutOfGpuMemoryError(
            f"out of GPU memory; lower BATCH_SIZE or IMAGE_SIZE, or use a GPU with more ({first_line(text)})"
        )
    if isinstance(error, MemoryError) or number == errno.ENOMEM or says(error, MEMORY_SIGNS):
        return OutOfMemoryError(
            f"out of memory; lower BATCH_SIZE or IMAGE_SIZE, or use a machine with more ({first_line(text)})"
        )
    return None


def says(error: Exception, signs: tuple[str, ...]) -> bool:
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in signs)


def first_line(text: str) -> str:
    return text.splitlines()[0][:200] if text else "no more is known"
