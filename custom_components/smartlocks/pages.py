"""Runs a vendor's pages inside one of Home Assistant's flows."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from homeassistant.data_entry_flow import FlowHandler, FlowResult

from .vendors.base import (
    Account,
    Answers,
    FlowAbort,
    FlowError,
    Form,
    LockAccount,
    Menu,
    Options,
    Outcome,
    Page,
)

_PREFIX = "async_step_"

type Ending = Account | LockAccount | Options
type Step[R] = Callable[[Answers | None], Awaitable[R]]


class PageRunner[R: FlowResult[Any, Any]]:
    """Shows pages and takes their answers, until one of them is an ending.

    Home Assistant calls a flow's step by its name; the pages a flow has offered so far
    are its steps, and `step` finds them.
    """

    def __init__(
        self, flow: FlowHandler[Any, R, Any], finish: Callable[[Ending], Awaitable[R]]
    ) -> None:
        self._flow = flow
        self._finish = finish
        self._pages: dict[str, Page] = {}

    async def begin(self, page: Awaitable[Page]) -> R:
        """Show a first page that has to be asked for."""
        try:
            return self.show(await page)
        except FlowAbort as end:
            return self._abort(end)

    def show(self, page: Page) -> R:
        """Show a page; from now on it is a step of the flow."""
        self._pages[page.step_id] = page
        if isinstance(page, Form):
            return self._show_form(page)
        self._pages.update({offered.step_id: offered for offered in page.pages})
        return self._flow.async_show_menu(
            step_id=page.step_id,
            menu_options=[offered.step_id for offered in page.pages],
            description_placeholders=dict(page.placeholders),
        )

    def step(self, name: str) -> Step[R]:
        """Return the step of this method name; AttributeError when it is none of ours."""
        page = self._pages.get(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else None
        if page is None:
            raise AttributeError(name)
        return partial(self._run, page)

    async def _run(self, page: Page, answers: Answers | None) -> R:
        if isinstance(page, Menu) or answers is None:
            return self.show(page)
        try:
            return await self._go_on(await page.submit(answers))
        except FlowError as err:
            return self.show(replace(page, suggested=answers, error=err))
        except FlowAbort as end:
            return self._abort(end)

    async def _go_on(self, outcome: Outcome) -> R:
        if isinstance(outcome, Form | Menu):
            return self.show(outcome)
        return await self._finish(outcome)

    def _show_form(self, form: Form) -> R:
        error = form.error
        return self._flow.async_show_form(
            step_id=form.step_id,
            data_schema=self._flow.add_suggested_values_to_schema(form.schema, form.suggested),
            errors={} if error is None else {error.field: error.key},
            description_placeholders={
                **form.placeholders,
                **({} if error is None else error.placeholders),
            },
        )

    def _abort(self, end: FlowAbort) -> R:
        return self._flow.async_abort(reason=end.reason, description_placeholders=end.placeholders)
