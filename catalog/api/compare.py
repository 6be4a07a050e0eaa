"""The comparison of 2 to 12 models or versions."""

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import shapes
from catalog.api.base import ApiView
from catalog.api.problems import Problem
from catalog.api.schema import describe
from catalog.selectors.compare import compare
from catalog.selectors.compare_export import as_json
from catalog.selectors.comparison import WrongNumber
from catalog.selectors.refs import UnknownRef


class Compare(ApiView):
    parameters = {
        "model": "A model as project/model, perhaps with @version; or its external id, number or URN. Repeat it."
    }
    repeated = frozenset({"model"})

    @describe("compare_models", shapes.Comparison)
    def get(self, request: Request) -> Response:
        """Models side by side: one row holds only numbers that were measured alike."""
        try:
            found = compare(self.viewer, request.query_params.getlist("model"))
        except WrongNumber as error:
            raise Problem(400, str(error), errors=[("model", str(error))]) from None
        except UnknownRef as error:
            raise Problem(404, str(error), errors=[("model", str(error))]) from None
        return self.tagged(as_json(found))
