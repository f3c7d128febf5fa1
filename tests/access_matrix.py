"""The ground of the access matrix: who is who, how a client calls, what is checked.

A matrix is a table of ``Row``: an operation, the path that it takes, and the letters of
the roles that may. Every other role is refused. Each pair of a row and a role is one
cell, and each cell is one call by a session (or API key) of its own:

* allowed: it succeeds, and shows (or changes) what it should;
* denied: the server refuses (a crash is no refusal) or finds nothing; no name, address,
  number or text of the customer is in the answer, the session being in debug mode; and
  not a row of the database has changed.

Who may open the card may be told its name when he is refused something else; what
Odoo tells a portal user about himself and his company is Odoo's business.
"""

import contextlib
import json
import re
from collections import namedtuple
from datetime import timedelta
from html import unescape

from odoo import SUPERUSER_ID, Command, fields
from odoo.exceptions import UserError
from odoo.http import Request
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user

from odoo.addons.customer_card.tests.common import CustomerCardWorld

ROLES = {
    "C": "custodian",
    "D": "deputy in his dates",
    "X": "deputy out of his dates",
    "M": "manager of the department",
    "R": "regional manager",
    "O": "manager of another department",
    "S": "custodian of another card",
    "B": "borrower on screen",
    "P": "borrower on paper",
    "E": "borrower whose loan has run out",
    "K": "back office",
    "A": "administrator of the cards",
    "N": "employee",
    "T": "portal user of the customer",
    "U": "superuser",
}
EVERYBODY = "".join(ROLES)
MANAGERS = "MRAU"
KEEPERS = "CD" + MANAGERS
READERS = KEEPERS + "BK"
INTERNAL = EVERYBODY.replace("T", "").replace("U", "")

# What identifies the customer: none of it may reach somebody who may not open the card.
NAMES = ("Alpha Foods", "Ada Alpha", "Alpha Warehouse", "Alpha Portal")
DATA = (
    "alpha.example.com",
    "290 34 9",
    "22903490",
    "Hidden Street",
    "0477472701",
    "BE71 0961",
    "BE710961",
    "alpha-secret",
    "51.05432",
)
# Errors by which the server says no. Anything else is a crash.
REFUSALS = ("AccessError", "MissingError", "NotFound", "UserError", "ValidationError")

# Tables that a refused call leaves exactly as they were.
TABLES = (
    "crm_team",
    "customer_card_alias",
    "customer_card_competitor",
    "customer_card_consumption",
    "customer_card_contract",
    "customer_card_letter",
    "customer_card_letter_line",
    "customer_card_loan",
    "customer_card_loan_card_rel",
    "customer_card_relative",
    "mail_activity",
    "mail_followers",
    "mail_message",
    "mail_scheduled_message",
    "res_partner",
    "res_partner_bank",
    "res_partner_category",
    "res_partner_res_partner_category_rel",
    "res_users",
)

Row = namedtuple("Row", "operation path call allowed names_known", defaults=[False])
Answer = namedtuple("Answer", "status text error result")


class Call:
    """One request of a client.

    :param sees: the call is granted when the answer shows the customer; by default
        when it succeeds
    :param changes: when granted, the database is another afterwards; ``"only"``: that
        alone tells that it is granted; ``"anyway"``: also when denied
    :param typed: a text that the client sends, and may get back in a refusal
    """

    over_http = True

    def __init__(self, sees=False, changes=False, granted=None, typed=None):
        self.sees = sees
        self.changes = changes
        self.typed = typed
        self._granted = granted

    def send(self, case, role):
        """:return: Answer"""
        raise NotImplementedError

    def granted(self, answer):
        """:return: whether the client got what it asked for"""
        if self._granted:
            return not answer.error and bool(self._granted(answer))
        if self.sees:
            return not answer.error and any(s in answer.text for s in NAMES + DATA)
        return not answer.error


class Rpc(Call):
    """``/web/dataset/call_kw``; the superuser calls the same method directly."""

    over_http = False

    def __init__(self, model, method, *args, **options):
        super().__init__(
            options.pop("sees", False),
            options.pop("changes", False),
            options.pop("granted", None),
            options.pop("typed", None),
        )
        self.model, self.method, self.args, self.kwargs = model, method, args, options

    def send(self, case, role):
        if role == "U":
            return case.call_as_superuser(self)
        return case.post_json(
            f"/web/dataset/call_kw/{self.model}/{self.method}",
            {
                "model": self.model,
                "method": self.method,
                "args": self.args,
                "kwargs": self.kwargs,
            },
        )


class Json2(Call):
    """``/json/2/<model>/<method>`` with the API key of the user."""

    def __init__(self, model, method, body, **options):
        super().__init__(**options)
        self.model, self.method, self.body = model, method, body

    def send(self, case, role):
        response = case.url_open(
            f"/json/2/{self.model}/{self.method}",
            json=self.body,
            headers={"Authorization": f"Bearer {case.api_key(role)}"},
        )
        return case.as_answer(response)


class JsonRoute(Call):
    """A route of the web client that takes JSON-RPC parameters."""

    def __init__(self, url, params, **options):
        super().__init__(**options)
        self.url, self.params = url, params

    def send(self, case, role):
        return case.post_json(self.url, self.params)


class Http(Call):
    """A page or a file; with ``data``, a form that is sent."""

    def __init__(self, url, data=None, **options):
        super().__init__(**options)
        self.url, self.data = url, data

    def send(self, case, role):
        data = self.data and {**self.data, "csrf_token": Request.csrf_token(case)}
        return case.as_answer(case.url_open(self.url, data=data, timeout=60))


class Steps(Call):
    """Several requests; the last answer decides, unless an earlier one is an error."""

    def __init__(self, *steps, over_http=False, **options):
        super().__init__(**options)
        self.steps = steps
        self.over_http = over_http

    def send(self, case, role):
        previous, texts = None, []
        for step in self.steps:
            previous = step(previous).send(case, role)
            texts.append(previous.text)
            if previous.error:
                break
        return previous._replace(text="\n".join(texts))


class AccessMatrixCase(CustomerCardWorld, HttpCase):
    """The card of *Alpha Foods* with everything that can hang on it, and a session for
    each role."""

    # what a refused call leaves as it was
    tables = TABLES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a read-only cursor of the tests cannot be left for the read log's own one
        cls.set_registry_readonly_mode(False)
        cls.make_world()
        cls.make_more_users()
        cls.make_loans()
        cls.make_belongings()
        cls.env.flush_all()
        cls.users = {
            "C": cls.custodian_east,
            "D": cls.deputy_east,
            "X": cls.former_deputy,
            "M": cls.manager_east,
            "R": cls.regional_manager,
            "O": cls.manager_west,
            "S": cls.custodian_west,
            "B": cls.borrower_screen,
            "P": cls.borrower_paper,
            "E": cls.borrower_expired,
            "K": cls.reader,
            "A": cls.card_admin,
            "N": cls.employee,
            "T": cls.portal_user,
        }

    @classmethod
    def make_more_users(cls):
        for name in (
            "former_deputy",
            "borrower_screen",
            "borrower_paper",
            "borrower_expired",
        ):
            user = new_test_user(
                cls.env,
                login=f"test_{name}",
                name=name.replace("_", " ").title(),
                email=f"{name}@sales.example.com",
                groups="customer_card.customer_card_group_user,"
                "base.group_partner_manager,base.group_allow_export",
            )
            setattr(cls, name, user)
        cls.portal_contact = cls.env["res.partner"].create(
            {
                "name": "Alpha Portal",
                "parent_id": cls.card_east.id,
                "email": "portal@alpha.example.com",
            }
        )
        cls.portal_user = new_test_user(
            cls.env,
            login="portal@alpha.example.com",
            groups="base.group_portal",
            partner_id=cls.portal_contact.id,
        )
        # a test user renames his contact
        cls.portal_contact.name = "Alpha Portal"

    @classmethod
    def make_loans(cls):
        now = fields.Datetime.now()
        for user, mode in (
            (cls.borrower_screen, "screen"),
            (cls.borrower_paper, "paper"),
            (cls.borrower_expired, "screen"),
        ):
            loan = (
                cls.env["customer.card.loan"]
                .with_user(user)
                .create(
                    {
                        "card_ids": [Command.set(cls.card_east.ids)],
                        "mode": mode,
                        "purpose": "Trade fair",
                        "date_from": now - timedelta(hours=2),
                        "valid_until": now + timedelta(days=1),
                    }
                )
            )
            loan.action_submit()
            loan.with_user(cls.manager_east).action_approve()
        # time passes; nothing tidies up
        loan.sudo()._approval_through_door().write(
            {"valid_until": now - timedelta(seconds=1)}
        )
        cls.loan_expired = loan

    @classmethod
    def make_belongings(cls):
        cls.card_east.street = "Hidden Street 1"
        cls.bank = cls.env["res.partner.bank"].create(
            {"partner_id": cls.card_east.id, "acc_number": "BE71 0961 2345 6769"}
        )
        cls.tag = cls.env["res.partner.category"].create(
            {"name": "Trade Fair", "partner_ids": [Command.link(cls.card_east.id)]}
        )
        cls.attachment = cls.env["ir.attachment"].create(
            {
                "name": "alpha-secret.txt",
                "raw": b"alpha-secret contract",
                "res_model": "res.partner",
                "res_id": cls.card_east.id,
            }
        )
        cls.card_east.image_1920 = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQ"
            b"DwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
        )
        cls.message = cls.card_east.with_user(cls.custodian_east).message_post(
            body="alpha-secret talk",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        cls.activity = cls.card_east.activity_schedule(
            "mail.mail_activity_data_todo",
            summary="alpha-secret call",
            user_id=cls.custodian_east.id,
        )
        # documents that everybody may open, with the customer on them
        cls.free_partner.message_subscribe(partner_ids=cls.contact_east.ids)
        cls.follower = cls.env["mail.followers"].search(
            [("partner_id", "=", cls.contact_east.id)]
        )
        cls.open_message = cls.free_partner.message_post(
            body="Delivery",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=cls.contact_east.ids,
        )
        view = cls.env["ir.ui.view"].create(
            {
                "name": "Card sheet",
                "type": "qweb",
                "key": "customer_card.test_card_sheet",
                "arch": """
                    <t t-name="customer_card.test_card_sheet">
                        <t t-foreach="docs" t-as="doc">
                            <p><t t-out="doc.name"/> <t t-out="doc.email"/></p>
                        </t>
                    </t>
                """,
            }
        )
        # the report's name is found as an XML id
        cls.env["ir.model.data"].create(
            {
                "module": "customer_card",
                "name": "test_card_sheet",
                "model": "ir.ui.view",
                "res_id": view.id,
            }
        )
        cls.report = cls.env["ir.actions.report"].create(
            {
                "name": "Card sheet",
                "model": "res.partner",
                "report_type": "qweb-html",
                "report_name": "customer_card.test_card_sheet",
            }
        )

    def setUp(self):
        super().setUp()
        self._sessions = {}
        self._api_keys = {}

    # ------------------------------------------------------------
    # THE MATRIX
    # ------------------------------------------------------------

    def assert_matrix(self, rows):
        """Assert every cell of a table.

        :param rows: list of Row
        """
        for role in EVERYBODY:
            savepoint = self.env.cr.savepoint()
            try:
                self.prepare_role(role)
                if any(isinstance(row.call, Json2) for row in rows) and role != "U":
                    # outside of the cells, each of which is rolled back
                    self.api_key(role)
                if role != "U":
                    self.take_session(role)
                before = self.fingerprint()
                for row in rows:
                    if role == "U" and row.call.over_http:
                        continue
                    with self.subTest(
                        operation=row.operation, path=row.path, role=ROLES[role]
                    ):
                        self.assert_cell(row, role, before)
            finally:
                savepoint.close(rollback=True)
                self._api_keys.clear()
                self.env.invalidate_all()

    def prepare_role(self, role):
        """What holds only for one role: whose deputy is who."""
        today = fields.Date.today()
        dates = {"D": (today, today), "X": (today - timedelta(9), today - timedelta(2))}
        if role not in dates:
            return
        first, last = dates[role]
        self.card_east.write(
            {
                "card_deputy_id": self.users[role].id,
                "card_deputy_from": first,
                "card_deputy_until": last,
            }
        )

    def assert_cell(self, row, role, before):
        savepoint = self.env.cr.savepoint()
        try:
            answer = row.call.send(self, role)
            if row.call.typed and answer.error:
                answer = answer._replace(text=answer.text.replace(row.call.typed, "…"))
            self.env.invalidate_all()
            changed = self.fingerprint() != before
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        cell = f"{row.operation} ({row.path}) by {ROLES[role]}"
        told = answer.text.partition('"debug": "Traceback')[0][:1500]
        granted = row.call.granted(answer)
        if row.call.changes == "only":
            granted = granted and changed
        if role in row.allowed:
            self.assertTrue(granted, f"{cell} must be allowed: {told}")
            if row.call.changes in (True, "only"):
                self.assertTrue(changed, f"{cell} changed nothing: {told}")
            if role not in READERS + "T":
                # an open document that names the customer, and nothing more
                leaks = [secret for secret in DATA if secret in answer.text]
                self.assertFalse(leaks, f"{cell} is allowed, but tells: {told}")
            return
        self.assertFalse(granted, f"{cell} must be denied: {told}")
        if answer.error and role != "T":
            self.assertIn(
                answer.error, REFUSALS, f"{cell} crashed: {answer.text[-1500:]}"
            )
        if role in READERS:
            # who may open the card may be told its name in a refusal
            secrets = () if row.names_known else DATA
        elif role == "T":
            secrets = ()
        else:
            secrets = DATA if row.names_known else NAMES + DATA
        leaks = [secret for secret in secrets if secret in answer.text]
        self.assertFalse(leaks, f"{cell} is denied, but tells: {told}")
        if row.call.changes != "anyway":
            self.assertFalse(changed, f"{cell} is denied, but changes the database")

    def fingerprint(self):
        """:return: a digest of all that a refused call must leave alone"""
        self.env.flush_all()
        queries = [
            f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t::text)) "
            f"FROM {table} t"
            for table in self.tables
        ]
        # the browser's bundles are attachments too
        queries.append(
            "SELECT 'ir_attachment', md5(string_agg(t::text, '|' ORDER BY t::text)) "
            "FROM ir_attachment t WHERE url IS NULL"
        )
        self.env.cr.execute(" UNION ALL ".join(queries))
        return dict(self.env.cr.fetchall())

    # ------------------------------------------------------------
    # CLIENTS
    # ------------------------------------------------------------

    def take_session(self, role):
        """Go on as this role, in debug mode, which makes errors talkative."""
        if role in self._sessions:
            self.session, self.opener = self._sessions[role]
            return
        self.session = None
        login = self.users[role].login
        self.authenticate(login, login, session_extra={"debug": "1"})
        self._sessions[role] = (self.session, self.opener)

    def api_key(self, role):
        """:return: an API key of this role"""
        if role not in self._api_keys:
            keys = self.env["res.users.apikeys"].with_user(self.users[role]).sudo()
            tomorrow = fields.Datetime.now() + timedelta(days=1)
            self._api_keys[role] = keys._generate("rpc", "matrix", tomorrow)
        return self._api_keys[role]

    def post_json(self, url, params):
        """:return: Answer of a JSON-RPC route"""
        return self.as_answer(
            self.url_open(url, json=self.build_rpc_payload(params), timeout=60)
        )

    def as_answer(self, response):
        """:return: Answer with all that the client was told, entities unescaped"""
        text, body = response.text, None
        # some routes escape the JSON of their errors
        for candidate in (text, unescape(text)):
            with contextlib.suppress(ValueError):
                body = json.loads(candidate)
                break
        result = error = None
        if isinstance(body, dict) and "jsonrpc" in body:
            result = body.get("result")
            error = body.get("error", {}).get("data", {}).get("name")
        elif isinstance(body, dict) and body.get("message") == "Odoo Server Error":
            error = body["data"]["name"]
        else:
            result = body
        if not error and response.status_code in (401, 403, 404):
            error = "AccessError"
        elif not error and response.status_code >= 400:
            found = re.search(r"\b(\w+(?:Error|Warning))\b", text)
            error = found.group(1) if found else f"HTTP {response.status_code}"
        elif "/web/login" in response.url:
            error = "AccessError"
        error = error and error.split(".")[-1]
        if error == "CardAccessError":
            error = "AccessError"
        # the client decodes \u00e9 and &#39;
        text = unescape(text if body is None else json.dumps(body, ensure_ascii=False))
        return Answer(response.status_code, text, error, result)

    def call_as_superuser(self, call):
        env = self.env(user=SUPERUSER_ID, su=True)
        kwargs = json.loads(json.dumps(call.kwargs))
        args = json.loads(json.dumps(call.args))
        try:
            result = call_kw(env[call.model], call.method, args, kwargs)
            env.flush_all()
        except (UserError, ValueError) as error:
            return Answer(200, str(error), "UserError", None)
        return Answer(200, json.dumps(result, default=str), None, result)

    def call(self, role, model, method, *args, **kwargs):
        """:return: the result of an RPC that is expected to succeed"""
        answer = self.try_call(role, model, method, *args, **kwargs)
        self.assertFalse(answer.error, answer.text[:3000])
        return answer.result

    def try_call(self, role, model, method, *args, **kwargs):
        """:return: Answer of an RPC"""
        self.take_session(role)
        return Rpc(model, method, *args, **kwargs).send(self, role)
