"""How a training ends, other than well. A status means one thing to the trial runner; 64 to 75 are of sysexits.h.

| status | meaning | what to do |
| --- | --- | --- |
| 0 | trained to EPOCHS, or diverged after a finite epoch (that epoch's metrics are null) | |
| 1 | unexpected: a traceback stands on stderr (out of memory, disk full, a fault of this program) | read it |
| 64 | a setting is wrong, or a sweep parameter is unknown | correct the variable that the message names |
| 65 | the loss was not finite in the first epoch | lower the highest learning rate |
| 66 | no usable data: no folder, no images, one class, an image that cannot be read | correct DATA_DIR |
| 69 | the device that was asked for is not there | use a machine with a GPU, or DEVICE=auto |
| 75 | interrupted by SIGTERM; the last epoch's checkpoint is whole | start it again: it goes on from there |
"""

INTERRUPTED_STATUS = 75


class TrainerError(Exception):
    """Something a person can put right: one line on stderr, no traceback."""

    status = 1


class BadSettingError(TrainerError):
    status = 64


class NonFiniteError(TrainerError):
    status = 65


class NoDataError(TrainerError):
    status = 66


class NoDeviceError(TrainerError):
    status = 69


class Interrupted(BaseException):
    """SIGTERM arrived: a Spot machine is being taken back, or the sweep was stopped.

    No Exception, so that it passes every `except Exception`, as KeyboardInterrupt does.
    """
