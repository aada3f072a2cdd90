"""Where the values of tensors come from, and how they are coded."""
