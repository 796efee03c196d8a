-- Staff hours are figures now: as of a moment, those that had come by then.

CREATE VIEW past.staff_shift AS
SELECT * FROM public.staff_shift WHERE received_at <= (SELECT past.known_at());
