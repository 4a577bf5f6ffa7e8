"""A Keras model seen from outside; the only backend-specific code."""
