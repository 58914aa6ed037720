"""The value of a formula that a spreadsheet program computed when it opened a file."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException

from reconcile.patterns import lazy_pattern

FORMULA = lazy_pattern(r"=[\d.+\-*/() ]{1,60}")
_OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def is_value(formula: str, shown: str) -> bool:
    """Whether a text is the value of a formula of plain numbers, to as many figures as it shows."""
    if not FORMULA.fullmatch(formula):
        return False
    try:
        value, told = _value_of(ast.parse(formula[1:].strip(), mode="eval").body), Decimal(shown)
        return value.quantize(told) == told
    except (SyntaxError, ValueError, DecimalException):
        return False


def _value_of(node: ast.expr) -> Decimal:
    """The value of sums and products; ValueError for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Decimal(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value_of(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value_of(node.left), _value_of(node.right))
    raise ValueError


__all__ = ["FORMULA", "is_value"]
