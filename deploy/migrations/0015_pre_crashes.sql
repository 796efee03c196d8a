-- How often a box's agent was started without having been stopped, as the box says itself once that is often.

ALTER TABLE device_status
    ADD COLUMN crashes_10_min bigint,
    ADD COLUMN crashes_24_h bigint;
COMMENT ON COLUMN device_status.crashes_10_min IS 'Starts within ten minutes without a stop before them: crashed, killed, or no power. NULL: few or none.';
COMMENT ON COLUMN device_status.crashes_24_h IS 'The same within a day.';
