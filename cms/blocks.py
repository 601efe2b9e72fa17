"""What an editor can put on a page. The three round blocks show what is public about a round, and nothing else."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from budgets.models import Round
from cms import rounds

RICH_TEXT = ["h2", "h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link", "hr"]

AN_ADDRESS = re.compile(r"/(?!/)|https?://|mailto:")

# Our own drawings, as templates/components/drawing.html knows them
DRAWINGS = [
    ("people", _("People talking")),
    ("street", _("A street")),
    ("trees", _("Trees")),
    ("hall", _("The town hall")),
    ("play", _("A playground")),
    ("bike", _("A bicycle")),
    ("choose", _("A ballot paper")),
    ("box", _("A ballot box")),
    ("codes", _("A notice board")),
    ("count", _("Counting ballots")),
    ("certify", _("Two people sign")),
    ("recount", _("Comparing two counts")),
]


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(
        label=_("What the picture shows"),
        max_length=250,
        help_text=_("For people who cannot see it. Say what matters, as you would on the telephone."),
    )
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=250)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "cms/blocks/picture.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("What was said"))
    who = blocks.CharBlock(label=_("Who said it"), required=False, max_length=120)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "cms/blocks/quote.html"


class CallToActionBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), max_length=100)
    text = blocks.TextBlock(label=_("Text"), required=False)
    button = blocks.CharBlock(label=_("Words on the button"), max_length=40)
    page = blocks.PageChooserBlock(label=_("Page"), required=False)
    address = blocks.CharBlock(
        label=_("Or an address"),
        required=False,
        max_length=200,
        help_text=_("Such as /rounds/ or https://example.org/"),
    )

    class Meta:
        icon = "pick"
        label = _("Call to action")
        template = "cms/blocks/call_to_action.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["address"]):
            message = ValidationError(_("Choose a page or write an address: one of the two."))
            raise blocks.StructBlockValidationError(block_errors={"address": message})
        if cleaned["address"] and not AN_ADDRESS.match(cleaned["address"]):
            message = ValidationError(_("Begin the address with /, https:// or mailto:."))
            raise blocks.StructBlockValidationError(block_errors={"address": message})
        return cleaned


class StepBlock(blocks.StructBlock):
    drawing = blocks.ChoiceBlock(choices=DRAWINGS, label=_("Drawing"), required=False)
    heading = blocks.CharBlock(label=_("Heading"), max_length=80)
    text = blocks.RichTextBlock(label=_("Text"), features=["bold", "italic", "link"])


class StepsBlock(blocks.StructBlock):
    steps = blocks.ListBlock(StepBlock(), label=_("Steps"), min_num=1)

    class Meta:
        icon = "list-ol"
        label = _("Steps with drawings")
        template = "cms/blocks/steps.html"


class FactBlock(blocks.StructBlock):
    term = blocks.CharBlock(label=_("What"), max_length=80)
    text = blocks.RichTextBlock(label=_("Text"), features=["bold", "italic", "link", "ul"])


class FactsBlock(blocks.StructBlock):
    facts = blocks.ListBlock(FactBlock(), label=_("Facts"), min_num=1)

    class Meta:
        icon = "table"
        label = _("Facts in two columns")
        template = "cms/blocks/facts.html"


class RoundChooserBlock(blocks.FieldBlock):
    """A public round, kept by its address on this site: it survives a move of the data to another database."""

    def __init__(self, required: bool = True, help_text: str | None = None, **kwargs: Any) -> None:
        self.field = forms.ChoiceField(choices=rounds.choices, required=required, help_text=help_text or "")
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Frozen in migrations as what it stores."""
        return ("wagtail.blocks.CharBlock", [], {})


class RoundBlock(blocks.StructBlock):
    """What the three round blocks share. A round that is gone or not public any more shows nothing."""

    round = RoundChooserBlock(label=_("Round"))

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        now = timezone.now()
        found = Round.objects.public().with_pots().filter(slug=value["round"]).first()
        return context | {"round": found, "now": now} | (self.read(found, value, now) if found else {})

    def read(self, found: Round, value: Any, now: Any) -> dict[str, Any]:
        raise NotImplementedError


class RoundTimetableBlock(RoundBlock):
    class Meta:
        icon = "date"
        label = _("Timetable of a round")
        template = "cms/blocks/round_timetable.html"

    def read(self, found: Round, value: Any, now: Any) -> dict[str, Any]:
        return {"front": rounds.front(found, now)}


class RoundProjectsBlock(RoundBlock):
    count = blocks.IntegerBlock(label=_("How many"), default=3, min_value=1, max_value=12)

    class Meta:
        icon = "list-ul"
        label = _("Projects of a round")
        template = "cms/blocks/round_projects.html"

    def read(self, found: Round, value: Any, now: Any) -> dict[str, Any]:
        return {"cards": rounds.cards(found, now, value["count"])}


class RoundResultBlock(RoundBlock):
    class Meta:
        icon = "success"
        label = _("Result of a round")
        template = "cms/blocks/round_result.html"

    def read(self, found: Round, value: Any, now: Any) -> dict[str, Any]:
        return {"result": rounds.result(found)}


def body_blocks() -> list[tuple[str, blocks.Block]]:
    return [
        ("text", blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT, template="cms/blocks/text.html")),
        ("picture", PictureBlock()),
        ("quote", QuoteBlock()),
        ("call_to_action", CallToActionBlock()),
        ("steps", StepsBlock()),
        ("facts", FactsBlock()),
        ("round_timetable", RoundTimetableBlock(group=_("Rounds"))),
        ("round_projects", RoundProjectsBlock(group=_("Rounds"))),
        ("round_result", RoundResultBlock(group=_("Rounds"))),
    ]
