from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    verbose_name = "Live"

    def ready(self) -> None:
        from participation.events import listen
        from realtime.subscribers import tell_watchers

        listen(tell_watchers)
