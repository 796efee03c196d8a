-- Releases go to a share of the boxes as standards do: one roll-out at a time, whatever it is of.

ALTER TABLE rollout ALTER COLUMN standard_id DROP NOT NULL;
ALTER TABLE rollout ALTER COLUMN number DROP NOT NULL;
ALTER TABLE rollout ADD COLUMN part text NOT NULL DEFAULT 'standard' CHECK (part IN ('standard', 'model', 'application'));
ALTER TABLE rollout ADD COLUMN name text;
ALTER TABLE rollout ADD COLUMN release jsonb;
ALTER TABLE rollout ADD CONSTRAINT rollout_subject_check CHECK (
    CASE part WHEN 'standard' THEN standard_id IS NOT NULL AND number IS NOT NULL AND name IS NULL AND release IS NULL
              ELSE standard_id IS NULL AND number IS NULL AND name IS NOT NULL AND release ? 'manifest' END
);
COMMENT ON TABLE rollout IS 'A version of a standard, or a release, on its way to a share of the boxes.';
COMMENT ON COLUMN rollout.part IS 'Which part of what is desired of a box it replaces.';
COMMENT ON COLUMN rollout.name IS 'Name and version of the release; NULL: a standard, which has them itself.';
COMMENT ON COLUMN rollout.release IS 'contract.releases.ModelRelease or ApplicationRelease; NULL: a standard.';
COMMENT ON COLUMN rollout_device.before IS 'What was desired of it for that part before; NULL: nothing.';
