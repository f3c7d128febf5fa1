-- The checks of the demo story were made on past Mondays and rated on the Tuesdays after,
-- and the cards were updated before. This file runs again at each update, and leaves
-- checks alone that have been given their dates.
DO $$
BEGIN
IF EXISTS (
    SELECT 1 FROM customer_card_review WHERE done_date < now() AT TIME ZONE 'UTC' - interval '3 days'
) THEN
    RETURN;
END IF;

-- what was changed while loading, was changed soon after the card was opened
UPDATE customer_card_event event
   SET date = opened.date + interval '3 hours'
  FROM customer_card_event opened, ir_model_data data
 WHERE data.module IN ('base', 'customer_card')
   AND data.model = 'res.partner'
   AND data.res_id = event.partner_id
   AND data.name NOT IN ('res_partner_liberty', 'res_partner_golden_gate')
   AND opened.partner_id = event.partner_id
   AND opened.kind = 'opened'
   AND event.kind = 'changed'
   AND event.date > now() AT TIME ZONE 'UTC' - interval '1 day';

UPDATE customer_card_event event
   SET date = event.date - interval '30 hours'
  FROM ir_model_data data
 WHERE data.module = 'customer_card'
   AND data.name IN ('res_partner_liberty', 'res_partner_golden_gate')
   AND data.res_id = event.partner_id
   AND event.kind = 'changed'
   AND event.date > now() AT TIME ZONE 'UTC' - interval '1 day';

-- some cards are stale
UPDATE res_partner card
   SET card_last_update = GREATEST(
           now() AT TIME ZONE 'UTC' - CASE data.name
               WHEN 'res_partner_chesapeake' THEN interval '97 days'
               WHEN 'res_partner_redwood' THEN interval '110 days'
               WHEN 'res_partner_peachtree' THEN interval '41 days'
               WHEN 'res_partner_mojave' THEN interval '55 days'
               WHEN 'res_partner_liberty' THEN interval '30 hours'
               WHEN 'res_partner_golden_gate' THEN interval '30 hours'
               ELSE data.res_id % 25 * interval '1 day' END,
           CASE WHEN data.name IN (
               'res_partner_chesapeake', 'res_partner_redwood', 'res_partner_peachtree',
               'res_partner_mojave') THEN NULL ELSE (
               SELECT MAX(date) FROM customer_card_event event
                WHERE event.partner_id = card.id AND event.kind IN ('opened', 'changed')
           ) END)
  FROM ir_model_data data
 WHERE data.module IN ('base', 'customer_card')
   AND data.model = 'res.partner'
   AND data.res_id = card.id
   AND card.card_state IS NOT NULL;

UPDATE customer_card_review review
   SET create_date = review.week_start + interval '3 hours',
       since_date = review.week_start - interval '7 days' + interval '3 hours',
       done_date = CASE WHEN review.state = 'done'
                        THEN review.week_start + interval '1 day 9 hours' END,
       completeness = GREATEST(review.completeness - 0.5
           * (date_trunc('week', now())::date - review.week_start), 0),
       stale_count = LEAST(review.card_count, 1
           + (date_trunc('week', now())::date - review.week_start) / 7
           + CASE WHEN data.name = 'crm_team_west' THEN 1 ELSE 0 END)
  FROM ir_model_data data
 WHERE data.module = 'customer_card'
   AND data.model = 'crm.team'
   AND data.res_id = review.team_id;

UPDATE customer_card_review_line line
   SET rated_date = review.week_start + interval '1 day 9 hours'
  FROM customer_card_review review
 WHERE review.id = line.review_id
   AND line.rated_date IS NOT NULL;

UPDATE customer_card_review_line line
   SET last_update = card.card_last_update,
       is_changed = COALESCE(card.card_last_update > review.since_date, FALSE)
  FROM customer_card_review review, res_partner card
 WHERE review.id = line.review_id
   AND card.id = line.partner_id
   AND review.week_start = date_trunc('week', now())::date;

UPDATE customer_card_event event
   SET date = LEAST(review.week_start + interval '1 day 9 hours', event.date)
  FROM customer_card_review review
 WHERE event.res_model = 'customer.card.review'
   AND event.res_id = review.id
   AND event.kind = 'reviewed';

UPDATE res_partner card
   SET card_last_review = rated.date
  FROM (SELECT partner_id, MAX(rated_date)::date AS date
          FROM customer_card_review_line
      GROUP BY partner_id) rated
 WHERE rated.partner_id = card.id
   AND rated.date IS NOT NULL;

-- Emma and her manager knew these cards before they were changed
INSERT INTO customer_card_look (user_id, partner_id, date)
     SELECT viewer.res_id, card.res_id, now() AT TIME ZONE 'UTC' - interval '5 days'
       FROM ir_model_data viewer, ir_model_data card
      WHERE viewer.module = 'customer_card'
        AND card.module = 'customer_card'
        AND ((viewer.name IN ('res_users_custodian_east', 'res_users_manager_east')
              AND card.name = 'res_partner_liberty')
          OR (viewer.name = 'res_users_manager_west'
              AND card.name = 'res_partner_golden_gate'))
ON CONFLICT DO NOTHING;
END $$;
