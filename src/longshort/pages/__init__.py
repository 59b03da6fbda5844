"""Pages made from a run: the report and the model card."""
