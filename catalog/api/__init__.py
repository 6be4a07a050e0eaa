"""The API of the inventory, and the ground every other API stands on (`base`, `problems`, `paging`, `parsing`)."""
