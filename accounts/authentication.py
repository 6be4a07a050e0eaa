"""How programs say who they are: `Authorization: Bearer vtr_…`. Sets `request.auth` to the ApiToken."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.tokens import InvalidToken, verify_token

REFUSED = "The token is unknown, expired or revoked."
MALFORMED = "Write the header as: Authorization: Bearer <token>."


class TokenAuthentication(BaseAuthentication):
    """Bearer tokens of `accounts.tokens`; the word `Token` is understood too."""

    keywords = frozenset({"bearer", "token"})

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's person and the token; None when the header speaks of something else."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].decode("latin-1").lower() not in self.keywords:
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(MALFORMED)
        try:
            token = verify_token(parts[1].decode("latin-1"))
        except InvalidToken:
            raise AuthenticationFailed(REFUSED) from None
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Vitrine"'


def is_read_only(auth: object) -> bool:
    """Whether what signed the request in may only read; for `catalog.access.load_viewer(read_only=…)`."""
    return isinstance(auth, ApiToken) and auth.scope == ApiToken.Scope.READ
