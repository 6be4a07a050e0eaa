"""The comparison of 2 to 12 models or versions."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from catalog.selectors.refs import UnknownRef
from core.api.problems import Problem
from core.api.schema import describe
from evaluations.api.shapes import Comparison
from evaluations.selectors.compare import compare
from evaluations.selectors.compare_export import as_json
from evaluations.selectors.comparison import WrongNumber


class Compare(ApiView):
    parameters = {
        "model": "A model as project/model, perhaps with @version; or its external id, number or URN. Repeat it."
    }
    repeated = frozenset({"model"})

    @describe("compare_models", Comparison)
    def get(self, request: Request) -> Response:
        """Models side by side: one row holds only numbers that were measured alike."""
        try:
            found = compare(self.viewer, request.query_params.getlist("model"))
        except WrongNumber as error:
            raise Problem(400, str(error), errors=[("model", str(error))]) from None
        except UnknownRef as error:
            raise Problem(404, str(error), errors=[("model", str(error))]) from None
        return self.tagged(as_json(found))
