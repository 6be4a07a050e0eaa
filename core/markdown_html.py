"""People's Markdown as safe HTML, and search fragments with their marks. Never raises on bad input."""

import logging
import re
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

import nh3
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from core.markdown import new_parser

log = logging.getLogger(__name__)

PersonUrl = Callable[[str], str | None]

# Search back ends put these around the words they found: characters no catalog text holds.
MARK_START = "\ue000"
MARK_END = "\ue001"

HEADINGS_SHIFTED_BY = 2
LONGEST_TEXT = 100_000
TAGS = {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a",
    "ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
MENTION = re.compile(r"(?<![\w@/.+-])@([A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)")


def person_url(username: str) -> str | None:
    """Where a person's page is."""
    try:
        return reverse("accounts:person", args=[username])
    except NoReverseMatch:
        return f"/people/{username}"


def only_known(usernames: Collection[str]) -> PersonUrl:
    """Links to these people only; other names stay plain words."""
    known = {name.casefold(): name for name in usernames}

    def url(username: str) -> str | None:
        name = known.get(username.casefold())
        return person_url(name) if name else None

    return url


def render(text: object, person_url: PersonUrl = person_url) -> SafeString:
    """Safe HTML of Markdown: no images, no raw HTML, headings from level 3, names linked by `person_url`."""
    source = str(text or "").replace("\x00", "")[:LONGEST_TEXT]
    try:
        html = _parser().render(source, {"person_url": person_url})
        return mark_safe(_clean(html))  # nosec: cleaned by nh3 on this line
    except Exception:  # A comment must never take its page down, whatever the parser meets.
        log.warning("Markdown not understood; shown as plain text", exc_info=True)
        return mark_safe(f"<p>{escape(source)}</p>")  # nosec: escaped


def highlight(fragment: object) -> SafeString:
    """A fragment from a search engine, escaped, with its marks (or literal <mark> tags) as <mark>."""
    text = str(fragment or "").replace("<mark>", MARK_START).replace("</mark>", MARK_END)
    safe = str(escape(text))
    safe = re.sub(f"{MARK_START}([^{MARK_START}{MARK_END}]*){MARK_END}", r"<mark>\1</mark>", safe)
    safe = safe.replace(MARK_START, "").replace(MARK_END, "")
    return mark_safe(safe)  # nosec: escaped above, only <mark> added


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = new_parser()
    parser.core.ruler.push("shift_headings", _shift_headings)
    parser.core.ruler.push("link_mentions", _link_mentions)
    parser.add_render_rule("image", _image_as_its_words)
    return parser


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )


def _image_as_its_words(self: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    return str(escape(tokens[index].content))


def _shift_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + HEADINGS_SHIFTED_BY)}"


def _link_mentions(state: StateCore) -> None:
    url_of: PersonUrl = state.env["person_url"]
    for block in state.tokens:
        if block.type != "inline" or "@" not in block.content:
            continue
        inside_link = 0
        children: list[Token] = []
        for token in block.children or []:
            inside_link += token.nesting if token.type in ("link_open", "link_close") else 0
            if token.type == "text" and not inside_link:
                children.extend(_split_at_mentions(token, url_of))
            else:
                children.append(token)
        block.children = children


def _split_at_mentions(token: Token, url_of: PersonUrl) -> list[Token]:
    parts: list[Token] = []
    position = 0
    for found in MENTION.finditer(token.content):
        url = url_of(found[1])
        if url is None:
            continue
        parts.append(_text(token.content[position : found.start()], token.level))
        parts.append(Token("link_open", "a", 1, attrs={"href": url}, level=token.level))
        parts.append(_text(found[0], token.level + 1))
        parts.append(Token("link_close", "a", -1, level=token.level))
        position = found.end()
    parts.append(_text(token.content[position:], token.level))
    return [part for part in parts if part.type != "text" or part.content]


def _text(content: str, level: int) -> Token:
    return Token("text", "", 0, content=content, level=level)
