"""Every write of alerts: one transaction each, the right checked first."""
