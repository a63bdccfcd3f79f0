"""Places in a result that a person can come back to: signed, and bound to person, policy and question."""

from itsdangerous import BadSignature, URLSafeSerializer

from meiqia_search.acl.scope import Scope
from meiqia_search.errors import BadCursor
from meiqia_search.query.request import After, Search
from meiqia_search.query.wire import fingerprint


class Cursors:
    """Turns places into opaque texts and back."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeSerializer(secret, salt="cursor")

    def seal(self, after: After | None, scope: Scope, search: Search) -> str | None:
        """The place as a text that only this person can use, for this question."""
        if after is None:
            return None
        return str(self._signer.dumps([after.key, after.id, int(after.backwards), _binding(scope, search)]))

    def unseal(self, cursor: str, scope: Scope, search: Search) -> After:
        """The place.

        Raises:
            BadCursor: the text is damaged, or belongs to another person, policy or question.
        """
        try:
            read = self._signer.loads(cursor)
            key, last, backwards, binding = read
        except (BadSignature, ValueError, TypeError):
            raise BadCursor from None
        if cursor != self._signer.dumps(read):  # base64 writes some bytes in more than one way
            raise BadCursor
        if binding != _binding(scope, search):
            raise BadCursor("翻页位置属于另一次查询。请回到第一页重新开始。")
        return After(key, last, bool(backwards))


def _binding(scope: Scope, search: Search) -> str:
    return f"{scope.who.id}/{scope.version}/{fingerprint(search.where, search.sort)}"
