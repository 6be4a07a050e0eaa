"""The pages and forms of the social words. Each form works without a script, and gives its block to htmx."""
