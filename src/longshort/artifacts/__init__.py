"""What is kept: model files, the run directory, and how files are written."""
