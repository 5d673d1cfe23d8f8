"""Words that people send to join, as staff keep them: added, changed, switched off; never two alike.

Which word stands for what is looked up in `campaigns.field.joining`.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.field.joining import LONGEST_WORD, fold_word
from campaigns.models import Campaign, JoinWord
from locales.keywords import is_no, is_yes, read_keyword
from locales.languages import LANGUAGES


class WordError(Exception):
    """Say why a word cannot be used, and what to do."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Hold a word, and what it is to stand for."""

    word: str
    country: str
    routes: tuple[str, ...]
    languages: tuple[str, ...]
    campaign: Campaign | None = None
    is_default: bool = False


def check_word(word: str, country: str, *, besides: int | None = None) -> str:
    """Return a word as it is compared; raise `WordError` where it would not be heard as itself."""
    folded = fold_word(word) if len(word) <= LONGEST_WORD else ""
    if not folded:
        raise WordError(_("Write a word with letters in it, of 40 characters at most."))
    if folded.replace(" ", "").isdecimal():
        raise WordError(_("A figure answers our menus. Choose a word."))
    keyword = read_keyword(word)
    if keyword:
        raise WordError(
            _("Whoever writes this means %s, and that is always heard first. Choose another word.")
            % keyword.value.upper()
        )
    if is_yes(word) or is_no(word):
        raise WordError(_("Whoever writes this says yes or no to something. Choose another word."))
    same = JoinWord.objects.filter(folded=folded, country=country).first()
    if same is not None and same.pk != besides:
        raise WordError(
            _("It sounds like “%s”, which is on the list of this country already.") % same.word
        )
    return folded


def read_languages(text: str) -> tuple[str, ...]:
    """Return codes of languages in the order in which they are offered; raise `WordError`."""
    codes = tuple(dict.fromkeys(text.replace(",", " ").replace("،", " ").split()))
    unknown = [code for code in codes if code not in LANGUAGES]
    if unknown or not codes:
        raise WordError(
            _("Write codes of languages with commas between them, such as: fr, ar, en.")
        )
    if len(codes) > 9:
        raise WordError(_("She answers with one digit: nine languages at most."))
    return codes


def save_word(wish: Wish, word: JoinWord | None = None) -> JoinWord:
    """Add a word or change one; a country has one default word. Raise `WordError`."""
    folded = check_word(wish.word, wish.country, besides=word.pk if word else None)
    word = word or JoinWord()
    word.word, word.folded, word.country = wish.word.strip(), folded, wish.country
    word.routes, word.languages = list(wish.routes), list(wish.languages)
    word.campaign, word.is_default = wish.campaign, wish.is_default
    try:
        with transaction.atomic():
            if wish.is_default:
                others = JoinWord.objects.filter(country=wish.country).exclude(pk=word.pk)
                others.update(is_default=False)
            word.save()
    except IntegrityError:
        raise WordError(_("Somebody has just added the same word.")) from None
    return word


def switch_word(word: JoinWord, *, on: bool) -> None:
    """Switch a word on or off; who has joined by it stays."""
    JoinWord.objects.filter(pk=word.pk).update(is_active=on)
