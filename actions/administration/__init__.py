"""What administrators change in the desk, people and the tables of the province, and its log."""
