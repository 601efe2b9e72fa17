"""The moment everything is built around: whole seconds, so that both databases give back what was put in."""

from datetime import UTC, datetime

NOW = datetime.now(UTC).replace(microsecond=0)
