"""Acts: one module per subject; functions take a session and do one thing a person would name."""
