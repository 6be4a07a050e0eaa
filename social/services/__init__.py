"""Every write of ratings, comments, bookmarks, follows and notifications. Import from the modules."""
