"""Whether the recipient takes over: the Task that we sent says so, or Tasks and replies on our server.

| seen                                              | means                                            |
| ------------------------------------------------- | ------------------------------------------------ |
| Task accepted, in-progress, completed             | accepted                                         |
| Task rejected, failed                             | declined, with the code of `statusReason`        |
| reply not-done, or with a `statusReason`          | declined, with that code                         |
| reply completed without a word                    | accepted                                         |
| reply in words                                    | a human must read it: software does not          |

The same answer again changes nothing, one about a letter that is not ours is counted, and of two
answers the one counts that the server stored last, whatever date it bears. On our own server only the
recipient of the letter answers it; what anybody else says there is put before a human. Words are never
kept; of a reason only a code is.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from adapter.errors import OsteoHandoverError, RecordFault
from adapter.input.wire_json import JsonValue, ReadOnlyJson
from mappings.codes import BASE
from mappings.handover.release.release_codes import RELEASE
from mappings.outbound.ids import OUTPUT, location_of
from workers.delivery.answer_source import RecipientAnswerSource
from workers.delivery.delivery_codes import DELIVERY
from workers.delivery.dispatcher import DeliveryContext, guard_letter, inform_server_and_humans
from workers.delivery.message import is_code
from workers.delivery.message_content import MESSAGE_ID
from workers.delivery.questions import ask_question
from workers.delivery.record_server import OwnFhirServer
from workers.ledger import outbox
from workers.ledger.outbox import Delivery, DeliveryState
from workers.review.review_outcome import BUGS

log = logging.getLogger(__name__)

REMEMBERED = timedelta(days=30)  # that an answered letter is still looked at: somebody may change their mind
_OVERLAP = timedelta(days=1)
_CHUNK = 30  # references in one search
_RULES = f"{BASE}/rules/"
_TASK = {
    **dict.fromkeys(("accepted", "in-progress", "completed"), DeliveryState.ACCEPTED),
    **dict.fromkeys(("rejected", "failed"), DeliveryState.DECLINED),
}
_CLOSED_REPLY = frozenset({"not-done", "stopped"})

TaskAtRecipient = Callable[[Delivery], ReadOnlyJson | None]


def no_recipient_task(_entry: Delivery) -> None:
    """For channels without a server at the other end."""


@dataclass(frozen=True, slots=True)
class RecipientAnswer:
    """What a recipient said. `state` is None for an answer in words, which a human must read."""

    entry: Delivery
    state: DeliveryState | None
    at: str
    reason: str | None = None


@dataclass(slots=True)
class CollectedAnswers:
    """The answers that came in, and the number of those that belong to no letter."""

    answers: list[RecipientAnswer] = field(default_factory=list)
    unknown: int = 0
    unreadable: int = 0  # a recipient's server that did not answer, or an answer that nobody can read
    of_others: list[Delivery] = field(default_factory=list)  # letters that somebody else answered

    def guard_reading(self, read: Callable[[], None]) -> None:
        """Read one answer; a fault in it is counted, and the others are read all the same."""
        try:
            read()
        except OsteoHandoverError:
            self.unreadable += 1
        except BUGS:  # nobody promised that an answer has the shape of one
            log.exception("an answer that nobody can read")
            self.unreadable += 1


def collect_answers(
    context: DeliveryContext, task_at_recipient: TaskAtRecipient = no_recipient_task
) -> Counter[str]:
    """Read all answers into the outbox, remind of those that are missing, and inform; gives counts."""
    now = context.clock()
    entries = outbox.answerable_deliveries(context.ledger, now - REMEMBERED)
    collected = CollectedAnswers()
    if entries:
        source = RecipientAnswerSource(context.records)
        _read_own_tasks(context.records, entries, source, collected)
        _read_replies(context, entries, source, collected)
        _read_recipient_tasks(entries, task_at_recipient, collected)
    done: Counter[str] = Counter()
    for answer in latest_answers(collected.answers):
        collected.guard_reading(partial(_count_answer, done, context, answer, now))
    for entry in dict.fromkeys(collected.of_others):
        guard_letter(entry, partial(_ask_about_stranger, context, entry, now))
    done.update(of_others=len(collected.of_others))
    done.update(
        unknown=collected.unknown,
        unreadable=collected.unreadable,
        reminded=outbox.question_overdue(context.ledger, now),
    )
    inform_server_and_humans(context)
    return +done


def _ask_about_stranger(context: DeliveryContext, entry: Delivery, now: datetime) -> None:
    ask_question(
        context.records, entry, "delivery_answer_of_another", now, update_create=context.update_create
    )


def latest_answers(answers: Iterable[RecipientAnswer]) -> list[RecipientAnswer]:
    """Of each letter the last coded answer and the last one in words, the oldest first."""
    last = {
        (answer.entry.message_id, answer.state is None): answer
        for answer in sorted(answers, key=lambda answer: answer.at)
    }
    return sorted(last.values(), key=lambda answer: answer.at)


def _count_answer(
    done: Counter[str], context: DeliveryContext, answer: RecipientAnswer, now: datetime
) -> None:
    done[_enter_answer(context, answer, now)] += 1


def _enter_answer(context: DeliveryContext, answer: RecipientAnswer, now: datetime) -> str:
    if answer.state is None:
        return "replied" if outbox.record_recipient_reply(context.ledger, answer.entry, now) else "duplicate"
    rules = rules_of(context.records, answer.entry) if answer.state is DeliveryState.DECLINED else ()
    news = outbox.record_recipient_answer(
        context.ledger, answer.entry, answer.state, now, reason=answer.reason, rules=rules
    )
    return answer.state.value if news else "duplicate"


def _read_own_tasks(
    records: OwnFhirServer,
    entries: Sequence[Delivery],
    source: RecipientAnswerSource,
    collected: CollectedAnswers,
) -> None:
    """Tasks on our own server about the letter, or about its plan if that has only one letter."""
    by_location = {f"Communication/{entry.communication}": entry for entry in entries}
    plans = Counter(entry.plan for entry in entries if entry.superseded_by is None)
    by_location |= {
        entry.plan: entry
        for entry in entries
        if entry.plan and entry.superseded_by is None and plans[entry.plan] == 1
    }
    locations = sorted(by_location)
    for chunk in (locations[start : start + _CHUNK] for start in range(0, len(locations), _CHUNK)):
        for task in records.search("Task", [("focus", ",".join(chunk))]).matches:
            collected.guard_reading(partial(_read_own_task, task, by_location, source, collected))


def _read_own_task(
    task: ReadOnlyJson,
    by_location: Mapping[str, Delivery],
    source: RecipientAnswerSource,
    collected: CollectedAnswers,
) -> None:
    entry = by_location.get(location_of(str((task.get("focus") or {}).get("reference", ""))))
    if entry and not _is_own_question(task):
        _keep_answers(entry, task, list(_task_answers(entry, task)), source, collected)


def _read_replies(
    context: DeliveryContext,
    entries: Sequence[Delivery],
    source: RecipientAnswerSource,
    collected: CollectedAnswers,
) -> None:
    """Replies on our own server. R4 cannot search by `inResponseTo`, so all that is new is looked at."""
    since = min(entry.queued_at for entry in entries) - _OVERLAP
    query = [("_lastUpdated", f"ge{since.isoformat(timespec='seconds')}")]
    by_name = {
        name: entry
        for entry in entries
        for name in (f"Communication/{entry.communication}", entry.message_id)
    }
    found = context.records.search(
        "Communication", query, accept=lambda resource: bool(resource.get("inResponseTo"))
    )
    for reply in found.matches:
        collected.guard_reading(partial(_read_reply, reply, by_name, source, collected))


def _read_reply(
    reply: ReadOnlyJson,
    by_name: Mapping[str, Delivery],
    source: RecipientAnswerSource,
    collected: CollectedAnswers,
) -> None:
    about = [name for reference in reply["inResponseTo"] for name in _names_of(reference)]
    entry = next((by_name[name] for name in about if name in by_name), None)
    if entry is None:
        collected.unknown += 1
    elif reply.get("status") != "entered-in-error":
        _keep_answers(entry, reply, [_reply_answer(entry, reply)], source, collected)


def _keep_answers(
    entry: Delivery,
    resource: ReadOnlyJson,
    answers: Sequence[RecipientAnswer],
    source: RecipientAnswerSource,
    collected: CollectedAnswers,
) -> None:
    """Keep the recipient's answer; an answer of somebody else waits for a human, unless it says nothing."""
    if answers and not source.is_recipient(entry, resource):
        collected.of_others.append(entry)
    else:
        collected.answers.extend(answers)


def _read_recipient_tasks(
    entries: Sequence[Delivery], task_at_recipient: TaskAtRecipient, collected: CollectedAnswers
) -> None:
    """The Tasks that we wrote to recipients' servers; one in trouble is asked another time."""

    def read_task(entry: Delivery) -> None:
        if task := task_at_recipient(entry):
            collected.answers.extend(_task_answers(entry, task))

    for entry in entries:
        collected.guard_reading(partial(read_task, entry))


def rules_of(records: OwnFhirServer, entry: Delivery) -> tuple[str, ...]:
    """The rules behind the plan that the letter is about, for counting; none when the plan cannot be read."""
    if not entry.plan:
        return ()
    try:
        plan = records.read("CarePlan", entry.plan.partition("/")[2])
    except RecordFault:
        return ()
    details = (activity.get("detail") or {} for activity in plan.get("activity") or ())
    uris = (uri for detail in details for uri in detail.get("instantiatesUri") or () if isinstance(uri, str))
    return tuple(sorted({uri.removeprefix(_RULES) for uri in uris if uri.startswith(_RULES)}))


def _task_answers(entry: Delivery, task: ReadOnlyJson) -> Iterator[RecipientAnswer]:
    if state := _TASK.get(str(task.get("status"))):
        reason = reason_code(task) if state is DeliveryState.DECLINED else None
        yield RecipientAnswer(entry, state, _last_updated(task), reason)


def _reply_answer(entry: Delivery, reply: ReadOnlyJson) -> RecipientAnswer:
    at = _last_updated(reply)
    if reply.get("status") in _CLOSED_REPLY or reply.get("statusReason"):
        return RecipientAnswer(entry, DeliveryState.DECLINED, at, reason_code(reply))
    silent = reply.get("status") == "completed" and not reply.get("payload") and not reply.get("note")
    return RecipientAnswer(entry, DeliveryState.ACCEPTED if silent else None, at)


def reason_code(resource: ReadOnlyJson) -> str:
    """The first code of `statusReason`; a reason in words alone is "unstated" here, and stays where it is."""
    codes = (coding.get("code") for coding in _codings(resource.get("statusReason")))
    return next((str(code) for code in codes if is_code(code)), "unstated")


def _is_own_question(task: ReadOnlyJson) -> bool:
    """A Task that we put to our own clinic: its completion is no answer of the recipient."""
    coded = [(coding.get("system"), coding.get("code")) for coding in _codings(task.get("code"))]
    return any(system in (OUTPUT, DELIVERY, RELEASE) and code != "letter_for_gp" for system, code in coded)


def _names_of(reference: object) -> Iterable[str]:
    if not isinstance(reference, Mapping):
        return ()
    identifier = reference.get("identifier") or {}
    message = [str(identifier.get("value"))] if identifier.get("system") == MESSAGE_ID else []
    return [location_of(str(reference.get("reference") or "")), *message]


def _codings(concept: object) -> list[JsonValue]:
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    return [coding for coding in codings if isinstance(coding, Mapping)] if isinstance(codings, list) else []


def _last_updated(resource: ReadOnlyJson) -> str:
    return str((resource.get("meta") or {}).get("lastUpdated") or "")
