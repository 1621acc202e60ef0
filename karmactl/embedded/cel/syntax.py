"""From the text of an expression to its tree, with the complaints of cel-go's parser about a text that is none."""

import re
from dataclasses import dataclass, field


class Fault(Exception):
    """What is wrong, and where in the text."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at, self.message = at, message


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text. `kind` is int, uint, float, string, bytes, name, end, or the symbol itself."""

    kind: str
    text: str
    at: int


@dataclass(slots=True)
class Tree:
    """A node: `kind` is literal, name, select, call, list, map, or message.

    `text` is the literal's type, the name, or the called function; `parts` are operands (of a call on an object, the
    object comes first and `is_method` holds, as it does for an optional selection); `at` is where complaints about it
    point, and `value` a literal as it is written.
    """

    kind: str
    text: str
    at: int
    parts: list["Tree"] = field(default_factory=list)
    is_method: bool = False
    value: str = ""


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n\f]+|//[^\n]*)
    |(?P<float>(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?))
    |(?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
    |(?P<int>0x[0-9a-fA-F]+|[0-9]+)
    |(?P<text>(?:[bB][rR]?|[rR][bB]?)?(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<symbol>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]{}])""",
    re.X | re.S,
)
_EXPECTED = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
)
_WORDS = {"true": "bool", "false": "bool", "null": "null_type"}
_RELATIONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "in"})
_RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
DEEPEST = 50


def _tokens(text: str) -> list[Token]:
    out, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Fault(at, f"Syntax error: token recognition error at: '{text[at]}'")
        kind, found = match.lastgroup or "", match[0]
        if kind == "text":
            kind = "bytes" if found[:2].lower() in ("b'", 'b"', "br", "rb") else "string"
        elif kind == "symbol" or found == "in":
            kind = found
        if kind != "space":
            out.append(Token(kind, found, at))
        at = match.end()
    return [*out, Token("end", "<EOF>", len(text))]


class Parser:
    """One text on its way to its tree."""

    def __init__(self, text: str) -> None:
        """Raises Fault for characters that are in no word."""
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def parse(self) -> Tree:
        """The tree; raises Fault."""
        found = self._expression()
        token = self._peek()
        if token.kind != "end":
            form = "extraneous" if self._tokens[self._next + 1].kind == "end" else "mismatched"
            raise Fault(token.at, f"Syntax error: {form} input '{token.text}' expecting <EOF>")
        return found

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _has(self, *kinds: str) -> bool:
        return self._peek().kind in kinds

    def _want(self, kind: str) -> Token:
        if not self._has(kind):
            token = self._peek()
            raise Fault(token.at, f"Syntax error: mismatched input '{token.text}' expecting '{kind}'")
        return self._take()

    def _expression(self) -> Tree:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Fault(self._peek().at, f"expression recursion limit exceeded: {DEEPEST}")
        found = self._binary(0)
        if self._has("?"):
            operator = self._take()
            chosen = self._binary(0)
            self._want(":")
            found = Tree("call", "_?_:_", operator.at, [found, chosen, self._expression()])
        self._depth -= 1
        return found

    def _binary(self, level: int) -> Tree:
        if level == len(_LEVELS):
            return self._unary()
        found = self._binary(level + 1)
        while self._has(*_LEVELS[level]):
            operator = self._take()
            name = "@in" if operator.kind == "in" else f"_{operator.text}_"
            found = Tree("call", name, operator.at, [found, self._binary(level + 1)])
        return found

    def _unary(self) -> Tree:
        if not self._has("!", "-"):
            return self._member()
        operator = self._take()
        count = 1
        while self._has(operator.kind):
            self._take()
            count += 1
        inner = self._member()
        if count % 2 == 0:
            return inner
        return Tree("call", "!_" if operator.kind == "!" else "-_", operator.at, [inner])

    def _member(self) -> Tree:
        found = self._primary()
        while self._has(".", "["):
            operator = self._take()
            is_optional = self._has("?")
            if is_optional:
                self._take()
            if operator.kind == "[":
                name = "_[?_]" if is_optional else "_[_]"
                found = Tree("call", name, operator.at, [found, self._expression()])
                self._want("]")
                continue
            word = self._peek()
            if word.kind not in ("name", "in"):
                raise Fault(word.at, f"Syntax error: no viable alternative at input '.{word.text}'")
            self._take()
            if self._has("("):
                at = self._take().at
                found = Tree("call", word.text, at, [found, *self._arguments(")")], is_method=True)
            else:
                found = Tree("select", word.text, operator.at, [found], is_method=is_optional)
        return found

    def _arguments(self, end: str) -> list[Tree]:
        out: list[Tree] = []
        while not self._has(end):
            if self._has("?"):
                self._take()
            out.append(self._expression())
            if end == "}":
                self._want(":")
                out.append(self._expression())
            if not self._has(","):
                break
            self._take()
        self._want(end)
        return out

    def _primary(self) -> Tree:
        token = self._peek()
        if token.kind in ("int", "uint", "float", "string", "bytes"):
            self._take()
            kind = "double" if token.kind == "float" else token.kind
            return Tree("literal", kind, token.at, value=token.text)
        if token.kind in ("(", "[", "{"):
            self._take()
            if token.kind == "(":
                inner = self._expression()
                self._want(")")
                return inner
            end, form = ("]", "list") if token.kind == "[" else ("}", "map")
            return Tree(form, "", token.at, self._arguments(end))
        if token.kind == ".":
            self._take()
            token = self._peek()
        if token.kind != "name":
            raise Fault(token.at, f"Syntax error: mismatched input '{token.text}' expecting {_EXPECTED}")
        self._take()
        if token.text in _WORDS:
            return Tree("literal", _WORDS[token.text], token.at, value=token.text)
        if token.text in _RESERVED:
            raise Fault(token.at, f"reserved identifier: {token.text}")
        if self._has("("):
            at = self._take().at
            return Tree("call", token.text, at, self._arguments(")"))
        return Tree("name", token.text, token.at)


_LEVELS = (("||",), ("&&",), tuple(sorted(_RELATIONS)), ("+", "-"), ("*", "/", "%"))
