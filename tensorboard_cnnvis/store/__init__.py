"""The run's record on disk: event files, inputs, models."""
