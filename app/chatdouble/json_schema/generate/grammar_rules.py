"""The rules of a lark grammar, rewritten before lark writes out what they repeat, leave out or choose from.

Lark makes an alternative of each combination of the optional parts of a rule: twenty of them are a million. Here, each
such part becomes a rule of its own, so that the rules of a grammar are about as large as its text. Where a part would
still be too large, such as an endless template, only the alternatives without it are left.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from lark import Tree
from lark.grammar import NonTerminal, Terminal

PART: Final = "part "
"""The beginning of the names of rules for parts of others. No name in a grammar has a space."""
_NO_TEXT: Final = "no text"
_ALTERNATIVES: Final = 1000
"""The alternatives that are enough for a rule or a terminal."""
_INSTANCES: Final = 200
"""The uses of templates, beyond which templates use no others."""

Rule = tuple[str, Sequence[str], Any, Any]
"""A rule as lark loads it: its name, its parameters, its alternatives and its options."""


def simplify(grammar: Any) -> None:
    """Rewrite the rules and terminals of a grammar that lark has loaded.

    The new grammar has the same texts, or some of them if it has many.
    """
    for node in _bottom_up(Tree("terminals", [tree for _name, (tree, _priority) in grammar.term_defs])):
        node.children = _enough(node.children) if node.data == "expansions" else node.children
    parts = _Parts()
    for _name, _parameters, tree, options in (rules := _Instances(grammar.rule_defs).rules()):
        parts.replace(tree, options)
    grammar.rule_defs = rules + parts.rules
    # The others, of which these are made, would be compiled as well.
    used = {*grammar.ignore, *_terminals(tree for _name, _parameters, tree, _options in grammar.rule_defs)}
    grammar.term_defs = [one for one in grammar.term_defs if one[0] in used]


def _terminals(trees: Iterable[Any]) -> Iterator[str]:
    for node in _bottom_up(Tree("rules", [*trees])):
        yield from (child.name for child in node.children if isinstance(child, Terminal))


class _Instances:
    """Rules for the uses of templates, in place of the templates."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._templates = {rule[0]: rule for rule in rules if rule[1]}
        self._rules = [rule for rule in rules if not rule[1]]
        self._names: dict[Any, str] = {}

    def rules(self) -> list[Rule]:
        """Return the rules without templates.

        Raises:
            KeyError: A rule is used as a template.
        """
        if not self._templates:
            return self._rules
        written = len(self._rules)
        for at, (_name, _parameters, tree, _options) in enumerate(self._rules):
            may_add = at < written or len(self._rules) < written + _INSTANCES
            for node in _bottom_up(tree):
                used = node.children[0] if node.data == "value" else None
                if isinstance(used, Tree) and used.data == "template_usage":
                    node.children = [NonTerminal(self._instance(used) if may_add else _NO_TEXT)]
        return [*self._rules, (_NO_TEXT, (), _rule_of(Tree("value", [NonTerminal(_NO_TEXT)])), None)]

    def _instance(self, used: Any) -> str:
        """Return the name of the rule for a use of a template."""
        if used not in self._names:
            name, parameters, tree, options = self._templates[used.children[0].name]
            arguments = dict(zip(parameters, used.children[1:], strict=True))
            self._names[used] = f"{name} {len(self._names)}"
            self._rules.append((self._names[used], (), _filled(tree, arguments), options))
        return self._names[used]


def _filled(tree: Any, arguments: dict[str, Any]) -> Any:
    """Return a copy of the tree of a template, with arguments for its parameters."""
    copies: dict[int, Any] = {}
    for node in _bottom_up(tree):
        children: list[Any] = [copies.get(id(child), child) for child in node.children]
        named = children[0] if node.data in ("value", "template_usage") else None
        if isinstance(named, NonTerminal) and named.name in arguments:
            children[:1] = arguments[named.name].children
        copies[id(node)] = Tree(node.data, children)
    return copies[id(tree)]


class _Parts:
    """Rules for the parts of others that have alternatives.

    Attributes:
        rules: The rules.
    """

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._names: dict[Any, str] = {}

    def replace(self, tree: Any, options: Any) -> None:
        """Put names of rules for parts of a rule's alternatives."""
        for node in _bottom_up(tree):
            if node.data == "expansions":
                # Aliases (`-> name`) name branches of the parse tree and do not affect the text. The API accepts a
                # rule with the same alternative with and without an alias (requests#tools), which lark rejects.
                node.children = _enough([one.children[0] if one.data == "alias" else one for one in node.children])
            elif node.data == "expansion":
                node.children = [new for child in node.children for new in self._in_sequence(child, options)]
            elif node.data == "expr":
                node.children[0] = self._single(node.children[0], options)

    def _in_sequence(self, part: Any, options: Any) -> list[Any]:
        if part.data == "expansions" and len(part.children) == 1:
            inner: list[Any] = part.children[0].children
            return inner
        return [part] if part.data == "expr" and part.children[1] == "+" else [self._single(part, options)]

    def _single(self, part: Any, options: Any) -> Any:
        """Return a name for a part, or the part if it is a name or a literal."""
        while part.data == "expansions" and len(part.children) == len(part.children[0].children) == 1:
            part = part.children[0].children[0]
        if part.data == "value":
            return part
        if part not in self._names:
            self._names[part] = f"{PART}{len(self._names)}"
            tree = part if part.data == "expansions" else _rule_of(part)
            self.rules.append((self._names[part], (), tree, options))
        return Tree("value", [NonTerminal(self._names[part])])


def _rule_of(part: Any) -> Any:
    return Tree("expansions", [Tree("expansion", [part])])


def _enough(alternatives: list[Any]) -> list[Any]:
    """Return some of very many alternatives, if those of terminals alone are enough."""
    if len(alternatives) <= _ALTERNATIVES:
        return alternatives
    plain = [one for one in alternatives if not any(map(_has_rule, one.children))]
    return plain[:_ALTERNATIVES] if len(plain) >= _ALTERNATIVES else alternatives


def _has_rule(part: Any) -> bool:
    return part.data != "value" or isinstance(part.children[0], NonTerminal)


def _bottom_up(tree: Any) -> Iterator[Any]:
    """Yield each node of a tree once, after those below it. Trees of terminals share some of theirs."""
    ordered: dict[int, Any] = {}
    waiting = [(tree, False)]
    while waiting:
        node, is_last = waiting.pop()
        if is_last:
            ordered[id(node)] = node
        elif id(node) not in ordered:
            waiting.append((node, True))
            waiting += [(child, False) for child in reversed(node.children) if isinstance(child, Tree)]
    yield from ordered.values()
