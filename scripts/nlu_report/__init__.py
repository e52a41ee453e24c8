"""`make nlu-report`: how well messages are understood, measured and written to docs/nlu-report."""
