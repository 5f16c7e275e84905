"""The procedure: commands give events, events fold into a state, and what follows by itself is settled."""

from greenlane.clearance.causes import GIVES, SETTLES, causes
from greenlane.clearance.clocks import Clock, Deadline, clocks, deadline_of, wake_at
from greenlane.clearance.commands import ALLOWED, Command, Decision, PostedCommand, name_of
from greenlane.clearance.events import EVENT_TYPES, SYSTEM, Actor, Event, EventType, Notice, notice_of
from greenlane.clearance.filing import filed
from greenlane.clearance.fold import fold
from greenlane.clearance.fresh import Fresh
from greenlane.clearance.handle import PHASES_OF, act, handle
from greenlane.clearance.policy import DEFAULT, LeadTime, Policy
from greenlane.clearance.refusals import Refused
from greenlane.clearance.settle import settle
from greenlane.clearance.state import State, may_load, phase_of, standing_against
from greenlane.clearance.vocabulary import OPEN, PHASES, ROLES, Phase, Role

__all__ = [
    "ALLOWED",
    "DEFAULT",
    "EVENT_TYPES",
    "GIVES",
    "OPEN",
    "PHASES",
    "PHASES_OF",
    "ROLES",
    "SETTLES",
    "SYSTEM",
    "Actor",
    "Clock",
    "Command",
    "Deadline",
    "Decision",
    "Event",
    "EventType",
    "Fresh",
    "LeadTime",
    "Notice",
    "Phase",
    "Policy",
    "PostedCommand",
    "Refused",
    "Role",
    "State",
    "act",
    "causes",
    "clocks",
    "deadline_of",
    "filed",
    "fold",
    "handle",
    "may_load",
    "name_of",
    "notice_of",
    "phase_of",
    "settle",
    "standing_against",
    "wake_at",
]
