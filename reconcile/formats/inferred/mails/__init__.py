"""Rows of mails, and talks that mails hold in their words."""
