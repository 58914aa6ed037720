"""Custody of material: seals, the custody log, time stamps, the decision log, and payment statements."""
