"""Sign-in and sign-out, one's own profile, and API tokens. Pages of people and teams: `people.views`."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import services, tokens
from accounts.forms import PasswordForm, ProfileForm, SignInForm, TokenForm
from accounts.models import ApiToken, User

LOCKED = "Too many tries. Wait a quarter of an hour, then try again; an administrator can help sooner."


class SignIn(LoginView):
    """Sign in; someone signed in already goes on to where they were going."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **_demo_accounts())


class SignOut(LogoutView):
    """Sign out, by POST only: a link in a comment must not do it."""

    http_method_names = ["post", "options"]


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: object = None
) -> HttpResponse:
    """What django-axes shows after too many wrong passwords."""
    context = {"form": SignInForm(request), "locked": LOCKED, "next": request.POST.get("next", "")}
    return render(request, "accounts/sign_in.html", context, status=429)


@login_required
@never_cache
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
def profile(request: HttpRequest) -> HttpResponse:
    """One's own words and password; each form is sent by its own button."""
    user = _person(request)
    form, password = ProfileForm(instance=User.objects.get(pk=user.pk)), PasswordForm(user)
    status = 200
    if request.method == "POST" and request.POST.get("form") == "password":
        password = PasswordForm(user, request.POST)
        if user.is_demo:
            messages.warning(
                request, "Demo accounts keep their password, so that the next visitor can sign in too."
            )
            return redirect("accounts:profile")
        if password.is_valid():
            services.change_password(user=user, password=password.cleaned_data["new_password1"])
            update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed. Other browsers have been signed out.")
            return redirect("accounts:profile")
        status = 422
    elif request.method == "POST":
        form = ProfileForm(request.POST, instance=User.objects.get(pk=user.pk))
        if form.is_valid() and _save_profile(user, form):
            messages.success(request, "Your profile is saved.")
            return redirect("accounts:profile")
        status = 422
    return render(request, "accounts/profile.html", {"form": form, "password_form": password}, status=status)


@login_required
@never_cache
def token_list(request: HttpRequest) -> HttpResponse:
    """One's tokens; a POST makes one and shows its secret, this once."""
    user = _person(request)
    form, made, secret, status = TokenForm(), None, "", 200
    if request.method == "POST":
        form = TokenForm(request.POST)
        if form.is_valid():
            made, secret = _make_token(user, form)
        form, status = (TokenForm(), 201) if made else (form, 422)
    context = {"form": form, "made": made, "secret": secret, "tokens": tokens.active_tokens(user)}
    return render(request, "accounts/tokens.html", context, status=status)


@login_required
@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's tokens."""
    if tokens.revoke_token(user=_person(request), token_id=token_id):
        messages.success(request, "The token is revoked; programs that use it are refused from now on.")
        return redirect("accounts:tokens")
    return render(request, "404.html", status=404)


def _make_token(user: User, form: TokenForm) -> tuple[ApiToken | None, str]:
    asked = form.cleaned_data
    try:
        return tokens.create_token(
            user=user, name=asked["name"], scope=asked["scope"], expires_at=form.expires_at()
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None, ""


def _save_profile(user: User, form: ProfileForm) -> bool:
    words = form.cleaned_data
    try:
        services.update_profile(user=user, name=words["name"], bio=words["bio"], email=words["email"])
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _demo_accounts() -> dict[str, Any]:
    """On a demo installation, who a visitor may be."""
    if not settings.VITRINE_DEMO:
        return {}
    people = User.objects.filter(is_demo=True, is_active=True).order_by("username")
    return {
        "demo_accounts": people.prefetch_related("teams"),
        "demo_password": settings.VITRINE_DEMO_PASSWORD,
    }


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # nosec B101: the view asks for sign-in
    return request.user
