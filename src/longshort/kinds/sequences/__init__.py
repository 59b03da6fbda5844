"""Classification of, and regression on, sequences of numbers."""
