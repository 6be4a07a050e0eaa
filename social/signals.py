"""What follows from what happens in the catalog: followers hear of new versions.

The catalog does not know of followers, so it is watched: a person adding a version leaves an activity.
Bulk loads leave none, and tell nobody.
"""

from django.db.models.signals import post_save
from django.dispatch import receiver

from catalog.models import Activity
from social.services.notifications import announce_version

ADDED = "added-version"


@receiver(post_save, sender=Activity, dispatch_uid="social.version_added")
def version_added(sender: type[Activity], instance: Activity, created: bool, **kwargs: object) -> None:
    if created and instance.verb == ADDED and instance.version is not None and not kwargs.get("raw"):
        announce_version(version=instance.version, actor_id=instance.actor_id)
