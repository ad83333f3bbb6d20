"""What can be broken in a module: each mutation changes one thing in its syntax tree."""

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

_COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_FUNCTIONS: Final = {"max": "min", "min": "max", "any": "all", "all": "any"}
# What is asked as a question by itself, so that "not" turns it round.
_QUESTIONS: Final = (ast.Name, ast.Attribute, ast.Call, ast.NamedExpr, ast.Await, ast.Subscript)
_TEXT: Final = (ast.JoinedStr, ast.Constant)
_SMALL: Final = 2
_LONGEST: Final = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """One change of a tree, and how to make it.

    `where` is the function, or the class, or empty for the module; `lines` are those of
    the statement it is in; `used_in` those that use the constant it sets. `number` tells
    equal changes in one function apart.
    """

    path: str
    where: str
    before: str
    after: str
    lines: range
    used_in: tuple[int, ...]
    is_in_function: bool
    apply: Callable[[], None]
    number: int = 1

    @property
    def change(self) -> str:
        """Return the change as one line of text."""
        number = "" if self.number == 1 else f" ({self.number})"
        return f"{self.before} → {self.after}{number}"

    @property
    def key(self) -> str:
        """Return a name that stays when lines move."""
        return f"{self.path} | {self.where} | {self.change}"


def mutations(tree: ast.Module, path: str) -> list[Mutation]:
    """Return every mutation of a module, in the order of its lines."""
    finder = _Finder(path, tree)
    finder.walk(tree)
    seen: Counter[str] = Counter()
    numbered = []
    for found in finder.found:
        seen[found.key] += 1
        numbered.append(replace(found, number=seen[found.key]))
    return numbered


@dataclass(slots=True)
class _Slot:
    """A place in the tree where a node stands."""

    parent: ast.AST
    name: str
    index: int | None = None

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.name, node)
        else:
            getattr(self.parent, self.name)[self.index] = node


class _Finder:
    """Walks through a tree and collects what can be changed."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.found: list[Mutation] = []
        self._path = path
        self._uses: dict[str, list[int]] = defaultdict(list)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self._uses[node.id].append(node.lineno)
        self._names: list[str] = []
        self._functions = 0
        self._statement: ast.stmt | None = None
        # Names that a function sets more than once: without one setting it still runs.
        self._set_again: list[set[str]] = [set()]
        self._is_message = False

    def walk(self, node: ast.AST) -> None:
        """Visit what is below a node."""
        for slot, child in _children(node):
            self._visit(slot, child)

    def _visit(self, slot: _Slot, node: ast.AST) -> None:
        if _is_skipped(node) or _is_docstring(slot, node):
            return
        before, message = self._statement, self._is_message
        if isinstance(node, ast.stmt):
            self._statement = node
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            self._inside(node)
        else:
            for after in self._changes(slot, node):
                self._add(slot, node, after)
            self._is_message = message or isinstance(node, ast.Raise | ast.JoinedStr)
            self.walk(node)
        self._statement, self._is_message = before, message

    def _inside(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        is_function = not isinstance(node, ast.ClassDef)
        self._names.append(node.name)
        self._set_again.append(_set_again(node) if is_function else set())
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # Defaults are made when the function is, before any test.
            self.walk(node.args)
        self._functions += is_function
        for index, child in enumerate(node.body):
            self._visit(_Slot(node, "body", index), child)
        self._set_again.pop()
        self._functions -= is_function
        self._names.pop()

    def _add(self, slot: _Slot, node: ast.AST, after: ast.AST) -> None:
        statement = self._statement or ast.Pass(lineno=1, col_offset=0)
        ast.copy_location(after, node if hasattr(node, "lineno") else statement)
        ast.fix_missing_locations(after)
        end = getattr(node, "end_lineno", None) or statement.lineno
        header = _end_of_header(statement)
        before, text = _texts(node, after)
        self.found.append(
            Mutation(
                path=self._path,
                where=".".join(self._names),
                before=before,
                after=text,
                lines=range(statement.lineno, max(min(end, header), statement.lineno) + 1),
                used_in=tuple(self._uses[_name_set_by(statement)]),
                is_in_function=bool(self._functions),
                apply=lambda: slot.put(after),
            )
        )

    def _changes(self, slot: _Slot, node: ast.AST) -> Iterator[ast.AST]:
        if isinstance(node, ast.stmt):
            yield from self._changed_statement(node)
        elif isinstance(node, ast.Constant):
            yield from self._changed_constant(node)
        elif isinstance(node, ast.Call):
            yield from _changed_call(node)
        elif isinstance(node, ast.match_case):
            yield ast.match_case(node.pattern, ast.Constant(value=False), node.body)
        elif isinstance(node, ast.expr):
            yield from _changed_expression(node)
        if _is_question(slot) and isinstance(node, _QUESTIONS):
            yield ast.UnaryOp(ast.Not(), node)

    def _changed_statement(self, node: ast.stmt) -> Iterator[ast.stmt]:
        match node:
            case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.Delete():
                yield ast.Pass()
            case ast.Return(value=ast.expr() as value) if not _is_nothing(value):
                yield ast.Return(ast.Constant(value=None))
            case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
                if self._functions and self._is_spared(target):
                    yield ast.Pass()
            case ast.AnnAssign(target=target, value=ast.expr()) if self._functions:
                if self._is_spared(target):
                    yield ast.Pass()
            case ast.Break():
                yield ast.Continue()
            case ast.Continue():
                yield ast.Break()
            case (
                ast.With(items=[ast.withitem(optional_vars=None)])
                | ast.AsyncWith(items=[ast.withitem(optional_vars=None)])
            ):
                yield ast.If(ast.Constant(value=True), node.body, [])

    def _is_spared(self, target: ast.expr) -> bool:
        """Return whether a function runs on when this is not set."""
        match target:
            case ast.Attribute() | ast.Subscript():
                return True
            case ast.Name(id=name):
                return name in self._set_again[-1]
        return False

    def _changed_constant(self, node: ast.Constant) -> Iterator[ast.expr]:
        match node.value:
            case bool(value):
                yield ast.Constant(value=not value)
            case int(value) | float(value):
                yield ast.Constant(value=value + 1 if value <= _SMALL else value * 2)
            case str(value) if value and not self._is_message:
                yield ast.Constant(value=f"XX{value}")
            case bytes(value) if value:
                yield ast.Constant(value=b"XX" + value)


def _children(node: ast.AST) -> Iterator[tuple[_Slot, ast.AST]]:
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "type_params", "ctx"}:
            continue
        if isinstance(value, ast.AST):
            yield _Slot(node, name), value
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, ast.AST):
                    yield _Slot(node, name, index), one


def _is_skipped(node: ast.AST) -> bool:
    """Return whether nothing is changed here: imports, types, and what is logged."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.TypeAlias() | ast.pattern():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="LOGGER")))):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__" | "__slots__")]):
            return True
    return False


def _is_docstring(slot: _Slot, node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return slot.name == "body"
    return False


def _is_question(slot: _Slot) -> bool:
    """Return whether what stands here is asked whether it is so."""
    match slot.parent:
        case ast.If() | ast.While() | ast.IfExp():
            return slot.name == "test"
        case ast.comprehension():
            return slot.name == "ifs"
        case ast.BoolOp():
            return slot.name == "values"
        case ast.match_case():
            return slot.name == "guard"
    return False


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in (None, False)


def _changed_expression(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare():
            yield from _changed_comparison(node)
        case ast.BoolOp(op=ast.And(), values=values):
            yield ast.BoolOp(ast.Or(), values)
        case ast.BoolOp(op=ast.Or(), values=values):
            yield ast.BoolOp(ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            if not isinstance(left, _TEXT) or not isinstance(right, _TEXT):
                yield ast.BinOp(left, _ARITHMETIC[type(op)](), right)
        case ast.Dict(keys=keys, values=values):
            for index, key in enumerate(keys):
                if key is not None:
                    yield ast.Dict(_without(keys, index), _without(values, index))


def _changed_comparison(node: ast.Compare) -> Iterator[ast.Compare]:
    for index, op in enumerate(node.ops):
        for other in _COMPARISONS[type(op)]:
            ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


def _changed_call(node: ast.Call) -> Iterator[ast.expr]:
    for index, keyword in enumerate(node.keywords):
        if keyword.arg not in {None, "default_factory"}:
            yield ast.Call(node.func, node.args, _without(node.keywords, index))
    if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        name = ast.Name(id=_FUNCTIONS[node.func.id], ctx=ast.Load())
        yield ast.Call(name, node.args, node.keywords)


def _without[T](items: list[T], index: int) -> list[T]:
    return [*items[:index], *items[index + 1 :]]


def _name_set_by(statement: ast.stmt) -> str:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def _set_again(function: ast.AST) -> set[str]:
    """Return the names that are set more than once, arguments counted."""
    counts: Counter[str] = Counter()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            counts[node.id] += 1
        elif isinstance(node, ast.arg):
            counts[node.arg] += 1
    return {name for name, count in counts.items() if count > 1}


def _end_of_header(statement: ast.stmt) -> int:
    """Return the last line of a statement, or of what comes before its body."""
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    end = statement.end_lineno or statement.lineno
    if not body:
        return end
    first = body[0]
    line: int = first.pattern.lineno if isinstance(first, ast.match_case) else first.lineno
    return max(line - 1, statement.lineno)


def _texts(before: ast.AST, after: ast.AST) -> tuple[str, str]:
    """Return what is changed and what it becomes, as short as it is clear."""
    match before, after:
        case ast.Dict(keys=keys, values=values), ast.Dict(keys=left):
            index = next(index for index, key in enumerate(keys) if key not in left)
            return f"{_short(keys[index])}: {_short(values[index])}", "left out"
        case ast.Call(keywords=keywords), ast.Call(keywords=left) if len(left) < len(keywords):
            gone = next(one for one in keywords if one not in left)
            return f"{_short(before.func)}({_short(gone)})", f"{gone.arg} left out"
        case _, ast.Pass():
            return _short(before), "left out"
        case ((ast.With() | ast.AsyncWith()), ast.If()):
            return _short(before), "without it"
        case _:
            return _short(before), _short(after)


def _short(node: ast.AST | None) -> str:
    """Return a node as text on one line, without the body of a statement that has one."""
    if node is None:
        return "**"
    if isinstance(node, ast.match_case):
        guard = "" if node.guard is None else f" if {ast.unparse(node.guard)}"
        return f"case {ast.unparse(node.pattern)}{guard}"
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    if isinstance(node, ast.With | ast.AsyncWith):
        return "with " + ", ".join(ast.unparse(item) for item in node.items)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
