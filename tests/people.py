"""What the people of the tests may see."""

from meiqia_search.acl.policy import Policy, built_in
from meiqia_search.acl.principal import Principal
from meiqia_search.acl.scope import Scope, scope_for

POLICY = built_in("participant")


def scope_of(principal: Principal, policy: Policy = POLICY) -> Scope:
    """The scope of a principal under the built-in policy."""
    return scope_for(principal, policy)
