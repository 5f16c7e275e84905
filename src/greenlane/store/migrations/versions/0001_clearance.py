"""The tables of the clearance service."""

from alembic import op

revision = "0001"
down_revision = None

ROLES = """
do $$
begin
  if not exists (select from pg_roles where rolname = 'greenlane_party') then
    create role greenlane_party nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'greenlane_staff') then
    create role greenlane_staff nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'greenlane_agency') then
    create role greenlane_agency nologin;
  end if;
  if not (
    pg_has_role(current_user, 'greenlane_party', 'set')
    and pg_has_role(current_user, 'greenlane_staff', 'set')
    and pg_has_role(current_user, 'greenlane_agency', 'set')
  ) then
    grant greenlane_party, greenlane_staff, greenlane_agency to current_user;
  end if;
end $$;
"""

WHO = """
create table party (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  created_at timestamptz not null
);
create table api_key (
  id text primary key,
  digest bytea not null,
  party text not null references party,
  roles text[] not null,
  scopes text[] not null,
  agency text,
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
"""

PROCEDURE = """
create sequence consignment_key as bigint cache 1;
create sequence event_seq as bigint cache 1;

create table filing (
  id uuid primary key,
  party text not null references party,
  actor text not null,
  received_at timestamptz not null,
  stage text not null,
  departs_at timestamptz,
  arrives_at timestamptz,
  form text,
  body bytea,
  records bigint not null default 0,
  done_at timestamptz,
  accepted bigint not null default 0,
  rejected bigint not null default 0,
  repeated bigint not null default 0,
  amended bigint not null default 0,
  refused bigint not null default 0,
  problem text
);
create index filing_of_party on filing (party, received_at, id);
create index filing_to_do on filing (received_at) where done_at is null;

create table filing_result (
  filing uuid not null references filing,
  part int not null,
  first bigint not null,
  results bytea not null,
  primary key (filing, part)
);
alter table filing_result alter results set storage external;

-- What is indexed and only ever compared has the collation "C": every other one costs half as much again, or more.
create table consignment (
  key bigint primary key,
  party text collate "C" not null,
  consignment_id text collate "C" not null,
  filing uuid,
  phase text collate "C" not null,
  open boolean not null,
  deadline timestamptz,
  wake_at timestamptz,
  version int not null,
  filed_at timestamptz not null,
  declaration_date date not null,
  departure_country text not null,
  destination_country text not null,
  channel text collate "C" not null,
  transport_document text collate "C",
  jurisdiction text,
  disposition text collate "C" not null,
  score smallint not null,
  group_key text collate "C",
  goods_value bigint,
  person text collate "C",
  named text,
  input_digest text not null,
  content text not null,
  facts bytea not null,
  outcome bytea not null
);
-- Both come packed: small enough to stand in the row, and nothing is to be had from packing them again.
alter table consignment alter facts set storage external, alter outcome set storage external;
create unique index consignment_of_party on consignment (party, consignment_id);
create index consignment_queue on consignment (deadline, key) where open;
create index consignment_phase on consignment (phase, deadline, key) where open;
create index consignment_disposition on consignment (disposition, deadline, key) where open;
create index consignment_channel on consignment (channel, deadline, key) where open;
create index consignment_wake on consignment (wake_at) where wake_at is not null;
create index consignment_document on consignment (transport_document) where transport_document is not null;
create index consignment_group on consignment (group_key) where group_key is not null;
create index consignment_person on consignment (person) where person is not null;

create table event (
  seq bigint not null,
  party text collate "C" not null,
  key bigint not null,
  version int not null,
  type text not null,
  at timestamptz not null,
  actor text not null,
  notice text,
  data bytea not null,
  primary key (key, version)
);
create index event_feed on event (party, seq) where notice is not null;
create index event_order on event (seq);
create unique index event_released_once on event (key) where type = 'released';

create table document (
  id uuid primary key,
  key bigint not null references consignment,
  party text not null,
  kind text not null,
  media_type text not null,
  sha256 text not null,
  size int not null,
  body bytea not null,
  actor text not null,
  at timestamptz not null
);
create index document_of on document (key, at);
create unique index document_once on document (key, sha256, kind);

create table message (
  key bigint primary key,
  party text not null,
  form text not null,
  kind text not null,
  refs jsonb not null,
  outcomes jsonb not null,
  id uuid not null,
  body bytea
);

create table trade_document (
  id uuid primary key,
  party text not null references party,
  kind text not null check (kind in ('order', 'payment', 'waybill', 'inventory', 'return')),
  issuer text not null,
  number text not null,
  platform text not null,
  order_number text not null,
  carrier text not null,
  waybill text not null,
  key bigint,
  digest text not null,
  body bytea not null,
  at timestamptz not null,
  written_at timestamptz not null default now(),
  compared_at timestamptz,
  failed jsonb not null default '[]',
  seen text[] not null default '{}',
  again boolean not null default false,
  facts jsonb not null default '{}',
  hold int,
  unique (kind, issuer, number)
);
create index trade_document_order on trade_document (order_number, platform);
create index trade_document_waybill on trade_document (waybill, carrier) where kind = 'inventory';
create index trade_document_key on trade_document (key) where key is not null;
create index trade_document_recent on trade_document (written_at) where kind in ('order', 'payment', 'waybill');
create index trade_document_again on trade_document (key) where again;
create index trade_document_of on trade_document (party, at, id);

create table agency (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text not null,
  prefixes text[] not null default '{}'
);
create table agency_case (
  agency text not null,
  key bigint not null,
  due timestamptz not null,
  verdict text,
  primary key (agency, key)
);
create index agency_case_open on agency_case (agency, due, key) where verdict is null;
create table agency_notice (
  agency text not null,
  seq bigint not null,
  party text not null,
  key bigint not null,
  place bigint,
  primary key (agency, seq),
  unique (agency, place)
);
create index agency_notice_fresh on agency_notice (agency, seq) where place is null;
"""

MONEY = """
create table transfer (
  id uuid primary key,
  party text not null,
  key bigint,
  version int not null,
  charge int not null,
  debit text collate "C" not null,
  credit text collate "C" not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  kind text not null,
  at timestamptz not null,
  reference text not null,
  memo text[] not null
);
create index transfer_debit on transfer (debit, at);
create index transfer_credit on transfer (credit, at);
create index transfer_of on transfer (key) where key is not null;

create table guarantee (
  id text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
  party text not null references party,
  guarantor text not null,
  currency text not null,
  available bigint not null default 0 check (available >= 0),
  reserved bigint not null default 0 check (reserved >= 0),
  drawn bigint not null default 0 check (drawn >= 0),
  valid_from date not null,
  valid_until date not null,
  at_filing boolean not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index guarantee_of on guarantee (party);

create table deferred_account (
  id text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
  party text not null references party,
  holder text not null,
  currency text not null,
  amount bigint not null check (amount >= 0),
  standing bigint not null default 0,
  due_day smallint not null check (due_day between 1 and 28),
  valid_from date not null,
  valid_until date not null,
  at_filing boolean not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index deferred_account_of on deferred_account (party);

create table period_return (
  party text not null references party,
  scheme text not null,
  period text not null,
  holder text not null,
  number int not null,
  submitted_at timestamptz not null,
  actor text not null,
  content bytea not null,
  primary key (party, scheme, period, holder, number)
);

create table limit_use (
  id uuid primary key,
  person text not null,
  jurisdiction text not null,
  day date not null,
  key bigint not null,
  amount bigint,
  count smallint not null
);
create index limit_use_of on limit_use (person, jurisdiction, day);
create index limit_use_by on limit_use (key);
"""

PEOPLE = """
create table person_key (
  id bytea primary key,
  reference bytea not null,
  retention text collate "C" not null,
  period int not null,
  wrapped bytea,
  created_at timestamptz not null,
  tombstone bytea,
  check ((wrapped is null) = (tombstone is not null))
);
create index person_key_of on person_key (reference, retention, period);
create table sealed (
  key bigint not null,
  version int not null,
  role text collate "C" not null,
  retention text collate "C" not null,
  reference bytea not null,
  key_id bytea not null,
  body bytea not null,
  primary key (key, version, role, retention)
);
create index sealed_reference on sealed (reference);
create table legal_hold (
  id uuid primary key,
  key bigint not null,
  case_number text not null,
  actor text not null,
  at timestamptz not null,
  lifted_at timestamptz
);
create index legal_hold_on on legal_hold (key) where lifted_at is null;
create table audit (
  seq bigint primary key,
  previous text not null,
  body bytea not null,
  hash text not null,
  action text not null,
  person text
);
create index audit_about on audit (person, seq) where person is not null;
create index audit_erased on audit (seq) where action = 'erased';
"""

RIM = """
create table idempotency (
  party text not null,
  key text not null,
  request bytea not null,
  status int,
  media_type text,
  response bytea,
  created_at timestamptz not null,
  primary key (party, key)
);
create index idempotency_age on idempotency (created_at);

create table webhook (
  id text primary key,
  party text not null references party,
  url text not null,
  secret bytea,
  created_at timestamptz not null,
  succeeded_at timestamptz,
  disabled_at timestamptz,
  reason text,
  unique (party, url)
);

create table delivery (
  webhook text not null references webhook on delete cascade,
  seq bigint not null,
  key bigint not null,
  due_at timestamptz not null,
  look_at timestamptz,
  claim int not null default 0,
  claimed_until timestamptz,
  again boolean not null default false,
  attempt int not null default 0,
  first_attempt_at timestamptz,
  delivered_at timestamptz,
  given_up_at timestamptz,
  failed_at timestamptz,
  failure text,
  status int,
  primary key (webhook, seq)
);
create index delivery_due on delivery (webhook, look_at, seq) where look_at is not null;
create index delivery_lane on delivery (webhook, key, seq) where look_at is not null;
create index delivery_claimed on delivery (webhook, key) where claimed_until is not null;
create index delivery_failed on delivery (webhook, seq) where failure is not null;

create table setting (
  name text primary key,
  value bytea not null
);
create table planned_window (
  id uuid primary key,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  words text not null
);
"""

APPEND_ONLY = """
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete or truncate on event
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on transfer
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();
"""

OWN = (
    "filing",
    "consignment",
    "event",
    "document",
    "message",
    "trade_document",
    "transfer",
    "guarantee",
    "deferred_account",
    "period_return",
    "webhook",
)


def upgrade() -> None:
    """Make the tables, the roles that read them, and the policies that part one party from another."""
    for text in (ROLES, WHO, PROCEDURE, MONEY, PEOPLE, RIM, APPEND_ONLY):
        op.execute(text)
    for table in OWN:
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy own on {table} for select to greenlane_party "
            "using (party = current_setting('greenlane.party', true))"
        )
        op.execute(f"create policy every on {table} for select to greenlane_staff using (true)")
        op.execute(f"grant select on {table} to greenlane_party, greenlane_staff")
    for table, column, owner in (("filing_result", "filing", "filing"), ("delivery", "webhook", "webhook")):
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy own on {table} for select to greenlane_party "
            f"using (exists (select from {owner} o where o.id = {column}))"
        )
        op.execute(f"create policy every on {table} for select to greenlane_staff using (true)")
        op.execute(f"grant select on {table} to greenlane_party, greenlane_staff")
    for table in ("consignment", "event", "document", "message"):
        op.execute(
            f"create policy asked on {table} for select to greenlane_agency using (exists (select from agency_case a "
            f"where a.agency = current_setting('greenlane.agency', true) and a.key = {table}.key))"
        )
        op.execute(f"grant select on {table} to greenlane_agency")
    for table, column, role, setting in (
        ("agency_case", "agency", "greenlane_agency", "greenlane.agency"),
        ("party", "id", "greenlane_party", "greenlane.party"),
    ):
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy own on {table} for select to {role} "
            f"using ({column} = current_setting('{setting}', true))"
        )
        op.execute(f"create policy every on {table} for select to greenlane_staff using (true)")
        op.execute(f"grant select on {table} to {role}, greenlane_staff")
    op.execute("grant select on agency, planned_window to greenlane_party, greenlane_staff, greenlane_agency")


def downgrade() -> None:
    """There is nothing before the first migration."""
    raise RuntimeError("the first migration is not undone; restore a backup")
