"""People and talk. One file per noun."""

from participation.models.audit import AuditEvent
from participation.models.moderation import Report
from participation.models.outbox import OutboxMessage
from participation.models.places import Place, Postcode, PostcodeImport, Residence
from participation.models.proposals import Picture, Proposal
from participation.models.roles import Invitation, Role

__all__ = [
    "AuditEvent",
    "Invitation",
    "OutboxMessage",
    "Picture",
    "Place",
    "Postcode",
    "PostcodeImport",
    "Proposal",
    "Report",
    "Residence",
    "Role",
]
