"""A fine-tuning from beginning to end, interrupted, resumed, and refused."""

import json
import os
import shutil
import signal

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from outcome import Run
from tuner import Tuner


def weights(run: Run) -> dict[str, torch.Tensor]:
    return load_file(run.folder / "model" / "adapter_model.safetensors")


def same(one: Run, other: Run) -> bool:
    ours, theirs = weights(one), weights(other)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_lora_learns_and_leaves_an_adapter_with_the_tokenizer(run, base):
    trial = run(EPOCHS=4)
    assert trial.status == 0
    assert [line["epoch"] for line in trial.metrics] == [1, 2, 3, 4]
    assert trial.metrics[-1]["val_loss"] < trial.metrics[0]["val_loss"] - 0.05
    for line in (trial.folder / "metrics.jsonl").read_text().splitlines():
        told = json.loads(line)
        assert told["tokens_per_second"] > 0
        assert all(0 <= told[wait] <= 1 for wait in ("data_wait", "checkpoint_wait"))
    from peft import PeftModel

    folder = trial.folder / "model"
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folder)
    assert all(one.dtype == torch.float32 for one in model.parameters())
    assert (
        AutoTokenizer.from_pretrained(folder)("1+1=")["input_ids"]
        == AutoTokenizer.from_pretrained(base)("1+1=")["input_ids"]
    )
    told = json.loads((folder / "finetune.json").read_text())
    assert told["holds"] == "adapter"
    assert told["metrics"]["val_loss"] == min(line["val_loss"] for line in trial.metrics)


def test_a_merged_model_answers_as_the_adapter_does(run, base):
    from peft import PeftModel

    run("adapter")
    run("merged", SAVE="merged")
    folder = run("merged", SAVE="merged").folder  # started again after its end, it leaves the same
    adapted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folder.parent / "adapter" / "model")
    merged = AutoModelForCausalLM.from_pretrained(folder / "model")
    ids = torch.arange(10)[None]
    assert torch.allclose(adapted(ids).logits, merged(ids).logits, atol=1e-4)
    assert not (folder / "model" / "adapter_model.safetensors").exists()


def test_full_fine_tuning_changes_all_weights(run, base):
    trial = run(METHOD="full", LEARNING_RATE=0.003, GRADIENT_CHECKPOINTING="true")
    assert trial.status == 0
    before, after = load_file(base / "model.safetensors"), load_file(trial.folder / "model" / "model.safetensors")
    assert before.keys() == after.keys()
    assert not any(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("step", [0, 2])
def test_interrupted_at_any_step_it_ends_with_the_same_bits(run, monkeypatch, step):
    settings = {"LORA_DROPOUT": 0.2, "MAX_LENGTH": 8, "MICRO_BATCH": 3}
    whole = run("whole", **settings)
    real = Tuner.take_step

    def stopped(self, epoch, at):
        tokens = real(self, epoch, at)
        if (epoch, at) == (2, step):
            os.kill(os.getpid(), signal.SIGTERM)
        return tokens

    monkeypatch.setattr(Tuner, "take_step", stopped)
    assert run("parts", **settings).status == 75
    monkeypatch.setattr(Tuner, "take_step", real)
    monkeypatch.setattr("interruption._pending", False)
    parts = run("parts", **settings)
    assert (parts.status, parts.metrics) == (0, whole.metrics)
    assert same(parts, whole)


def test_interrupted_while_validating_it_ends_with_the_same_bits(run, monkeypatch):
    whole = run("whole")
    real = Tuner.evaluate

    def stopped(self):
        os.kill(os.getpid(), signal.SIGTERM)
        yield from real(self)

    monkeypatch.setattr(Tuner, "evaluate", stopped)
    assert run("parts").status == 75
    monkeypatch.setattr(Tuner, "evaluate", real)
    monkeypatch.setattr("interruption._pending", False)
    parts = run("parts")
    assert parts.metrics == whole.metrics
    assert same(parts, whole)


def test_a_lower_rung_goes_on_as_if_it_had_been_longer(run):
    whole = run("whole", EPOCHS=3)
    run("rungs", EPOCHS=1, MAX_EPOCHS=3)
    rungs = run("rungs", EPOCHS=3)
    assert rungs.metrics == whole.metrics
    assert same(rungs, whole)


def test_where_memory_runs_out_fewer_sequences_go_at_once_and_the_numbers_stay(run, monkeypatch, capsys):
    told = run("told", MICRO_BATCH=1)
    real = Tuner.loss

    def scarce(self, sequences):
        if len(sequences) > 1:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return real(self, sequences)

    monkeypatch.setattr(Tuner, "loss", scarce)
    found = run("found")
    assert found.metrics == told.metrics
    assert same(found, told)
    assert capsys.readouterr().err.count("out of memory; ") == 2  # 4 sequences, 2, 1
    monkeypatch.setattr(Tuner, "loss", lambda *_: scarce(_[0], [None, None]))
    assert run("none").status == 83
    assert "lower MAX_LENGTH, set GRADIENT_CHECKPOINTING=true, or use a GPU" in capsys.readouterr().err


def test_a_checkpoint_of_other_settings_is_refused_and_kept(run, capsys):
    first = run(EPOCHS=1, MAX_EPOCHS=2)
    before = (first.folder / "checkpoint" / "checkpoint.pt").read_bytes()
    assert run(LORA_RANK=4).status == 64
    assert "LORA_RANK=16, but LORA_RANK is now 4" in capsys.readouterr().err
    assert (first.folder / "checkpoint" / "checkpoint.pt").read_bytes() == before


def test_packed_or_padded_the_loss_is_the_same(run):
    """Texts that share a sequence do not see one another: before the first step counts, nothing else differs."""
    packed, padded = (
        run(packing, PACKING=packing, EPOCHS=1, LEARNING_RATE=1e-12, BATCH_SIZE=64) for packing in ("true", "false")
    )
    for metric in ("train_loss", "val_loss"):
        assert packed.metrics[0][metric] == pytest.approx(padded.metrics[0][metric], rel=1e-5)


def test_chats_are_learned_by_the_models_template(run, data):
    chat = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]
    (data / "train.jsonl").write_text(f"{json.dumps({'messages': chat})}\n" * 10)
    assert run(EPOCHS=1).status == 0


def test_a_loss_that_is_not_finite_ends_with_its_status(run, capsys):
    assert run(LEARNING_RATE=1e38, CLIP_GRADIENT=1e30, WARMUP_SHARE=0, EPOCHS=1).status == 65
    assert "the loss was not finite in epoch 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "status", "said"),
    [
        ({"BASE_MODEL": None}, 64, "BASE_MODEL is not set"),
        ({"BASE_MODEL": "meta/llama"}, 64, "Hub names are not looked up"),
        ({"BASE_MODEL": "gs://bucket/model"}, 64, "must start with s3://"),
        ({"DATA_DIR": "/nowhere"}, 66, "which is not a folder"),
        ({"MAX_LENGTH": 200, "BATCH_SIZE": 1}, 64, "MAX_LENGTH is 200; this BASE_MODEL takes at most 128 tokens"),
        ({"LORA_RANK": "0.5"}, 64, "LORA_RANK is '0.5'; it must be a whole number at least 1"),
        ({"METHOD": "lore"}, 64, "did you mean 'lora'?"),
        ({"LORA_TARGETS": "q_proj,z_proj"}, 64, "no layer is named z_proj; known: all-linear, "),
        ({"MICRO_BATCH": 9}, 64, "MICRO_BATCH is 9; it must be at most BATCH_SIZE (4)"),
        ({"SWEEP_PARAMETERS": '{"lora_rnk": 4}'}, 64, "the fine-tuning program has no parameter 'lora_rnk'"),
    ],
)
def test_what_cannot_be_right_is_told_by_name(run, capsys, settings, status, said):
    assert run(**settings).status == status
    assert said in capsys.readouterr().err


def test_a_tokenizer_of_another_model_is_refused(run, base, data, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(base, other)
    tokenizer = AutoTokenizer.from_pretrained(other)
    tokenizer.add_tokens(["1+"])
    tokenizer.save_pretrained(other)
    assert run(BASE_MODEL=other).status == 64
    assert "produces token 257, but whose network knows only 257" in capsys.readouterr().err


def test_a_base_model_that_was_exchanged_is_another(run, base, tmp_path, capsys):
    """Of the same names and sizes: only what the weights are tells them apart."""
    other = tmp_path / "other"
    shutil.copytree(base, other)
    assert run(EPOCHS=1, MAX_EPOCHS=2).status == 0
    model = AutoModelForCausalLM.from_pretrained(base)
    model.model.norm.weight.data += 0.5
    model.save_pretrained(other)
    assert run(BASE_MODEL=other).status == 64
    assert "was trained with BASE_MODEL=" in capsys.readouterr().err


def test_a_base_model_that_lacks_weights_is_refused(run, base, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(base, other)
    weights = load_file(other / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    assert run(BASE_MODEL=other).status == 64
    assert "lack 1 of the weights that config.json needs, such as lm_head.weight" in capsys.readouterr().err


def test_a_base_model_in_parts_with_tied_embeddings_is_saved_whole(run, base, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(base, other)
    model = AutoModelForCausalLM.from_pretrained(base)
    model.config.tie_word_embeddings = True
    model.tie_weights()
    (other / "model.safetensors").unlink()
    model.save_pretrained(other, max_shard_size="20KB")
    assert len(list(other.glob("*.safetensors"))) > 1
    trial = run(BASE_MODEL=other, METHOD="full", EPOCHS=1)
    assert trial.status == 0
    saved = AutoModelForCausalLM.from_pretrained(trial.folder / "model")
    assert saved.lm_head.weight is saved.model.embed_tokens.weight
    assert not torch.equal(saved.lm_head.weight, model.lm_head.weight)


def test_a_folder_without_weights_is_no_model(run, data, capsys):
    (data / "empty").mkdir()
    assert run(BASE_MODEL="empty").status == 64
    assert "lacks config.json or *.safetensors" in capsys.readouterr().err
