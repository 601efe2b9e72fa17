"""Refusing: one exception, one code per reason, the same sentence on page, API and socket.

An app adds its own codes with `register` in its `permissions.py` or `rules.py`; a code without a sentence is a bug and
raises at once. Each sentence says what to do next.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

_SENTENCES: dict[str, tuple[int, Text]] = {}


class Refused(Exception):  # noqa: N818 - it is no error: the rules said no
    """An action was refused. `code` is stable; `status` is the HTTP status; `field` names the form field at fault."""

    def __init__(self, code: str, *, field: str | None = None, **params: Any) -> None:
        self.status = _SENTENCES[code][0]
        self.code = code
        self.field = field
        self.params = params
        super().__init__(code)

    def __str__(self) -> str:
        return sentence(self.code, self.params)


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a code with its figures filled in."""
    text = str(_SENTENCES[code][1])
    return text % params if params else text


def register(status: int, sentences: Mapping[str, Text]) -> None:
    """Add codes that are answered with `status` (403 not you, 404 not there, 409 not now, 422 not like this)."""
    for code, sentence in sentences.items():
        if code in _SENTENCES:
            raise ValueError(f"the refusal code {code!r} is registered twice")
        _SENTENCES[code] = (status, sentence)


register(
    403,
    {
        "sign_in": _("Please sign in first."),
        "not_allowed": _("Your role does not allow this. Ask an administrator of the place for the role you need."),
        "not_yours": _("Only the person who wrote this can change it."),
        "not_resident": _("This is for residents of %(place)s. Add your postcode to your account first."),
        "sign_in_again": _("To be sure that it is you, please sign in once more. Nothing has been deleted."),
        "own_item": _("You cannot decide about something you wrote or reported yourself. Another moderator has to."),
    },
)
register(404, {"not_there": _("This is not here, or it is not open to you.")})
register(
    409,
    {
        "wrong_state": _("This has changed in the meantime. Reload the page to see where it stands."),
        "already_granted": _("%(name)s has this role already."),
        "last_organiser": _("This is the only organiser of the place. Give someone else the role first."),
        "only_administrator": _("You are the only administrator of this site. Make someone else one first."),
        "only_organiser": _("Nobody else organises %(places)s. Someone else has to be given the role first."),
        "is_administrator": _("This person administers the site. They have to delete their account themselves."),
        "invitation_used": _("This invitation has been used or withdrawn. Ask for a new one."),
        "invitation_expired": _("This invitation has expired. Ask for a new one."),
        "invitation_other_address": _("This invitation was sent to another e-mail address. Sign in with that one."),
        "has_reports": _("This has already been decided."),
        "address_taken": _("There is an account with this e-mail address already. Use another one."),
        "postcode_first": _("Give your postcode first."),
        "import_running": _("Another import of this file is running. Let it finish."),
        "already_set_up": _("This site has been set up already. Sign in instead."),
    },
)
register(503, {"busy": _("The site cannot answer right now. Wait a few seconds, then send it again.")})
register(413, {"too_large": _("This is more than the site takes at once. Send less, or a smaller file.")})
register(429, {"too_many": _("That was often in a short time. Wait a few minutes and try again.")})
register(
    422,
    {
        "incomplete_proposal": _("Some answers are still missing. Fill in the ones listed."),
        "unknown_postcode": _("We do not know this postcode. Check it and try again, or contact us."),
        "postcode_elsewhere": _("This postcode is outside the places on this site."),
        "area_elsewhere": _("%(area)s is not a part of %(place)s. Choose a ward from the list."),
        "place_exists": _("There is a place called %(name)s already."),
        "gss_taken": _("The GSS code %(gss)s belongs to another place already."),
        "gss_elsewhere": _(
            "The postcodes of %(gss)s do not lie in a ward of %(place)s. Check the GSS code, or leave it out."
        ),
        "bad_gss_code": _("A GSS code is a letter and eight digits, such as E07000123."),
        "bad_place": _("A place needs a name of at most 100 characters."),
        "not_a_council": _("%(name)s is not a council area. Wards are added to the council area they lie in."),
        "no_account": _("There is no account with this e-mail address. Check it and try again."),
        "reason_needed": _("Write a reason. It is shown to everyone."),
        "wrong_setup_code": _("This set-up code is not right. It stands in the terminal where the site was started."),
        "picture_unreadable": _("This file is not a picture we can read. Use a JPEG, PNG, WebP or GIF file."),
        "picture_too_large": _("This picture is too large. Use one of at most 10 MB and 40 megapixels."),
    },
)
