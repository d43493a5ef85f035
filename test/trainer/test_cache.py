import errno
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from PIL import Image

import cache
from images import read_image


@pytest.fixture
def paths(images):
    return sorted(images.rglob("*.png"))


def pixels_of(decoded: cache.Decoded) -> torch.Tensor:
    assert decoded.pixels is not None
    return decoded.pixels


def test_pixels_are_those_of_the_files(paths, tmp_path):
    decoded = cache.decode_once(paths, 6, "crop", tmp_path / "cache", 2)
    assert decoded.kind == "in memory"
    assert all(torch.equal(pixels_of(decoded)[n].permute(2, 0, 1), read_image(path, 6)) for n, path in enumerate(paths))


def test_a_second_trial_decodes_nothing(paths, tmp_path, monkeypatch):
    first = cache.decode_once(paths, 8, "crop", tmp_path / "cache", 2)
    monkeypatch.setattr(cache, "decode_all", lambda *_: pytest.fail("decoded again"))
    assert torch.equal(pixels_of(cache.decode_once(paths, 8, "crop", tmp_path / "cache", 2)), pixels_of(first))


def test_trials_that_start_together_decode_once(paths, tmp_path, monkeypatch):
    calls = []
    real = cache.decode_all

    def counted(*arguments):
        calls.append(1)
        return real(*arguments)

    monkeypatch.setattr(cache, "decode_all", counted)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1), range(4)))
    assert len(calls) == 1
    assert all(torch.equal(pixels_of(one), pixels_of(done[0])) for one in done)


def test_a_file_that_changed_is_decoded_anew(paths, tmp_path):
    first = cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)
    os.replace(paths[-1], paths[0])
    paths = [paths[0], *paths[1:-1], paths[0]]
    again = cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)
    assert torch.equal(pixels_of(again)[0], pixels_of(first)[-1])


def test_a_file_of_the_cache_that_is_cut_short_is_made_anew(paths, tmp_path):
    first = cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)
    (file,) = (tmp_path / "cache").glob("*.pixels")
    os.truncate(file, 100)
    assert torch.equal(pixels_of(cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)), pixels_of(first))


def test_larger_than_half_the_memory_it_is_mapped(paths, tmp_path, monkeypatch):
    first = cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)
    monkeypatch.setattr(cache, "free_memory", lambda: 1000)
    mapped = cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)
    assert mapped.kind == "mapped from a file"
    assert torch.equal(pixels_of(mapped), pixels_of(first))


def full_disk(monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: usage)


def test_larger_than_half_the_disk_nothing_is_kept_nor_decoded_ahead(paths, tmp_path, monkeypatch):
    full_disk(monkeypatch)
    monkeypatch.setattr(cache, "decode_all", lambda *_: pytest.fail("decoded before the first step"))
    decoded = cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)
    assert (decoded.kind, decoded.pixels, decoded.unreadable) == ("decoded each epoch", None, {})


def test_what_is_kept_is_used_though_the_disk_has_filled_up(paths, tmp_path, monkeypatch):
    first = cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)
    full_disk(monkeypatch)
    assert torch.equal(pixels_of(cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)), pixels_of(first))


def test_a_disk_that_fills_up_while_it_decodes_keeps_nothing(paths, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache, "decode_all", full)
    assert cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1).kind == "decoded each epoch"
    assert not list((tmp_path / "cache").glob("*.tmp"))


def test_another_fit_is_decoded_anew(tmp_path):
    Image.new("RGB", (24, 8), "red").save(tmp_path / "wide.png")
    kept = [cache.decode_once([tmp_path / "wide.png"], 8, fit, tmp_path / "cache", 1) for fit in ("crop", "letterbox")]
    assert not torch.equal(pixels_of(kept[0]), pixels_of(kept[1]))


def test_a_link_to_nothing_is_unreadable(paths, tmp_path):
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "nowhere")
    decoded = cache.decode_once([*paths, link], 8, "crop", tmp_path / "cache", 1)
    assert list(decoded.unreadable) == [len(paths)]


def test_without_a_folder_to_write_to_one_of_its_own_is_used(paths, tmp_path):
    (tmp_path / "cache").write_text("no folder")
    assert cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1).pixels is not None


def test_what_was_not_used_for_long_is_removed(paths, tmp_path):
    cache.decode_once(paths, 8, "crop", tmp_path / "cache", 1)
    for file in (tmp_path / "cache").iterdir():
        os.utime(file, (0, 0))
    cache.decode_once(paths, 6, "crop", tmp_path / "cache", 1)
    assert len(list((tmp_path / "cache").glob("*.pixels"))) == 1


def test_processes_decode_what_threads_do(paths, tmp_path, monkeypatch):
    first = cache.decode_once(paths, 8, "crop", tmp_path / "threads", 2)
    monkeypatch.setattr(cache, "IMAGES_WORTH_PROCESSES", 0)
    again = cache.decode_once(paths, 8, "crop", tmp_path / "processes", 2)
    assert first.pixels is not None and again.pixels is not None
    assert torch.equal(first.pixels, again.pixels)
