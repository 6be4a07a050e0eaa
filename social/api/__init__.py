"""The social words in the API. What belongs to one person, and people themselves: `people.api`."""
