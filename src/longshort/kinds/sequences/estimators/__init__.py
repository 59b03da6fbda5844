"""The scikit-learn face of models of sequences of numbers."""
