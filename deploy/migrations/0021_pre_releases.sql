-- Boxes fetch releases from the enrolment service, and one that may not is noted like any other that is refused.
ALTER TABLE trust_event DROP CONSTRAINT trust_event_action_check;
ALTER TABLE trust_event ADD CONSTRAINT trust_event_action_check CHECK (action IN (
    'store_opened', 'store_closed', 'code_issued', 'code_refused', 'locked_out', 'enrolled', 'renewed',
    'renewal_refused', 'revoked', 'fetch_refused'
));
