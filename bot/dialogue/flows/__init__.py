"""One file per thing that citizens come for."""
