"""How a demo ticket goes on after it was registered: who does what, after how much working time."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from random import Random

MINUTE, HOUR = 60, 3600


class Move(Enum):
    """One thing that somebody does on a ticket."""

    CLASSIFY = auto()
    ANSWER = auto()
    START = auto()
    NOTE = auto()
    ASK = auto()
    REPLY = auto()
    RESUME = auto()
    DEVELOP = auto()
    CLOSE = auto()
    CLOSE_BY_CUSTOMER = auto()
    WITHDRAW = auto()
    COMPLAIN = auto()
    REOPEN = auto()


class Ending(StrEnum):
    """How far a story has come when it ends."""

    NEW = "NEW"
    IN_PROGRESS = "IN_PROGRESS"
    WAITING_FOR_CUSTOMER = "WAITING_FOR_CUSTOMER"
    WAITING_FOR_DEVELOPMENT = "WAITING_FOR_DEVELOPMENT"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    REOPENING_ASKED = "REOPENING_ASKED"


@dataclass(frozen=True, slots=True)
class Step:
    """`seconds` of working time after the step before. An answer has a `share` instead: of the time that the
    agreement leaves for it, more than 1 being late.
    """

    move: Move
    seconds: int = 0
    share: float | None = None


M = Move
WAIT = (M.ASK, M.REPLY, M.RESUME)
SHAPES: dict[Ending, tuple[tuple[int, tuple[Move, ...]], ...]] = {
    Ending.NEW: ((1, ()),),
    Ending.IN_PROGRESS: (
        (3, (M.ANSWER, M.START)),
        (2, (M.ANSWER, M.START, M.NOTE)),
        (2, (M.ANSWER, M.START, *WAIT)),
        (1, (M.START,)),
    ),
    Ending.WAITING_FOR_CUSTOMER: ((2, (M.ANSWER, M.START, M.ASK)), (1, (M.ASK,))),
    Ending.WAITING_FOR_DEVELOPMENT: (
        (2, (M.ANSWER, M.START, M.NOTE, M.DEVELOP)),
        (1, (M.ANSWER, M.START, *WAIT, M.DEVELOP)),
    ),
    Ending.CLOSED: (
        (8, (M.ANSWER, M.START, M.CLOSE)),
        (4, (M.ANSWER, M.CLOSE)),
        (6, (M.ANSWER, M.START, *WAIT, M.CLOSE)),
        (4, (M.ANSWER, M.START, M.NOTE, M.DEVELOP, M.RESUME, M.CLOSE)),
        (3, (M.ANSWER, M.START, M.ASK, M.CLOSE_BY_CUSTOMER)),
        (2, (M.CLOSE,)),
        (1, (M.WITHDRAW,)),
        (2, (M.ANSWER, M.START, M.CLOSE, M.COMPLAIN, M.REOPEN, M.CLOSE)),
    ),
    Ending.REOPENED: ((1, (M.ANSWER, M.START, M.CLOSE, M.COMPLAIN, M.REOPEN)),),
    Ending.REOPENING_ASKED: ((1, (M.ANSWER, M.START, M.CLOSE, M.COMPLAIN)),),
}
DELAYS: dict[Move, tuple[int, int]] = {
    M.CLASSIFY: (1 * MINUTE, 4 * MINUTE),
    M.START: (1 * MINUTE, 40 * MINUTE),
    M.NOTE: (5 * MINUTE, 50 * MINUTE),
    M.ASK: (10 * MINUTE, 3 * HOUR),
    M.REPLY: (20 * MINUTE, 20 * HOUR),
    M.RESUME: (5 * MINUTE, 2 * HOUR),
    M.DEVELOP: (30 * MINUTE, 4 * HOUR),
    M.CLOSE: (20 * MINUTE, 9 * HOUR),
    M.CLOSE_BY_CUSTOMER: (1 * HOUR, 24 * HOUR),
    M.WITHDRAW: (5 * MINUTE, 40 * MINUTE),
    M.COMPLAIN: (2 * HOUR, 24 * HOUR),
    M.REOPEN: (10 * MINUTE, 2 * HOUR),
}
LATE = 0.1
SLOW = 0.12
SLOWER = 5


def story(random: Random, ending: Ending, *, classified: bool) -> tuple[Step, ...]:
    """A story that comes to the ending; the vendor judges the ticket first where it is `classified`."""
    weights, shapes = zip(*SHAPES[ending], strict=True)
    moves: tuple[Move, ...] = random.choices(shapes, weights)[0]
    # An untouched or withdrawn ticket was not judged either.
    judged = classified and bool(moves) and moves[0] is not Move.WITHDRAW
    slow = random.random() < SLOW
    steps = [_step(random, move, first=not place, slow=slow) for place, move in enumerate(moves)]
    return (*([_step(random, Move.CLASSIFY)] if judged else []), *steps)


def _step(random: Random, move: Move, *, first: bool = False, slow: bool = False) -> Step:
    # Who closes at once answers by doing so.
    if move is Move.ANSWER or (first and move is Move.CLOSE):
        late = random.random() < LATE
        return Step(move, share=random.uniform(1.05, 1.8) if late else random.uniform(0.05, 0.8))
    shortest, longest = DELAYS[move]
    seconds = random.randint(shortest, longest)
    return Step(move, seconds * SLOWER if slow and move is Move.CLOSE else seconds)
