"""Pages leave nothing behind for the collector."""

import gc
import weakref

from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template

from access.viewer import Viewer


class Given:
    """Something that a page shows."""


def test_what_a_page_was_given_is_let_go_once_it_is_written(rf, db):
    request = rf.get("/")
    request.user, request.viewer, request.session = AnonymousUser(), Viewer(), {}
    given = Given()
    left = weakref.ref(given)
    gc.disable()
    try:
        assert "Told" in get_template("_notice.html").render({"text": "Told", "given": given}, request)
        del given
        assert left() is None
    finally:
        gc.enable()
