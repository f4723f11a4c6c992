"""Tables that the pipelines read."""
