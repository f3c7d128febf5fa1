#!/usr/bin/env python3
"""Take the screenshots of the addons' description pages again.

    make demo                                     # in one terminal: the demo data, served
    dev/workbench python dev/screenshots.py       # in another: all pictures
    dev/workbench python dev/screenshots.py --url http://localhost:8070 card_form loans

Drives Chromium over its DevTools protocol; needs nothing but Chromium and
websocket-client, both of which the set-up of this project brings. Each scene below
says who looks, where, and what he does before the picture is taken.
"""

import argparse
import base64
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

CHECKOUT = Path(__file__).resolve().parent.parent
ADDONS = ("customer_card", "customer_visit", "customer_segmentation")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# a card that the employee may not open; found by the administrator before
HIDDEN_CARD = "/odoo/contacts/{hidden}"
SETTLED = """
document.readyState === "complete" &&
    Boolean(document.querySelector(".o_action_manager > *, .oe_login_form")) &&
    !document.querySelector(".o_loading_indicator") &&
    [...document.images].every((image) => image.complete || image.loading === "lazy")
"""


class BrowserError(Exception):
    """What the page did not do, in one sentence."""


class Browser:
    """One page of a headless Chromium with a profile of its own.

    :param width: of the window, in CSS pixels
    :param height: likewise
    """

    def __init__(self, width=1400, height=850):
        self.profile = tempfile.mkdtemp(prefix="screenshots-")
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        if not found:
            raise BrowserError("Chromium is missing: make setup")
        self.process = subprocess.Popen(
            [
                found,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--lang=en-US",
                "--no-first-run",
                "--remote-debugging-port=0",
                f"--user-data-dir={self.profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # the time zone of the demo users
            env=os.environ | {"TZ": "Europe/Brussels"},
        )
        self.sent = 0
        self.socket = None
        try:
            self.socket = websocket.create_connection(
                self._page_address(), timeout=60, suppress_origin=True
            )
            self.call("Page.enable")
            self.resize(width, height)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        if self.socket:
            self.socket.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _page_address(self):
        announced = Path(self.profile, "DevToolsActivePort")
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if announced.exists() and (lines := announced.read_text().split()):
                address = f"http://127.0.0.1:{lines[0]}/json/list"
                with urllib.request.urlopen(address, timeout=10) as answer:
                    for target in json.load(answer):
                        if target["type"] == "page":
                            return target["webSocketDebuggerUrl"]
            time.sleep(0.1)
        raise BrowserError("Chromium did not start")

    def call(self, method, **parameters):
        """:return: the result of one DevTools method"""
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("method") == "Page.javascriptDialogOpening":
                # leave a form that is not saved
                leave = {"id": 0, "method": "Page.handleJavaScriptDialog"}
                self.socket.send(json.dumps({**leave, "params": {"accept": True}}))
            if answer.get("id") == self.sent:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def resize(self, width, height, phone=False):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)

    def run(self, script):
        """:return: the value of a JavaScript expression in the page"""
        result = self.call(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details["text"]
            raise BrowserError(f"{script.strip()[:120]}: {text}")
        return result["result"].get("value")

    def wait(self, script, timeout=30):
        """Wait until a JavaScript expression is true.

        :param timeout: seconds
        :raise BrowserError: when it does not become true
        """
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                if self.run(script):
                    return
            except BrowserError:
                pass  # the page is just being replaced
            time.sleep(0.1)
        raise BrowserError(f"not within {timeout} s: {script.strip()[:200]}")

    def settle(self):
        """Wait until the page stands still."""
        for _again in range(3):
            self.wait(SETTLED)
            time.sleep(0.25)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.settle()

    def login(self, url, login):
        """:param login: also the password, as in the demo data"""
        self.call("Network.clearBrowserCookies")
        self.open(f"{url}/web/login")
        self.run(
            f"""
            document.querySelector("input[name=login]").value = {json.dumps(login)};
            document.querySelector("input[name=password]").value = {json.dumps(login)};
            document.querySelector(".oe_login_form [type=submit]").click();
            """
        )
        self.wait("Boolean(document.querySelector('.o_main_navbar'))", timeout=120)
        self.settle()

    def click(self, selector, text=""):
        """Click the first visible element that matches, and contains ``text``."""
        found = f"""
            [...document.querySelectorAll({json.dumps(selector)})].find(
                (one) => one.offsetParent && one.textContent.includes({json.dumps(text)})
            )
        """
        self.wait(f"Boolean({found})")
        self.run(f"({found}).click()")
        self.settle()

    def type(self, selector, text):
        """Type into the first element that matches, and wait for what follows."""
        self.wait(f"Boolean(document.querySelector({json.dumps(selector)}))")
        self.run(
            f"""
            {{
                const box = document.querySelector({json.dumps(selector)});
                box.value = {json.dumps(text)};
                box.dispatchEvent(new Event("input", {{ bubbles: true }}));
            }}
            """
        )
        time.sleep(1)
        self.settle()

    def picture(self, path, full=False):
        """:param path: of the PNG file to write
        :param full: the whole document instead of the window"""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=full)["data"]
        Path(path).write_bytes(base64.b64decode(data))


@dataclasses.dataclass
class Scene:
    """One picture: who looks, where, and what is clicked and typed before."""

    name: str
    login: str
    path: str
    clicks: tuple = ()
    typed: tuple = ()
    size: tuple = (1400, 850)
    phone: bool = False
    addon: str = "customer_card"

    def get_folder(self, target):
        """:param target: folder for all pictures, or None for that of the addon
        :return: where the picture goes"""
        return target or get_description(self.addon)


def get_description(addon):
    """:return: the folder of the description page of an addon"""
    return CHECKOUT / addon / "static" / "description"


def row(text):
    return (".o_data_row .o_data_cell", text)


SCENES = [
    Scene(
        "pipeline",
        "manager_west",
        "/odoo/customer-cards",
        ((".o_switch_view.o_kanban", ""),),
    ),
    Scene(
        "card_form", "custodian_east", "/odoo/my-customer-cards", (row("Harbor Light"),)
    ),
    Scene(
        "open_cards",
        "card_admin",
        "/odoo/customer-cards",
        ((".o_menu_sections button", "Cards"), (".dropdown-item", "Open Cards")),
    ),
    Scene(
        "find",
        "custodian_east",
        "/odoo/find-customer",
        typed=(".o_card_find input", "habor light"),
    ),
    Scene("needs", "manager_east", "/odoo/next-needs"),
    Scene(
        "weekly_check",
        "manager_east",
        "/odoo/card-weekly-checks",
        (row("Emma Carter"),),
    ),
    Scene(
        "change",
        "manager_east",
        "/odoo/card-changes-to-approve",
        (row("Harbor Light"),),
    ),
    Scene("handover", "regional_manager", "/odoo/card-handovers"),
    Scene("request_access", "employee", HIDDEN_CARD),
    Scene(
        "search_request",
        "manager_east",
        "/odoo/card-loans-to-approve",
        (row("reference customers"),),
    ),
    Scene("loans", "manager_west", "/odoo/card-loans"),
    Scene(
        "borrowed_card",
        "custodian_west",
        "/odoo/borrowed-customer-cards",
        (row("Northgate"),),
    ),
    Scene("history", "regional_manager", "/odoo/card-history"),
    Scene(
        "phone",
        "custodian_east",
        "/odoo/my-customer-cards",
        ((".o_kanban_record", "Harbor Light"),),
        size=(400, 800),
        phone=True,
    ),
    Scene("my_day", "custodian_east", "/odoo/my-day", addon="customer_visit"),
    Scene(
        "preparation",
        "custodian_east",
        "/odoo/my-day",
        (
            (".o_my_day_stop [data-method=action_open_preparation]", ""),
            # wait for it
            (".modal .o_visit_part h3", ""),
        ),
        addon="customer_visit",
    ),
    Scene(
        "daily_review",
        "manager_east",
        "/odoo/daily-reviews",
        ((".o_data_cell[name=user_id]", "Emma Carter"),),
        addon="customer_visit",
    ),
    Scene(
        "phone",
        "custodian_east",
        "/odoo/my-day",
        size=(400, 800),
        phone=True,
        addon="customer_visit",
    ),
    Scene(
        "trade",
        "custodian_east",
        "/odoo/customer-cards",
        (
            (".o_switch_view.o_list", ""),
            row("Harbor Light"),
            (".o_notebook .nav-link", "Trade"),
            (".o_trade_sheet h3", "Net Sales by Month"),
        ),
        addon="customer_segmentation",
    ),
    Scene(
        "dashboard",
        "regional_manager",
        "/odoo/customer-dashboard",
        addon="customer_segmentation",
    ),
    Scene(
        "route",
        "regional_manager",
        "/odoo/route-adjustment",
        ((".o_group_name", "Emma Carter"), (".o_group_name", "Wei Chen")),
        addon="customer_segmentation",
    ),
]


def draw_icon(browser, target):
    """Render ``icon.svg`` of an addon to the ``icon.png`` that Odoo shows."""
    browser.resize(256, 256)
    browser.call(
        "Emulation.setDefaultBackgroundColorOverride",
        color={"r": 0, "g": 0, "b": 0, "a": 0},
    )
    drawing = base64.b64encode((target / "icon.svg").read_bytes()).decode()
    page = f"""
        <body style="margin:0"><img width="256" src="data:image/svg+xml;base64,{drawing}">
    """
    browser.call("Page.navigate", url="about:blank")
    browser.run(f"document.write({json.dumps(page)}); document.close()")
    browser.wait("document.images[0].complete")
    browser.picture(target / "icon.png")
    browser.call("Emulation.setDefaultBackgroundColorOverride")


def find_hidden_card(browser, url):
    """:return: id of a card that neither the employee nor his loans reach"""
    browser.login(url, "card_admin")
    return browser.run(
        """
        fetch("/web/dataset/call_kw/res.partner/search", {
            method: "POST",
            headers: {"Content-Type": "application/json"},
            body: JSON.stringify({jsonrpc: "2.0", method: "call", params: {
                model: "res.partner", method: "search", kwargs: {},
                args: [[["card_number", "!=", false], ["name", "=", "Sierra Vista Resorts"]]],
            }}),
        }).then((answer) => answer.json()).then((answer) => answer.result[0])
        """
    )


def take(browser, url, scene, target, hidden):
    browser.resize(*scene.size, phone=scene.phone)
    browser.open(url + scene.path.format(hidden=hidden))
    for selector, text in scene.clicks:
        browser.click(selector, text)
    if scene.typed:
        browser.type(*scene.typed)
    # Odoo's chat bot greets whoever logs in for the first time
    browser.run(
        "document.head.insertAdjacentHTML('beforeend', "
        "'<style>.o-mail-ChatHub { display: none }</style>')"
    )
    folder = scene.get_folder(target)
    folder.mkdir(parents=True, exist_ok=True)
    browser.picture(folder / f"{scene.name}.png")
    print(folder / f"{scene.name}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", default="http://localhost:8069")
    parser.add_argument(
        "--target", type=Path, help="one folder for all; by default those of the addons"
    )
    parser.add_argument("scenes", nargs="*", help="names; all of them by default")
    options = parser.parse_args()
    scenes = [s for s in SCENES if not options.scenes or s.name in options.scenes]
    if unknown := set(options.scenes) - {scene.name for scene in SCENES}:
        parser.error(f"no such scene: {', '.join(sorted(unknown))}")
    login = None
    with Browser() as browser:
        if not options.scenes:
            for addon in ADDONS:
                draw_icon(browser, get_description(addon))
        hidden = find_hidden_card(browser, options.url)
        for scene in sorted(scenes, key=lambda scene: scene.login):
            if scene.login != login:
                login = scene.login
                browser.login(options.url, login)
            take(browser, options.url, scene, options.target, hidden)


if __name__ == "__main__":
    try:
        main()
    except (BrowserError, OSError, websocket.WebSocketException) as error:
        sys.exit(str(error))
