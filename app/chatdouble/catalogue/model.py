"""A model: its limits, its behaviour and the shape of its answers."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, Literal

from chatdouble.catalogue.pricing import Overhead, Patches, Tiles

Encoding = Literal["o200k_base", "cl100k_base"]
Endpoint = Literal["chat", "responses", "completions", "embeddings", "moderations", "other"]
FunctionTools = Literal["always", "unasked", "unreasoned", "never"]
Logprobs = Literal["allowed", "forbidden", "unsupported"]
Responses = Literal["answered", "unsupported", "not_found"]

_LONG_CONTEXT: Final = 200_000


# Two are the same if they are one: to compare forty fields would take longer than what is remembered of a model.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Model:
    """One model of the catalogue, or an unknown name taken as a current general model.

    Attributes:
        id: The name as it was asked for.
        snapshot: The dated name that answers carry (models#snapshots).
        created: When it was made, in seconds since 1970.
        owned_by: Its owner, as `GET /models` says.
        known: Whether the catalogue has it.
        endpoint: Where it is served; all but `chat` are refused at /chat/completions.
        responses: Whether /responses answers it, does not support it, or does not find it (responses#models).
        encoding: Its tokenizer's vocabulary.
        context_window: Tokens it can read and write in all.
        max_output_tokens: Tokens it can write.
        max_n: The largest `n` it accepts.
        efforts: The values of `reasoning_effort` it accepts; empty: it does not reason.
        default_effort: The effort it reasons with when none is asked, if it reasons.
        unsupported: Parameters it knows and refuses ("Unsupported parameter").
        unknown: Parameters it does not know at all ("Unknown parameter").
        refused_roles: Message roles it refuses.
        strict_names: Whether it words unknown parameters with "Unknown parameter" (else "Unrecognized ...").
        reads_images: Whether it accepts image parts.
        reads_audio: Whether it accepts audio parts.
        reads_files: Whether it accepts file parts.
        speaks: Whether it can answer with audio.
        searches: Whether it searches the web.
        json_schema: Whether it knows response_format json_schema.
        has_logprobs_key: Whether its choices carry `logprobs: null` unasked.
        has_fingerprint: Whether `system_fingerprint` is set, else null.
        has_cache_write_tokens: Whether its usage counts cache_write_tokens.
        usage_details: How much detail its usage gives.
        json_object: Whether it knows response_format json_object.
        fixed: Parameters of which it supports the default value alone ("Unsupported value").
        incompatible: Parameters a search model refuses ("Model incompatible request argument").
        free_without_reasoning: Parameters it accepts after all when its effort is `none`.
        cache_retentions: The values of `prompt_cache_retention` it accepts; empty: it refuses the field.
        verbosities: The values of `verbosity` it accepts.
        input_limit: Tokens it can read, where that is less than the window; None: the window is the limit.
        function_tools: When it takes function tools here: always, while no effort is asked for, while it does not
            reason at all, or never.
        bare_image_urls: Whether `image_url` may be the URL itself.
        overhead: Tokens around the text.
        image_price: What an image costs.
        page_price: What a page of a PDF costs, beside its text.
        shutdown_date: The day on which the API stops serving it, as YYYY-MM-DD; None: none is announced.
        logprobs: Whether it may be asked for logprobs: it may, unless it reasons; nobody may (403); or it is made for
            sound, which has none.
        max_top_logprobs: The largest `top_logprobs` it accepts.
        unlisted_efforts: The efforts it accepts beside those that its messages list.
        refused_nulls: The optional parameters that it takes no null for.
        flex: Whether it is served in the tier `flex`.
        metadata_needs_store: Whether it takes `metadata` with `store` alone.
        names_tier: Whether its whole answers name the `service_tier`; its streams do.
        always_searches: Whether all its answers come from a search: those of a search model, not of a name that
            nobody knows.
        longest_text: The most characters of a message's text (rules#limits).
        shut_down_at: When the API stops serving it, in seconds since 1970: midnight, UTC, of that day.
        dimensions: The dimensions of its embeddings; 0: it makes none.
        shortens: Whether it makes embeddings of fewer dimensions.
    """

    id: str
    snapshot: str
    created: int
    owned_by: str
    known: bool
    endpoint: Endpoint
    encoding: Encoding
    context_window: int
    max_output_tokens: int
    max_n: int
    efforts: tuple[str, ...]
    default_effort: str | None
    unsupported: frozenset[str]
    unknown: frozenset[str]
    refused_roles: frozenset[str]
    strict_names: bool
    reads_images: bool
    reads_audio: bool
    reads_files: bool
    speaks: bool
    searches: bool
    json_schema: bool
    has_logprobs_key: bool
    has_fingerprint: bool
    has_cache_write_tokens: bool
    usage_details: Literal["full", "audio"]
    responses: Responses = "answered"
    json_object: bool = True
    fixed: frozenset[str] = frozenset()
    incompatible: frozenset[str] = frozenset()
    free_without_reasoning: frozenset[str] = frozenset()
    cache_retentions: tuple[str, ...] = ("in_memory", "24h")
    verbosities: tuple[str, ...] = ("low", "medium", "high")
    input_limit: int | None = None
    function_tools: FunctionTools = "always"
    bare_image_urls: bool = False
    overhead: Overhead = field(default_factory=Overhead)
    image_price: Patches | Tiles = field(default_factory=Tiles)
    page_price: int = 216
    shutdown_date: date | None = None
    logprobs: Logprobs = "allowed"
    max_top_logprobs: int = 20
    unlisted_efforts: tuple[str, ...] = ()
    refused_nulls: frozenset[str] = frozenset()
    flex: bool = True
    metadata_needs_store: bool = False
    names_tier: bool = True
    dimensions: int = 0
    shortens: bool = False

    always_searches: bool = field(init=False)
    longest_text: int = field(init=False)
    shut_down_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Note what follows from the rest."""
        object.__setattr__(self, "always_searches", self.searches and self.known)
        object.__setattr__(self, "longest_text", 1_048_576 if self.context_window <= _LONG_CONTEXT else 10_485_760)
        day = self.shutdown_date
        object.__setattr__(self, "shut_down_at", _begins(day) if day else float("inf"))

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints that serve it."""
        both = self.endpoint == "chat" and self.responses == "answered"
        return (self.endpoint, "responses") if both else (self.endpoint,)


def _begins(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
