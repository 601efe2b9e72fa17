"""The technical admin: to look things up and to mend a mail. Work is done on the pages of the site, where it is audited."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from participation.accounts.models import User
from participation.actions.outbox import send_again
from participation.models import AuditEvent, OutboxMessage, Place, Role


class ReadOnly(admin.ModelAdmin[Any]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UserCreationForm(AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email",)


class UserForm(UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    form = UserForm
    add_form = UserCreationForm
    list_display = ("email", "name", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Dates"), {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    filter_horizontal = ("groups",)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are deleted on the pages of the site, where what has to stay is seen to."""
        return False


@admin.register(Place)
class PlaceAdmin(admin.ModelAdmin[Place]):
    list_display = ("name", "kind", "parent", "gss_code")
    list_filter = ("kind",)
    search_fields = ("name", "gss_code")
    list_select_related = ("parent",)
    exclude = ("boundary",)
    prepopulated_fields = {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Place | None = None) -> bool:
        return False


@admin.register(Role)
class RoleAdmin(ReadOnly):
    list_display = ("user", "kind", "place", "granted_by", "granted_at")
    list_filter = ("kind",)
    list_select_related = ("user", "place", "granted_by")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("seq", "at", "actor_label", "action", "target")
    list_filter = ("action",)
    search_fields = ("target", "actor_label")


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnly):
    """Mails that wait, left or died. A dead one can be sent again, once the mail server is well."""

    list_display = ("key", "to", "subject", "due_at", "attempts", "sent_at", "dead_at", "last_error")
    list_filter = ("sent_at", "dead_at")
    search_fields = ("key", "to")
    actions = ("revive",)
    exclude = ("body",)  # it may hold a link that opens something

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        """Without those that are to be forgotten, unless they died: nobody watches who does what when."""
        return super().get_queryset(request).exclude(forget=True, dead_at=None)

    @admin.action(description=_("Send the dead ones again"), permissions=["view"])
    def revive(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        count = send_again(message_ids=list(queryset.values_list("pk", flat=True)), now=timezone.now())
        self.message_user(request, _("%(count)d on their way.") % {"count": count})
