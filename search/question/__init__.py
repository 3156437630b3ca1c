"""What is asked: the query, its language, spelling and days."""
