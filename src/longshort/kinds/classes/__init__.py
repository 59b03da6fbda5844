"""What the kinds that answer with classes share."""
