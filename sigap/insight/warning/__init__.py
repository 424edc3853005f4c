"""What stands out in place and time, and what comes back."""
