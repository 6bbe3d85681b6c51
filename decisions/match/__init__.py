"""From what is offered to what one enterprise can have, in order, and why."""
