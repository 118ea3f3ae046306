"""What the documents say of commands, settings and events, made from the product itself."""
