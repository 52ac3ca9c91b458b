-- How long the log is kept is a setting ('log kept', in days). What is older may be taken out, from the oldest on;
-- what is younger may not, and nothing may while there is no setting.

DROP TRIGGER activity_is_not_shortened;

CREATE TRIGGER activity_is_not_shortened BEFORE DELETE ON activity
WHEN NOT EXISTS (
    SELECT 1 FROM settings
    WHERE key = 'log kept' AND datetime(OLD.at) < datetime('now', '-' || CAST(value AS INTEGER) || ' days')
)
BEGIN
    SELECT RAISE(ABORT, 'the log is only added to');
END;
