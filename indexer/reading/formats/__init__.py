"""From the formats of files to records."""
