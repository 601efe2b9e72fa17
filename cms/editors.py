"""Who may edit pages: Wagtail's list of people, reduced to what may be decided there – the groups of editors.

Accounts are made by signing up, addresses are confirmed by allauth, roles are granted on the pages of a place (and
audited there). So nobody is added, deleted, renamed or made an administrator here.
"""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.auth import require_admin_access
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column
from wagtail.admin.views.account import AccountView, BaseSettingsPanel, NameEmailSettingsPanel
from wagtail.users.views.users import CreateView, DeleteView, IndexView, UserViewSet

from participation.accounts.models import User


class EditorForm(forms.ModelForm):
    groups = forms.ModelMultipleChoiceField(
        Group.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Groups"),
        help_text=_("Editors write pages, moderators of the CMS also publish them."),
    )

    class Meta:
        model = User
        fields = ["groups"]

    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class PeopleView(IndexView):
    page_title = _("People")

    @property
    def search_fields(self) -> set[str]:
        return {"name", "email"}

    @property
    def columns(self) -> list[Column]:
        columns = [column for column in super().columns if not isinstance(column, BulkActionsCheckboxColumn)]
        next(column for column in columns if column.name == User.USERNAME_FIELD).label = _("E-mail address")
        return columns

    def get_add_url(self) -> None:
        return None

    def get_delete_url(self, instance: User) -> None:
        return None

    def order_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.ordering in {"name", "-name"}:
            return queryset.order_by(self.ordering)
        return super().order_queryset(queryset)


class Closed:
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise PermissionDenied


class NobodyAdds(Closed, CreateView):
    pass


class NobodyDeletes(Closed, DeleteView):
    pass


class EditorViewSet(UserViewSet):
    menu_label = _("People")
    index_view_class = PeopleView
    add_view_class = NobodyAdds
    delete_view_class = NobodyDeletes
    template_prefix = "cms/editors/"

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return EditorForm


class PreferencesView(AccountView):
    """Theme, language and notices of the CMS; the name is changed on the person's own account page."""

    def get_panels(self) -> list[BaseSettingsPanel]:
        return [panel for panel in super().get_panels() if not isinstance(panel, NameEmailSettingsPanel)]


preferences = require_admin_access(PreferencesView.as_view())
