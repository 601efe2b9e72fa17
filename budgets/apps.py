from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "budgets"
    verbose_name = "Budgets"

    def ready(self) -> None:
        from budgets.actions.personal_data import PART
        from budgets.actions.retention import ENTRIES
        from participation import personal_data, retention

        personal_data.register(self.name, PART)
        retention.register(*ENTRIES)
