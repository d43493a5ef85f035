"""What Optuna itself reads from a journal file, as JSON: python read_journal.py FILE."""

import json
import sys

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

[summary] = optuna.get_all_study_summaries(JournalStorage(JournalFileBackend(sys.argv[1])))
study = optuna.load_study(study_name=summary.study_name, storage=JournalStorage(JournalFileBackend(sys.argv[1])))
trials = [
    {
        "number": trial.number,
        "state": trial.state.name,
        "value": trial.value,
        "params": trial.params,
        "curve": trial.intermediate_values,
        "id": trial.user_attrs["trial_id"],
    }
    for trial in study.trials
]
print(json.dumps({"study": study.study_name, "direction": study.direction.name, "trials": trials}))
