"""The formats: one folder a producer, `registry` lists all readers, `shared` holds common code."""
