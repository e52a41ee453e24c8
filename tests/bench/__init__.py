"""`make bench`: what the software does on this machine, measured and printed as JSON."""
