"""What an error in an entry could do, from what it is about: where a pack begins, not where it ends."""

from collections.abc import Mapping
from typing import Any

from cms.models import ContactKind, HarmClass, PathwayKind, RiskTopic

# Domain 1.4: a second pair of eyes for contact points, trafficking and children.
HIGH = frozenset(
    {
        ContactKind.EMERGENCY_SEA,
        ContactKind.EMERGENCY_LAND,
        ContactKind.SHELTER_GBV_TRAFFICKING,
        ContactKind.MEDICAL_MHPSS,
        ContactKind.FAMILY_TRACING,
        PathwayKind.ASYLUM_IN_COUNTRY,
        PathwayKind.VOLUNTARY_RETURN_REINTEGRATION,
        RiskTopic.TRAFFICKING_FORCED_LABOUR,
        RiskTopic.SEXUAL_EXPLOITATION_GBV,
        RiskTopic.KIDNAPPING_RANSOM,
        RiskTopic.FAMILY_SEPARATION,
        RiskTopic.HEALTH_PREGNANCY_CHILD,
    }
)


def usual_harm(fields: Mapping[str, Any]) -> str:
    """Return the class of harm that an entry's kind and topics suggest."""
    about = {fields.get("kind"), *fields.get("topics", ())}
    return HarmClass.HIGH if about & HIGH else HarmClass.MEDIUM
