"""Takes what was touched and has it looked at: many changes of a model are one look.

A batch is taken and looked at in one transaction, so a worker that dies leaves everything as it was. Rows that another
worker holds are passed by.
"""

import logging
from collections import defaultdict

from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from alerts.evaluation import look_at, scope_of
from alerts.models import Alert, Rule
from catalog.models import RegisteredModel
from core.workers import free

log = logging.getLogger(__name__)

BATCH = 200
LOOK_AHEAD = 50_000

LONGEST_PAUSE = 3600  # seconds that a model is put off whose looks fail
FREE = free("not_before", LONGEST_PAUSE + 60)
LOOK = f"SELECT EXISTS (SELECT FROM alerts_touched WHERE {FREE})"

WIDE = """
DELETE FROM alerts_touched WHERE id IN (
    SELECT id FROM alerts_touched WHERE model_id IS NULL ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
) RETURNING rule_id
"""

SPREAD = "INSERT INTO alerts_touched (model_id, rule_id) SELECT unnest(%s::bigint[]), %s"

TAKE = f"""
WITH free AS (
    SELECT id, model_id FROM alerts_touched
    WHERE model_id IS NOT NULL AND {FREE}
    ORDER BY id LIMIT %(look)s
), chosen AS (
    SELECT model_id FROM free GROUP BY model_id ORDER BY min(id) LIMIT %(batch)s
), taken AS (
    SELECT t.id FROM alerts_touched t JOIN chosen USING (model_id)
    WHERE {free("t.not_before", LONGEST_PAUSE + 60)}
    FOR UPDATE OF t SKIP LOCKED
)
DELETE FROM alerts_touched t USING taken WHERE t.id = taken.id RETURNING t.model_id, t.rule_id
"""

PUT_OFF = f"""
UPDATE alerts_touched SET attempts = least(attempts + 1, 30),
    not_before = clock_timestamp() + make_interval(secs => least({LONGEST_PAUSE}, 2 ^ least(attempts + 1, 12)))
WHERE model_id = %s AND {FREE}
"""


def step(batch: int = BATCH) -> int:
    """Look at one batch; the number of models. Two short statements when there is nothing to do, and 0."""
    settle_silences()
    with connection.cursor() as cursor:
        cursor.execute(LOOK)
        if not cursor.fetchone()[0]:
            return 0
    spread()
    taken: set[int] = set()
    try:
        with transaction.atomic():
            wanted = _take(batch)
            taken = set(wanted)
            look_at(wanted)
    except DatabaseError as error:
        if _is_away(error):
            raise
        return _one_by_one(taken, error)
    except Exception as error:
        return _one_by_one(taken, error)
    return len(taken)


def drain_all() -> int:
    """Look at everything that waits now; the number of models."""
    done = 0
    while looked := step():
        done += looked
    return done


def _take(batch: int) -> dict[int, set[int] | None]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"look": LOOK_AHEAD, "batch": batch})
        rows = cursor.fetchall()
    wanted: dict[int, set[int] | None] = {}
    rules: dict[int, set[int]] = defaultdict(set)
    for model_id, rule_id in rows:
        if rule_id is None:
            wanted[model_id] = None
        else:
            rules[model_id].add(rule_id)
            wanted.setdefault(model_id, rules[model_id])
    return wanted


def _one_by_one(model_ids: set[int], error: Exception) -> int:
    """Look at each model alone; one that can't be looked at is put off, and holds up nobody."""
    if len(model_ids) > 1:
        log.warning(
            "a batch could not be looked at; each model is tried alone", extra={"reason": str(error)[:300]}
        )
    done = 0
    for model_id in sorted(model_ids):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM alerts_touched WHERE id IN (SELECT id FROM alerts_touched WHERE model_id = %s"
                    " FOR UPDATE SKIP LOCKED)",
                    [model_id],
                )
                look_at({model_id: None})
        except Exception as own:
            if _is_away(own):
                raise
            log.exception("a model could not be looked at", extra={"model_id": model_id})
            with connection.cursor() as cursor:
                cursor.execute(PUT_OFF, [model_id])
        done += 1
    return done


def _is_away(error: Exception) -> bool:
    """Whether Postgres itself is the trouble, not what was looked at."""
    return isinstance(error, DatabaseError) and not connection.is_usable()


@transaction.atomic
def spread() -> None:
    """Turn "every model" into a row for each: the models in a rule's scope, and those it has alerts for."""
    with connection.cursor() as cursor:
        cursor.execute(WIDE)
        rule_ids = {row[0] for row in cursor.fetchall()}
        if not rule_ids:
            return
        rules = Rule.objects.in_bulk([pk for pk in rule_ids if pk is not None])
        for rule_id in rule_ids:
            if rule_id is not None and rule_id not in rules:
                continue
            about = Q(pk__in=Alert.objects.filter(rule_id=rule_id).values("model_id")) if rule_id else Q()
            if rule_id is None:
                models = RegisteredModel.objects.all()
            elif rules[rule_id].is_enabled:
                models = RegisteredModel.objects.filter(scope_of(rules[rule_id]) | about)
            else:
                models = RegisteredModel.objects.filter(about)
            ids = list(models.order_by().values_list("pk", flat=True))
            cursor.execute(SPREAD, [ids, rule_id])


def settle_silences() -> int:
    """Mark silences that have ended, which has what still fires under them looked at again (by a trigger)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts_silence SET settled_at = clock_timestamp() WHERE id IN (SELECT id FROM alerts_silence"
            " WHERE settled_at IS NULL AND (until <= clock_timestamp() OR ended_at IS NOT NULL)"
            " LIMIT 100 FOR UPDATE SKIP LOCKED)"
        )
        return int(cursor.rowcount)


def touch_rules(*kinds: str) -> None:
    """Have all rules of these kinds looked at again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO alerts_touched (model_id, rule_id)"
            " SELECT NULL, id FROM alerts_rule WHERE is_enabled AND kind = ANY(%s)",
            [list(kinds)],
        )
