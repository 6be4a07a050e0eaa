"""The demo's people: labelled accounts, who own, rate and discuss some of the real models."""
