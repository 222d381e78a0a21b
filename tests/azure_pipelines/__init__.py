"""The pipeline task, run as an agent runs it."""
