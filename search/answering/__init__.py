"""From passages to the sentence that answers, and whether one does."""
