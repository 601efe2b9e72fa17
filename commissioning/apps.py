from django.apps import AppConfig


class CommissioningConfig(AppConfig):
    name = "commissioning"
    verbose_name = "Commissioning"

    def ready(self) -> None:
        from commissioning.actions.personal_data import PART
        from participation import personal_data

        personal_data.register(self.name, PART)
