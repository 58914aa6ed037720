"""The clocks of both exports, as estimated before any pair is weighed."""
