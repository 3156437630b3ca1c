"""An index in tables of Lance, on a disk or in object storage: read by many, whatever its size."""
