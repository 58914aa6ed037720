"""The version of the program, as manifests and reports state it."""

VERSION = "0.1.0"
