"""Every error that the source can raise, as the lines a user could meet: read by `ast`, so that a new one is found without being listed."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path

from reconcile import errors
from reconcile.errors import ReconcileError
from reconcile.settings import Limits

SOURCE = Path(__file__).parents[2] / "reconcile"
NAMES = {n for n, c in vars(errors).items() if isinstance(c, type) and issubclass(c, ReconcileError)}
# A case of a batch that cannot be one carries the line for the table of failures, and raises nothing.
JOBS = ("Job", "replace")
# What a value is replaced by that is not known before a run; digits, for some blanks take numbers alone.
_FIRST, _DEEPEST, _MOST = 700_000, 12, 60
# What a format states of itself in its class, and the reader that it inherits says in an error.
STATED = ("what", "absent")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Raised:
    """One line that one call can make: where the call stands, and the line with a number for each value that only a run knows."""

    place: str
    line: str


@dataclass(slots=True)
class _Module:
    """What one pass over a module finds: calls with the function around each, functions, and what names are set to in each function."""

    calls: list[tuple[ast.Call, Function | None]] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    returned: dict[str, list[ast.expr]] = field(default_factory=dict)
    set_to: dict[tuple[str, str], list[ast.expr]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: ast.Module) -> "_Module":
        found = cls()
        waiting: list[tuple[ast.AST, Function | None]] = [(tree, None)]
        while waiting:
            node, within = waiting.pop()
            found._take(node, within)
            within = node if isinstance(node, Function) else within
            waiting += [(child, within) for child in _within(node)]
        return found

    def _take(self, node: ast.AST, within: Function | None) -> None:
        place = within.name if within is not None else ""
        match node:
            case ast.Call():
                self.calls.append((node, within))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self.functions[name] = node
            case ast.Return(value=ast.expr() as value):
                self.returned.setdefault(place, []).append(value)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                self.set_to.setdefault((place, name), []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for target, value in zip(names, values, strict=False):
                    self.set_to.setdefault((place, ast.unparse(target)), []).append(value)


class Sources:
    """All modules of the program, and what their calls give to the parameters of their functions."""

    def __init__(self, folder: Path = SOURCE) -> None:
        paths = sorted(folder.rglob("*.py"))
        self._modules = {p.relative_to(folder).as_posix(): _Module.of(ast.parse(p.read_text("utf-8"))) for p in paths}
        self._calls: dict[str, list[ast.Call]] = {}
        for call in (call for module in self._modules.values() for call, _ in module.calls):
            self._calls.setdefault(_called(call), []).append(call)
        self._numbers: dict[tuple[str, str], str] = {}
        self._told: list[tuple[str, Raised, ast.Call]] | None = None

    def lines(self) -> Iterator[Raised]:
        """Every line that a call of an error's class can make."""
        for name, module in self._modules.items():
            for call, within in module.calls:
                said = call.args[-1:] if _called(call) in NAMES else []
                if _called(call) in JOBS:
                    said = [k.value for k in call.keywords if k.arg == "problem"]
                for line in (line for value in said for line in self._texts(value, within, module)):
                    # A line that comes whole from elsewhere is found where it is made.
                    if not line.isdecimal():
                        yield Raised(f"{name}:{call.lineno}", line)

    def notes(self) -> Iterator[tuple[str, Raised]]:
        """Every line in words that a note says of itself, with the note's code: none of the material's words, and no bare values."""
        yield from ((code, told) for code, told, _ in self.told())

    def told(self) -> list[tuple[str, Raised, ast.Call]]:
        """What `notes` finds, each with the call that says it."""
        if self._told is None:
            self._told = list(self._find_told())
        return self._told

    def _find_told(self) -> Iterator[tuple[str, Raised, ast.Call]]:
        for name, module in self._modules.items():
            for call, within in module.calls:
                code = ast.unparse(call.args[0]) if call.args and isinstance(call.args[0], ast.Attribute) else ""
                for said in _beside(call, module) if code.startswith("NoteCode.") else ():
                    for line in self._texts(said, within, module):
                        if re.search(r"[a-z]{3}", line, re.IGNORECASE) and line != "utf-16":
                            yield code.removeprefix("NoteCode.").lower(), Raised(f"{name}:{call.lineno}", line), call

    def _unknown(self, node: ast.expr, within: Function | None) -> str:
        """A number of its own for each expression of a function: where it stands twice it is one value."""
        key = (within.name if within is not None else "", ast.unparse(node))
        return self._numbers.setdefault(key, str(_FIRST + len(self._numbers)))

    def _texts(self, node: ast.expr, within: Function | None, module: _Module, depth: int = _DEEPEST) -> list[str]:
        """What an expression can come to: its words, and a number for what only a run knows."""

        def inner(part: ast.expr) -> list[str]:
            return self._texts(part, within, module, depth - 1)

        match node if depth else None:
            case ast.Constant(value=str(text)):
                found = [text]
            case ast.JoinedStr(values=parts):
                found = _joined([inner(part) for part in parts])
            case ast.FormattedValue(value=value) | ast.Subscript(value=value, slice=ast.Slice()):
                found = inner(value)
            case ast.Call(func=ast.Attribute(attr="format"), args=[ast.Constant(value=str(text)), *rest]):
                found = _joined([[piece] for piece in _filled(text, [self._unknown(r, within) for r in rest])])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                found = _joined([inner(left), inner(right)])
            case ast.IfExp() | ast.BoolOp():
                found = [text for value in _choices(node) for text in inner(value)]
            case ast.Name(id=name) if within is not None:
                found = self._named(name, within, module, depth - 1)
            case ast.Attribute(value=ast.Name(id="self"), attr=attr) if attr in STATED:
                found = self._stated(attr)
            case ast.Call(func=ast.Attribute(attr="named" | "bound" as how), args=[ast.Constant(value=str(limit))]):
                found = [getattr(Limits(), how)(limit)]
            case ast.Call(func=ast.Name(id=name)) if name in module.functions and _is_text(module.functions[name]):
                found = self._returned(module.functions[name], module, depth - 1)
            case _:
                found = []
        return found or [self._unknown(node, within)]

    def _stated(self, name: str) -> list[str]:
        values = [v for module in self._modules.values() for v in module.set_to.get(("", name), [])]
        return [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]

    def _returned(self, inside: Function, module: _Module, depth: int) -> list[str]:
        values = module.returned.get(inside.name, [])
        return [text for value in values for text in self._texts(value, inside, module, depth) if text]

    def _named(self, name: str, within: Function, module: _Module, depth: int) -> list[str]:
        """What a name holds: what is assigned to it in the function, or what any call gives to the parameter."""
        texts_of = ast.JoinedStr | ast.Constant | ast.IfExp | ast.BinOp | ast.Call
        values = [
            v
            for v in module.set_to.get((within.name, name)) or module.set_to.get(("", name), [])
            if isinstance(v, texts_of)
        ]
        texts = [t for v in values for t in self._texts(v, within, module, depth)]
        if texts:
            return list(dict.fromkeys(texts))
        parameters = [a.arg for a in within.args.args if a.arg not in ("self", "cls")]
        given: list[str] = []
        if name in parameters:
            at = parameters.index(name)
            defaults = dict(zip(parameters[::-1], within.args.defaults[::-1], strict=False))
            for call in self._calls.get(within.name, []):
                value = call.args[at] if len(call.args) > at else defaults.get(name)
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    given.append(value.value)
                elif isinstance(value, ast.JoinedStr):
                    given += self._texts(value, None, module, depth)
        return list(dict.fromkeys(given)) or [self._unknown(ast.Name(name), within)]


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes right below one that may hold others, in order: sooner than `ast.iter_child_nodes`, which gives names too."""
    for value in vars(node).values():
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST) and not isinstance(child, ast.Name | ast.Constant | ast.expr_context):
                yield child


def _beside(call: ast.Call, module: _Module) -> list[ast.expr]:
    """What stands beside the note that a call makes: its own argument, or what the column that it names is made of."""
    at = {"Note": 2, "remarks": 2, "_add_note": 1}.get(_called(call))
    if at is not None:
        return call.args[at : at + 1]
    columns = [k.value for k in call.keywords if k.arg == "excerpt"] if _called(call) == "notes_of" else []
    names = {c.value for c in columns if isinstance(c, ast.Constant)}
    return [
        made.func.value
        for made, _ in module.calls
        if _called(made) == "alias"
        and isinstance(made.func, ast.Attribute)
        and isinstance(made.func.value, ast.Call)
        and [a.value for a in made.args if isinstance(a, ast.Constant)] == [*names][:1]
    ]


def _filled(text: str, values: list[str]) -> list[str]:
    pieces = text.split("{}")
    return [piece for pair in zip(pieces, [*values, ""], strict=False) for piece in pair]


def _called(call: ast.Call) -> str:
    return (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )


def _choices(node: ast.expr | None) -> list[ast.expr]:
    """The expressions of which one is the value."""
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else getattr(node, "values", [])


def _joined(each: list[list[str]]) -> list[str]:
    return ["".join(pieces) for pieces in islice(product(*each), _MOST)]


def _is_text(function: Function) -> bool:
    return isinstance(function.returns, ast.Name) and function.returns.id == "str"
