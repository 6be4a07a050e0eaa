"""Finding the people named in a comment. Who of them is told: `social.services.notifications`."""

import re

from core.markdown import parser

# The same names that the page makes links of; an e-mail address or a path names nobody.
MENTION = re.compile(r"(?<![\w@/.+-])@([A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)")
MOST_MENTIONS = 20


def names_in(body: str) -> list[str]:
    """User names written as @name, in order, lower case, each once; code and links name nobody."""
    if "@" not in body:
        return []
    names: dict[str, None] = {}
    for block in parser().parse(body):
        inside_link = 0
        for token in block.children or []:
            inside_link += token.nesting if token.type in ("link_open", "link_close") else 0
            if token.type == "text" and not inside_link:
                names.update(dict.fromkeys(name.lower() for name in MENTION.findall(token.content)))
    return list(names)[:MOST_MENTIONS]
