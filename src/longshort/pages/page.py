"""A whole page: one HTML file that opens anywhere, also offline, and runs no script but its own two."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from longshort.figures.tokens import STYLES
from longshort.pages.section import Built, render

__all__ = ["page_html"]

CHART = 'class="plot"'
"""What a page holds where it has a chart."""


def page_html(
    *,
    title: str,
    heading: Markup,
    origin: Markup,
    verdict: Markup,
    sections: Sequence[Built],
    footer: Markup,
) -> str:
    """The page as a string. Without a chart, it holds no script at all.

    Args:
        title: of the window.
        heading: the largest heading.
        origin: one line below it.
        verdict: what stands before all sections.
        sections: in their order.
        footer: what stands at the end.
    """
    bodies: Iterable[Markup] = [verdict, *(section.body for section in sections)]
    scripts = _scripts() if any(CHART in body for body in bodies) else ()
    return str(
        render(
            "page",
            title=title,
            heading=heading,
            origin=origin,
            verdict=verdict,
            sections=sections,
            footer=footer,
            token_styles=Markup(STYLES),
            policy=_policy(scripts),
            scripts=Markup("\n").join(Markup(f"<script>{script}</script>") for script in scripts),
        )
    )


@cache
def _scripts() -> tuple[str, str]:
    """plotly.js, and what draws the charts of the page with it."""
    own = resources.files("longshort.pages").joinpath("report.js").read_text(encoding="utf-8")
    # A browser reads every line end as \n before it computes the hash; the end of a script must not stand in it.
    library, drawing = (
        script.replace("\r\n", "\n").replace("</script", "<\\/script") for script in (get_plotlyjs(), own)
    )
    return library, drawing


def _policy(scripts: Sequence[str]) -> str:
    """Nothing is fetched, sent or framed; of scripts, these run and no other; plotly writes style attributes."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{each}'" for each in hashes) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
