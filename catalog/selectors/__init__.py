"""Every read of the inventory; each takes the viewer first."""
