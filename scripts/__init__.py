"""What `make` runs to set the project up. Plain standard library: nothing is installed yet."""
