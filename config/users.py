"""Wagtail's accounts, with our own rules of who may make whom mighty (`config.desk_roles`)."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    """Keep and edit accounts."""

    user_viewset = "config.desk_roles.ContentPeople"
    group_viewset = "config.desk_roles.ContentGroups"
