"""Where metadata comes from, and the controlled vocabulary as trees of terms."""

from django.db import models
from django.db.models import F, Q

from core.addresses import address


class Source(models.Model):
    """A place outside Vitrine that metadata was read from."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    url = models.URLField(max_length=500, blank=True)
    revision = models.CharField(max_length=120, blank=True, help_text="What was read: a commit, a date")
    license = models.CharField(max_length=120, blank=True, help_text="License of the metadata itself")

    class Meta:
        db_table = "catalog_source"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Taxonomy(models.Model):
    """A controlled vocabulary: task, license, or one of the organisation's own."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    is_facet = models.BooleanField(default=True, help_text="Offered as a filter in search")
    allows_many = models.BooleanField(default=True, help_text="One thing may carry several terms")
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        db_table = "catalog_taxonomy"
        ordering = ["position", "name"]
        verbose_name_plural = "taxonomies"

    def __str__(self) -> str:
        return self.name


class Term(models.Model):
    """One word of a taxonomy, with its place in the tree."""

    taxonomy = models.ForeignKey(Taxonomy, on_delete=models.CASCADE, related_name="terms")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    slug = models.SlugField(max_length=120, allow_unicode=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    url = models.URLField(max_length=500, blank=True)

    class Meta:
        db_table = "catalog_term"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["taxonomy", "slug"], name="term_slug_unique_in_taxonomy"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="term_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("catalog:term", self.taxonomy.slug, self.slug)


class TermAlias(models.Model):
    """Another way to write a term; `folded` is what is compared. Words may stand for several terms (a pair of
    languages), or, with no term, name none at all."""

    taxonomy = models.ForeignKey(Taxonomy, on_delete=models.CASCADE, related_name="term_aliases")
    term = models.ForeignKey(Term, on_delete=models.CASCADE, null=True, blank=True, related_name="aliases")
    words = models.CharField(max_length=300)
    folded = models.CharField(max_length=300)

    class Meta:
        db_table = "catalog_termalias"
        ordering = ["words"]
        verbose_name_plural = "term aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["taxonomy", "folded", "term"], nulls_distinct=False, name="term_alias_once"
            ),
        ]

    def __str__(self) -> str:
        return self.words
