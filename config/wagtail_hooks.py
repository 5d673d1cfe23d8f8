"""What the house adds to the CMS: who is there, as on the pages of the desk, and who changes accounts."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks

from config.desk_roles import DeletePeople, GiveRole, SetActive

# After Wagtail's own of the same names, in whose place they stand.
for _action in (DeletePeople, GiveRole, SetActive):
    hooks.register("register_bulk_action", _action, order=1)


@hooks.register("insert_global_admin_js")
def say_who_is_here() -> SafeString:
    """Keep an editor signed in while she writes."""
    return format_html('<script src="{}" defer></script>', static("desk/here.js"))
