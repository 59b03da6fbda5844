# %% [markdown]
# # What comes next
# A forecast with bands. The series is made here, so that we know what is in it: a growth by shares, a season, noise.

# %%
import numpy as np
import pandas as pd

from longshort import Forecaster
from longshort.figures import save
from longshort.figures.forecast import forecast as draw

rng = np.random.default_rng(1)
months = pd.date_range("2014-01-01", periods=144, freq="MS")
season = 1 + 0.25 * np.sin(2 * np.pi * np.arange(144) / 12)
sales = pd.Series(100 * 1.01 ** np.arange(144) * season * rng.lognormal(0, 0.03, 144), index=months, name="sales")

# %% [markdown]
# The last two years are held out. The model does not see them; from each month of them that has a whole year after it,
# a forecast is made, and by four baselines too.

# %%
early = Forecaster(horizon=12).fit(sales[:-24])
found = early.backtest(sales, steps=24)
print(found.headline())
for name, baseline in found.baseline_metrics.items():
    print(f"  {name}: mean absolute error {baseline.mae:.2f}, MASE {baseline.mase:.2f}")
print(f"the 80 % band held {found.model.coverage[0.8]:.0%} of what came")

# %% [markdown]
# It is measured; now train it on everything, and look ahead.

# %%
model = Forecaster(horizon=12).fit(sales)
low, high = model.predict_interval(coverage=0.8)
table = pd.DataFrame({"median": model.predict(), "from": low, "to": high}).round(1)
print(table)

# %%
ahead = model.forecast()
panel = {
    "name": "sales",
    "past_times": [str(month.date()) for month in months[-48:]],
    "past": sales[-48:],
    "times": list(ahead.times[0]),
    "quantiles": ahead.quantiles[0],
}
save(draw([panel], ahead.levels, target="sales"), "forecast.png")
print("forecast.png shows it")
assert found.model.mae < found.baseline_metrics["seasonal last value"].mae
