"""Many accounts at once: cut into pieces, sent side by side, remembered, told of while it lasts."""
