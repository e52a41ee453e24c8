"""Our classifiers beside others; see `__main__.py`."""
