"""Files on disk: the run directory, model files, atomic writing."""
