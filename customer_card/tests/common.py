from odoo import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user


class CustomerCardWorld:
    """A small sales force, for test classes of every kind.

    Teams: ``team_east`` (led by manager_east) and ``team_west`` (manager_west), both
    parts of ``team_region`` (regional_manager).
    Users: custodian_east and deputy_east belong to east, custodian_west to west;
    card_admin administers the cards, reader is back office, employee is anybody.
    Cards: ``card_east`` with the contact ``contact_east`` and the delivery address
    ``address_east``, kept by custodian_east; ``card_west`` with ``contact_west``.
    No card: ``free_partner``.
    """

    @classmethod
    def make_world(cls):
        cls.make_users()
        cls.make_teams()
        cls.make_cards()

    @classmethod
    def make_users(cls):
        groups = {
            "custodian_east": "customer_card.customer_card_group_user",
            "custodian_west": "customer_card.customer_card_group_user",
            "deputy_east": "customer_card.customer_card_group_user",
            "manager_east": "customer_card.customer_card_group_manager",
            "manager_west": "customer_card.customer_card_group_manager",
            "regional_manager": "customer_card.customer_card_group_manager",
            "card_admin": "customer_card.customer_card_group_administrator",
            "reader": "customer_card.customer_card_group_reader",
            "employee": "base.group_user",
        }
        for name, group in groups.items():
            user = new_test_user(
                cls.env,
                login=f"test_{name}",
                password=f"test_{name}",
                name=name.replace("_", " ").title(),
                email=f"{name}@sales.example.com",
                groups=f"{group},base.group_partner_manager,base.group_allow_export"
                if name != "employee"
                else group,
            )
            setattr(cls, name, user)

    @classmethod
    def make_teams(cls):
        Team = cls.env["crm.team"].with_context(mail_create_nosubscribe=True)
        cls.team_region = Team.create(
            {"name": "Test Region", "user_id": cls.regional_manager.id}
        )
        cls.team_east = Team.create(
            {
                "name": "Test East",
                "user_id": cls.manager_east.id,
                "parent_id": cls.team_region.id,
                "member_ids": [Command.set((cls.custodian_east | cls.deputy_east).ids)],
            }
        )
        cls.team_west = Team.create(
            {
                "name": "Test West",
                "user_id": cls.manager_west.id,
                "parent_id": cls.team_region.id,
                "member_ids": [Command.set(cls.custodian_west.ids)],
            }
        )

    @classmethod
    def make_cards(cls):
        Partner = cls.env["res.partner"]
        cls.card_east = Partner.create(
            {
                "name": "Alpha Foods",
                "is_company": True,
                "email": "office@alpha.example.com",
                "phone": "+32 2 290 34 90",
                "vat": "BE0477472701",
                "ref": "ALPHA",
                "user_id": cls.custodian_east.id,
            }
        )
        cls.contact_east = Partner.create(
            {
                "name": "Ada Alpha",
                "parent_id": cls.card_east.id,
                "email": "ada@alpha.example.com",
                "phone": "+32 2 290 34 91",
            }
        )
        cls.address_east = Partner.create(
            {
                "name": "Alpha Warehouse",
                "type": "delivery",
                "parent_id": cls.card_east.id,
                "street": "Hidden Street 7",
            }
        )
        cls.card_west = Partner.create(
            {
                "name": "Beta Tools",
                "is_company": True,
                "email": "office@beta.example.com",
                "user_id": cls.custodian_west.id,
            }
        )
        cls.contact_west = Partner.create(
            {
                "name": "Bob Beta",
                "parent_id": cls.card_west.id,
                "email": "bob@beta.example.com",
            }
        )
        cls.free_partner = Partner.create(
            {"name": "Free Supplier", "is_company": True, "email": "info@free.example"}
        )
        (cls.card_east | cls.card_west)._open_cards()


class CustomerCardCommon(CustomerCardWorld, TransactionCase):
    """The world of ``CustomerCardWorld`` in one transaction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_world()

    def count_extra_queries(self, cards):
        """:return: how many queries more a save of these cards costs when it is news:
        Odoo itself looks at the contacts of each of them"""
        counts = []
        for vals in (
            {"main_products": f"{len(cards)} products"},
            {"color": len(cards) % 10 + 1},
        ):
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cards.write(vals)
            self.env.cr.flush()
            counts.append(self.env.cr.sql_log_count - before)
        return counts[0] - counts[1]


class CustomerCardHttp(CustomerCardWorld, HttpCase):
    """The world of ``CustomerCardWorld``, visited through a server and a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_world()

    def setUp(self):
        super().setUp()
        # a test has one cursor for all: from one that only reads, none that writes
        # can be opened, and reading on loan is recorded by a cursor of its own
        self.set_registry_readonly_mode(False)
