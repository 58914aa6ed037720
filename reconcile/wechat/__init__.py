"""What WeChat itself means, whatever the file: kinds, bodies, clocks, canonical text."""
