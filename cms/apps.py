from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("Pages")


class EditorsConfig(WagtailUsersAppConfig):
    """Wagtail's list of people, with forms that fit an account without a username."""

    user_viewset = "cms.editors.EditorViewSet"
