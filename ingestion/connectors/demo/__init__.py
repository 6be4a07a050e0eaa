"""The demo catalog: real models read from public repositories, facts only."""
