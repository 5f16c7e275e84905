"""Nodes that say the same, found once for a plan, so that a batch works each of them out once.

A formula is made of plain functions, and each call makes its leaves anew: more than half of a plan's nodes say what
another says. They stay apart in the plan, because an explanation and the digest of the law walk it as it was written.
"""

from greenlane.law.graph import CONSIGNMENT, Node


class Shared:
    """Remembers for each node the first that was met of those that say the same; a step says what it names."""

    def __init__(self) -> None:
        self._first: dict[tuple[object, ...], Node] = {}
        self._of: dict[Node, Node] = {}

    def of(self, node: Node) -> Node:
        """Return the node that stands for *node*; its operands too stand for others.

        Example:
            >>> from greenlane.law.graph import const, field
            >>> shared = Shared()
            >>> shared.of(field("freight") + 1) is shared.of(field("freight") + 1)
            True
            >>> shared.of(const(True)) is shared.of(const(1))
            False
        """
        found = self._of.get(node)
        if found is None:
            found = self._of[node] = self._find(node)
        return found

    def over(self, op: str, node: Node) -> Node:
        """Return the node that reduces an item value to its consignment: ``total`` or ``any`` of *node*."""
        return self._one(op, (self.of(node),), (), CONSIGNMENT)

    def _find(self, node: Node) -> Node:
        args = tuple(self.of(arg) for arg in node.args)
        return args[0] if node.op == "step" else self._one(node.op, args, node.data, node.level)

    def _one(self, op: str, args: tuple[Node, ...], data: tuple[object, ...], level: str) -> Node:
        # The kinds are part of the key because True equals 1.
        key = (op, args, data, tuple(map(type, data)), level)
        found = self._first.get(key)
        if found is None:
            found = self._first[key] = Node(op, args, data, level)
            self._of[found] = found
        return found
