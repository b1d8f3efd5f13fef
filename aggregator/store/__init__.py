"""The archive in SQL: writes (sql), reads (query), full text (search); one writer thread."""
