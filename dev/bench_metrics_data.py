"""Books for the benchmark of figures, by SQL: customers of whom few buy much and many
little, three years of invoices, credit notes, payments in time and late, and orders."""

from contextlib import contextmanager

from odoo.fields import Command
from odoo.tools import SQL

#: documents per customer; orders per document
DOCUMENTS = 10
DAYS = 3 * 365
PRODUCTS = 500
LAST_DAY = "2026-06-30"

TABLES = (
    "res_partner",
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "sale_order",
    "sale_order_line",
)


def get_company(env):
    """:return: the company of the benchmark, with a chart of accounts"""
    company = env["res.company"].search([("name", "=", "Bench Traders")])
    if not company:
        company = env["res.company"].create({"name": "Bench Traders"})
        env.user.company_ids = [Command.link(company.id)]
        env["account.chart.template"].try_loading(
            "generic_coa", company=company, install_demo=False
        )
    return company


def build(env, customers):
    """:param customers: how many; ten times as many documents"""
    company = get_company(env)
    other = env["res.company"].create({"name": "Bench Other"})
    products = build_products(env, company)
    Account = env["account.account"].with_company(company)

    def account(kind):
        domain = [("company_ids", "in", company.ids), ("account_type", "=", kind)]
        return Account.search(domain, limit=1).id

    def journal(kind):
        domain = [("company_id", "=", company.id), ("type", "=", kind)]
        return env["account.journal"].search(domain, limit=1).id

    env.flush_all()
    env.cr.execute("SELECT SETSEED(0.42)")
    names = {
        "customers": customers,
        "documents": customers * DOCUMENTS,
        "days": DAYS,
        "last_day": LAST_DAY,
        "company": company.id,
        "other": other.id,
        "currency": company.currency_id.id,
        "receivable": account("asset_receivable"),
        "income": account("income"),
        "cash": account("asset_cash"),
        "sale_journal": journal("sale"),
        "bank_journal": journal("bank"),
        "first_product": products.ids[0],
        "products": PRODUCTS,
        "unit": env.ref("uom.product_uom_unit").id,
    }
    with without_indexes(env.cr):
        for name, table in (
            ("first", "res_partner"),
            ("first_move", "account_move"),
            ("first_line", "account_move_line"),
            ("first_order", "sale_order"),
        ):
            env.cr.execute(
                SQL("SELECT COALESCE(MAX(id), 0) + 1 FROM %s", SQL.identifier(table))
            )
            names[name] = env.cr.fetchone()[0]
        names["first_payment"] = names["first_move"] + names["documents"]
        names["first_payment_line"] = names["first_line"] + 3 * names["documents"]
        for statement in STATEMENTS:
            env.cr.execute(SQL(statement, **names))
        # a product written in the last hour touches all who buy it
        for table in ("product_product", "product_template"):
            env.cr.execute(
                SQL(
                    "UPDATE %s SET write_date = write_date - INTERVAL '1 year'",
                    SQL.identifier(table),
                )
            )
    for table in TABLES:
        env.cr.execute(
            SQL(
                "SELECT SETVAL(%s, (SELECT MAX(id) FROM %s))",
                f"{table}_id_seq",
                SQL.identifier(table),
            )
        )
    env.invalidate_all()


def build_products(env, company):
    categories = env["product.category"].create(
        [{"name": f"Bench {number}"} for number in range(20)]
    )
    products = (
        env["product.product"]
        .with_company(company)
        .create(
            [
                {
                    "name": f"Bench {number}",
                    "categ_id": categories[number % 20].id,
                    "standard_price": 10 + number % 50,
                }
                for number in range(PRODUCTS)
            ]
        )
    )
    return products.sorted("id")


@contextmanager
def without_indexes(cr):
    """Filling a table without its indexes and foreign keys is many times faster. The
    keys come back as they were, only unchecked."""
    cr.execute(
        """
        SELECT FORMAT('DROP INDEX %%I', indexname), indexdef
          FROM pg_indexes
         WHERE tablename = ANY(%s) AND schemaname = 'public' AND NOT EXISTS (
                   SELECT FROM pg_constraint WHERE conname = indexname)
        """,
        [list(TABLES)],
    )
    indexes = cr.fetchall()
    cr.execute(
        """
        SELECT FORMAT('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
               FORMAT('ALTER TABLE %%s ADD CONSTRAINT %%I %%s NOT VALID',
                      conrelid::regclass, conname, PG_GET_CONSTRAINTDEF(oid))
          FROM pg_constraint
         WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
        """,
        [list(TABLES)],
    )
    keys = cr.fetchall()
    cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for drop, _create in [*keys, *indexes]:
        cr.execute(drop)
    yield
    for _drop, create in [*indexes, *keys]:
        cr.execute(create.replace("NOT VALID NOT VALID", "NOT VALID"))


# Half of the customers have a contact, who signs one document in five. Eighteen in a
# hundred have a card.
PARTNERS = """
    INSERT INTO res_partner (
        id, name, complete_name, email, ref, active, type, is_company, partner_share,
        commercial_partner_id, parent_id, lang, autopost_bills, card_state, card_kind,
        card_number, card_root_id
    )
    SELECT %(first)s + n, name, name, 'mail' || n || '@firm.example.com', 'R' || n, TRUE,
           'contact', parent_id IS NULL, TRUE, COALESCE(parent_id, %(first)s + n),
           parent_id, 'en_US', 'ask',
           CASE WHEN has_card AND parent_id IS NULL THEN 'active' END,
           CASE WHEN has_card AND parent_id IS NULL THEN 'customer' END,
           CASE WHEN has_card AND parent_id IS NULL THEN 'B' || n END,
           CASE WHEN has_card THEN COALESCE(parent_id, %(first)s + n) END
      FROM (
          SELECT n, 'Firm c' || n AS name, n %% %(customers)s %% 100 < 18 AS has_card,
                 CASE WHEN n >= %(customers)s
                      THEN %(first)s + n - %(customers)s END AS parent_id
            FROM GENERATE_SERIES(0, %(customers)s * 3 / 2 - 1) AS n
      ) partner
"""

# A document is drawn once, in the order of its date; all that follows is worked out of
# it. Whose it is: u to the third, so that a tenth of the customers have half of the
# documents; 7,919 strews the large ones among all. Log-normal amounts by Box and Muller.
DRAWN = """
    CREATE TEMP TABLE bench_document ON COMMIT DROP AS
    SELECT n, day, customer, %(first)s + customer + CASE
               WHEN by_contact AND customer < %(customers)s / 2 THEN %(customers)s
               ELSE 0 END AS partner_id,
           %(first)s + customer AS commercial_id,
           CASE WHEN kind < 0.04 THEN 'out_refund' ELSE 'out_invoice' END AS move_type,
           CASE WHEN status < 0.03 THEN 'draft' WHEN status < 0.05 THEN 'cancel'
                ELSE 'posted' END AS state,
           CASE WHEN place < 0.08 THEN %(other)s ELSE %(company)s END AS company_id,
           CASE WHEN kind < 0.04 THEN -1 ELSE 1 END AS sign,
           ROUND((quantity_1 * price_1)::numeric, 2) AS amount_1,
           ROUND((quantity_2 * price_2)::numeric, 2) AS amount_2,
           product_1, product_2, quantity_1, quantity_2,
           day + term AS due, day + term + delay AS paid, paying < 0.88 AS is_paid
      FROM (
          SELECT n,
                 %(last_day)s::date - %(days)s + 1 + (n * %(days)s / %(documents)s)::int
                     AS day,
                 (FLOOR(%(customers)s * POWER(RANDOM(), 3))::bigint * 7919
                     %% %(customers)s)::int AS customer,
                 RANDOM() < 0.2 AS by_contact,
                 RANDOM() AS kind, RANDOM() AS status, RANDOM() AS place,
                 RANDOM() AS paying,
                 (ARRAY[0, 14, 30, 30, 30, 60])[1 + FLOOR(RANDOM() * 6)::int] AS term,
                 (ROUND(EXP(SQRT(-2 * LN(1 - RANDOM())) * COS(6.28318 * RANDOM()) + 2))
                     - 8)::int AS delay,
                 FLOOR(%(products)s * POWER(RANDOM(), 2))::int AS product_1,
                 FLOOR(%(products)s * POWER(RANDOM(), 2))::int AS product_2,
                 1 + FLOOR(RANDOM() * 9)::int AS quantity_1,
                 1 + FLOOR(RANDOM() * 9)::int AS quantity_2,
                 EXP(SQRT(-2 * LN(1 - RANDOM())) * COS(6.28318 * RANDOM()) + 3.5)
                     AS price_1,
                 EXP(SQRT(-2 * LN(1 - RANDOM())) * COS(6.28318 * RANDOM()) + 3.5)
                     AS price_2
            FROM GENERATE_SERIES(0, %(documents)s - 1) AS n
      ) drawn
"""

MOVES = """
    INSERT INTO account_move (
        id, name, sequence_prefix, sequence_number, state, move_type, partner_id,
        commercial_partner_id, partner_shipping_id, invoice_partner_display_name,
        company_id, journal_id, currency_id, date, invoice_date, invoice_date_due,
        auto_post, payment_reference, payment_state, access_token,
        amount_untaxed, amount_total, amount_tax, amount_residual,
        amount_untaxed_signed, amount_total_signed, amount_residual_signed,
        amount_untaxed_in_currency_signed, amount_total_in_currency_signed,
        invoice_currency_rate, create_uid, create_date, write_uid, write_date
    )
    SELECT %(first_move)s + n, 'INV/' || EXTRACT(YEAR FROM day) || '/' || n,
           'INV/' || EXTRACT(YEAR FROM day) || '/', n, state, move_type, partner_id,
           commercial_id, partner_id, 'Firm c' || customer,
           company_id, %(sale_journal)s, %(currency)s, day, day, due,
           'no', 'INV/' || EXTRACT(YEAR FROM day) || '/' || n,
           CASE WHEN is_paid THEN 'paid' ELSE 'not_paid' END, MD5(n::text),
           untaxed, untaxed + tax, tax, CASE WHEN is_paid THEN 0 ELSE untaxed + tax END,
           sign * untaxed, sign * (untaxed + tax),
           CASE WHEN is_paid THEN 0 ELSE sign * (untaxed + tax) END,
           sign * untaxed, sign * (untaxed + tax), 1, 1, day, 1, day
      FROM (
          SELECT *, amount_1 + amount_2 AS untaxed,
                 ROUND((amount_1 + amount_2) * 0.2, 2) AS tax
            FROM bench_document
      ) document
"""

# Two products and what the customer owes; line ids follow the document, so that
# payments find them.
LINES = """
    INSERT INTO account_move_line (
        id, move_id, company_id, company_currency_id, currency_id, account_id, journal_id,
        partner_id, date, invoice_date, parent_state, move_name, display_type, name,
        product_id, product_uom_id, quantity, price_unit, price_subtotal, price_total,
        discount, balance, debit, credit, amount_currency, amount_residual,
        amount_residual_currency, date_maturity, reconciled, create_uid, create_date,
        write_uid, write_date
    )
    SELECT %(first_line)s + n * 3 + part, %(first_move)s + n, company_id, %(currency)s,
           %(currency)s, CASE WHEN part = 2 THEN %(receivable)s ELSE %(income)s END,
           %(sale_journal)s, commercial_id, day, day, state, 'INV/' || n,
           CASE WHEN part = 2 THEN 'payment_term' ELSE 'product' END, 'Bench ' || n,
           CASE WHEN part < 2 THEN %(first_product)s + product END,
           CASE WHEN part < 2 THEN %(unit)s END, quantity,
           amount / quantity, amount, amount * 1.2, 0,
           balance, GREATEST(balance, 0), GREATEST(-balance, 0), balance,
           CASE WHEN part = 2 AND NOT is_paid AND state = 'posted' THEN balance ELSE 0 END,
           CASE WHEN part = 2 AND NOT is_paid AND state = 'posted' THEN balance ELSE 0 END,
           CASE WHEN part = 2 THEN due END, part = 2 AND is_paid, 1, day, 1, day
      FROM (
          SELECT document.*, part,
                 CASE part WHEN 0 THEN product_1 WHEN 1 THEN product_2 END AS product,
                 CASE part WHEN 0 THEN quantity_1 WHEN 1 THEN quantity_2 ELSE 1 END
                     AS quantity,
                 CASE part WHEN 0 THEN amount_1 WHEN 1 THEN amount_2 ELSE 0 END AS amount,
                 CASE part WHEN 0 THEN -sign * amount_1 WHEN 1 THEN -sign * amount_2
                           ELSE sign * (amount_1 + amount_2
                                        + ROUND((amount_1 + amount_2) * 0.2, 2)) END
                     AS balance
            FROM bench_document document
            JOIN GENERATE_SERIES(0, 2) AS part ON TRUE
      ) line
"""

PAYMENTS = """
    INSERT INTO account_move (
        id, name, sequence_prefix, sequence_number, state, move_type, partner_id,
        commercial_partner_id, company_id, journal_id, currency_id, date, auto_post,
        create_uid, create_date, write_uid, write_date
    )
    SELECT %(first_payment)s + n, 'BNK/' || n, 'BNK/', n, 'posted', 'entry',
           commercial_id, commercial_id, company_id, %(bank_journal)s, %(currency)s,
           paid, 'no', 1, paid, 1, paid
      FROM bench_document
     WHERE is_paid AND state = 'posted'
"""

PAYMENT_LINES = """
    INSERT INTO account_move_line (
        id, move_id, company_id, company_currency_id, currency_id, account_id, journal_id,
        partner_id, date, parent_state, move_name, display_type, name, balance, debit,
        credit, amount_currency, amount_residual, date_maturity, reconciled, create_uid,
        create_date, write_uid, write_date
    )
    SELECT %(first_payment_line)s + n * 2 + part, %(first_payment)s + n, company_id,
           %(currency)s, %(currency)s,
           CASE WHEN part = 0 THEN %(receivable)s ELSE %(cash)s END, %(bank_journal)s,
           commercial_id, paid, 'posted', 'BNK/' || n, 'product', 'Payment ' || n,
           balance, GREATEST(balance, 0), GREATEST(-balance, 0), balance, 0, paid,
           part = 0, 1, paid, 1, paid
      FROM (
          SELECT document.*, part,
                 CASE WHEN part = 0 THEN -sign ELSE sign END * (
                     amount_1 + amount_2 + ROUND((amount_1 + amount_2) * 0.2, 2)
                 ) AS balance
            FROM bench_document document
            JOIN GENERATE_SERIES(0, 1) AS part ON TRUE
           WHERE is_paid AND state = 'posted'
      ) line
"""

MATCHES = """
    INSERT INTO account_partial_reconcile (
        debit_move_id, credit_move_id, debit_currency_id, credit_currency_id, company_id,
        max_date, amount, debit_amount_currency, credit_amount_currency, create_uid,
        create_date, write_uid, write_date
    )
    SELECT CASE WHEN sign > 0 THEN owed ELSE settled END,
           CASE WHEN sign > 0 THEN settled ELSE owed END,
           %(currency)s, %(currency)s, company_id, GREATEST(day, paid), total, total,
           total, 1, paid, 1, paid
      FROM (
          SELECT *, %(first_line)s + n * 3 + 2 AS owed,
                 %(first_payment_line)s + n * 2 AS settled,
                 amount_1 + amount_2 + ROUND((amount_1 + amount_2) * 0.2, 2) AS total
            FROM bench_document
           WHERE is_paid AND state = 'posted'
      ) document
"""

# Two documents in five come from an order, which was quoted days before.
ORDERS = """
    INSERT INTO sale_order (
        id, name, company_id, partner_id, partner_invoice_id, partner_shipping_id, state,
        create_date, date_order, currency_id, currency_rate, amount_untaxed, amount_total,
        invoice_status, create_uid, write_uid, write_date
    )
    SELECT %(first_order)s + n, 'S' || n, company_id, partner_id, partner_id, partner_id,
           CASE WHEN n %% 50 < 3 THEN 'cancel' WHEN n %% 50 < 6 THEN 'sent'
                ELSE 'sale' END,
           day - 3 - n %% 20 * INTERVAL '1 day', day - 2 + INTERVAL '9 hours',
           %(currency)s, 1, amount_1 + amount_2, (amount_1 + amount_2) * 1.2, 'invoiced',
           1, 1, day
      FROM bench_document
     WHERE n %% 5 < 2
"""

ORDER_LINES = """
    INSERT INTO sale_order_line (
        order_id, company_id, order_partner_id, currency_id, state, name, customer_lead,
        product_id, product_uom_id, product_uom_qty, price_unit, discount, price_subtotal,
        price_total, create_uid, create_date, write_uid, write_date
    )
    SELECT %(first_order)s + n, company_id, partner_id, %(currency)s,
           CASE WHEN n %% 50 < 3 THEN 'cancel' WHEN n %% 50 < 6 THEN 'sent'
                ELSE 'sale' END,
           'Bench', 0,
           %(first_product)s + CASE part WHEN 0 THEN product_1 ELSE product_2 END,
           %(unit)s,
           CASE part WHEN 0 THEN quantity_1 ELSE quantity_2 END,
           CASE part WHEN 0 THEN amount_1 / quantity_1 ELSE amount_2 / quantity_2 END
               / (1 - n %% 4 * 0.05),
           n %% 4 * 5, CASE part WHEN 0 THEN amount_1 ELSE amount_2 END,
           CASE part WHEN 0 THEN amount_1 ELSE amount_2 END * 1.2, 1, day, 1, day
      FROM bench_document
      JOIN GENERATE_SERIES(0, 1) AS part ON TRUE
     WHERE n %% 5 < 2
"""

STATEMENTS = (
    PARTNERS,
    DRAWN,
    MOVES,
    LINES,
    PAYMENTS,
    PAYMENT_LINES,
    MATCHES,
    ORDERS,
    ORDER_LINES,
)
