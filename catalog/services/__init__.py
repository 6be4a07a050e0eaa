"""Every write to the inventory; one transaction each, rights first."""
