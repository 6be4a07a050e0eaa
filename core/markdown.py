"""Which Markdown people may write, and the words that are read of it."""

import logging
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

log = logging.getLogger(__name__)

# What a text without any of these says, it says as it stands.
SIGN = re.compile(r"[`*\[\]#>|~\\&]|(?<!\w)_")


def new_parser() -> MarkdownIt:
    """A parser of CommonMark with tables, struck text and bare links as links; HTML is text."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True})
    parser.enable(["table", "strikethrough", "linkify"])
    return parser


parser = lru_cache(maxsize=1)(new_parser)


def words_of(text: str) -> str:
    """The words of Markdown: without its signs and where its links lead. Blocks and lines stay apart. Never raises."""
    if not SIGN.search(text):
        return text
    try:
        return "\n".join(
            "".join(_words(block.children or [block])) for block in _blocks(parser().parse(text))
        )
    except Exception:  # A text must never keep its model from being found, whatever the parser meets.
        log.warning("Markdown not understood; taken as it stands", exc_info=True)
        return text


def _blocks(tokens: Iterable[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.type in ("inline", "fence", "code_block"))


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        yield "\n" if token.type in ("softbreak", "hardbreak") else token.content
