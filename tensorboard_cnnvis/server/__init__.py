"""The TensorBoard side: no keras, no tensorflow."""
