from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class CmsConfig(AppConfig):
    default = True  # of the two here
    name = "cms"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from cms.personal_data import ENTRIES, PART
        from participation import personal_data, retention

        personal_data.register(self.name, PART)
        retention.register(*ENTRIES)


class EditorsConfig(WagtailUsersAppConfig):
    """Wagtail's list of people, with forms that fit an account without a username."""

    user_viewset = "cms.editors.EditorViewSet"
