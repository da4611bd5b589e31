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
from workers.delivery.answer_source import AnswerSource
from workers.delivery.delivery_codes import DELIVERY
from workers.delivery.dispatcher import DeliveryContext, guarded, inform
from workers.delivery.message import is_code
from workers.delivery.message_content import MESSAGE_ID
from workers.delivery.questions import ask
from workers.delivery.record_server import RecordServer
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


def nobody(_entry: Delivery) -> None:
    """For channels without a server at the other end."""


@dataclass(frozen=True, slots=True)
class LetterAnswer:
    """What a recipient said. `state` is None for an answer in words, which a human must read."""

    entry: Delivery
    state: DeliveryState | None
    at: str
    reason: str | None = None


@dataclass(slots=True)
class Inbox:
    """The answers that came in, and the number of those that belong to no letter."""

    answers: list[LetterAnswer] = field(default_factory=list)
    unknown: int = 0
    unreadable: int = 0  # a recipient's server that did not answer, or an answer that nobody can read
    of_others: list[Delivery] = field(default_factory=list)  # letters that somebody else answered

    def apart(self, read: Callable[[], None]) -> None:
        """Read one answer; a fault in it is counted, and the others are read all the same."""
        try:
            read()
        except OsteoHandoverError:
            self.unreadable += 1
        except BUGS:  # nobody promised that an answer has the shape of one
            log.exception("an answer that nobody can read")
            self.unreadable += 1


def collect(context: DeliveryContext, task_at_recipient: TaskAtRecipient = nobody) -> Counter[str]:
    """Read all answers into the outbox, remind of those that are missing, and inform; gives counts."""
    now = context.clock()
    entries = outbox.answerable_deliveries(context.ledger, now - REMEMBERED)
    post = Inbox()
    if entries:
        source = AnswerSource(context.records)
        _from_tasks(context.records, entries, source, post)
        _from_replies(context, entries, source, post)
        _from_recipients(entries, task_at_recipient, post)
    done: Counter[str] = Counter()
    for answer in latest(post.answers):
        post.apart(partial(_count, done, context, answer, now))
    for entry in dict.fromkeys(post.of_others):
        guarded(entry, partial(_ask, context, entry, now))
    done.update(of_others=len(post.of_others))
    done.update(
        unknown=post.unknown,
        unreadable=post.unreadable,
        reminded=outbox.question_overdue(context.ledger, now),
    )
    inform(context)
    return +done


def _ask(context: DeliveryContext, entry: Delivery, now: datetime) -> None:
    ask(context.records, entry, "delivery_answer_of_another", now, update_create=context.update_create)


def latest(answers: Iterable[LetterAnswer]) -> list[LetterAnswer]:
    """Of each letter the last coded answer and the last one in words, the oldest first."""
    last = {(it.entry.message_id, it.state is None): it for it in sorted(answers, key=lambda it: it.at)}
    return sorted(last.values(), key=lambda it: it.at)


def _count(done: Counter[str], context: DeliveryContext, answer: LetterAnswer, now: datetime) -> None:
    done[_entered(context, answer, now)] += 1


def _entered(context: DeliveryContext, answer: LetterAnswer, now: datetime) -> str:
    if answer.state is None:
        return "replied" if outbox.record_recipient_reply(context.ledger, answer.entry, now) else "duplicate"
    rules = rules_of(context.records, answer.entry) if answer.state is DeliveryState.DECLINED else ()
    news = outbox.record_recipient_answer(
        context.ledger, answer.entry, answer.state, now, reason=answer.reason, rules=rules
    )
    return answer.state.value if news else "duplicate"


def _from_tasks(
    records: RecordServer, entries: Sequence[Delivery], source: AnswerSource, post: Inbox
) -> None:
    """Tasks on our own server about the letter, or about its plan if that has only one letter."""
    by_location = {f"Communication/{it.communication}": it for it in entries}
    plans = Counter(it.plan for it in entries if it.superseded_by is None)
    by_location |= {
        it.plan: it for it in entries if it.plan and it.superseded_by is None and plans[it.plan] == 1
    }
    locations = sorted(by_location)
    for some in (locations[start : start + _CHUNK] for start in range(0, len(locations), _CHUNK)):
        for task in records.search("Task", [("focus", ",".join(some))]).matches:
            post.apart(partial(_from_task, task, by_location, source, post))


def _from_task(
    task: ReadOnlyJson, by_location: Mapping[str, Delivery], source: AnswerSource, post: Inbox
) -> None:
    entry = by_location.get(location_of(str((task.get("focus") or {}).get("reference", ""))))
    if entry and not _our_question(task):
        _received(entry, task, list(_task_answers(entry, task)), source, post)


def _from_replies(
    context: DeliveryContext, entries: Sequence[Delivery], source: AnswerSource, post: Inbox
) -> None:
    """Replies on our own server. R4 cannot search by `inResponseTo`, so all that is new is looked at."""
    since = min(it.queued_at for it in entries) - _OVERLAP
    query = [("_lastUpdated", f"ge{since.isoformat(timespec='seconds')}")]
    by_name = {name: it for it in entries for name in (f"Communication/{it.communication}", it.message_id)}
    found = context.records.search("Communication", query, accept=lambda it: bool(it.get("inResponseTo")))
    for reply in found.matches:
        post.apart(partial(_from_reply, reply, by_name, source, post))


def _from_reply(
    reply: ReadOnlyJson, by_name: Mapping[str, Delivery], source: AnswerSource, post: Inbox
) -> None:
    about = [name for it in reply["inResponseTo"] for name in _names_of(it)]
    entry = next((by_name[name] for name in about if name in by_name), None)
    if entry is None:
        post.unknown += 1
    elif reply.get("status") != "entered-in-error":
        _received(entry, reply, [_reply_answer(entry, reply)], source, post)


def _received(
    entry: Delivery, resource: ReadOnlyJson, said: Sequence[LetterAnswer], source: AnswerSource, post: Inbox
) -> None:
    """Keep the recipient's answer; an answer of somebody else waits for a human, unless it says nothing."""
    if said and not source.is_recipient(entry, resource):
        post.of_others.append(entry)
    else:
        post.answers.extend(said)


def _from_recipients(entries: Sequence[Delivery], task_at_recipient: TaskAtRecipient, post: Inbox) -> None:
    """The Tasks that we wrote to recipients' servers; one in trouble is asked another time."""

    def asked(entry: Delivery) -> None:
        if task := task_at_recipient(entry):
            post.answers.extend(_task_answers(entry, task))

    for entry in entries:
        post.apart(partial(asked, entry))


def rules_of(records: RecordServer, entry: Delivery) -> tuple[str, ...]:
    """The rules behind the plan that the letter is about, for counting; none when the plan cannot be read."""
    if not entry.plan:
        return ()
    try:
        plan = records.read("CarePlan", entry.plan.partition("/")[2])
    except RecordFault:
        return ()
    details = (it.get("detail") or {} for it in plan.get("activity") or ())
    uris = (uri for it in details for uri in it.get("instantiatesUri") or () if isinstance(uri, str))
    return tuple(sorted({uri.removeprefix(_RULES) for uri in uris if uri.startswith(_RULES)}))


def _task_answers(entry: Delivery, task: ReadOnlyJson) -> Iterator[LetterAnswer]:
    if state := _TASK.get(str(task.get("status"))):
        reason = reason_code(task) if state is DeliveryState.DECLINED else None
        yield LetterAnswer(entry, state, _updated(task), reason)


def _reply_answer(entry: Delivery, reply: ReadOnlyJson) -> LetterAnswer:
    at = _updated(reply)
    if reply.get("status") in _CLOSED_REPLY or reply.get("statusReason"):
        return LetterAnswer(entry, DeliveryState.DECLINED, at, reason_code(reply))
    silent = reply.get("status") == "completed" and not reply.get("payload") and not reply.get("note")
    return LetterAnswer(entry, DeliveryState.ACCEPTED if silent else None, at)


def reason_code(resource: ReadOnlyJson) -> str:
    """The first code of `statusReason`; a reason in words alone is "unstated" here, and stays where it is."""
    codes = (it.get("code") for it in _codings(resource.get("statusReason")))
    return next((str(code) for code in codes if is_code(code)), "unstated")


def _our_question(task: ReadOnlyJson) -> bool:
    """A Task that we put to our own clinic: its completion is no answer of the recipient."""
    coded = [(it.get("system"), it.get("code")) for it in _codings(task.get("code"))]
    return any(system in (OUTPUT, DELIVERY, RELEASE) and code != "letter_for_gp" for system, code in coded)


def _names_of(reference: object) -> Iterable[str]:
    if not isinstance(reference, Mapping):
        return ()
    identifier = reference.get("identifier") or {}
    message = [str(identifier.get("value"))] if identifier.get("system") == MESSAGE_ID else []
    return [location_of(str(reference.get("reference") or "")), *message]


def _codings(concept: object) -> list[JsonValue]:
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    return [it for it in codings if isinstance(it, Mapping)] if isinstance(codings, list) else []


def _updated(resource: ReadOnlyJson) -> str:
    return str((resource.get("meta") or {}).get("lastUpdated") or "")
