"""Features of the invoice flow."""
