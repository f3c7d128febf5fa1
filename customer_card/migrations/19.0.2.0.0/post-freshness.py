from odoo.tools import SQL


def migrate(cr, version):
    """Cards that were there before have a last update too: the last thing that the
    ledger tells of them, else the day on which the contact was made. Their completeness
    is computed by the scheduled action that the new requirements have triggered."""
    cr.execute(
        SQL(
            """
            UPDATE res_partner card
               SET card_last_update = COALESCE(event.date, card.create_date)
              FROM res_partner same
         LEFT JOIN (
                   SELECT partner_id, MAX(date) AS date
                     FROM customer_card_event
                    WHERE kind IN ('opened', 'confirmed', 'changed', 'reopened', 'merged')
                 GROUP BY partner_id) event ON event.partner_id = same.id
             WHERE same.id = card.id
               AND card.card_state IS NOT NULL
               AND card.card_last_update IS NULL
            """
        )
    )
