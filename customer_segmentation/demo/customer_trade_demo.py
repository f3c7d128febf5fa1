from datetime import datetime, time, timedelta
from random import Random

from odoo import Command, api, fields, models
from odoo.tools import SQL

from .trade_story import BUYERS, CAMPAIGNS, LAUNCHES, QUOTATIONS

# Nobody is written to, follows or is thanked while the past is loaded
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
}


class CustomerTradeDemo(models.AbstractModel):
    """Two years of quotations, orders, invoices, credit notes and payments of the demo
    cards, told in ``trade_story.py``. The same at each load, seen from today."""

    _name = "customer.trade.demo"
    _description = "Demo Trade"

    @api.model
    def _load(self):
        """Make the documents; without accounts, once Odoo has made these: when all
        addons come in one go, that is after the last one."""
        if self._get_journals():
            self._make_history()
        else:
            self.env.registry._customer_trade_demo = True

    def _register_hook(self):
        super()._register_hook()
        if hasattr(self.env.registry, "_customer_trade_demo"):
            del self.env.registry._customer_trade_demo
            if self._get_journals():
                self._make_history()

    @api.model
    def _get_company(self):
        return self.env.ref("base.main_company")

    @api.model
    def _get_journals(self):
        """:return: the journals of sales and of the bank, or nothing while the company
        has no accounts"""
        Journal = self.env["account.journal"]
        domain = Journal._check_company_domain(self._get_company())
        sales = Journal.search([*domain, ("type", "=", "sale")], limit=1)
        bank = Journal.search([*domain, ("type", "=", "bank")], limit=1)
        return sales.default_account_id and bank.default_account_id and (sales | bank)

    @api.model
    def _make_history(self):
        company = self._get_company()
        story = self.with_company(company).with_context(**QUIET)
        orders = story._make_orders(story._tell_purchases())
        invoices = story._make_invoices(orders)
        story._make_payments(invoices)
        story._link_orders(orders, invoices)
        story._make_quotations()
        self.env["customer.metrics"]._refresh(company)

    # ------------------------------------------------------------
    # THE STORY
    # ------------------------------------------------------------

    def _get_partner(self, name):
        return self.env.ref(name if "." in name else f"customer_card.{name}")

    def _get_product(self, name):
        module, found, other = name.partition(":")
        if found and module == "base":
            return self.env.ref(other)
        return self.env.ref(f"customer_segmentation.product_product_{name}")

    def _tell_purchases(self):
        """:return: list of ``{buyer, partner, date, quoted, lines, campaign, won}`` in
        the order of time"""
        today = fields.Date.today()
        purchases = []
        for buyer in BUYERS:
            random = Random(buyer.partner)
            age = buyer.since - random.randint(0, buyer.every)
            number = 0
            while age >= buyer.until:
                date = today - timedelta(days=age)
                if not buyer.months or date.month in buyer.months:
                    number += 1
                    lost = buyer.loses and number % buyer.loses == 0
                    purchases.append(
                        self._tell_purchase(buyer, random, date, age, number, lost)
                    )
                spread = max(1, round(buyer.every * buyer.jitter))
                age -= max(1, buyer.every + random.randint(-spread, spread))
        purchases.sort(
            key=lambda purchase: (purchase["date"], purchase["buyer"].partner)
        )
        return purchases

    def _tell_purchase(self, buyer, random, date, age, number, lost):
        passed = (buyer.since - age) / max(1, buyer.since - buyer.until)
        factor = 1 + (buyer.growth - 1) * passed
        pool = [line for line in buyer.basket if LAUNCHES.get(line[0], age) >= age]
        chosen = random.sample(pool, min(len(pool), random.choice((1, 1, 2, 2, 3))))
        campaign = next(
            (
                (name, discount)
                for name, (first, last, products, discount) in CAMPAIGNS.items()
                if first >= age >= last
                and any(line[0] in products for line in chosen)
                and random.random() < 0.7
            ),
            (None, 0.0),
        )
        return {
            "buyer": buyer,
            "partner": self._get_partner(buyer.partner),
            "date": date,
            "quoted": date - timedelta(days=random.randint(*buyer.decides)),
            "lines": [
                (
                    self._get_product(name),
                    max(1, round(random.randint(least, most) * factor)),
                    max(buyer.discount, campaign[1])
                    + (random.randint(0, 4) if buyer.discount > 10 else 0),
                )
                for name, least, most in chosen
            ],
            "campaign": campaign[0]
            and self.env.ref(f"customer_segmentation.{campaign[0]}"),
            "won": not lost,
            "returned": bool(buyer.returns) and number % buyer.returns == 0,
            "paid": date
            + timedelta(days=max(1, buyer.terms + random.randint(*buyer.pays))),
        }

    # ------------------------------------------------------------
    # THE DOCUMENTS
    # ------------------------------------------------------------

    def _get_seller_values(self, partner):
        """:return: who sold it: who keeps the card today, in his team"""
        return {
            "user_id": partner.card_custodian_id.id,
            "team_id": partner.card_team_id.id,
        }

    def _make_orders(self, purchases):
        """:return: list of (purchase, sale.order), the lost quotations without"""
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": purchase["partner"].id,
                    "date_order": datetime.combine(purchase["date"], time(14)),
                    "campaign_id": purchase["campaign"] and purchase["campaign"].id,
                    **self._get_seller_values(purchase["partner"]),
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "discount": discount,
                            }
                        )
                        for product, quantity, discount in purchase["lines"]
                    ],
                }
                for purchase in purchases
            ]
        )
        pairs = list(zip(purchases, orders, strict=True))
        won = self.env["sale.order"].concat(*(o for p, o in pairs if p["won"]))
        won.action_confirm()
        (orders - won).write({"state": "cancel"})
        for purchase, order in pairs:
            order.date_order = datetime.combine(purchase["date"], time(14))
        self._backdate({order.id: purchase["quoted"] for purchase, order in pairs})
        return [(purchase, order) for purchase, order in pairs if purchase["won"]]

    def _backdate(self, days):
        """A quotation was made when the customer asked for it, not while demo data are
        loaded.

        :param days: ``{id of sale.order: date}``
        """
        self.env.flush_all()
        for order_id, day in days.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE sale_order SET create_date = %s WHERE id = %s",
                    datetime.combine(day, time(9)),
                    order_id,
                )
            )
        self.env.invalidate_all()

    def _make_invoices(self, orders):
        """:return: list of (purchase, invoice, credit note or none), posted"""
        values = []
        for purchase, order in orders:
            due = purchase["date"] + timedelta(days=purchase["buyer"].terms)
            values.append(
                {
                    "move_type": "out_invoice",
                    "partner_id": purchase["partner"].id,
                    "invoice_date": purchase["date"],
                    "date": purchase["date"],
                    "invoice_payment_term_id": False,
                    "invoice_date_due": due,
                    "invoice_origin": order.name,
                    "invoice_user_id": order.user_id.id,
                    "team_id": order.team_id.id,
                    "campaign_id": order.campaign_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": line.product_id.id,
                                "quantity": line.product_uom_qty,
                                "price_unit": line.price_unit,
                                "discount": line.discount,
                                "tax_ids": [Command.set(line.tax_ids.ids)],
                            }
                        )
                        for line in order.order_line
                    ],
                }
            )
        invoices = self.env["account.move"].create(values)
        invoices.action_post()
        result = [
            [purchase, invoice, self.env["account.move"]]
            for (purchase, _order), invoice in zip(orders, invoices, strict=True)
        ]
        self._make_credit_notes([entry for entry in result if entry[0]["returned"]])
        return result

    def _make_credit_notes(self, entries):
        """Half of the first line came back, a week later."""
        today = fields.Date.today()
        notes = self.env["account.move"].create(
            [
                {
                    "move_type": "out_refund",
                    "partner_id": invoice.partner_id.id,
                    "reversed_entry_id": invoice.id,
                    "invoice_date": min(
                        today, invoice.invoice_date + timedelta(days=7)
                    ),
                    "invoice_payment_term_id": False,
                    "invoice_origin": invoice.name,
                    "invoice_user_id": invoice.invoice_user_id.id,
                    "team_id": invoice.team_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": line.product_id.id,
                                "quantity": max(1, line.quantity // 2),
                                "price_unit": line.price_unit,
                                "discount": line.discount,
                                "tax_ids": [Command.set(line.tax_ids.ids)],
                            }
                        )
                        for line in invoice.invoice_line_ids[:1]
                    ],
                }
                for _purchase, invoice, _note in entries
            ]
        )
        notes.action_post()
        plan = []
        for entry, note in zip(entries, notes, strict=True):
            entry[2] = note
            plan.append(self._get_receivable_lines(entry[1] | note))
        self.env["account.move.line"]._reconcile_plan(plan)

    def _link_orders(self, orders, invoices):
        """The orders are invoiced by these. Said last: else each payment of today
        would leave a note on its order."""
        for (_purchase, order), (_same, invoice, note) in zip(
            orders, invoices, strict=True
        ):
            lines = zip(order.order_line, invoice.invoice_line_ids, strict=True)
            for number, (order_line, invoice_line) in enumerate(lines):
                billed = invoice_line
                if not number:
                    billed |= note.invoice_line_ids
                order_line.invoice_lines = billed

    def _get_receivable_lines(self, moves):
        return moves.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _make_payments(self, invoices):
        """What was paid arrived at the bank: an entry per payment, of its day."""
        today = fields.Date.today()
        _sales, bank = self._get_journals()
        payments = []
        for purchase, invoice, _note in invoices:
            buyer = purchase["buyer"]
            left = invoice.amount_residual
            limit = buyer.unpaid_since and today - timedelta(days=buyer.unpaid_since)
            if not left or (limit and purchase["date"] >= limit):
                continue
            if buyer.halves:
                half = invoice.currency_id.round(left / 2)
                payments.append((invoice, invoice.invoice_date_due, half))
                payments.append((invoice, purchase["paid"], left - half))
            else:
                payments.append((invoice, purchase["paid"], left))
        payments = [payment for payment in payments if payment[1] <= today]
        payments.sort(key=lambda payment: (payment[1], payment[0].id))
        entries = self.env["account.move"].create(
            [
                self._get_payment_values(bank, invoice, day, amount)
                for invoice, day, amount in payments
            ]
        )
        entries.action_post()
        paid = {}
        for (invoice, _day, _amount), entry in zip(payments, entries, strict=True):
            paid[invoice] = paid.get(invoice, invoice) | entry
        self.env["account.move.line"]._reconcile_plan(
            [
                self._get_receivable_lines(moves).filtered(
                    lambda line: not line.reconciled
                )
                for moves in paid.values()
            ]
        )

    def _get_payment_values(self, bank, invoice, day, amount):
        receivable = self._get_receivable_lines(invoice).account_id[:1]
        label = self.env._("Payment of %(invoice)s", invoice=invoice.name)
        common = {"partner_id": invoice.partner_id.id, "name": label}
        return {
            "move_type": "entry",
            "journal_id": bank.id,
            "date": day,
            "ref": label,
            "line_ids": [
                Command.create(
                    {
                        **common,
                        "account_id": bank.default_account_id.id,
                        "debit": amount,
                    }
                ),
                Command.create(
                    {**common, "account_id": receivable.id, "credit": amount}
                ),
            ],
        }

    def _make_quotations(self):
        today = fields.Date.today()
        partners = [self._get_partner(name) for name, *_rest in QUOTATIONS]
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    **self._get_seller_values(partner),
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self._get_product(product).id,
                                "product_uom_qty": quantity,
                            }
                        )
                        for product, quantity in lines
                    ],
                }
                for partner, (_name, _age, _sent, lines) in zip(
                    partners, QUOTATIONS, strict=True
                )
            ]
        )
        for order, (_name, age, sent, _lines) in zip(orders, QUOTATIONS, strict=True):
            order.write(
                {
                    "date_order": datetime.combine(
                        today - timedelta(days=age), time(10)
                    ),
                    "state": "sent" if sent else "draft",
                }
            )
        self._backdate(
            {
                order.id: today - timedelta(days=age)
                for order, (_name, age, _sent, _lines) in zip(
                    orders, QUOTATIONS, strict=True
                )
            }
        )
