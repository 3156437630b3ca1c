"""What benchmarks and faults share."""
