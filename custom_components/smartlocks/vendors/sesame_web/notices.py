"""What a person is told about calls that ran out."""

from homeassistant.core import callback

from ...first_edition import Issues
from .quota import Quota

_BUDGET = "sesame_web_budget"
_QUOTA = "sesame_web_quota"


class Notices:
    """Repair issues: polling has used its share, and the vendor answers nothing more."""

    def __init__(self, issues: Issues, quota: Quota) -> None:
        """Begin with all well."""
        self._issues = issues
        self._quota = quota

    @callback
    def async_paced(self, *, is_out: bool) -> None:
        """Take whether reading has stopped before its time."""
        if is_out:
            self._issues.async_raise(_BUDGET, budget=str(self._quota.budget))
        else:
            self._issues.async_clear(_BUDGET)

    @callback
    def async_answered(self) -> None:
        """Take that the vendor has answered."""
        self._issues.async_clear(_QUOTA)

    @callback
    def async_refused(self) -> None:
        """Take that the vendor says the month's calls are used up."""
        self._issues.async_raise(_QUOTA, is_error=True)
