"""The order of things: one visit from request to transaction, and what is done in which turn."""
