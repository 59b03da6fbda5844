# %% [markdown]
# # Digits, read line by line
# Each picture of scikit-learn's digits is eight rows of eight pixels: a sequence of eight steps with eight channels.

# %%
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

import longshort

pictures, numbers = load_digits(return_X_y=True)
sequences = pictures.reshape(-1, 8, 8)
train, test, train_numbers, test_numbers = train_test_split(sequences, numbers, random_state=0, stratify=numbers)

# %%
model = longshort.SequenceClassifier(epochs=4, members=1)  # one network; by default three answer together
model.fit(train, train_numbers)
accuracy = model.score(test, test_numbers)
neighbour = KNeighborsClassifier(1).fit(train.reshape(-1, 64), train_numbers).score(test.reshape(-1, 64), test_numbers)
print(f"accuracy on {len(test)} pictures: {accuracy:.3f}; of the nearest picture: {neighbour:.3f}")

# %% [markdown]
# Which pixels made the first picture what it is? Steps are the rows of the picture, channels its columns.

# %%
found = longshort.explain(model, test[0])
print(f"it is called {found.label}; darker signs count more, for (+) or against it (-)")
for row in found.values:
    print("  " + "".join("#" if value > 0.5 else "+" if value > 0.1 else "-" if value < -0.1 else "." for value in row))

# %% [markdown]
# A model that reads forward only can answer while the picture is still coming in, row by row.

# %%
forward = longshort.SequenceClassifier(epochs=4, bidirectional=False, members=1).fit(train, train_numbers)
stream = forward.stream()
for number, row in enumerate(test[0], start=1):
    answer = stream.feed(row[None, :])
    best = int(answer.argmax())
    print(f"after {number} rows: {forward.classes_[best]} ({answer[best]:.2f})")
assert accuracy > 0.95
