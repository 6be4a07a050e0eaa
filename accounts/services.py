"""Every write of people and teams: accounts, profiles, passwords, memberships. Tokens: `accounts.tokens`."""

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.models import User
from accounts.text import clean_line, clean_text


@transaction.atomic
def update_profile(*, user: User, name: str, bio: str, email: str) -> User:
    """Change what a person says of themselves.

    Raises:
        ValidationError: a field is too long, or the e-mail address is none.
    """
    person = User.objects.select_for_update().get(pk=user.pk)
    person.name, person.bio, person.email = clean_line(name), clean_text(bio), email.strip()
    person.full_clean(exclude=["password", "username"], validate_unique=False, validate_constraints=False)
    person.save(update_fields=["name", "bio", "email"])
    return person


@transaction.atomic
def change_password(*, user: User, password: str) -> User:
    """Set a new password; sessions signed in with the old one end.

    Raises:
        ValidationError: the password is too weak.
    """
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user
