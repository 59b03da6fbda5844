"""What can be learnt, one file each."""

from __future__ import annotations

from longshort.tasks.base import Batch, Dataset, Objective
from longshort.tasks.forecasting import Forecasting
from longshort.tasks.inference import mean_loss_and_accuracy, predict_logits
from longshort.tasks.language import LanguageModel, LanguageObjective, can_pretrain
from longshort.tasks.network import TextClassifierNetwork
from longshort.tasks.objective import ClassificationObjective
from longshort.tasks.regression import RegressionObjective
from longshort.tasks.sequence_classification import SequenceClassification
from longshort.tasks.sequence_network import SequenceNetwork
from longshort.tasks.sequence_regression import SequenceRegression
from longshort.tasks.sequence_training import for_sequences, members_for, rows_per_batch, validation_share
from longshort.tasks.streaming import Stream
from longshort.tasks.text_classification import TextClassification
from longshort.tasks.together import EachOf, Together, members_of, name_in_member
from longshort.tasks.word_vectors import word_vectors

__all__ = [
    "Batch",
    "ClassificationObjective",
    "Dataset",
    "EachOf",
    "Forecasting",
    "LanguageModel",
    "LanguageObjective",
    "Objective",
    "RegressionObjective",
    "SequenceClassification",
    "SequenceNetwork",
    "SequenceRegression",
    "Stream",
    "TextClassification",
    "TextClassifierNetwork",
    "Together",
    "can_pretrain",
    "for_sequences",
    "mean_loss_and_accuracy",
    "members_for",
    "members_of",
    "name_in_member",
    "predict_logits",
    "rows_per_batch",
    "validation_share",
    "word_vectors",
]
