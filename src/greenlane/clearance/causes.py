"""Which events each command gives, and which come by themselves; so which role may cause an event."""

from typing import Final

from greenlane.clearance import commands as c
from greenlane.clearance.vocabulary import Role

GIVES: Final[dict[type[c.Command], tuple[str, ...]]] = {
    c.File: ("filed",),
    c.Amend: ("amended",),
    c.Redecide: ("redecided",),
    c.Cancel: ("cancelled",),
    c.LinkPrevious: ("previous_linked",),
    c.Depart: ("departed",),
    c.Arrive: ("arrived",),
    c.Refer: ("referral_opened",),
    c.Answer: ("referral_answered",),
    c.CloseReferral: ("referral_closed",),
    c.Hold: ("held",),
    c.LiftHold: ("hold_lifted",),
    c.OrderInspection: ("inspection_ordered",),
    c.RecordFinding: ("inspection_found", "held"),
    c.WithdrawInspection: ("inspection_withdrawn",),
    c.Seize: ("seized",),
    c.ProposeSeizureRelease: ("seizure_release_proposed",),
    c.ApproveSeizureRelease: ("seizure_ended",),
    c.Forfeit: ("forfeited",),
    c.Refuse: ("refused",),
    c.ReturnToSender: ("return_ordered",),
    c.WithdrawReturn: ("return_withdrawn",),
    c.ConfirmReturn: ("returned",),
    c.AskAgency: ("agency_asked",),
    c.AgencyDecide: ("agency_decided",),
    c.RegisterPayment: ("payment_registered",),
    c.WithdrawPayment: ("payment_withdrawn",),
    c.Release: ("released",),
    c.Object: ("objected",),
    c.Review: ("reviewed",),
    c.DeclareReturn: ("return_declared",),
    c.ProveExport: ("export_proven",),
    c.ApproveRefund: ("refund_approved",),
    c.RejectRefund: ("refund_rejected",),
}
"""The events of each command; a finding that does not conform also holds."""

SETTLES: Final = (
    "held",
    "inspection_ordered",
    "referral_opened",
    "agency_asked",
    "hold_lifted",
    "referral_closed",
    "released",
    "overdue",
    "closed",
)
"""What follows by itself."""


def causes(event_type: str) -> frozenset[Role]:
    """Return the roles that may cause an event; the service itself where it follows by itself.

    Example:
        >>> sorted(causes("seizure_ended"))
        [<Role.OFFICER: 'officer'>, <Role.SUPERVISOR: 'supervisor'>]
    """
    roles = frozenset({Role.SYSTEM}) if event_type in SETTLES else frozenset()
    return roles.union(*(c.ALLOWED[kind] for kind, types in GIVES.items() if event_type in types))
