# %% [markdown]
# # How damped is a swing?
# A number for each sequence: from a noisy recording of something that swings, how fast the swing dies away.
# Recordings are of different lengths, and some values are missing. Nothing is padded.

# %%
import numpy as np

import longshort

rng = np.random.default_rng(0)


def recording() -> tuple[np.ndarray, float]:
    """A damped oscillation, 40 to 80 steps, with noise and gaps; and its damping per hundred steps."""
    damping, frequency = rng.uniform(0, 5), rng.uniform(0.02, 0.08)
    time = np.arange(rng.integers(40, 80))
    values = np.exp(-damping * time / 100) * np.sin(2 * np.pi * frequency * time + rng.uniform(0, 6))
    values += rng.normal(0, 0.05, len(time))
    values[rng.random(len(time)) < 0.05] = np.nan
    return values, damping


swings, dampings = zip(*(recording() for _ in range(500)), strict=True)
train, test = slice(0, 400), slice(400, 500)

# %%
model = longshort.SequenceRegressor(epochs=6, members=1).fit(swings[train], dampings[train])
answers = model.predict(swings[test])
truth = np.array(dampings[test])
error, guess = np.abs(answers - truth).mean(), np.abs(np.mean(dampings[train]) - truth).mean()
print(f"mean absolute error {error:.2f}; with the mean of all dampings as the answer it would be {guess:.2f}")
print(f"R² {model.score(swings[test], truth):.3f}")

# %% [markdown]
# Which steps matter? At the beginning the swing is large whatever its damping; later on the damping shows.

# %%
found = longshort.explain(model, swings[test][0])
parts = np.array_split(np.abs(found.steps), 4)
shares = ", ".join(f"{part.sum() / np.abs(found.steps).sum():.0%}" for part in parts)
print(f"share of the contributions, by quarter of the recording: {shares}")
assert error < 0.5 * guess
