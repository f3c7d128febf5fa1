-- The demo story happened over the last months, not in the second of its loading. The
-- ledger takes no dates from anybody, so they are moved here, once: this file runs again
-- at each update, and leaves a ledger alone that is older than a day.
DO $$
BEGIN
IF EXISTS (
    SELECT 1 FROM customer_card_event WHERE date < now() AT TIME ZONE 'UTC' - interval '1 day'
) THEN
    RETURN;
END IF;

UPDATE customer_card_loan
   SET create_date = start.date,
       submit_date = CASE WHEN submit_date IS NOT NULL THEN start.date END,
       decision_date = CASE WHEN decision_date IS NOT NULL
                            THEN start.date + interval '3 hours' END,
       end_date = CASE WHEN state = 'expired' THEN valid_until
                       WHEN end_date IS NOT NULL THEN LEAST(
                           date_from + 0.6 * (valid_until - date_from),
                           end_date - interval '2 hours') END
  FROM (
      SELECT loan.id, LEAST(loan.date_from, loan.create_date) - interval '5 hours' AS date
        FROM customer_card_loan loan
        JOIN ir_model_data data
          ON data.model = 'customer.card.loan' AND data.res_id = loan.id
       WHERE data.module = 'customer_card'
  ) start
 WHERE start.id = customer_card_loan.id;

UPDATE customer_card_event event
   SET date = CASE
           WHEN kind = 'loan_requested' THEN loan.submit_date
           WHEN kind IN ('loan_lent', 'loan_refused') THEN loan.decision_date
           WHEN kind = 'loan_cancelled' THEN loan.create_date + interval '1 day'
           ELSE COALESCE(loan.end_date, event.date) END
  FROM customer_card_loan loan, ir_model_data data
 WHERE data.module = 'customer_card'
   AND data.model = 'customer.card.loan'
   AND data.res_id = loan.id
   AND event.res_model = data.model
   AND event.res_id = loan.id;

UPDATE customer_card_event event
   SET date = event.date + CASE kind
           WHEN 'opened' THEN (event.id - first.id) * interval '61 hours' - interval '120 days'
           WHEN 'closed' THEN interval '-19 days'
           WHEN 'dormant' THEN partner.id % 10 * interval '31 hours' - interval '30 days'
           WHEN 'deputy_changed' THEN interval '-4 days'
           ELSE interval '0' END
  FROM res_partner partner, ir_model_data data,
       (SELECT MIN(id) AS id FROM customer_card_event) first
 WHERE data.module IN ('base', 'customer_card')
   AND data.model = 'res.partner'
   AND data.res_id = partner.id
   AND event.partner_id = partner.id
   AND event.res_model IS NULL;

UPDATE mail_message message
   SET date = loan.create_date
  FROM customer_card_loan loan, ir_model_data data
 WHERE data.module = 'customer_card'
   AND data.model = 'customer.card.loan'
   AND data.res_id = loan.id
   AND message.model = data.model
   AND message.res_id = loan.id;

UPDATE mail_message message
   SET date = message.date + CASE
           WHEN message.message_type = 'notification' THEN interval '-130 days'
           ELSE data.res_id % 20 * interval '29 hours' - interval '28 days' END
  FROM ir_model_data data
 WHERE data.module IN ('base', 'customer_card')
   AND data.model = 'res.partner'
   AND message.model = data.model
   AND message.res_id = data.res_id
   AND (data.module = 'customer_card' OR message.author_id IN (
       SELECT res_id FROM ir_model_data
        WHERE module = 'customer_card' AND model = 'res.partner'));
END $$;
