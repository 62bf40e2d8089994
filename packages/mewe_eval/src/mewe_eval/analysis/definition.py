"""What a plan of analysis may say. The grammar for whoever writes one is in ``docs/analysis.md``."""

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen
from attrs.validators import ge, gt, le, lt, min_len
from mewe_core.kit.errors import Field, Invalid

from mewe_eval.statistics.screening import READING


class Better(Enum):
    """Which way a scale goes."""

    HIGHER = "higher"
    LOWER = "lower"


class Rule(Enum):
    """How a scale is made of its items."""

    SUM = "sum"
    MEAN = "mean"


class Method(Enum):
    """What a mixed model maximises: the restricted likelihood, or the likelihood."""

    REML = "REML"
    ML = "ML"


class Inference(Enum):
    """Where errors and degrees of freedom come from: Satterthwaite's approximation, Kenward and Roger's, cluster-robust CR2,
    or none (normal distribution)."""

    SATTERTHWAITE = "satterthwaite"
    KENWARD_ROGER = "kenward-roger"
    CR2 = "cr2"
    NORMAL = "normal"


class Heterogeneity(Enum):
    """How the variance between studies is estimated; FE: assumed to be none."""

    FE = "FE"
    DL = "DL"
    REML = "REML"
    PM = "PM"
    ML = "ML"
    HS = "HS"


class Adjustment(Enum):
    """How p-values of a family are adjusted."""

    HOLM = "holm"
    BENJAMINI_HOCHBERG = "benjamini-hochberg"


_LEVEL = (gt(0.5), lt(1.0))


@frozen
class Data:
    """How the table is to be read. ``missing``: texts that stand for no value; the empty one always does."""

    missing: tuple[str, ...] = ("NA",)
    separator: str | None = None
    decimal: str = "."
    levels: Mapping[str, tuple[str, ...]] = field(factory=dict)
    cut: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.decimal not in (".", ","):
            raise Invalid(Field("decimal", 'a "." or a ","'))
        if self.separator not in (None, ",", ";", "\t"):
            raise Invalid(Field("separator", 'a ",", a ";" or a tab'))


@frozen
class Scale:
    """A score made of columns. ``reverse`` items become lowest + highest - answer; ``minimum`` of the items must be there."""

    items: tuple[str, ...] = field(validator=min_len(1))
    lowest: float
    highest: float
    reverse: tuple[str, ...] = ()
    rule: Rule = Rule.SUM
    minimum: int | None = None
    instrument: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.lowest < self.highest:
            raise Invalid(Field("highest", "a number above lowest"))
        if unknown := [one for one in self.reverse if one not in self.items]:
            raise Invalid(Field("reverse", f'only names of items; "{unknown[0]}" is none'))
        if self.minimum is not None and not 1 <= self.minimum <= len(self.items):
            raise Invalid(Field("minimum", f"a whole number from 1 to {len(self.items)}"))


@frozen
class Long:
    """One row a wave from columns side by side; ``waves`` are the values of the column ``wave``, in each list's order."""

    wave: str
    waves: tuple[str, ...] = field(validator=min_len(1))
    columns: Mapping[str, tuple[str, ...]] = field(validator=min_len(1))
    person: str | None = None

    def __attrs_post_init__(self) -> None:
        for name, several in self.columns.items():
            if len(several) != len(self.waves):
                raise Invalid(Field(f"columns.{name}", f"{len(self.waves)} columns, one a wave"))


@frozen
class Imputation:
    """Multiple imputation before an analysis: ``sets`` completed tables, pooled by Rubin's rules.

    ``with_columns``: further columns of numbers that help to predict. ``delta``: added to each imputed value of the outcome,
    for all rows, or for those of ``delta_level`` of the column ``delta_group`` (sensitivity).
    """

    seed: int
    sets: int = field(default=20, validator=(ge(2), le(1000)))
    iterations: int = field(default=20, validator=(ge(1), le(1000)))
    with_columns: tuple[str, ...] = ()
    delta: float = 0.0
    delta_group: str | None = None
    delta_level: str | None = None


@frozen(kw_only=True)
class Analysis:
    """What analyses have in common. ``long``: which reshaped table it is of; the table itself, if None."""

    about: str = ""
    long: str | None = None
    level: float = field(default=0.95, validator=_LEVEL)


@frozen(kw_only=True)
class Describe(Analysis):
    """Numbers of people, mean, standard deviation and a confidence interval of columns, for each group if one is named."""

    columns: tuple[str, ...] = field(validator=min_len(1))
    by: str | None = None


@frozen(kw_only=True)
class Reliability(Analysis):
    """Alpha, omega, standard error of measurement of a scale."""

    scale: str


@frozen(kw_only=True)
class Quality(Analysis):
    """What is to be looked at before anybody relies on the table: every check that there are columns for.

    ``person``, ``site`` (several columns, if it takes them), ``wave``: whose a row is. ``scales``: whose items are looked at.
    ``stored``: by scale, the column of totals that came with the answers. ``seconds``: the column of how long a row's items
    took; ``fastest``: seconds an item. ``again``: columns of one measure, one time after the other; ``least_correlation`` of
    one time with the next (0.5 is our own choice), for scales of several items; a single question's need not be below 0.
    """

    person: str | None = None
    site: tuple[str, ...] = ()
    wave: str | None = None
    scales: tuple[str, ...] = ()
    stored: Mapping[str, str] = field(factory=dict)
    seconds: str | None = None
    fastest: float = field(default=READING, validator=gt(0.0))
    again: tuple[str, ...] = ()
    least_correlation: float = field(default=0.5, validator=(gt(-1.0), lt(1.0)))

    def __attrs_post_init__(self) -> None:
        if self.person is None and not (self.scales or self.stored or self.again):
            raise Invalid(Field("person", "something to look at: person, scales, stored or again"))
        if self.person is None and (self.site or self.wave is not None):
            raise Invalid(Field("person", "the column of people beside site and wave"))
        if self.long is not None:
            raise Invalid(Field("long", "no long form: lines are told, and those are of the table as it is"))
        if self.seconds is not None and not self.scales:
            raise Invalid(Field("scales", "the scales whose items took these seconds"))
        if len(self.again) == 1:
            raise Invalid(Field("again", "two columns or more"))


@frozen(kw_only=True)
class Change(Analysis):
    """Standardised mean change of the same people, for each group if one is named."""

    before: str
    after: str
    by: str | None = None


@frozen(kw_only=True)
class Difference(Analysis):
    """Cohen's d and Hedges' g between two groups."""

    outcome: str
    group: str
    groups: tuple[str, ...]

    def __attrs_post_init__(self) -> None:
        if len({*self.groups}) != 2 or len(self.groups) != 2:
            raise Invalid(Field("groups", "two levels, the first minus the second"))


@frozen(kw_only=True)
class ReliableChange(Analysis):
    """Who changed by more than the error of measurement (Jacobson and Truax), for each group if one is named."""

    before: str
    after: str
    better: Better
    reliability: float = field(validator=(gt(0.0), lt(1.0)))
    cut: float | None = None
    by: str | None = None


@frozen(kw_only=True)
class LinearModel(Analysis):
    """Ordinary regression; with ``cluster``, errors and degrees of freedom are cluster-robust (CR2).

    ``terms`` are columns, or several with colons between them (an interaction). ``imputation`` wants a cluster.
    """

    outcome: str
    terms: tuple[str, ...]
    cluster: str | None = None
    imputation: Imputation | None = None

    def __attrs_post_init__(self) -> None:
        if self.imputation is not None and self.cluster is None:
            raise Invalid(Field("imputation", "imputation beside a cluster: it respects clusters"))


@frozen(kw_only=True)
class MixedModel(Analysis):
    """A model with a random intercept for each cluster.

    ``terms`` as in a linear model. It uses every row that has its columns.
    """

    outcome: str
    terms: tuple[str, ...]
    cluster: str
    method: Method = Method.REML
    inference: Inference = Inference.SATTERTHWAITE


@frozen(kw_only=True)
class CovarianceAnalysis(Analysis):
    """ANCOVA: each outcome (one a wave) by group and baseline; with ``cluster`` a random intercept, and CR2 beside it."""

    outcomes: tuple[str, ...] = field(validator=min_len(1))
    baseline: str
    group: str
    covariates: tuple[str, ...] = ()
    cluster: str | None = None
    imputation: Imputation | None = None

    def __attrs_post_init__(self) -> None:
        if self.imputation is not None and self.cluster is None:
            raise Invalid(Field("imputation", "imputation beside a cluster: it respects clusters"))


@frozen(kw_only=True)
class Intraclass(Analysis):
    """The intraclass correlation of a column, and the design effect."""

    outcome: str
    cluster: str


@frozen(kw_only=True)
class Counts:
    """Columns of a two-by-two table of each study: events and others, of the treated and of those compared to."""

    treated_events: str
    treated_others: str
    control_events: str
    control_others: str
    measure: str = "log risk ratio"

    def __attrs_post_init__(self) -> None:
        if self.measure not in ("log risk ratio", "log odds ratio"):
            raise Invalid(Field("measure", '"log risk ratio" or "log odds ratio"'))


@frozen(kw_only=True)
class MetaAnalysis(Analysis):
    """Estimates of several studies together: from ``effect`` and ``variance`` (or ``error``), or from ``counts``."""

    study: str
    effect: str | None = None
    variance: str | None = None
    error: str | None = None
    counts: Counts | None = None
    method: Heterogeneity = Heterogeneity.REML
    hartung_knapp: bool = True

    def __attrs_post_init__(self) -> None:
        given = self.effect is not None and (self.variance is None) != (self.error is None)
        if given == (self.counts is not None):
            raise Invalid(Field("effect", "effect with either variance or error, or counts alone"))


@frozen(kw_only=True)
class Pooling(Analysis):
    """Estimates from imputed tables made elsewhere, one a row, by Rubin's rules."""

    estimate: str
    error: str
    by: str | None = None
    complete_df: float | None = None


@frozen(kw_only=True)
class Family(Analysis):
    """P-values adjusted together: a column of them, or the named figures of this plan (``analysis/figure``)."""

    column: str | None = None
    figures: tuple[str, ...] = ()
    method: Adjustment = Adjustment.HOLM

    def __attrs_post_init__(self) -> None:
        if (self.column is None) == (not self.figures):
            raise Invalid(Field("column", "a column, or figures, and not both"))


@frozen
class Plan:
    """How to read a table, scores and shapes made of it, and the analyses, each under its kind and a name of its own."""

    title: str = field(validator=min_len(1))
    version: str = field(validator=min_len(1))
    data: Data = field(factory=Data)
    scales: Mapping[str, Scale] = field(factory=dict)
    long: Mapping[str, Long] = field(factory=dict)
    quality: Mapping[str, Quality] = field(factory=dict)
    describe: Mapping[str, Describe] = field(factory=dict)
    reliability: Mapping[str, Reliability] = field(factory=dict)
    change: Mapping[str, Change] = field(factory=dict)
    difference: Mapping[str, Difference] = field(factory=dict)
    reliable_change: Mapping[str, ReliableChange] = field(factory=dict)
    linear_model: Mapping[str, LinearModel] = field(factory=dict)
    mixed_model: Mapping[str, MixedModel] = field(factory=dict)
    covariance_analysis: Mapping[str, CovarianceAnalysis] = field(factory=dict)
    intraclass: Mapping[str, Intraclass] = field(factory=dict)
    meta_analysis: Mapping[str, MetaAnalysis] = field(factory=dict)
    pooling: Mapping[str, Pooling] = field(factory=dict)
    family: Mapping[str, Family] = field(factory=dict)
