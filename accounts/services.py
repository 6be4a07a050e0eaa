"""Every write of people and teams: accounts, profiles, passwords, memberships. Tokens: `accounts.tokens`."""

from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from accounts.models import Membership, Team, User
from accounts.text import clean_line, clean_text


@transaction.atomic
def create_account(
    *, username: str, password: str | None = None, name: str = "", email: str = "", is_demo: bool = False
) -> User:
    """A new account; without a password nobody can sign in to it until one is set.

    Raises:
        ValidationError: the name is taken (in any case) or malformed, or the password is too weak.
    """
    user = User(username=username, name=clean_line(name), email=email, is_demo=is_demo)
    user.set_password(password)
    user.full_clean()
    if password is not None and not is_demo:
        validate_password(password, user)
    user.save()
    return user


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


@transaction.atomic
def remove_account(*, user: User) -> None:
    """Remove a person. What they wrote stays without their name; what was only theirs goes.

    Comments, reviews, tags and activity lose their author; tokens, bookmarks, follows, notifications,
    memberships and grants are deleted with the account.
    """
    User.objects.get(pk=user.pk).delete()


@transaction.atomic
def create_team(*, name: str, slug: str = "", description: str = "", members: Iterable[User] = ()) -> Team:
    """A new team; its first member leads it.

    Raises:
        ValidationError: the name is empty or taken.
    """
    name = clean_line(name)
    team = Team(name=name, slug=slug or slugify(name)[:80], description=clean_text(description))
    team.full_clean()
    team.save()
    for position, user in enumerate(members):
        role = Membership.Role.MEMBER if position else Membership.Role.LEAD
        Membership.objects.create(team=team, user=user, role=role)
    return team


def join_team(*, team: Team, user: User, role: str = Membership.Role.MEMBER) -> Membership:
    """Put a person in a team, or change their place in it.

    Raises:
        ValidationError: there is no such role.
    """
    if role not in Membership.Role.values:
        raise ValidationError({"role": f"Choose one of {', '.join(Membership.Role.values)}."})
    membership, _ = Membership.objects.update_or_create(team=team, user=user, defaults={"role": role})
    return membership


def leave_team(*, team: Team, user: User) -> None:
    """Take a person out of a team; nothing happens when they are not in it."""
    Membership.objects.filter(team=team, user=user).delete()
