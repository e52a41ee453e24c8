"""Makes the two environments and the model, and repeats only what its inputs make necessary."""
