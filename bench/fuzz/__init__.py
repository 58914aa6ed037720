"""Structure-aware fuzzing of everything that a user may be handed: forms, stores, statements, submissions."""
