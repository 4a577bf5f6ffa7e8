"""The training side: what is watched, recorded and written."""
