-- Since the policies were made, the coverage has become better from week to week.
INSERT INTO customer_coverage_week (
    week_start, user_id, team_id, policy_id, card_count, covered_count, planned_count,
    due_count, overdue_count, coverage, create_uid, create_date, write_uid, write_date)
SELECT week_start - ago * 7, user_id, team_id, policy_id, card_count,
       covered, planned, GREATEST(card_count - covered - planned - overdue, 0),
       LEAST(overdue, card_count - covered - planned),
       100.0 * (covered + planned) / card_count,
       create_uid, create_date, write_uid, write_date
  FROM customer_coverage_week week
 CROSS JOIN generate_series(1, 9) AS ago
 CROSS JOIN LATERAL (
       SELECT FLOOR(card_count * (0.75 - ago * 0.06 + (ago * 7 + week.id) % 3 * 0.05))::int
                  AS covered,
              FLOOR(card_count * ((ago + week.id) % 3) / 12.0)::int AS planned,
              CEIL(card_count * (0.05 + ago * 0.03))::int AS overdue) figures
 WHERE 1 = (SELECT COUNT(DISTINCT noted.week_start) FROM customer_coverage_week noted);
