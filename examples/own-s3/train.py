"""Fits a line by gradient descent: a container's program of before, which knows S3 and nothing of sweeps."""

import csv
import json
import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlparse

import boto3

LEARNING_RATE = float(os.environ["LEARNING_RATE"])
BATCH_SIZE = int(os.environ["BATCH_SIZE"])
EPOCHS = int(os.environ["EPOCHS"])
MODEL_NAME = os.environ.get("MODEL_NAME", "line")
S3_DATA_PATH = os.environ["S3_DATA_PATH"]
S3_OUTPUT_PATH = os.environ["S3_OUTPUT_PATH"]
JOB_ID = os.environ.get("AWS_BATCH_JOB_ID", "local")

s3 = boto3.client("s3")


def download(address: str, folder: Path) -> None:
    bucket, prefix = urlparse(address).netloc, urlparse(address).path.strip("/")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            s3.download_file(bucket, item["Key"], str(folder / Path(item["Key"]).name))


def upload(file: Path, address: str) -> None:
    s3.upload_file(str(file), urlparse(address).netloc, urlparse(address).path.lstrip("/"))


def fit(rows: list[tuple[float, float]]) -> tuple[float, float, float]:
    draw = random.Random(0)
    slope = offset = 0.0
    for epoch in range(1, EPOCHS + 1):
        draw.shuffle(rows)
        for start in range(0, len(rows), BATCH_SIZE):
            batch = rows[start : start + BATCH_SIZE]
            errors = [(slope * x + offset - y, x) for x, y in batch]
            slope -= LEARNING_RATE * 2 * sum(error * x for error, x in errors) / len(batch)
            offset -= LEARNING_RATE * 2 * sum(error for error, _ in errors) / len(batch)
        loss = sum((slope * x + offset - y) ** 2 for x, y in rows) / len(rows)
        print(f"epoch {epoch}: loss {loss:.6f}")
    return slope, offset, loss


with TemporaryDirectory() as name:
    folder = Path(name)
    download(S3_DATA_PATH, folder)
    rows = [(float(x), float(y)) for x, y in csv.reader((folder / "numbers.csv").open())]
    slope, offset, loss = fit(rows)
    model = {"name": MODEL_NAME, "slope": slope, "offset": offset, "job": JOB_ID}
    (folder / "model.json").write_text(json.dumps(model))
    (folder / "metrics.json").write_text(json.dumps({"val_loss": loss}, indent=2))
    for file in ("model.json", "metrics.json"):
        upload(folder / file, f"{S3_OUTPUT_PATH}/{file}")
