"""The CMS's menu, and its way back to the site's other work."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

UNUSED = {"reports", "help"}


@hooks.register("construct_main_menu")
def tidy_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    """Leave out what this site does not use."""
    items[:] = [item for item in items if item.name not in UNUSED]


@hooks.register("register_admin_menu_item")
def way_to_rounds() -> MenuItem:
    return MenuItem(_("Rounds"), "/organise/", name="rounds", icon_name="group", order=10)
