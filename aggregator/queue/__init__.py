"""When the work is done: one clock tick asks the store for due hosts, one task a host does them."""
