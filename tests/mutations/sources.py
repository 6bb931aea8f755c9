"""Finds functions in Rust sources, and patterns in their bodies, wherever both are."""

import re
from dataclasses import dataclass
from pathlib import Path

# Comments, strings and characters, which may have braces in them. A lifetime is no character.
HIDDEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/"""
    r"""|b?r(?P<hashes>\#*)".*?"(?P=hashes)|b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\\n]|\\[^\n]+?)'""",
    re.DOTALL,
)
# The head of a scope: a function, a module, a trait, or an `impl` at the start of an item.
ITEM = re.compile(
    r"\bfn\s+(?P<function>\w+)|\bmod\s+(?P<module>\w+)|\btrait\s+(?P<trait>\w+)"
    r"|(?<![^\s;{}\]])impl\b(?P<impl>[^;{]*)(?=\{)"
)
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\w+|…|\S')


@dataclass
class Function:
    path: Path
    # The folders, the file, modules and the type around it, and its name.
    names: list[str]
    # The positions in the file at which its body begins and ends.
    start: int
    end: int

    def is_called(self, name):
        """`bus::order::sort` and `order::sort` are the function `sort` of bus/order.rs; `Tables::get` is a method."""
        *around, own = name.split("::")
        names = iter(self.names[:-1])
        return own == self.names[-1] and all(any(part in (n, base(n)) for n in names) for part in around)


class Sources:
    """The libraries of a work tree, without their unit tests."""

    def __init__(self, tree):
        self.files = {}
        self.functions = []
        for path in sorted(tree.glob("eventful-*/src/**/*.rs")):
            if path.name != "tests.rs" and "tests" not in path.relative_to(tree).parts:
                text = path.read_text()
                self.files[path] = text
                module = path.relative_to(tree).with_suffix("").parts
                self.functions += functions(path, text, [part for part in module if part != "src"])

    def find(self, function, pattern):
        """Each match of `pattern` in the functions with the name `function`, or in all sources without a name."""
        if function is None:
            places = [(path, 0, len(text)) for path, text in self.files.items()]
        else:
            places = [(f.path, f.start, f.end) for f in self.functions if f.is_called(function)]
        matches = compiled(pattern).finditer
        return [(path, match) for path, start, end in places for match in matches(self.files[path], start, end)]

    def has(self, function):
        return any(f.is_called(function) for f in self.functions)


def compiled(pattern):
    """Any space may be between two tokens, and a comma before a closing bracket; `…` is any text within a statement."""
    expression = ""
    for token in TOKEN.findall(pattern):
        if expression:
            expression += r"\s*,?\s*" if token in ")]}" else r"\s*"
        expression += r"([^;{}]*)" if token == "…" else re.escape(token)
    if re.match(r"\w", pattern):
        expression = r"\b" + expression
    return re.compile(expression)


def functions(path, text, around):
    code = HIDDEN.sub(lambda hidden: re.sub(r"[^\n]", " ", hidden[0]), text)
    found = []
    # The scopes that are open, by their ends.
    scopes = [(len(code), around)]
    for item in ITEM.finditer(code):
        while item.start() >= scopes[-1][0]:
            scopes.pop()
        start = body(code, item.end())
        if start is None:
            continue
        end = closing(code, start)
        name = item["function"] or item["module"] or item["trait"] or implementor(item["impl"])
        names = scopes[-1][1] + [name]
        scopes.append((end, names))
        if item["function"]:
            found.append(Function(path, names, start, end))
    return found


def body(code, position):
    """The position of the next brace, unless a semicolon outside of brackets comes first."""
    depth = 0
    for position in range(position, len(code)):
        character = code[position]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "{" and depth == 0:
            return position
        elif character == ";" and depth == 0:
            return None
    return None


def closing(code, start):
    depth = 0
    for brace in re.finditer(r"[{}]", code[start:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return start + brace.start()
    return len(code)


def implementor(head):
    """`Type<T>`, without spaces, for the head `<T> Trait for Type<T> where …`."""
    head = re.split(r"\bwhere\b", head)[0]
    parts = re.split(r"\bfor\b(?!\s*<)", head)
    if len(parts) == 1 and head.startswith("<"):
        depth = 0
        for position, character in enumerate(head):
            depth += (character == "<") - (character == ">" and head[position - 1] != "-")
            if depth == 0:
                parts = [head[position + 1 :]]
                break
    return re.sub(r"\s", "", parts[-1])


def base(name):
    """`Type` for `path::Type<T>`."""
    return name.split("<")[0].rsplit("::")[-1]
