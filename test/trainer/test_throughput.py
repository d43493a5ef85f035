import pytest
import torch

from models import Architecture, build
from precision import Precision
from throughput import PEAKS, Meter, peak_flops, training_flops


def test_the_multiplications_of_a_known_network_are_counted():
    # 1.82 billion multiply-adds forward on 224 pixels (torchvision's table for resnet18), two FLOPs each, times three.
    assert training_flops(build(Architecture("resnet18", 1000, 224)), 224) == pytest.approx(3 * 2 * 1.82e9, rel=0.01)


@pytest.mark.parametrize(
    ("device", "gpu"),
    [("NVIDIA A10G", "A10G"), ("Tesla T4", "T4"), ("NVIDIA L40S", "L40S"), ("NVIDIA H100 80GB HBM3", "H100")],
)
def test_a_gpu_is_known_by_the_longest_name_in_its_own(device, gpu):
    assert peak_flops(device, "fp16") == PEAKS[gpu]["fp16"] * 1e12


def test_the_share_of_the_peak_is_that_of_all_gpus(monkeypatch):
    monkeypatch.setattr("torch.cuda.get_device_name", lambda _: "NVIDIA H100 80GB HBM3")
    meter = Meter(Precision(torch.device("cuda"), "bf16"), 4, lambda: 1e9)
    monkeypatch.setattr("torch.cuda.max_memory_allocated", lambda _: 2.5e9)
    monkeypatch.setattr("torch.cuda.reset_peak_memory_stats", lambda _: None)
    read = meter.read(4 * 989e12 / 1e9 / 2)
    assert (read["mfu"], read["gpu_memory_gb"]) == (0.5, 2.5)


def test_of_a_part_of_a_gpu_nothing_is_said():
    assert peak_flops("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "bf16") is None


def test_of_a_gpu_that_is_not_known_nothing_is_said():
    assert peak_flops("NVIDIA GeForce RTX 9999", "bf16") is None
