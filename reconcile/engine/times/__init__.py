"""What differing times of aligned pairs tell: clock segments, deliveries, changed dates."""
