"""What an institution may say about its own record before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapter.clinical.calendar import add_months
from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.model import Analyte, Side, Site

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LISTS = ("conditions", "fractures", "medications")


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """The numbers of a pathway that say what can be read; each is cited there.

    * ``lowest_renal_ml_min``: the lowest of ``renal_limits_ml_min``, in mL/min (GL-59 to GL-61). "<15"
      decides as any number below every renal limit does; "<30" read as 30 would pass for enough.
    * ``albumin_below_g_l``: that of ``calcium_correction``, in g/L (C-76). From here on an albumin hides
      no calcium.
    * ``uncoded_months``: the longest of ``max_age_months`` (C-60). An older scan or result that no code finds
      could carry no firm proposal, were it read: it is not looked for.
    """

    lowest_renal_ml_min: Decimal
    albumin_below_g_l: Decimal
    uncoded_months: Decimal

    @classmethod
    def of(cls, parameters: CoreParameters) -> "ReadingLimits":
        """Those of a pathway; where it has no renal limit at all, no bound below one can be read."""
        return cls(
            Decimal(min(parameters["renal_limits_ml_min"].values(), default=0)),
            Decimal(parameters["calcium_correction"]["albumin_below_g_l"]),
            Decimal(max(parameters["max_age_months"].values())),
        )


@dataclass(frozen=True, slots=True)
class ReadingConfig:
    """The institution's own row; every field has the careful default.

    * ``complete_lists``: which of conditions, fractures and medications are kept completely, so that an
      empty list means none (C-56).
    * ``forearm_code_site``: what LOINC 38265-5 (radius and ulna) means here. Synthetic data and some
      systems use it as a generic T-score code. Unset, it is the forearm and never decisive; set,
      scores carry ``site_assumed``.
    * ``local_t_scores``: the institution's own T-score codes, (system, code) to (site, side). Without a site
      the body site of each measurement must say where.
    * ``local_laboratory``: the institution's own laboratory codes, (system, code) to
      the analyte that each measures.
    * ``lab_limits``: own (low, high) limits for an analyte without a mark or reference range (C-51).
    * ``test_labels``: the institution's own (system, code) in ``Patient.meta`` for
      records that are no patient.
    * ``base_url``: the server's base. An absolute patient reference counts only below it.
    * ``zone``: the time zone in which the institution's days begin (C-61).
    """

    complete_lists: frozenset[str] = frozenset()
    forearm_code_site: Site | None = None
    local_t_scores: Mapping[tuple[str, str], tuple[Site | None, Side | None]] = field(default_factory=dict)
    local_laboratory: Mapping[tuple[str, str], Analyte] = field(default_factory=dict)
    lab_limits: Mapping[Analyte, tuple[Decimal | None, Decimal | None]] = field(default_factory=dict)
    test_labels: frozenset[tuple[str, str]] = frozenset()
    base_url: str = ""
    zone: tzinfo = AMSTERDAM


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReading(ReadingConfig):
    """How a record is read on which a pathway decides: the institution's row, and the pathway's limits.

    No record is read without ``limits``, and they have no default: those of another pathway would refuse what
    this one decides by, or read what it cannot.
    """

    limits: ReadingLimits

    @classmethod
    def of(cls, config: ReadingConfig, parameters: CoreParameters) -> "RecordReading":
        """By the limits of a pathway's parameters."""
        own = {it.name: getattr(config, it.name) for it in fields(ReadingConfig)}
        return cls(**own, limits=ReadingLimits.of(parameters))

    def uncoded_since(self, on: date) -> date:
        """The first day from which what no code finds is looked for, on a day of deciding."""
        return add_months(on, -self.limits.uncoded_months)
