"""API tokens: made, checked and revoked. Only a SHA-256 of the secret is kept, and none is ever logged."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.text import clean_line

SECRET_START = "vtr_"  # nosec B105: the start of every secret, so that scanners of leaked keys know it
LONGEST_SECRET = 200
MOST_TOKENS = 50
LAST_USE_STEP = timedelta(minutes=1)


class InvalidToken(Exception):
    """The secret opens nothing: unknown, expired, revoked, or its person may not sign in."""


@transaction.atomic
def create_token(
    *, user: User, name: str, scope: str = ApiToken.Scope.READ, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token and its secret, which cannot be read again.

    Raises:
        ValidationError: no name, a name in use, an unknown scope, an expiry in the past, or too many tokens.
    """
    name = clean_line(name)
    if not name:
        raise ValidationError({"name": "Give the token a name, to know it by."})
    if len(name) > 80:
        raise ValidationError({"name": "Use at most 80 characters for the name."})
    if scope not in ApiToken.Scope.values:
        raise ValidationError({"scope": "Choose the scope read or write."})
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "Choose a time in the future."})
    User.objects.select_for_update().get(pk=user.pk)
    if active_tokens(user).count() >= MOST_TOKENS:
        raise ValidationError(f"You have {MOST_TOKENS} tokens; revoke one first.")
    secret = SECRET_START + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                user=user,
                name=name,
                prefix=secret[:12],
                digest=digest_of(secret),
                scope=scope,
                expires_at=expires_at,
            )
    except IntegrityError as error:
        raise ValidationError({"name": "You have a token of this name; choose another."}) from error
    return token, secret


def verify_token(secret: str) -> ApiToken:
    """The token of a secret, with its user. One query, and one more at most once a minute to note the use.

    Raises:
        InvalidToken: it opens nothing; why is not told.
    """
    if not secret.startswith(SECRET_START) or len(secret) > LONGEST_SECRET or not secret.isascii():
        raise InvalidToken
    digest = digest_of(secret)
    token = ApiToken.objects.select_related("user").filter(digest=digest).first()
    if token is None or not hmac.compare_digest(token.digest, digest):
        raise InvalidToken
    now = timezone.now()
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        raise InvalidToken
    if not token.user.is_active:
        raise InvalidToken
    if token.last_used_at is None or token.last_used_at <= now - LAST_USE_STEP:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_STEP)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


def revoke_token(*, user: User, token_id: int) -> bool:
    """End one of the person's tokens; False when they have no such token. Again changes nothing."""
    mine = ApiToken.objects.filter(user=user, pk=token_id)
    return bool(mine.filter(revoked_at=None).update(revoked_at=timezone.now())) or mine.exists()


def active_tokens(user: User) -> QuerySet[ApiToken]:
    """The person's tokens that were not revoked, newest first; expired ones are among them."""
    return ApiToken.objects.filter(user=user, revoked_at=None)


def digest_of(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
