from odoo.tools import SQL


def migrate(cr, version):
    """Paper loans of 19.0.1.0.0 had no sections: they get those that a new one has, so
    that what waits can be approved and what is out can be printed."""
    cr.execute(
        SQL(
            """
            INSERT INTO customer_card_loan_section_rel (loan_id, section_id)
                 SELECT loan.id, section.id
                   FROM customer_card_loan loan
             CROSS JOIN customer_card_section section
                  WHERE loan.mode = 'paper'
                    AND loan.state IN ('draft', 'submitted', 'lent')
                    AND section.active
                    AND section.is_default
                    AND section.may_be_lent
                    AND NOT EXISTS (
                        SELECT FROM customer_card_loan_section_rel rel
                         WHERE rel.loan_id = loan.id)
            """
        )
    )
