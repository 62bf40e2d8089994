"""The seals of a feature's audit as they are kept: a table of their own, some hundreds of records a row.

So the unit that writes a record pays nothing for its seal, neither a column that is written twice nor an index.
"""

from mewe_core.kit.database import Executable, one_of
from mewe_core.kit.records import AUDIT, AUDIT_SEAL
from sqlalchemy import bindparam, func, insert, select

MOST = 500
"""How many records are sealed in one unit."""

_RECORD = tuple(AUDIT.c)
_SEAL = (AUDIT_SEAL.c.number, AUDIT_SEAL.c.positions, AUDIT_SEAL.c.chains)

BEFORE_ALL = -(2**63)
"""Behind this number stands every row of the chain."""

BEHIND: Executable = select(*_RECORD).where(AUDIT.c.position > bindparam("after")).order_by(AUDIT.c.position).limit(MOST)
"""The next records behind a position."""

AT: Executable = select(*_RECORD).where(one_of(AUDIT.c.position, "positions")).order_by(AUDIT.c.position)
"""The records at these positions, as far as they are there."""

LAST: Executable = select(*_SEAL).where(AUDIT_SEAL.c.number == select(func.max(AUDIT_SEAL.c.number)).scalar_subquery())
"""The last row of the chain."""

NEXT: Executable = select(*_SEAL).where(AUDIT_SEAL.c.number > bindparam("after")).order_by(AUDIT_SEAL.c.number).limit(1)
"""The row of the chain behind this one."""

UP_TO: Executable = (
    select(*_SEAL).where(AUDIT_SEAL.c.number <= bindparam("number")).order_by(AUDIT_SEAL.c.number.desc()).limit(1)
)
"""The row of the chain that holds the record of this number, or the last before it."""

KEEP_SEAL: Executable = insert(AUDIT_SEAL)
