"""One page of HTML for one explained text: it opens offline, and holds no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from longshort.figures.tokens import STYLES, ShownToken, html_tokens, token_legend

__all__ = ["token_page"]

_PAGE = Markup("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body{{font:16px/1.5 system-ui,sans-serif;color:#1f2933;background:#fff;max-width:46rem;margin:2rem auto;padding:0 1rem}}
h1{{font-size:1.35rem;margin:0 0 .25rem}}
h2{{font-size:1.05rem;margin:2rem 0 .5rem}}
.quiet{{color:#5f6b76;font-size:.9rem}}
.scroll{{overflow-x:auto}}
table{{border-collapse:collapse;font-variant-numeric:tabular-nums}}
th,td{{padding:.15rem .9rem .15rem 0;text-align:right;border-bottom:1px solid #d9dee3;white-space:nowrap}}
th{{font-weight:600}}
th:first-child,td:first-child{{text-align:left;white-space:normal;overflow-wrap:anywhere}}
{styles}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="quiet">{answer}</p>
{tokens}
<p class="quiet tokens">{legend}</p>
<h2>The strongest contributions</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">token</th><th scope="col">step</th><th scope="col">contribution</th></tr></thead>
<tbody>
{rows}
</tbody>
</table></div>
{notes}
</main>
</body>
</html>
""")

_ROW = Markup('<tr><td>{}</td><td>{}</td><td class="{}">{}</td></tr>')


def token_page(
    shown: Sequence[ShownToken],
    strongest: Sequence[int],
    *,
    label: str,
    probabilities: Mapping[str, float],
    notes: Sequence[str],
) -> str:
    """A whole page; every text in it is escaped.

    Args:
        shown: the tokens.
        strongest: the places of those in the table.
        label: the class that is explained.
        probabilities: that of each class, which are all named.
        notes: sentences that stand below.
    """
    answer = ", ".join(f"{name} {probability:.3f}" for name, probability in probabilities.items())
    rows = (_row(shown[place], place) for place in strongest)
    page = _PAGE.format(
        title=f"Why {label}: {probabilities[label]:.3f}",
        styles=Markup(STYLES),
        answer=answer,
        tokens=html_tokens(shown, label=label),
        legend=token_legend(label),
        rows=Markup("\n").join(rows),
        notes=Markup("\n").join(Markup('<p class="quiet">{}</p>').format(note) for note in notes),
    )
    return str(page)


def _row(token: ShownToken, place: int) -> Markup:
    name = token.text + ("" if token.known else " (not in the vocabulary)")
    return _ROW.format(name, place, token.side, f"{token.value:+.3f}")
