"""Bodies of terms and taxonomies."""

from rest_framework import serializers

from core.api.inputs import Body, Words, optional


class TermFields(Body):
    name = Words(max_length=200)
    description = optional(20_000)
    url = optional(500)
    parent = Words(required=False, allow_null=True, max_length=120)
    aliases = serializers.ListField(child=Words(max_length=300), required=False, max_length=200)


class NewTerm(TermFields):
    slug = Words(required=False, max_length=120)


class TermChanges(NewTerm):
    pass


class MergeBody(Body):
    into = Words(max_length=120, help_text="Slug of the term to keep")


class NewTaxonomy(Body):
    name = Words(max_length=120)
    slug = serializers.SlugField(required=False, max_length=60)
    description = optional(20_000)
    is_facet = serializers.BooleanField(required=False)
    allows_many = serializers.BooleanField(required=False)
