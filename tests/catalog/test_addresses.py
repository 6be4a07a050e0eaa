"""Addresses made of a pattern are those that Django makes."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix
from hypothesis import given
from hypothesis import strategies as st

from core.addresses import address

labels = st.text(
    st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=20
)
slugs = st.from_regex(r"\A[a-z0-9_-]{1,20}\Z")


@given(slugs, slugs, labels)
def test_an_address_is_what_django_says(project, model, label):
    assert address("catalog:model", project, model) == reverse("catalog:model", args=[project, model])
    try:
        expected = reverse("catalog:version", args=[project, model, label])
    except NoReverseMatch:
        with pytest.raises(NoReverseMatch):
            address("catalog:version", project, model, label)
    else:
        assert address("catalog:version", project, model, label) == expected


def test_an_address_begins_where_the_site_does():
    assert address("catalog:project", "timm") == "/p/timm"
    set_script_prefix("/models/{x}/")
    try:
        assert address("catalog:project", "timm") == reverse("catalog:project", args=["timm"])
    finally:
        set_script_prefix("/")


def test_a_view_that_is_not_there_has_no_address():
    with pytest.raises(NoReverseMatch):
        address("catalog:nothing", "timm")
