"""Forms of sign-in, profile, password and tokens. The rules are in the services; these say them kindly."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils import timezone

from accounts.models import ApiToken, User

LIFETIMES = {"30": "30 days", "90": "90 days", "365": "a year", "never": "never"}


class SignInForm(AuthenticationForm):
    """User name, written in any case, and password."""

    error_messages = {
        "invalid_login": "The user name or the password is not right. Mind capital letters in the password.",
        "inactive": "This account is not active.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"

    def clean_username(self) -> str:
        """The name as the account has it, so that case neither keeps anyone out nor gives more tries."""
        typed = str(self.cleaned_data["username"]).strip()
        return (
            User.objects.filter(username__iexact=typed).values_list("username", flat=True).first()
            or typed.lower()
        )


class ProfileForm(forms.ModelForm):
    """What others read of a person, and the address Vitrine writes to."""

    class Meta:
        model = User
        fields = ["name", "bio", "email"]
        widgets = {"bio": forms.Textarea(attrs={"rows": 4, "maxlength": 2000})}
        labels = {"bio": "About you", "email": "E-mail"}
        help_texts = {"bio": "Markdown. Shown on your page.", "email": "Never shown to others."}


class PasswordForm(PasswordChangeForm):
    """The old password, and a new one twice."""


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(max_length=80, help_text="To know it by, such as: nightly pipeline")
    scope = forms.ChoiceField(choices=ApiToken.Scope.choices, initial=ApiToken.Scope.READ, label="May")
    lifetime = forms.ChoiceField(choices=[*LIFETIMES.items()], initial="90", label="Ends after")

    def expires_at(self) -> datetime | None:
        """When the token ends; None for never."""
        days = self.cleaned_data["lifetime"]
        return None if days == "never" else timezone.now() + timedelta(days=int(days))
