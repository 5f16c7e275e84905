"""Work on many consignments one after the other, so that one at fault keeps no other waiting."""

from collections.abc import Callable, Iterable

from greenlane.store.database import StoreError


def in_turn(
    waiting: Iterable[tuple[str, int]], work: Callable[[str, int], None], ended: Callable[[], bool]
) -> None:
    """Do the work on each consignment, told by its party and key, until the service is about to end.

    Raises:
        StoreError: The database can't be reached, which ends the round.
        Exception: The first fault of a consignment, when the others had their turn.

    Example:
        >>> in_turn([("post-cn", 1), ("post-cn", 2)], print, lambda: False)
        post-cn 1
        post-cn 2
    """
    fault: Exception | None = None
    for party, key in waiting:
        if ended():
            break
        try:
            work(party, key)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - raised below, when the others had their turn
            fault = fault or error
    if fault is not None:
        raise fault


__all__ = ["in_turn"]
