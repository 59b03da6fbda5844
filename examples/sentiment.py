# %% [markdown]
# # Is a sentence about a film kind or unkind?
# A classifier of texts, trained in a few seconds on sentences from film reviews, and asked why it says what it says.
# Run it as a script, or open it as a notebook: each `# %%` begins a cell.

# %%
import random

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import longshort
from longshort.data import open_source

# %% [markdown]
# The sample has 8,530 sentences; two thousand are enough to see something. A fifth of them is held out.

# %%
rows = [(row.text, row.labels[0]) for row in open_source("movie-sentences").rows()]
random.Random(0).shuffle(rows)
texts, labels = zip(*rows[:2000], strict=True)
train, test = slice(0, 1600), slice(1600, 2000)

# %%
model = longshort.TextClassifier(epochs=6, embedding_size=64, hidden_size=64)
model.fit(texts[train], labels[train])
accuracy = model.score(texts[test], labels[test])
print(f"the LSTM: {accuracy:.3f} of 400 sentences are answered rightly")

# %% [markdown]
# Is that good? Ask a model that counts words and does not know their order.

# %%
words = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts[train], labels[train])
print(f"counting words: {words.score(texts[test], labels[test]):.3f}; always the same answer: about 0.5")

# %% [markdown]
# On so few sentences counting is hard to beat: most of the kindness of a sentence is in its words, not in their
# order. What did each of them do?

# %%
sentence = "a warm and funny film , never dull"
found = longshort.explain(model, sentence)
print(f"{sentence!r} is {found.label} ({found.probability:.2f}):")
for token, value in zip(found.tokens, found.values, strict=True):
    print(f"  {token:>8}  {value:+.2f}  {'+' * round(8 * max(value, 0))}{'-' * round(8 * max(-value, 0))}")

# %% [markdown]
# And what the gates did while it read. A forget gate near 1 keeps what the cell knows; near 0 it forgets.

# %%
steps = longshort.trace(model, sentence)
opening = steps.series(direction="forward")["forget_gate"]
print("forget gate, word by word:", ", ".join(f"{each:.2f}" for each in opening))
assert accuracy > 0.6
