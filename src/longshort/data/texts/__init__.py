"""Texts and their labels: files, frames and samples become rows, splits and encoded examples."""
