-- Late rows of several stores or days in turns: each day is marked once a transaction, not once a row.

CREATE OR REPLACE FUNCTION mark_late_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_date date := (NEW.at AT TIME ZONE 'UTC')::date;
    v_mark text := concat(' ', NEW.store_id, ':', v_date, ' ');
    v_marked text := COALESCE(current_setting('footfall.marked', true), '');
BEGIN
    IF strpos(v_marked, v_mark) = 0 THEN
        INSERT INTO store_day_mark (store_id, utc_date) VALUES (NEW.store_id, v_date);
        -- Some hundred days are remembered: beyond that one more mark costs less than a longer search.
        PERFORM set_config('footfall.marked', left(v_mark || v_marked, 8000), true);
    END IF;
    RETURN NULL;
END $$;
