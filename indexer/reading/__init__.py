"""What only indexing needs: files, formats, cleaning, dates and passages."""
