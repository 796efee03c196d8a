-- What orders said before they were edited is looked up by order: it goes where the order is erased, or long gone.
-- Tills that wait for the index let nobody else pass: rather give way, and be run again.
SET LOCAL lock_timeout = '3s';
CREATE INDEX pos_order_past_order ON pos_order_past (order_id);
COMMENT ON TABLE pos_order_past IS 'What orders said before they were edited; the highest version is in pos_order. Kept as long as the order; of one that was deleted, which leaves what it said last nowhere, 100 days.';
COMMENT ON TABLE pos_order_line_past IS 'What orders consisted of before they were edited; the highest version is in pos_order_line. Kept as long as the order; of one that was deleted 100 days.';
COMMENT ON TABLE staff_shift_past IS 'What shifts said before they were changed or went to another store; the highest version is in staff_shift. Nobody''s alias. Kept as long as the shift; of one that was deleted 100 days.';
