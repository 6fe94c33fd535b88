"""Reading orders and summing them up."""
