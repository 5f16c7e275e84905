"""Deliveries of notices to the webhooks of a party.

``look_at`` is null where a delivery is not pending, else when it is looked at next: when it is due, when its claim
runs out, or never (``infinity``) while an earlier one of its consignment is pending. Of each webhook and consignment
the first pending one always has a moment, so that no delivery is forgotten; the others are put off as they are met.
So a long queue costs what can be sent from it, not what waits in it.

Whoever claims, records or replays locks the webhook's row first. New deliveries lock nothing: they come last.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Cursor

from greenlane.exchange.delivery import Delivery, Disabled, FailedDelivery, Failure, Result
from greenlane.exchange.notice import notice_id
from greenlane.exchange.telling import tell
from greenlane.store.events import read_event
from greenlane.store.texts import Texts

_ROUNDS = 32
_AT_ONCE = 10_000


def enqueue(
    cursor: Cursor[Any], party: str, places: Sequence[int], now: datetime, hooks: Sequence[str] | None = None
) -> None:
    """Make the deliveries of new events, one for each webhook of the party, in the events' own transaction.

    They are due at *now*, or at once where that lies ahead of the database's clock, as a sandbox's may. A party
    without webhooks costs one look into an index.

    Args:
        hooks: The webhooks of the party, where they are known: its lock is held by whoever adds one or takes one away.
    """
    if not places:
        return
    if hooks is None:
        hooks = [row[0] for row in cursor.execute("select id from webhook where party = %s", (party,))]
    if not hooks:
        return
    cursor.execute(
        "insert into delivery (webhook, seq, key, due_at, look_at) "
        "select w, e.seq, e.key, d, d from event e, unnest(%s::text[]) w, least(%s, clock_timestamp()) d "
        "where e.party = %s and e.seq between %s and %s and e.notice is not null",
        (Texts(hooks), now, party, min(places), max(places)),
    )


def waiting(cursor: Cursor[Any], now: datetime) -> list[tuple[str, str, str, bytes | None, datetime | None]]:
    """Return id, party, address, secret, last success of each webhook with something to look at, longest due first."""
    return cursor.execute(
        "select w.id, w.party, w.url, w.secret, w.succeeded_at from webhook w cross join lateral ("
        "select d.look_at from delivery d where d.webhook = w.id and d.look_at <= %s order by d.look_at limit 1"
        ") first where w.disabled_at is null order by first.look_at, w.id",
        (now,),
    ).fetchall()


_CLAIM = """
with seen as (
  select d.*, w.room,
    exists (
      select from delivery e where e.webhook = d.webhook and e.key = d.key and e.seq < d.seq and e.look_at is not null
    ) as behind,
    (
      select max(e.claimed_until) from delivery e
      where e.webhook = d.webhook and e.key = d.key and e.seq <> d.seq and e.claimed_until > %(now)s
    ) as busy_until
  from unnest(%(hooks)s::text[], %(rooms)s::int[]) as w (id, room) cross join lateral (
    select webhook, seq, key, look_at from delivery
    where webhook = w.id and look_at <= %(now)s order by look_at, seq limit 2 * w.room + 16
  ) d
), ranked as (
  select *, row_number() over (partition by webhook order by look_at, seq) as place
  from seen where not behind and busy_until is null
), put_off as (
  update delivery d
  set look_at = case when s.behind then 'infinity' else s.busy_until end, claimed_until = null
  from seen s where d.webhook = s.webhook and d.seq = s.seq and (s.behind or s.busy_until is not null)
  returning d.webhook
), taken as (
  update delivery d
  set claim = d.claim + 1,
    attempt = case when d.again then 1 else d.attempt + 1 end,
    first_attempt_at = case when d.again or d.attempt = 0 then %(now)s else d.first_attempt_at end,
    again = false, claimed_until = %(until)s, look_at = %(until)s
  from ranked r where d.webhook = r.webhook and d.seq = r.seq and r.place <= r.room
  returning d.webhook, d.seq, d.key, d.claim, d.attempt, d.first_attempt_at, r.place
)
select t.webhook, t.seq, t.claim, t.attempt, t.first_attempt_at, e.party, c.consignment_id,
  e.key, e.version, e.type, e.at, e.actor, e.data
from taken t join event e on e.seq = t.seq join consignment c on c.key = t.key
order by t.place, t.webhook
"""


def claim(cursor: Cursor[Any], room: Mapping[str, int], now: datetime, until: datetime) -> list[Delivery]:
    """Take due heads until *until*: for each webhook up to its number; those in other hands are passed over."""
    rows = cursor.execute(
        "select id from webhook where id = any(%s) and disabled_at is null order by id for no key update skip locked",
        ([hook for hook, number in room.items() if number > 0],),
    ).fetchall()
    left = {row[0]: room[row[0]] for row in rows}
    claimed: list[Delivery] = []
    for _ in range(_ROUNDS):
        if not left:
            break
        given = {"hooks": list(left), "rooms": list(left.values()), "now": now, "until": until}
        found = cursor.execute(_CLAIM, given).fetchall()
        claimed += [_delivery(row) for row in found]
        for hook in left:
            left[hook] -= sum(row[0] == hook for row in found)
        more = cursor.execute(
            "select h from unnest(%s::text[]) h where exists ("
            "select from delivery d where d.webhook = h and d.look_at <= %s)",
            ([hook for hook, number in left.items() if number > 0], now),
        ).fetchall()
        left = {row[0]: left[row[0]] for row in more}
    return claimed


def _delivery(row: Sequence[Any]) -> Delivery:
    hook, seq, number, attempt, first_attempt_at, party, consignment_id = row[:7]
    notice = tell(read_event(*row[9:]), party, consignment_id, seq)
    return Delivery(f"{hook}/{seq}", hook, notice, number, attempt, first_attempt_at)


_RECORD = """
update delivery d
set claimed_until = null, again = false,
  attempt = case when d.again then 0 else d.attempt end,
  due_at = case when d.again then r.at else coalesce(r.next_at, d.due_at) end,
  look_at = case when d.again then r.at else r.next_at end,
  delivered_at = case when r.failure is null then r.at else d.delivered_at end,
  given_up_at = case when not d.again and r.failure is not null and r.next_at is null then r.at end,
  failed_at = case when not d.again and r.failure is not null then r.at end,
  failure = case when not d.again then r.failure end,
  status = case when not d.again and r.failure is not null then r.status end
from unnest(
  %s::text[], %s::bigint[], %s::int[], %s::timestamptz[], %s::text[], %s::int[], %s::timestamptz[]
) as r (webhook, seq, claim, at, failure, status, next_at)
where d.webhook = r.webhook and d.seq = r.seq and d.claim = r.claim
returning d.webhook, d.key, case when r.failure is null then r.at end
"""

_NEXT = """
update delivery d set look_at = d.due_at
from (select distinct * from unnest(%s::text[], %s::bigint[]) as l (webhook, key)) lane cross join lateral (
  select e.seq from delivery e
  where e.webhook = lane.webhook and e.key = lane.key and e.look_at is not null order by e.seq limit 1
) head
where d.webhook = lane.webhook and d.seq = head.seq and d.claimed_until is null and d.look_at <> d.due_at
"""


def record(cursor: Cursor[Any], results: Sequence[Result]) -> None:
    """Write results down where their claim is still the delivery's last one, and let the next ones come forward."""
    if not results:
        return
    hooks = sorted({result.delivery.endpoint_id for result in results})
    cursor.execute("select from webhook where id = any(%s) order by id for no key update", (hooks,))
    told = [
        (
            result.delivery.endpoint_id,
            result.delivery.notice.cursor,
            result.delivery.claim,
            result.at,
            None if result.answer.failure is None else result.answer.failure.value,
            result.answer.status,
            None if result.answer.failure is None else result.next_at,
        )
        for result in results
    ]
    done = cursor.execute(_RECORD, [list(column) for column in zip(*told, strict=True)]).fetchall()
    cursor.execute(_NEXT, ([row[0] for row in done], [row[1] for row in done]))
    taken = [(row[0], row[2]) for row in done if row[2] is not None]
    cursor.execute(
        "update webhook w set succeeded_at = greatest(w.succeeded_at, t.at) from ("
        "select id, max(at) as at from unnest(%s::text[], %s::timestamptz[]) as u (id, at) group by id"
        ") t where w.id = t.id",
        ([hook for hook, _ in taken], [at for _, at in taken]),
    )


def disable(cursor: Cursor[Any], hook: str, at: datetime, reason: Disabled) -> None:
    """Stop a webhook; its deliveries stay."""
    cursor.execute(
        "update webhook set disabled_at = %s, reason = %s where id = %s and disabled_at is null",
        (at, reason.value, hook),
    )


_REPLAY = """
insert into delivery as d (webhook, seq, key, due_at, look_at)
select w.id, e.seq, e.key, %(at)s, %(at)s from webhook w join event e on e.party = w.party
where w.id = %(hook)s and e.notice is not null and e.seq between %(first)s and %(last)s order by e.seq limit %(most)s
on conflict (webhook, seq) do update set
  again = coalesce(d.claimed_until > %(at)s, false),
  claim = case when d.claimed_until > %(at)s then d.claim else d.claim + 1 end,
  attempt = case when d.claimed_until > %(at)s then d.attempt else 0 end,
  due_at = case when d.claimed_until > %(at)s then d.due_at else %(at)s end,
  look_at = case when d.claimed_until > %(at)s then d.look_at else %(at)s end,
  claimed_until = case when d.claimed_until > %(at)s then d.claimed_until end,
  failed_at = case when d.claimed_until > %(at)s then d.failed_at end,
  failure = case when d.claimed_until > %(at)s then d.failure end,
  status = case when d.claimed_until > %(at)s then d.status end,
  given_up_at = null
returning d.seq
"""


def replay_some(
    cursor: Cursor[Any], hook: str, first: int, last: int, at: datetime, most: int = _AT_ONCE
) -> list[int]:
    """Make up to *most* notices from *first* to *last* pending again, the earliest first; return their places."""
    cursor.execute("select from webhook where id = %s for no key update", (hook,))
    given = {"hook": hook, "first": first, "last": last, "at": at, "most": most}
    return sorted(row[0] for row in cursor.execute(_REPLAY, given))


def failures(
    cursor: Cursor[Any], party: str, after: int, limit: int, hook: str | None = None
) -> list[FailedDelivery]:
    """Return deliveries whose last attempt failed, of a party or of one of its webhooks, behind a place of the feed."""
    rows = cursor.execute(
        "select f.webhook, f.seq, c.consignment_id, f.attempt, f.failed_at, f.failure, f.status, "
        "case when f.given_up_at is null then f.due_at end "
        "from webhook w cross join lateral ("
        "select * from delivery d where d.webhook = w.id and d.failure is not null and d.seq > %(after)s "
        "order by d.seq limit %(limit)s) f join consignment c on c.key = f.key "
        "where w.party = %(party)s and (%(hook)s::text is null or w.id = %(hook)s) "
        "order by f.seq, f.webhook limit %(limit)s",
        {"party": party, "after": after, "limit": limit, "hook": hook},
    ).fetchall()
    return [
        FailedDelivery(
            f"{webhook}/{seq}", webhook, notice_id(party, seq), consignment_id, seq, attempt, at, Failure(failure),
            status, next_at,
        )
        for webhook, seq, consignment_id, attempt, at, failure, status, next_at in rows
    ]  # fmt: skip


__all__ = ["claim", "disable", "enqueue", "failures", "record", "replay_some", "waiting"]
