"""A model's folder in a bucket, served by a small HTTP server that lists and hands out files."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import base_model
from errors import BadSettingError


@dataclass
class Bucket:
    """What it holds by key, and the keys that were asked for."""

    objects: dict[str, bytes]
    taken: list[str] = field(default_factory=list)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    held = Bucket({"m/base/config.json": b"{}", "m/base/model.safetensors": b"weights", "m/base-2/other": b""})
    held.objects["m/base/pytorch_model.bin"] = b"the same weights"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = self.path.partition("?")[0].removeprefix("/bucket/").removeprefix("/bucket")
            if key:
                held.taken += [key] if self.command == "GET" else []
                self.answer(held.objects[key], f'"{hash(held.objects[key])}"')
                return
            prefix = "m/base/" if "prefix=m%2Fbase%2F&" in f"{self.path}&" else "none/"
            rows = "".join(
                f"<Contents><Key>{key}</Key><Size>{len(value)}</Size><ETag>{hash(value)}</ETag></Contents>"
                for key, value in held.objects.items()
                if key.startswith(prefix)
            )
            space = "http://s3.amazonaws.com/doc/2006-03-01/"
            self.answer(f'<ListBucketResult xmlns="{space}">{rows}</ListBucketResult>'.encode(), '""')

        do_HEAD = do_GET  # noqa: N815

        def answer(self, content: bytes, tag: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", tag)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    yield held
    server.shutdown()
    server.server_close()


def test_a_model_in_a_bucket_is_fetched_once_in_one_format_and_what_changes_again(bucket: Bucket, tmp_path: Path):
    folder = base_model.find("s3://bucket/m/base", (), tmp_path)
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert sorted(bucket.taken) == ["m/base/config.json", "m/base/model.safetensors"]
    assert base_model.find("s3://bucket/m/base/", (), tmp_path) == folder
    assert len(bucket.taken) == 2
    bucket.objects["m/base/model.safetensors"] = b"changed"
    base_model.find("s3://bucket/m/base", (), tmp_path)
    assert (folder / "model.safetensors").read_bytes() == b"changed"
    assert bucket.taken[2:] == ["m/base/model.safetensors"]


def test_an_address_without_a_model_is_refused(bucket: Bucket, tmp_path: Path):
    with pytest.raises(BadSettingError, match=r"'s3://bucket/none', which has no files"):
        base_model.find("s3://bucket/none", (), tmp_path)
