"""Understands: Vietnamese text in, an `Understanding` out. Imports nothing of ours."""
