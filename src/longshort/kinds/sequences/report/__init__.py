"""The reports of models of sequences of numbers."""
