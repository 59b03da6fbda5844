"""The networks that are trained, and their objectives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.networks.base import Batch, Dataset, Objective
    from longshort.networks.classification_objective import ClassificationObjective
    from longshort.networks.ensemble import EachOf, Ensemble, members_of, name_in_member
    from longshort.networks.inference import mean_loss_and_accuracy, predict_logits
    from longshort.networks.language import LanguageModel, LanguageObjective, can_pretrain
    from longshort.networks.regression_objective import RegressionObjective
    from longshort.networks.sequence_network import SequenceNetwork
    from longshort.networks.text_network import TextClassifierNetwork

__all__ = [
    "Batch",
    "ClassificationObjective",
    "Dataset",
    "EachOf",
    "Ensemble",
    "LanguageModel",
    "LanguageObjective",
    "Objective",
    "RegressionObjective",
    "SequenceNetwork",
    "TextClassifierNetwork",
    "can_pretrain",
    "mean_loss_and_accuracy",
    "members_of",
    "name_in_member",
    "predict_logits",
]

# Loaded when first asked for: a model of one kind needs no network of another.
_HOMES = {
    "Batch": "longshort.networks.base",
    "ClassificationObjective": "longshort.networks.classification_objective",
    "Dataset": "longshort.networks.base",
    "EachOf": "longshort.networks.ensemble",
    "Ensemble": "longshort.networks.ensemble",
    "LanguageModel": "longshort.networks.language",
    "LanguageObjective": "longshort.networks.language",
    "Objective": "longshort.networks.base",
    "RegressionObjective": "longshort.networks.regression_objective",
    "SequenceNetwork": "longshort.networks.sequence_network",
    "TextClassifierNetwork": "longshort.networks.text_network",
    "can_pretrain": "longshort.networks.language",
    "mean_loss_and_accuracy": "longshort.networks.inference",
    "members_of": "longshort.networks.ensemble",
    "name_in_member": "longshort.networks.ensemble",
    "predict_logits": "longshort.networks.inference",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
