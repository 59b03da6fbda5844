"""What can be learnt, one file each."""

from __future__ import annotations

from longshort.tasks.base import Batch, Dataset, Objective
from longshort.tasks.inference import mean_loss_and_accuracy, predict_logits
from longshort.tasks.language import LanguageModel, LanguageObjective, can_pretrain
from longshort.tasks.network import TextClassifierNetwork
from longshort.tasks.objective import ClassificationObjective
from longshort.tasks.text_classification import TextClassification
from longshort.tasks.word_vectors import word_vectors

__all__ = [
    "TASKS",
    "Batch",
    "ClassificationObjective",
    "Dataset",
    "LanguageModel",
    "LanguageObjective",
    "Objective",
    "TextClassification",
    "TextClassifierNetwork",
    "can_pretrain",
    "mean_loss_and_accuracy",
    "predict_logits",
    "word_vectors",
]

# A new task is one file and one line here.
TASKS = {TextClassification.name: TextClassification}
