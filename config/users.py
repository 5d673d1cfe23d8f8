"""Wagtail's accounts, with our own rules of who may make whom mighty (`cms.editing.people`)."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    """Keep and edit accounts."""

    user_viewset = "cms.editing.people.PeopleViewSet"
