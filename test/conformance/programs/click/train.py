import struct
import sys

flip = "--flip" in sys.argv
width = int(next(word for word in sys.argv if word.startswith("--width=")).split("=")[1])
assert len(sys.argv) == 3 and flip != ("--no-flip" in sys.argv)


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def record(event: bytes) -> bytes:
    return struct.pack("<Q", len(event)) + b"\0\0\0\0" + event + b"\0\0\0\0"


def scalar(step: int, tag: str, value: float) -> bytes:
    entry = field(1, tag.encode()) + bytes([2 << 3 | 5]) + struct.pack("<f", value)
    return record(bytes([2 << 3, step]) + field(5, field(1, entry)))


with open("events.out.tfevents.1.host", "wb") as file:
    file.write(record(field(3, b"brain.Event:2")))
    file.write(scalar(1, "train/loss", 0.5))
    file.write(scalar(1, "val/acc", width / 4 + flip / 8))
