"""From a question to passages in order, and the sentence that answers."""
