"""Pure pandas: from frames of facts to frames of figures; no I/O, no clock, no Prefect."""
