"""The record as one table: what was recorded of the samples, and what follows from it."""
