"""Every read of alerts. Each takes the viewer first and says its number of queries."""
