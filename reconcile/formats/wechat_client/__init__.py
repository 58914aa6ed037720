"""WeChat's own databases, by client."""
