"""The local web application: open exports, compare, review, report, in a browser on this machine."""
