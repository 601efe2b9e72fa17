from django.apps import AppConfig


class ParticipationConfig(AppConfig):
    name = "participation"
    verbose_name = "Participation"

    def ready(self) -> None:
        import participation.checks  # noqa: F401 - registers the system checks
        from participation import personal_data, retention
        from participation.actions.personal_data import PART
        from participation.actions.retention import ENTRIES

        personal_data.register(self.name, PART)
        retention.register(*ENTRIES)
