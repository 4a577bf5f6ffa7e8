"""Runs a logged model."""
