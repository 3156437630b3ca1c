"""What the programs that measure, train and try out faults share."""
