"""Every route there is, and who may call it. What is not here is 404, whatever the libraries beneath offer."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from serving.keys import ROLES, Role
from serving.problems import ProblemError, invalid_at

ASK: frozenset[Role] = frozenset({"platform", "officer", "admin"})
RECORD: frozenset[Role] = frozenset({"platform", "officer", "data", "admin"})
ANY_ROLE: frozenset[Role] = frozenset(ROLES)
SCREEN: frozenset[Role] = frozenset({"platform", "task_force", "admin"})
MANAGE: frozenset[Role] = frozenset({"data", "admin"})


@dataclass(frozen=True)
class Route:
    """One call of the contract.

    Attributes:
        path: a segment in braces matches any one segment.
        roles: who may call it; empty = everybody, without a key.
        remembers: whether an `Idempotency-Key` is honoured.
        query: names that may stand in the query; others are refused where a key is needed.
    """

    method: str
    path: str
    roles: frozenset[Role] = frozenset()
    remembers: bool = False
    query: tuple[str, ...] = ()

    @property
    def takes_body(self) -> bool:
        return self.method == "POST"

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def fits(self, path: str) -> bool:
        """Whether `path` is one that this route answers."""
        mine, theirs = self.path.split("/"), path.split("/")
        return len(mine) == len(theirs) and all(
            (given if wanted.startswith("{") else given == wanted) for wanted, given in zip(mine, theirs, strict=True)
        )


ROUTES = (
    Route("POST", "/v1/score", ASK, remembers=True),
    Route("POST", "/v1/match", ASK, remembers=True),
    Route("POST", "/v1/screen", SCREEN),
    Route("POST", "/v1/outcomes", ASK, remembers=True),
    Route("GET", "/v1/decisions/{decision_id}", RECORD),
    Route("GET", "/v1/products", ANY_ROLE, query=("on", "bank", "category")),
    Route("GET", "/v1/features", ANY_ROLE),
    Route("GET", "/v1/models", ANY_ROLE),
    Route("POST", "/v1/models/reload", MANAGE),
    Route("GET", "/livez"),
    Route("GET", "/readyz"),
    Route("GET", "/docs.json"),
)


def find_route(method: str, path: str) -> Route:
    """The route of a request.

    Raises:
        ProblemError: 404 when no route has the path, 405 when none has the method there.
    """
    at_path = [route for route in ROUTES if route.fits(path)]
    if not at_path:
        raise ProblemError("not_found", f"got path {path[:200]!r}, expected one of those in /docs.json")
    for route in at_path:
        if route.method == method:
            return route
    allowed = ", ".join(route.method for route in at_path)
    raise ProblemError(
        "method_not_allowed", f"got {method} {path[:200]}, expected {allowed}", headers={"Allow": allowed}
    )


def check_query(route: Route, query: bytes) -> None:
    """Refuse a parameter that would be ignored: a misspelt filter must not return everything.

    Raises:
        ProblemError: 422 with the first unknown name.
    """
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in route.query:
            expected = ", ".join(route.query) or "none"
            raise invalid_at(name[:80], f"unknown query parameter; expected: {expected}")
