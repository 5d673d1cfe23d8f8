"""Who may see and do what at the desk: the one place where partners are kept apart."""

from typing import TypeAlias

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns import staff
from campaigns.models import (
    AuditEntry,
    Broadcast,
    Budget,
    Campaign,
    Invitation,
    Membership,
    OutreachSession,
    Partner,
    PreparedAnswer,
    Question,
    Segment,
    SheetImport,
)

Person: TypeAlias = staff.Person


def partners_of(user: Person, *roles: str) -> QuerySet[Partner]:
    """Return the partners a person works for, in one of `roles` where any are named."""
    if user.pk is None:
        return Partner.objects.none()
    memberships = Membership.objects.filter(user_id=user.pk)
    if roles:
        memberships = memberships.filter(role__in=roles)
    return Partner.objects.filter(pk__in=memberships.values("partner_id"))


def visible_to(user: Person) -> QuerySet[Broadcast]:
    """Return the broadcasts of the partners a person works for."""
    return Broadcast.objects.filter(partner__in=partners_of(user)).select_related(
        "partner", "message", "segment", "author", "schedule", "pattern__schedule"
    )


def may_schedule(user: Person, partner: Partner) -> bool:
    """Say whether a person plans broadcasts for a partner."""
    return partners_of(user, Membership.Role.SCHEDULER).filter(pk=partner.pk).exists()


def may_approve(user: Person, broadcast: Broadcast) -> bool:
    """Say whether a person may approve a broadcast: an approver, neither its author nor who asked."""
    approves = partners_of(user, Membership.Role.APPROVER).filter(pk=broadcast.partner_id)
    return user.pk not in {broadcast.author_id, broadcast.asked_by_id} and approves.exists()


def approvers_of(partner: int) -> QuerySet[Membership]:
    """Return the roles of those who may approve for a partner now: whose account is not shut."""
    return Membership.objects.filter(
        partner_id=partner, role=Membership.Role.APPROVER, user__is_active=True
    )


def may_steer(user: Person, broadcast: Broadcast) -> bool:
    """Say whether a person may pause, resume or cancel: whoever plans or approves for its partner."""
    steers = partners_of(user, Membership.Role.SCHEDULER, Membership.Role.APPROVER)
    return steers.filter(pk=broadcast.partner_id).exists()


def may_assist(user: Person) -> bool:
    """Say whether a person may help others to join: whoever plans or approves for a partner."""
    return partners_of(user, Membership.Role.SCHEDULER, Membership.Role.APPROVER).exists()


def imports_visible_to(user: Person) -> QuerySet[SheetImport]:
    """Return the lists that were brought for the partners a person works for."""
    return SheetImport.objects.filter(partner__in=partners_of(user)).select_related(
        "partner", "campaign", "author", "decided_by"
    )


def may_bring(user: Person, partner: Partner) -> bool:
    """Say whether a person may bring a list for a partner: whoever plans its broadcasts."""
    return may_schedule(user, partner)


def may_decide(user: Person, brought: SheetImport) -> bool:
    """Say whether a person may decide on a list: an approver of its partner, never who brought it."""
    approves = partners_of(user, Membership.Role.APPROVER).filter(pk=brought.partner_id)
    return brought.author_id != user.pk and approves.exists()


def entries_visible_to(user: Person) -> QuerySet[AuditEntry]:
    """Return what the audit holds of the partners a person works for; staff see all of it."""
    if staff.Duties(user).across:
        return AuditEntry.objects.all()
    return AuditEntry.objects.filter(partner_id__in=partners_of(user).values("pk"))


def partners_visible_to(user: Person) -> QuerySet[Partner]:
    """Return the partners whose page a person sees: her own, and all of them where she is staff."""
    if staff.Duties(user).across:
        return Partner.objects.all()
    return partners_of(user)


def may_administrate(user: Person) -> bool:
    """Say whether a person adds partners and people, and sets limits and budgets."""
    return staff.Duties(user).partners


def memberships_visible_to(user: Person) -> QuerySet[Membership]:
    """Return who works for the partners whose page a person sees."""
    mine = partners_visible_to(user)
    return Membership.objects.filter(partner__in=mine).select_related("user", "partner")


def invitations_visible_to(user: Person) -> QuerySet[Invitation]:
    """Return the invitations to partners of those who may invite; nobody else sees an address."""
    if not may_administrate(user):
        return Invitation.objects.none()
    return Invitation.objects.filter(partner__isnull=False)


def budgets_visible_to(user: Person) -> QuerySet[Budget]:
    """Return the budgets of the partners whose page a person sees."""
    return Budget.objects.filter(partner__in=partners_visible_to(user))


def campaigns_visible_to(user: Person) -> QuerySet[Campaign]:
    """Return the campaigns of the partners whose page a person sees."""
    mine = partners_visible_to(user)
    return Campaign.objects.filter(partner__in=mine).select_related("partner", "activated_by")


def may_plan_campaign(user: Person, partner: Partner) -> bool:
    """Say whether a person makes and changes campaigns of a partner: its planners, and leads."""
    return staff.Duties(user).words or may_schedule(user, partner)


def questions_visible_to(user: Person) -> QuerySet[Question]:
    """Return the questions a person may open and answer: those of the partners she plans or approves for.

    Programme leads see what is nobody's, or a partner's that has nobody to answer it; and danger of
    whatever partner while it waits, or while they look after it.
    """
    mine = Q(partner__in=partners_of(user, Membership.Role.SCHEDULER, Membership.Role.APPROVER))
    if staff.Duties(user).words:
        answering = Membership.objects.filter(
            partner=OuterRef("partner"),
            role__in=(Membership.Role.SCHEDULER, Membership.Role.APPROVER),
            user__is_active=True,
        )
        mine |= Q(~Exists(answering))
        mine |= Q(urgent=True) & (Q(state=Question.State.OPEN) | Q(taken_by=user.pk))
    return Question.objects.filter(mine).select_related("partner", "taken_by")


def may_answer(user: Person) -> bool:
    """Say whether a person has an inbox at all: whoever plans or approves for a partner, and leads."""
    return may_assist(user) or staff.Duties(user).words


def prepared_answers_visible_to(user: Person) -> QuerySet[PreparedAnswer]:
    """Return the prepared answers a person may use: those of her partners, and those for everybody."""
    mine = partners_of(user, Membership.Role.SCHEDULER, Membership.Role.APPROVER)
    return PreparedAnswer.objects.filter(Q(partner__in=mine) | Q(partner__isnull=True))


def prepared_answers_kept_by(user: Person) -> QuerySet[PreparedAnswer]:
    """Return the prepared answers a person may change: her partners'; a lead also those for everybody."""
    mine = Q(partner__in=partners_of(user, Membership.Role.SCHEDULER, Membership.Role.APPROVER))
    if staff.Duties(user).words:
        mine |= Q(partner__isnull=True)
    return PreparedAnswer.objects.filter(mine).select_related("partner")


def sessions_visible_to(user: Person) -> QuerySet[OutreachSession]:
    """Return the sessions face to face of the partners a person works for."""
    return OutreachSession.objects.filter(partner__in=partners_of(user)).select_related(
        "partner", "campaign"
    )


def segments_visible_to(user: Person) -> QuerySet[Segment]:
    """Return the saved audiences of the partners a person works for."""
    mine = Segment.objects.filter(partner__in=partners_of(user), is_saved=True)
    return mine.select_related("partner")
