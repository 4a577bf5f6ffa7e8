"""Long work outside TensorBoard's process: submit, progress, cancel, results."""
