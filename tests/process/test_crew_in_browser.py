"""An ambulance's crew with a phone, while the dispatcher looks on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .asking import Person
from .browsing import PHONE


@pytest.mark.usefixtures("crew_is_free")
def test_a_crew_accepts_its_job_and_sets_out_and_the_dispatcher_sees_it(
    enter: Callable[..., Page], open_incident: Callable[..., int], colleague: Person
) -> None:
    states = colleague.get("/console/catalogue")["states"]["assignment"]
    incident = open_incident()
    dispatcher, crew = enter("dispatcher"), enter("crew", size=PHONE)
    crew.goto("/crew")
    dispatcher.goto("/dispatch")
    dispatcher.locator(f'#incidents button.row[data-id="{incident}"]').click()
    dispatcher.keyboard.press("/")
    dispatcher.keyboard.type("k . amb1")
    dispatcher.keyboard.press("Enter")
    job = dispatcher.locator("#jobs li", has_text="AMB-01")
    expect(job).to_contain_text(states["notified"])

    crew.locator("button[value=acknowledge]").click()
    expect(job).to_contain_text(states["acknowledged"])
    crew.locator("button[value=depart]").click()
    expect(job).to_contain_text(states["en_route"])
    expect(crew.locator("#job")).to_contain_text(f"#{incident}")
    expect(crew.locator("button[value=arrive]")).to_be_enabled()
