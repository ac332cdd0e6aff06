"""Expressions of a query: their text, and what of their truth rests on patterns."""

import itertools

from mikg.provenance.patterns import Condition, Expression, Group
from mikg.provenance.tokens import Tokens


class Conditions(Tokens):
    """Reads expressions; the group of an EXISTS is read by whoever knows groups."""

    def group(self) -> Group:
        raise NotImplementedError

    def constraint_begins(self) -> bool:
        token = self.token
        return (token.kind == "mark" and token.text == "(") or (
            token.kind in ("variable", "iri", "name", "word")
            and token.keyword not in ("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "GROUP")
        )

    def constraint(self) -> None:
        """Pass over a bracketed expression, a call, a variable, or [NOT] EXISTS with its group."""
        if self.eat("NOT"):
            pass
        if self.eat("EXISTS") or self.token.text == "(":
            self.skip_bracket()
        else:
            self.take()
            if self.token.text == "(":
                self.skip_bracket()

    def expression(self, first: int, after: int) -> Expression:
        return Expression(self.slice(first, after), self.condition(first, after))

    def condition(self, first: int, after: int) -> Condition:
        text = self.slice(first, after)
        if not self.has_exists(first, after):
            return Condition("plain", text)
        tokens = self.tokens
        for sign, kind in (("||", "or"), ("&&", "and")):
            cuts = [index for index in self.top(first, after) if tokens[index].text == sign]
            if cuts:
                bounds = itertools.pairwise([first - 1, *cuts, after])
                return Condition(kind, text, tuple(self.condition(left + 1, right) for left, right in bounds))
        top = list(self.top(first, after))
        if tokens[first].text == "(" and len(top) == 1:
            return self.condition(first + 1, after - 1)
        words = [tokens[index].keyword or tokens[index].text for index in top]
        if words in (["EXISTS", "{"], ["NOT", "EXISTS", "{"], ["!", "EXISTS", "{"], ["!", "NOT", "EXISTS", "{"]):
            negated = (words[0] == "!") != ("NOT" in words)
            return Condition("absent" if negated else "exists", text, (), (self.group_at(top[-1]),))
        groups = []
        index = first
        while index < after:
            if tokens[index].keyword == "EXISTS":
                groups.append(self.group_at(index + 1))
                saved, self.at = self.at, index + 1
                self.skip_bracket()
                index, self.at = self.at, saved
            else:
                index += 1
        return Condition("mixed", text, (), tuple(groups))

    def group_at(self, index: int) -> Group:
        saved, self.at = self.at, index
        group = self.group()
        self.at = saved
        return group
