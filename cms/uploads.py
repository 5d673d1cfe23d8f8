"""Forms for pictures and documents: an upload must be what its name says, and no more is kept of it."""

import secrets
import zipfile
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from cms import budgets
from cms.file_kinds import holds_page, holds_svg, mime_of, name_kind
from cms.models.relations import is_used_live

PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
NAMED = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
# Where a PDF says that it ends; what stands far behind it is another file.
_END_OF_PDF = 1024


class PictureField(WagtailImageField):
    """Take JPEG, PNG and WebP whose content is what the name says."""

    def to_python(self, data: Any) -> Any:
        """Look at the content first, so that the answer names what was found."""
        # What is too large is left unread, for the field itself to refuse.
        if data and data.size <= self.max_upload_size:
            check_picture(data.read(), data.name)
            data.seek(0)
        try:
            return super().to_python(data)
        except OSError as error:
            raise _cut_off() from error


class PictureForm(BaseImageForm):
    """Keep a picture without its name, its place, its camera and anything else that hangs on it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if before := self.fields.get("file"):
            self.fields["file"] = PictureField(
                label=before.label, required=before.required, widget=before.widget
            )

    def clean_file(self) -> Any:
        """Draw the picture anew, so that only what it shows is kept."""
        given = self.cleaned_data.get("file")
        if not isinstance(given, UploadedFile):
            return given
        if is_used_live(self.instance):
            words = _("This can be seen in something live. Upload a new picture and choose that.")
            raise ValidationError(words)
        return redraw(given)


class DocumentForm(BaseDocumentForm):
    """Take PDFs that are nothing but PDFs, and keep them without their names."""

    def clean_file(self) -> Any:
        """Refuse what only calls itself a PDF."""
        given = self.cleaned_data.get("file")
        if not isinstance(given, UploadedFile):
            return given
        given.seek(0)
        content = given.read()
        check_pdf(content)
        if not str(given.name).lower().endswith(".pdf"):
            words = _(
                "This is a PDF, and its name says something else. Let the name end with .pdf."
            )
            raise ValidationError(words)
        return _keep(content, suffix="pdf", mime="application/pdf")


def check_picture(content: bytes, name: str) -> None:
    """Raise ValidationError where a picture is of no kind we take, or not what its name says."""
    found = PICTURES.get(mime_of(content))
    if found is None:
        words = _("This is %(found)s. Upload a JPEG, PNG or WebP picture.")
        raise ValidationError(words % {"found": name_kind(content)})
    if NAMED.get(name.rpartition(".")[2].lower()) != found:
        words = _(
            "This is %(found)s, and its name says something else. Save it again as a picture."
        )
        raise ValidationError(words % {"found": name_kind(content)})


def redraw(given: "UploadedFile[Any]") -> "UploadedFile[Any]":
    """Return a picture drawn anew, upright, with nothing but its pixels."""
    given.seek(0)
    content = given.read()
    kind = PICTURES[mime_of(content)]
    try:
        with Image.open(BytesIO(content), formats=[kind]) as opened:
            upright = ImageOps.exif_transpose(opened)
            mode = "RGBA" if upright.has_transparency_data and kind != "JPEG" else "RGB"
            drawn = Image.new(mode, upright.size)
            drawn.paste(upright.convert(mode))
    except (OSError, ValueError) as error:
        raise _cut_off() from error
    refuse_heavy(drawn)
    kept = BytesIO()
    drawn.save(kept, kind, quality=90)
    return _keep(kept.getvalue(), suffix=SUFFIXES[kind], mime=Image.MIME[kind])


def refuse_heavy(drawn: Image.Image) -> None:
    """Raise ValidationError for a picture that weighs too much as readers get it."""
    small = drawn.copy()
    small.thumbnail(budgets.PICTURE_BOX)
    sent = BytesIO()
    small.save(sent, "WEBP", quality=budgets.PICTURE_QUALITY)
    if sent.tell() > budgets.PICTURE:
        words = _(
            "On a phone this picture would have %(size)d KB; %(limit)d KB is the most. Take one with"
            " fewer details: a plain background, one thing to see."
        )
        sizes = {"size": sent.tell() / 1024, "limit": budgets.PICTURE / 1024}
        raise ValidationError(words % sizes)


def _cut_off() -> ValidationError:
    return ValidationError(
        _("This picture can not be read to its end. Save it again as a JPEG, PNG or WebP.")
    )


def check_pdf(content: bytes) -> None:
    """Raise ValidationError where a file is no PDF, or something else as well."""
    if not content.startswith(b"%PDF-"):
        words = _("This is %(found)s, and its name says PDF. Upload a PDF.")
        raise ValidationError(words % {"found": name_kind(content)})
    if holds_page(content) or holds_svg(content):
        words = _(
            "This PDF begins like a web page. Print the document into a new PDF and upload that."
        )
        raise ValidationError(words)
    if b"%%EOF" not in content[-_END_OF_PDF:] or zipfile.is_zipfile(BytesIO(content)):
        words = _("This PDF is cut off, or another file hangs behind it. Print it into a new PDF.")
        raise ValidationError(words)


def _keep(content: bytes, *, suffix: str, mime: str) -> "UploadedFile[Any]":
    # A file's name can hold a person's; it is seen by all who are given the address.
    return SimpleUploadedFile(f"{secrets.token_urlsafe(12)}.{suffix}", content, content_type=mime)
