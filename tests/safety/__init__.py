"""What hostile material, a full disk or a kill must never do."""
