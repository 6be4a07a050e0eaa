"""HTML pages of the inventory: one selector and one template each."""
