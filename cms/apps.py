"""The Django app of this layer."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    """Name the app, and tame what it stands on."""

    name = "cms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put up the guards, tame wagtail-localize, hear of changes, give messages their form."""
        from cms.guards import put_up_guards
        from cms.message_forms import MessageForm
        from cms.models import MessagePage
        from cms.publishing.invalidating import listen
        from cms.publishing.weighing import watch_weights
        from cms.translating.taming import tame

        put_up_guards(self)
        tame()
        listen()
        watch_weights()
        # Not in the model: the form asks the linter, and the linter reads the models.
        MessagePage.base_form_class = MessageForm
