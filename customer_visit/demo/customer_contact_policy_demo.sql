-- The cards of the demo story were opened months ago: those that nobody has contacted yet
-- have been due for some days or weeks. This file runs again at each update, and leaves
-- everything alone once a week has been noted.
UPDATE res_partner card
   SET contact_since = GREATEST(
           opened.date::date, CURRENT_DATE - 3 - card.id % 45)
  FROM (SELECT partner_id, MIN(date) AS date
          FROM customer_card_event
         WHERE kind = 'opened'
      GROUP BY partner_id) opened
 WHERE opened.partner_id = card.id
   AND card.card_state IS NOT NULL
   AND NOT EXISTS (SELECT FROM customer_coverage_week);

-- The visits of the story were planned some days before, not while it is loaded.
UPDATE customer_visit visit
   SET create_date = visit.date_planned - INTERVAL '4 days'
  FROM ir_model_data data
 WHERE data.model = 'customer.visit'
   AND data.module = 'customer_visit'
   AND data.res_id = visit.id
   AND visit.origin IN ('manual', 'plan')
   AND visit.create_date > visit.date_planned - INTERVAL '4 days';
