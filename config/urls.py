"""Every address. Wagtail's pages come last and take what is left, the home page among them."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms.editors import preferences

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("cms/account/", preferences),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("", include("participation.urls")),
    path("", include("budgets.urls")),
    path("", include("commissioning.urls")),
    path("", include("cms.urls")),
    path("", include(wagtail_urls)),
]

handler400 = "participation.views.errors.bad_request"
handler404 = "participation.views.errors.not_found"
handler500 = "participation.views.errors.server_error"
