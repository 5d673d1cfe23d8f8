"""Every rule of the linter: its name, what it does to a message, its words, and its check.

A text says what is wrong and what to do; %(what)s and %(detail)s are what the check has found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.linting import dates, languages, media, options, parts, templates, wording
from cms.linting.values import DraftMessage, Finding, Severity, Spot

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `check` gives each place where a message breaks it."""

    id: str
    severity: Severity
    text: Any
    check: Callable[[DraftMessage, date], Iterator[Spot]]


RULES: tuple[Rule, ...] = (
    Rule(
        "nothing_to_say",
        ERROR,
        _("There is no text yet. Write one for at least one channel."),
        wording.find_nothing,
    ),
    # ---- What it rests on
    Rule(
        "risk_without_option",
        ERROR,
        _("%(what)s speaks of a risk, with no other way and no help for: %(detail)s. Add one."),
        options.find_risks_without_option,
    ),
    Rule(
        "fact_expired",
        ERROR,
        _("%(what)s expired on %(detail)s. Take it out, or correct it first."),
        dates.find_expired_facts,
    ),
    Rule(
        "fact_stale",
        ERROR,
        _("%(what)s was to be reviewed by %(detail)s. Check it at its source first."),
        dates.find_stale_facts,
    ),
    Rule(
        "contact_expired",
        ERROR,
        _("The contact %(what)s is out of date since %(detail)s. Take it out, or renew it first."),
        dates.find_expired_contacts,
    ),
    Rule(
        "contact_untested",
        ERROR,
        _(
            "Nobody has reached the contact %(what)s in the last 30 days (last: %(detail)s). Test it."
        ),
        dates.find_untested_contacts,
    ),
    Rule(
        "pathway_incomplete",
        ERROR,
        _("The pathway %(what)s does not say: %(detail)s. Find out first, or take it out."),
        options.find_incomplete_pathways,
    ),
    Rule(
        "story_without_consent",
        ERROR,
        _("The person of the story %(what)s does not agree (any more). Take the story out."),
        dates.find_withdrawn_consent,
    ),
    Rule(
        "partner_safety",
        ERROR,
        _("%(what)s can endanger a partner there. Keep to its softer wording (%(detail)s)."),
        options.find_unsafe_wordings,
    ),
    Rule(
        "needs_review",
        ERROR,
        _("Its original, or something it uses, has changed. Compare, then correct or confirm it."),
        dates.find_need_of_review,
    ),
    # ---- For whom and until when
    Rule(
        "message_expired",
        ERROR,
        _("The message expired on %(what)s. Set a later day, if all of it still holds."),
        dates.find_expiry,
    ),
    Rule(
        "lifetime_too_long",
        WARNING,
        _("Let it expire on %(what)s: on that day %(detail)s is to be reviewed."),
        dates.find_long_life,
    ),
    Rule(
        "sensitive_pushed",
        ERROR,
        _("%(what)s may not reach a phone unasked. Send this message only when asked for."),
        options.find_sensitive_pushes,
    ),
    # ---- The words
    Rule(
        "betraying_word",
        ERROR,
        _(
            "“%(what)s” betrays its reader on a phone that is taken away. Say it neutrally: %(detail)s"
        ),
        wording.find_betraying_words,
    ),
    Rule(
        "alarming_word",
        WARNING,
        _("“%(what)s” alarms or blames. Say it calmly: %(detail)s"),
        wording.find_alarming_words,
    ),
    Rule(
        "no_word_list",
        WARNING,
        _(
            "No words are listed yet that betray a reader in %(what)s. Somebody who speaks it must look."
        ),
        wording.find_missing_list,
    ),
    Rule(
        "reading_level",
        WARNING,
        _(
            "Hard to read: %(what)s, the limit is %(detail)s. Use shorter sentences and plain words."
        ),
        wording.find_hard_texts,
    ),
    Rule(
        "plain_language_not_ticked",
        ERROR,
        _(
            "No formula can tell how hard this is to read. Read it aloud, mend it, then tick the box."
        ),
        wording.find_unread_texts,
    ),
    # ---- On the phone
    Rule(
        "many_parts",
        WARNING,
        _("The SMS takes %(what)s parts. Shorten it to %(detail)s: each part is paid for."),
        parts.find_many_parts,
    ),
    Rule(
        "too_many_parts",
        ERROR,
        _("The SMS takes %(what)s parts. Shorten it: no more than %(detail)s may go out."),
        parts.find_too_many_parts,
    ),
    Rule(
        "long_nudge",
        WARNING,
        _(
            "The nudge takes %(what)s parts. Shorten it to %(detail)s, so that one glance is enough."
        ),
        parts.find_long_nudge,
    ),
    Rule(
        "no_way_to_stop",
        ERROR,
        _("It does not say how to stop. Add “0” or STOP, for example at its end."),
        parts.find_no_way_to_stop,
    ),
    Rule(
        "foreign_link",
        ERROR,
        _("%(what)s is not our address, nor one of what this message uses. Use {link} instead."),
        parts.find_foreign_links,
    ),
    Rule(
        "unknown_placeholder",
        ERROR,
        _("Nothing will fill %(what)s. Write {link}, or take it out."),
        parts.find_unknown_places,
    ),
    Rule(
        "template_unapproved",
        WARNING,
        _("WhatsApp has not approved a template for this text: until then nobody is sent it."),
        templates.find_unapproved_template,
    ),
    Rule(
        "template_variables",
        ERROR,
        _(
            "The text has %(what)s, the template %(detail)s. List the same ones in order, with examples."
        ),
        templates.find_wrong_variables,
    ),
    # ---- To listen to and to look at
    Rule(
        "audio_missing",
        WARNING,
        _("People hear %(what)s more than they read it. Add a recording."),
        media.find_missing_audio,
    ),
    Rule(
        "recording_without_transcript",
        ERROR,
        _("Write down what the recording says, for those who cannot listen."),
        media.find_missing_transcript,
    ),
    Rule(
        "recording_without_agreement",
        ERROR,
        _("The speaker has not agreed to this. Ask first, or choose another recording."),
        media.find_missing_agreement,
    ),
    Rule(
        "picture_without_alt",
        ERROR,
        _("Say what the picture shows: some readers only hear it."),
        media.find_missing_alt,
    ),
    # ---- Beside its original
    Rule(
        "numbers_differ",
        WARNING,
        _(
            "Other numbers than in the original. Only there: %(what)s. Only here: %(detail)s. Compare."
        ),
        languages.find_other_numbers,
    ),
    Rule(
        "missing_text",
        WARNING,
        _("The original has a text here. Translate it too."),
        languages.find_missing_texts,
    ),
)


def lint(draft: DraftMessage, *, today: date) -> tuple[Finding, ...]:
    """Return everything that the rules find in a message, in their order; errors come first."""
    findings = [
        Finding(rule.id, rule.severity, spot.field, spot.what, rule.text, spot.detail)
        for rule in RULES
        for spot in rule.check(draft, today)
    ]
    return tuple(sorted(findings, key=lambda finding: finding.severity != ERROR))
