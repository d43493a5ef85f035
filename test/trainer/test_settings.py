import json

import pytest

from config import read_settings
from errors import BadSettingError


def refused(**environ: str) -> str:
    with pytest.raises(BadSettingError) as caught:
        read_settings({"DATA_DIR": "images", **environ})
    return str(caught.value)


def test_a_value_that_is_no_number_is_refused_with_name_value_and_limit():
    assert refused(LEARNING_RATE="fast") == "LEARNING_RATE is 'fast'; it must be a number above 0"


def test_a_value_outside_its_limits_is_refused():
    assert "DROPOUT is '1'; it must be a number at least 0 and below 1" in refused(DROPOUT="1")


def test_a_fraction_where_a_whole_number_is_wanted_is_refused_with_the_remedy():
    message = refused(BATCH_SIZE="57.3")
    assert "BATCH_SIZE is '57.3'; it must be a whole number at least 2" in message
    assert "type: integer" in message


def test_a_number_with_an_empty_fraction_is_whole():
    assert read_settings({"DATA_DIR": "images", "BATCH_SIZE": "32.0"}).batch_size == 32


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity"])
def test_a_number_that_is_not_finite_is_refused(text):
    assert "LEARNING_RATE" in refused(LEARNING_RATE=text)


def test_an_unknown_model_lists_the_known_ones():
    message = refused(MODEL_NAME="resnet81")
    assert "MODEL_NAME is 'resnet81'" in message
    assert "small_cnn, small_resnet, resnet18, resnet34" in message
    assert "did you mean 'resnet18'?" in message


def test_an_unknown_parameter_is_refused_with_the_nearest_known_one():
    message = refused(SWEEP_PARAMETERS=json.dumps({"learing_rate": 0.1}))
    assert "no parameter 'learing_rate'" in message
    assert "did you mean 'learning_rate'?" in message


def test_a_dotted_parameter_is_known_by_its_variable():
    environ = {
        "SWEEP_PARAMETERS": json.dumps({"optimizer": "sgd", "optimizer.momentum": 0.8}),
        "OPTIMIZER": "sgd",
        "OPTIMIZER_MOMENTUM": "0.8",
    }
    assert read_settings({"DATA_DIR": "images", **environ}).momentum == 0.8


def test_model_is_another_name_of_model_name():
    assert read_settings({"DATA_DIR": "images", "MODEL": "resnet18"}).model_name == "resnet18"


def test_two_names_of_one_setting_that_disagree_are_refused():
    assert "MODEL_NAME and MODEL" in refused(MODEL_NAME="resnet18", MODEL="resnet34")


def test_a_metric_that_is_not_reported_is_refused_with_those_that_are():
    message = refused(OBJECTIVE_METRIC="f1")
    assert "OBJECTIVE_METRIC is 'f1'" in message
    assert "val_loss, val_accuracy" in message


def test_a_budget_below_the_epochs_is_refused():
    assert "MAX_EPOCHS is 3, below EPOCHS (5)" in refused(EPOCHS="5", MAX_EPOCHS="3")


def test_a_missing_data_folder_setting_is_named():
    with pytest.raises(BadSettingError, match="DATA_DIR is not set"):
        read_settings({})


def test_a_loss_is_minimized_and_an_accuracy_maximized_unless_said():
    assert read_settings({"DATA_DIR": "images", "OBJECTIVE_METRIC": "val_loss"}).goal == "minimize"
    assert read_settings({"DATA_DIR": "images"}).goal == "maximize"


def test_trackers_are_a_list_and_an_unknown_one_is_refused():
    assert read_settings({"DATA_DIR": "images", "TRACKERS": "wandb, mlflow"}).trackers == ("wandb", "mlflow")
    message = refused(TRACKERS="tensorbord")
    assert "'tensorbord' is not known: tensorboard, wandb, mlflow; did you mean 'tensorboard'?" in message


def test_a_recipe_sets_what_the_environment_leaves_open():
    settings = read_settings({"DATA_DIR": "images", "RECIPE": "photo", "WEIGHT_DECAY": "0"})
    assert (settings.augment, settings.mixup, settings.weight_decay) == ("trivial", 0.2, 0.0)


@pytest.mark.parametrize("text", ["none", "null"])
def test_none_leaves_out_what_has_no_default_and_what_a_recipe_sets(text: str):
    settings = read_settings({"DATA_DIR": "images", "RECIPE": "photo", "WEIGHTS": text, "CLIP_GRADIENT": text})
    assert (settings.weights, settings.clip_gradient) == (None, None)


def test_none_is_no_number_where_there_is_a_default():
    assert "LEARNING_RATE is 'none'" in refused(LEARNING_RATE="none")


@pytest.mark.parametrize(
    ("environ", "augment"),
    [({"WEIGHTS": "imagenet"}, "crop_flip"), ({}, "shift_flip"), ({"MODEL_NAME": "resnet18"}, "trivial")],
)
def test_an_automatic_recipe_goes_by_weights_and_network(environ, augment):
    assert read_settings({"DATA_DIR": "images", "RECIPE": "auto", **environ}).augment == augment


def test_fine_tuning_of_nothing_is_refused():
    assert "RECIPE is 'finetune', but WEIGHTS is not set" in refused(RECIPE="finetune")


def test_freezing_random_layers_is_refused():
    assert "FREEZE is 'backbone', but WEIGHTS is not set" in refused(FREEZE="backbone")
