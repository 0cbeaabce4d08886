"""A trial's protocol as frozen values: every key of the protocol format, with its default.

Attributes are named like the tables and keys of the file (`protocol.reading.show_response`). Lists of tables
have a plural: `arms`, `cutoffs`, `visit_list`, `scopes`, `criteria`, `endpoints`, `imports`. The rule keys
are `protocol.rules` (measure/rules.py); `protocol.rules_of(criterion)` adds the criterion's own settings.
Lengths, percentages and rates are exact decimals; null is None. Read by storage/protocol_file.py.
"""

# ruff: noqa: RUF009 -- key() makes the dataclass field
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from measure.protocol_keys import key
from measure.rules import Rules, RuleValue

RESPONSE_DIFFERENCES = (
    "best_response response response_date progression progression_date timepoint_response target_selection "
    "new_lesion local_recurrence"
)
METHODS = "clopper_pearson km_quantile cuminc describe worst_grade dlt pathology_response count"


@dataclass(frozen=True, slots=True)
class Trial:
    """`[trial]`: name, title and design; `unconfirmed` names values that the trial's text does not give."""

    id: str = key("", "text", pattern="[A-Za-z0-9-]+", required=True)
    title: str = key("", "text")
    phase: str = key("", "text", "'' I II III I/II")
    design: str = key("single-arm", "text", "single-arm simon-two-stage dose-escalation-expansion")
    first_patient_in: date | None = key(None, "date", null=True)
    unconfirmed: tuple[str, ...] = key((), "texts")


@dataclass(frozen=True, slots=True)
class Arm:
    """`[[arm]]`: an arm or dose cohort."""

    id: str = key("all", "text", required=True)
    label: str = key("", "text")
    dose_level: int = key(0, "count", low="0")


@dataclass(frozen=True, slots=True)
class Calendar:
    """`[calendar]`: day 0 of the visit plan; days of a month when printing."""

    anchor: str = key("treatment_start", "text", "registration treatment_start procedure resection")
    month_days: Decimal = key(Decimal("30.4375"), "decimal", low="0", above_low=True)


@dataclass(frozen=True, slots=True)
class Baseline:
    """`[baseline]`: which time point is the baseline and how old it may be."""

    timepoint: str = key("BL", "text")
    before: str = key("treatment_start", "text", "registration treatment_start procedure ''")
    max_days: int = key(28, "count", low="0")


@dataclass(frozen=True, slots=True)
class Cutoff:
    """`[[cutoff]]`: a data cut."""

    id: str = key("final", "text", required=True)
    months: int = key(0, "count", low="0")
    from_: str = key(
        "last_patient_last_visit",
        "text",
        "first_patient_in last_patient_in last_patient_last_visit",
        name="from",
    )


@dataclass(frozen=True, slots=True)
class Visits:
    """`[visits]`: how scans are assigned to planned visits and what ends the schedule."""

    before_days: int = key(7, "count", low="0")
    after_days: int = key(7, "count", low="0")
    assign: str = key("nearest", "text", "nearest window-only")
    tie: str = key("earlier", "text", "earlier later")
    until: tuple[str, ...] = key(
        ("progression", "discontinuation"),
        "words",
        "progression confirmed_progression local_recurrence recurrence discontinuation",
        pattern="[1-9][0-9]* months",
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """`[[visit]]`: a planned visit, by days or by calendar months after the anchor, exactly one of them."""

    id: str = key("", "text", required=True)
    days: int | None = key(None, "count", low="1", null=True)
    months: int | None = key(None, "count", low="1", null=True)
    clinic: bool = key(True, "flag")
    imaging: bool = key(True, "flag")
    pro: bool = key(False, "flag")
    reader_label: str = key("", "text")


@dataclass(frozen=True, slots=True)
class Reading:
    """`[reading]`: readers, what they see, the steps of a read, adjudication."""

    readers: int = key(2, "count", low="1", high="2")
    adjudication: bool = key(True, "flag")
    adjudicate_on: tuple[str, ...] = key(
        ("best_response", "progression", "progression_date"), "words", RESPONSE_DIFFERENCES
    )
    date_tolerance_visits: int = key(0, "count", low="0")
    adjudicator_may_differ: bool = key(False, "flag")
    blind_to: tuple[str, ...] = key(
        ("site_reads", "other_reader", "arm", "clinical_data", "local_treatment_date"),
        "words",
        "site_reads other_reader arm clinical_data local_treatment_date",
    )
    repeat_read_percent: Decimal = key(Decimal(10), "decimal", low="0", high="100")
    adjudicate_criteria: tuple[str, ...] = key((), "texts")
    adjudication_form: str = key("whole-read", "text", "whole-read per-variable new-read")
    concordant_accept: str = key("R1", "text", "R1 R2")
    show_response: str = key("before-signing", "text", "before-signing live after-signing never")
    show_days: str = key("day-number", "text", "day-number visit-label")
    stated_response: str = key("on-sheet", "text", "on-sheet before-sheet off")
    show_technique: bool = key(False, "flag")
    proposals: bool = key(True, "flag")
    stages: tuple[str, ...] = key(
        ("survey", "targets", "non-targets", "sweep", "zones", "summary"),
        "words",
        "survey targets non-targets sweep zones summary",
    )
    sweep_series: tuple[str, ...] = key(("main",), "texts")
    global_review: bool = key(False, "flag")
    margin_visible: str = key("after-judgement", "text", "after-judgement always never")
    case_order_seed: str = key("", "text")


@dataclass(frozen=True, slots=True)
class Qc:
    """`[qc]`: image checks; slice distance in mm."""

    max_slice_mm: Decimal = key(Decimal(5), "decimal", low="0")
    phases: tuple[str, ...] = key((), "texts")
    modalities: tuple[str, ...] = key(("CT", "MR"), "texts")


@dataclass(frozen=True, slots=True)
class Precision:
    """`[precision]`: to what drawn lengths are rounded, in mm."""

    length_mm: Decimal = key(Decimal("0.1"), "decimal", low="0", above_low=True)


@dataclass(frozen=True, slots=True)
class Scope:
    """`[[scope]]`: a named filter of lesions (SC-01)."""

    id: str = key("all", "text", required=True)
    label: str = key("", "text")
    include_organs: tuple[str, ...] = key(("*",), "texts")
    exclude_organs: tuple[str, ...] = key((), "texts")
    exclude_treated: bool = key(False, "flag")
    only_treated: bool = key(False, "flag")
    new_lesions: str = key("all", "text", "all outside-treated-zone at-treated-zone none")


@dataclass(frozen=True, slots=True)
class Criterion:
    """`[[criterion]]`: a rule set applied to a scope; `settings` are its own rule keys (dotted, value)."""

    id: str = key("recist11", "text", required=True)
    standard: str = key("recist11", "text", "recist11 irecist mrecist local-recurrence")
    scope: str = key("all", "text")
    last_scan_before: str = key("", "text", "'' resection procedure")
    mixed_response: bool = key(False, "flag")
    settings: tuple[tuple[str, RuleValue], ...] = key((), "settings")


@dataclass(frozen=True, slots=True)
class Ablation:
    """`[ablation]`: local treatment of the trial and how its zones are judged; distances in mm."""

    enabled: bool = key(False, "flag")
    techniques: tuple[str, ...] = key((), "words", "RFA MWA SBRT cryo IRE")
    max_procedures: int = key(0, "count", low="0")
    zone_baseline: str = key("first-adequate-scan", "text")
    recurrence_distance_mm: Decimal = key(Decimal(10), "decimal", low="0")
    min_margin_mm: Decimal = key(Decimal(5), "decimal", low="0")
    incomplete: str = key("separate", "text", "separate event exclude")
    units: tuple[str, ...] = key(("lesion", "patient"), "words", "lesion patient")
    stop_imaging_on_recurrence: bool = key(False, "flag")
    horizon_months: int = key(0, "count", low="0")


@dataclass(frozen=True, slots=True)
class Simon:
    """`[simon]`: the two-stage design."""

    enabled: bool = key(False, "flag")
    endpoint: str = key("", "text")
    p0: Decimal | None = key(None, "decimal", low="0", high="1", null=True)
    p1: Decimal | None = key(None, "decimal", low="0", high="1", null=True)
    alpha: Decimal = key(Decimal("0.05"), "decimal", low="0", high="0.5")
    power: Decimal = key(Decimal("0.80"), "decimal", low="0.5", high="1")
    kind: str = key("optimal", "text", "optimal minimax given")
    r1: int | None = key(None, "count", low="0", null=True)
    n1: int | None = key(None, "count", low="1", null=True)
    r: int | None = key(None, "count", low="0", null=True)
    n: int | None = key(None, "count", low="1", null=True)
    pending: str = key("wait", "text", "wait count-as-failure")
    adjusted_interval: str = key("jennison-turnbull", "text", "jennison-turnbull koyama-chen")


@dataclass(frozen=True, slots=True)
class Pro:
    """`[pro]`: the questionnaire."""

    instrument: str = key("", "text", "'' FHSI-8")
    items: int = key(0, "count", low="0")
    reverse: bool = key(True, "flag")
    min_answered: int = key(0, "count", low="0")
    threshold: Decimal = key(Decimal(0), "decimal", low="0")
    definitive: bool = key(False, "flag")
    death_is_event: bool = key(False, "flag")


@dataclass(frozen=True, slots=True)
class Toxicity:
    """`[toxicity]`: dictionary, windows and the dose-limiting toxicity."""

    dictionary: str = key("CTCAE", "text", "CTCAE")
    version: str = key("4.0", "text", "4.0 4.03 5.0")
    lag_days: int = key(30, "count", low="0")
    dlt_days: int = key(0, "count", low="0")
    dlt_min_grade: int = key(0, "count", low="0", high="5")
    dlt_min_grade_autoimmune: int = key(0, "count", low="0", high="5")
    dlt_relations: tuple[str, ...] = key((), "words", "unrelated unlikely possible probable definite")
    dlt_new_only: bool = key(True, "flag")


@dataclass(frozen=True, slots=True)
class Surgery:
    """`[surgery]`: planned resection and its gradings."""

    enabled: bool = key(False, "flag")
    day_min: int = key(0, "count", low="0")
    day_max: int = key(0, "count", low="0")
    followup_days: int = key(0, "count", low="0")
    gradings: tuple[str, ...] = key((), "words", "rubbia-brandt blazer")
    pathology_units: str = key("nodule", "text", "nodule patient")


@dataclass(frozen=True, slots=True)
class Censoring:
    """`[censoring]`: what censors a time to an event."""

    no_postbaseline: bool = key(True, "flag")
    missed_visits: bool = key(True, "flag")
    death_after_missed: str = key("censor", "text", "censor event")
    at_resection: bool = key(False, "flag")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`[[endpoint]]`: one table or figure of the analysis."""

    id: str = key("", "text", required=True)
    title: str = key("", "text")
    role: str = key("secondary", "text", "primary secondary objective exploratory")
    kind: str = key("", "text", "proportion duration time_to_event competing_risk table", required=True)
    criterion: str = key("", "text")
    population: str = key(
        "registered", "text", "registered eligible treated safety evaluable resected responders stable pro"
    )
    success: tuple[str, ...] = key((), "texts")
    start: str = key("registration", "text", "registration treatment_start procedure resection first_response")
    events: tuple[str, ...] = key(
        (), "words", "progression death local_recurrence recurrence non_resectability pro_deterioration"
    )
    censor: str = key("last_adequate_assessment", "text", "last_adequate_assessment last_known_alive last_form")
    horizon_months: int = key(0, "count", low="0")
    method: str = key("", "text", METHODS, required=True)
    supplement: str = key("", "text", "'' " + METHODS)
    conf_type: str = key("log-log", "text", "log-log log plain")
    conf_level: Decimal = key(Decimal("0.95"), "decimal", low="0.5", high="0.999")
    cutoff: str = key("final", "text")
    display: tuple[str, ...] = key(
        (),
        "words",
        "n n_censored percent ci simon umvue median range iqr mean sd curve at_risk at_12 at_24 crude "
        "evaluable events serious terms by_type residual cross_table",
    )
    by: tuple[str, ...] = key((), "words", "technique dose_level arm unit visit")


@dataclass(frozen=True, slots=True)
class ImportTable:
    """`[[import]]`: a table of clinical facts that the statistician's side expects."""

    table: str = key(
        "",
        "text",
        "patients local_treatment procedures adverse_events fhsi8 surgery pathology biomarkers",
        required=True,
    )
    columns: tuple[str, ...] = key((), "texts")
    required: bool = key(True, "flag")


@dataclass(frozen=True, slots=True)
class Export:
    """`[export]`: what leaves the program and how it is printed."""

    reader_csv: bool = key(True, "flag")
    tables: tuple[str, ...] = key(("csv", "html"), "words", "csv html")
    figures: tuple[str, ...] = key((), "words", "waterfall spider swimmer km cuminc forest")
    reader_labels: tuple[str, ...] = key(("R1", "R2", "ADJ"), "texts")
    percent_decimals: int = key(1, "count", low="0", high="3")
    month_decimals: int = key(1, "count", low="0", high="3")


@dataclass(frozen=True, slots=True)
class Protocol:
    """One version of a trial's protocol; `text` is the file as read, `sha256` its hash.

    Carried by every row.
    """

    trial: Trial
    schema: int = 1
    arms: tuple[Arm, ...] = (Arm(label="all"),)
    calendar: Calendar = Calendar()
    baseline: Baseline = Baseline()
    cutoffs: tuple[Cutoff, ...] = (Cutoff(),)
    visits: Visits = Visits()
    visit_list: tuple[Visit, ...] = ()
    reading: Reading = Reading()
    qc: Qc = Qc()
    precision: Precision = Precision()
    scopes: tuple[Scope, ...] = (Scope(label="all"),)
    criteria: tuple[Criterion, ...] = (Criterion(),)
    ablation: Ablation = Ablation()
    simon: Simon = Simon()
    pro: Pro = Pro()
    toxicity: Toxicity = Toxicity()
    surgery: Surgery = Surgery()
    censoring: Censoring = Censoring()
    endpoints: tuple[Endpoint, ...] = ()
    imports: tuple[ImportTable, ...] = ()
    export: Export = Export()
    rules: Rules = Rules()
    text: str = ""
    sha256: str = ""

    def scope(self, scope_id: str) -> Scope:
        """The scope of that id; raises KeyError."""
        for one in self.scopes:
            if one.id == scope_id:
                return one
        raise KeyError(scope_id)

    def criterion(self, criterion_id: str) -> Criterion:
        """The criterion of that id; raises KeyError."""
        for one in self.criteria:
            if one.id == criterion_id:
                return one
        raise KeyError(criterion_id)

    def visit(self, visit_id: str) -> Visit:
        """The planned visit of that id; raises KeyError."""
        for one in self.visit_list:
            if one.id == visit_id:
                return one
        raise KeyError(visit_id)

    def rules_of(self, criterion: Criterion) -> Rules:
        """The trial's rules with the criterion's own settings on top."""
        return self.rules.with_settings(dict(criterion.settings)) if criterion.settings else self.rules
