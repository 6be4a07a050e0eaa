"""Let a stored document lose its checksum when anything but the workers changes it.

Whatever builds documents writes `built_at` anew; a change that leaves it was made by hand, so what stands there is no
longer known to be what was built, and the next check or rebuild mends it.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION search_changed_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.checksum := '';
    RETURN NEW;
END $$;
CREATE TRIGGER search_changed_by_hand BEFORE UPDATE ON search_searchdocument
    FOR EACH ROW WHEN (NEW.built_at = OLD.built_at) EXECUTE FUNCTION search_changed_by_hand();
"""

REMOVE = """
DROP TRIGGER search_changed_by_hand ON search_searchdocument;
DROP FUNCTION search_changed_by_hand();
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0004_jobs_and_tallies")]

    operations = [
        migrations.RunSQL(FUNCTION, REMOVE),
        # Checksums are summed up in another way from here on, so every document is built anew.
        migrations.RunSQL("INSERT INTO search_outbox (model_id) VALUES (NULL)", migrations.RunSQL.noop),
    ]
