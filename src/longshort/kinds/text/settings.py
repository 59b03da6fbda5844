"""Settings of a text classifier."""

from __future__ import annotations

from typing import ClassVar

from longshort.config import RunSettings, TextDataSettings, TextModelSettings, TokenizerSettings, TrainingSettings
from longshort.plain import Plain

__all__ = ["TextRunSettings"]


class TextRunSettings(RunSettings):
    """All settings of a text classifier."""

    kind = "text-classification"
    # "demo" learns 20,000 film reviews on two cores in the time of a coffee.
    presets: ClassVar[dict[str, Plain]] = {
        "demo": {"embedding_size": 64, "hidden_size": 64, "pretraining_epochs": 0, "epochs": 4}
    }

    data: TextDataSettings = TextDataSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    model: TextModelSettings = TextModelSettings()
    training: TrainingSettings = TrainingSettings()
