"""What an institution may say about its own record before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapter.clinical.model import Analyte, Side, Site

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# An older scan or result that no code finds cannot carry a firm proposal any more, were it read (C-60); a
# test holds every pathway of ours against it.
UNCODED_YEARS = 2
LISTS = ("conditions", "fractures", "medications")


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
