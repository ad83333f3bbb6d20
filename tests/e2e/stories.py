"""What a person does in the demo, from the first dialog on, and what must be seen then."""

import json

from playwright.async_api import Locator, expect

from tests.simulators import sesame_v3, sesame_web, the_keys

from .browser import Window
from .dialogs import Dialog, add_integration, change_lock, entry_row, from_page
from .pictures import Album, Film
from .world import World

# The buttons of a lock's tile, in their order.
LOCK, UNLOCK = 0, 1

# Setting up.


async def set_up_loqed(window: Window, world: World, album: Album) -> None:
    """Paste nonsense, then the integration information."""
    dialog = await add_integration(window)
    await album.take(window, "add-integration")
    await dialog.choose("loqed")
    await dialog.choose("loqed_paste")
    told = await world.simulators["loqed"].call("integration_information")
    good = {"integration_information": json.dumps(told), "name": "Front door", "can_open": True}
    for name, value in good.items():
        await dialog.fill(name, value)
    await album.take(window, "loqed-paste")
    await dialog.submit(integration_information="[[[[")
    await dialog.refused("loqed_not_an_information")
    await album.take(window, "loqed-refused")
    await dialog.submit(**good)
    await dialog.finish()


async def set_up_the_keys(window: Window, world: World, album: Album) -> None:
    """Mistake the password, then choose the locks of the account."""
    dialog = await add_integration(window)
    await dialog.choose("the_keys")
    await dialog.choose("the_keys_account")
    await dialog.submit(phone=the_keys.PHONE, password="not this one")
    await dialog.refused("the_keys_login_refused")
    await album.take(window, "the-keys-refused")
    await dialog.submit(phone=the_keys.PHONE, password=the_keys.PASSWORD)
    await dialog.fill("locks", ["Front door", "Back door"])
    await album.take(window, "the-keys-locks")
    await dialog.submit()
    await dialog.finish()


async def set_up_sesame_web(window: Window, world: World, album: Album) -> None:
    """Mistype the UUID, then add a Sesame 5."""
    dialog = await add_integration(window)
    await dialog.choose("sesame_web")
    await dialog.submit(api_key=sesame_web.API_KEY)
    await dialog.choose("sesame_web_device_uuid")
    await dialog.fill("name", "Front door")
    await dialog.fill("uuid", sesame_web.SESAME_5)
    await dialog.fill("secret", sesame_web.SECRETS[sesame_web.SESAME_5])
    await album.take(window, "sesame-web-device")
    await dialog.submit(uuid="5E5A0005")
    await dialog.refused("sesame_web_not_a_uuid")
    await dialog.submit(uuid=sesame_web.SESAME_5)
    await dialog.finish()


async def set_up_sesame_v3(window: Window, world: World, album: Album) -> None:
    """Enter a wrong API key, then the right one."""
    dialog = await add_integration(window)
    await dialog.choose("sesame_v3")
    await dialog.fill("api_key", sesame_v3.API_KEY)
    await album.take(window, "sesame-v3-key")
    await dialog.submit(api_key="not a key")
    await dialog.refused("sesame_v3_key_refused")
    await dialog.submit(api_key=sesame_v3.API_KEY)
    await dialog.finish()


SET_UP = {
    "loqed": set_up_loqed,
    "the_keys": set_up_the_keys,
    "sesame_web": set_up_sesame_web,
    "sesame_v3": set_up_sesame_v3,
}


# Living with it.


async def lock_unlock_and_open(window: Window, world: World, album: Album) -> None:
    """Press the buttons of the dashboard."""
    device = world.lock("loqed")
    await window.open("/smart-locks/locks")
    await album.take(window, "dashboard")
    tile = await lock_tile(window, device.lock)
    commands = tile.locator("hui-lock-commands-card-feature ha-control-button")
    await commands.nth(UNLOCK).click()
    await world.shows(device.lock, "unlocked")
    await world.is_truly(device, "unlocked")
    await commands.nth(LOCK).click()
    await world.shows(device.lock, "locked")
    await world.is_truly(device, "locked")
    opening = tile.locator("hui-lock-open-door-card-feature ha-control-button")
    # Home Assistant asks for a second tap.
    await opening.first.click()
    await opening.first.click()
    await world.shows(device.lock, "open")
    await world.is_truly(device, "open")
    await commands.nth(LOCK).click()
    await world.shows(device.lock, "locked")


async def name_a_key(window: Window, world: World, album: Album) -> None:
    """Name key 7 in the options, and see who used it."""
    dialog = await open_options(window, world, "loqed")
    await dialog.root.locator("ha-selector-object ha-button").click()
    form = window.page.locator("dialog-form")
    await form.locator("input").first.fill("7")
    await form.locator("input[name=name]").fill("Anna")
    await album.take(window, "loqed-key-name")
    await form.locator("ha-dialog-footer ha-button:visible").last.click()
    await expect(dialog.root).to_contain_text("Anna")
    await album.take(window, "loqed-options")
    await dialog.submit()
    await dialog.finish()


async def use_a_key(window: Window, world: World, album: Album) -> None:
    """See on the Activity page what happened at the door."""
    await world.simulators["loqed"].call("use_key", key_id=7, bolt="unlocked")
    await world.shows(world.lock("loqed").lock, "unlocked")
    await window.open("/logbook")
    await expect(window.page.locator("ha-panel-logbook")).to_contain_text("Anna")
    await album.take(window, "activity")
    await window.open("/smart-locks/locks")
    tile = await lock_tile(window, world.lock("loqed").lock)
    await tile.click(position={"x": 80, "y": 30})
    await expect(window.page.locator("ha-more-info-dialog ha-more-info-info")).to_be_visible()
    await album.take(window, "more-info")


async def add_and_change_a_lock(window: Window, world: World, album: Album) -> None:
    """Add a Sesame with a secret that is none, then with its own; rename it."""
    entry_id = world.entries["sesame_web"]
    spare = world.simulators["sesame_web"].spare
    add = window.texts.get("config_subentries.lock.initiate_flow.user")
    dialog = await from_page(window, entry_id, "config_subentries.lock", menu_item=add)
    await dialog.choose("sesame_web_add_uuid")
    await dialog.submit(name="Garage", uuid=spare["UUID"], secret="no secret")
    await dialog.refused("sesame_web_not_a_secret")
    await dialog.submit(secret=spare["Secret"])
    await dialog.finish()
    dialog = await change_lock(window, entry_id, "Garage")
    await album.take(window, "sesame-web-change-lock")
    await dialog.submit(name="Garage door")
    await dialog.finish()
    row = await entry_row(window, entry_id)
    await expect(row).to_contain_text("Garage door")
    await album.take(window, "integration")


async def reconfigure(window: Window, world: World, album: Album) -> None:
    """Enter an address at which no bridge is, then the right one."""
    entry_id = world.entries["loqed"]
    dialog = await from_page(window, entry_id, "config", menu_item="Reconfigure")
    await dialog.choose("loqed_address")
    await dialog.submit(host="127.0.0.1:9")
    await dialog.refused("loqed_bridge_unreachable")
    await album.take(window, "loqed-reconfigure")
    url = world.simulators["loqed"].url
    await dialog.submit(host=f"{url.host}:{url.port}")
    await dialog.finish()


async def repair(window: Window, world: World, album: Album) -> None:
    """Find no space for the webhook on the bridge; make some, and let it be tried again."""
    bridge = world.simulators["loqed"]
    await bridge.call("lose_webhooks")
    await bridge.call("fill_webhooks")
    await world.reload("loqed")
    await world.has_issue("loqed_bridge_full")
    await window.open("/config/repairs")
    dialog = Dialog(window=window, where="issues.loqed_bridge_full.fix_flow")
    title = window.texts.pattern("issues.loqed_bridge_full.title")
    await dialog.click(
        window.page.locator("ha-config-repairs ha-list-item-button").filter(has_text=title)
    )
    await album.take(window, "repair")
    await bridge.call("lose_webhooks")
    await dialog.submit()
    await dialog.finish()
    await world.has_issue("loqed_bridge_full", is_there=False)


async def code_to_unlock(window: Window, world: World, album: Album) -> None:
    """Give a lock a code, mistype it on the dashboard, and then not."""
    device = world.lock("loqed")
    dialog = await open_options(window, world, "loqed", page="code")
    await dialog.submit(code="2580", code_again="2581")
    await dialog.refused("codes_differ")
    await album.take(window, "code-to-unlock")
    await dialog.submit(code="2580", code_again="2580")
    await dialog.finish()
    await world.home_assistant.call("lock.lock", device.lock)
    await world.shows(device.lock, "locked")
    await window.open("/smart-locks/locks")
    commands = (await lock_tile(window, device.lock)).locator(
        "hui-lock-commands-card-feature ha-control-button"
    )
    await commands.nth(UNLOCK).click()
    await enter_code(window, "1111", album, "enter-code")
    await expect(window.page.locator("notification-manager")).to_contain_text(
        window.texts.pattern("exceptions.code_wrong.message")
    )
    await world.is_truly(device, "locked")
    await commands.nth(UNLOCK).click()
    await enter_code(window, "2580", album, "enter-code-again")
    await world.shows(device.lock, "unlocked")
    await world.is_truly(device, "unlocked")


async def enter_code(window: Window, code: str, album: Album, picture: str) -> None:
    """Enter a code where Home Assistant asks for one."""
    asking = window.page.locator("dialog-enter-code")
    await asking.locator("input").first.fill(code)
    await album.take(window, picture)
    await asking.locator("ha-dialog-footer ha-button:visible").last.click()


async def film(window: Window, world: World, album: Album) -> None:
    """Show how the dashboard follows: a turn by hand, a command, a jam."""
    device = world.lock("loqed")
    await world.home_assistant.call("lock.lock", device.lock)
    await world.shows(device.lock, "locked")
    await window.open("/smart-locks/locks")
    section = window.page.locator("hui-grid-section").first
    commands = section.locator("hui-lock-commands-card-feature ha-control-button")
    other = await window.page.context.new_page()
    await other.set_viewport_size({"width": 520, "height": 700})
    await other.goto(world.other_side)
    door = other.locator(".door").first
    await other.wait_for_timeout(1000)
    await window.page.bring_to_front()
    made = Film()

    async def frames(count: int) -> None:
        for _ in range(count):
            await made.take(section, door)
            await other.wait_for_timeout(250)

    await frames(2)
    await press(door, "Unlock by hand")
    await frames(4)
    await commands.nth(LOCK).click()
    await frames(7)
    await press(door, "Jam")
    await frames(1)
    await commands.nth(UNLOCK).click()
    await frames(8)
    await world.shows(device.lock, "jammed")
    await frames(2)
    await album.film(made, "demo")
    await press(door, "Free the bolt")
    await press(door, "Unlock by hand")
    await world.shows(device.lock, "unlocked")
    await other.close()


async def press(door: Locator, label: str) -> None:
    """Press a button of a door on the page of the other side."""
    await door.get_by_role("button", name=label, exact=True).click()


async def open_options(window: Window, world: World, vendor: str, page: str = "") -> Dialog:
    """Open the options of a vendor's entry: its settings, or another page of them."""
    dialog = await from_page(window, world.entries[vendor], "options")
    if dialog.step["type"] == "menu":
        await dialog.choose(page or f"{vendor}_options")
    return dialog


# Looking at it in other ways.


async def look_around(window: Window, world: World, album: Album) -> None:
    """See the dashboard, the other side and the first dialogs of every vendor."""
    look = window.look.name
    await window.open("/smart-locks/locks")
    await expect(await lock_tile(window, world.lock("loqed").lock)).to_be_visible()
    await album.take(window, f"dashboard-{look}")
    await window.open("/smart-locks/other-side")
    side = window.page.frame_locator("iframe")
    await expect(side.get_by_role("heading", name="LOQED")).to_be_visible()
    await album.take(window, f"other-side-{look}")
    for vendor in world.simulators:
        dialog = await add_integration(window)
        await dialog.choose(vendor)
        await album.take(window, f"{vendor}-{look}")


async def lock_tile(window: Window, entity_id: str) -> Locator:
    """Return the tile of a lock on the dashboard."""
    tiles = window.page.locator("hui-tile-card")
    await tiles.first.wait_for()
    shown: list[str] = await tiles.evaluate_all("all => all.map(one => one._config?.entity)")
    return tiles.nth(shown.index(entity_id))


LIVE = (
    lock_unlock_and_open,
    name_a_key,
    use_a_key,
    add_and_change_a_lock,
    reconfigure,
    repair,
    film,
)
