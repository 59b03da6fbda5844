"""The model card: the README.md of a run.

Its sections are those of Mitchell et al. 2019, "Model Cards for Model Reporting", as far as a training can know them.
"""

from __future__ import annotations

import re

from markupsafe import Markup

from longshort.kinds.registry import kind_of
from longshort.pages import view
from longshort.plain import PlainMapping

__all__ = ["escape", "model_card"]

# What can begin emphasis, code, a link, markup, a table cell, an entity, a heading, a formula or a struck-out word.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|&#$~]")


def model_card(metrics: PlainMapping) -> str:
    """Return the run's README.md, in Markdown: the verdict first, then results, data, limits, use and settings.

    Args:
        metrics: what `metrics.json` holds.
    """
    kind = kind_of(metrics["task"])
    card = kind.card(metrics)
    template = view.environment(autoescape=False, finalize=escape).get_template(card.template)
    return template.render(
        metrics=metrics,
        measure=kind.measure,
        models=view.models(metrics),
        parts=view.parts(metrics),
        fingerprints=view.fingerprints(metrics),
        settings=view.settings(metrics),
        limits=card.limits,
        **card.values,
    )


def escape(value: object) -> object:
    """Return a text as Markdown that shows that very text, on one line.

    Anything but a str, and markup that is already safe, is returned as it is.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _SPECIAL.sub(r"\\\g<0>", " ".join(str(view.visible(value)).split()))
