"""Django's templates, which let go of what they were given as soon as it is written."""

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
from django.utils.safestring import SafeString


class Templates(DjangoTemplates):
    """A context and the dictionaries in it hold each other, so all that a page shows would stay in memory until the
    collector comes by: a comparison's twenty thousand objects, looked through several times meanwhile.
    """

    def get_template(self, template_name: str) -> "Released":
        try:
            return Released(self.engine.get_template(template_name), self)
        except TemplateDoesNotExist as error:
            reraise(error, self)


class Released(Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        made = make_context(context, request, autoescape=self.backend.engine.autoescape)
        try:
            return self.template.render(made)
        except TemplateDoesNotExist as error:
            reraise(error, self.backend)
        finally:
            made.dicts.clear()
