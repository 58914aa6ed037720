"""Every fault, in the order of the quality table. To add one: a function and a line in its file's tuple."""

from bench.sim.faults.clocks import CLOCKS
from bench.sim.faults.edges import EDGES
from bench.sim.faults.forms import FORMS
from bench.sim.faults.notices import NOTICES
from bench.sim.faults.rows import ROWS
from bench.sim.faults.tables import TABLES
from bench.sim.stage import Fault

FAULTS: dict[str, Fault] = {fault.name: fault for fault in (*ROWS, *NOTICES, *EDGES, *CLOCKS, *FORMS, *TABLES)}
