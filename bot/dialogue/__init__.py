"""The conversation with citizens: frames, not stories. Start reading at engine.py."""
