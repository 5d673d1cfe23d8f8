"""The settings of AWS, the second provider: SMS, WhatsApp, and the topics that tell what became of it.

Without a region there is none. Who may sign comes as boto3 finds it; empty addresses are Amazon's own,
which a rehearsal does not reach.
"""

from typing import Any

from config.env import Env

_TYPES = ("TRANSACTIONAL", "PROMOTIONAL")


def read_aws(env: Env, *, local: bool) -> dict[str, Any]:
    """Return the AWS_ settings; `local` is a rehearsal, which reaches this machine only."""
    return {
        "AWS_REGION": env.text("WAYMARK_AWS_REGION"),
        "AWS_SMS_URL": env.endpoint("WAYMARK_AWS_SMS_URL", local=local),
        "AWS_SOCIAL_URL": env.endpoint("WAYMARK_AWS_SOCIAL_URL", local=local),
        "AWS_SNS_URL": env.endpoint("WAYMARK_AWS_SNS_URL", local=local),
        "AWS_CONFIGURATION_SET": env.text("WAYMARK_AWS_CONFIGURATION_SET"),
        "AWS_MESSAGE_TYPE": env.choice("WAYMARK_AWS_MESSAGE_TYPE", _TYPES[0], _TYPES),
        "AWS_OPT_OUT_LIST": env.text("WAYMARK_AWS_OPT_OUT_LIST", "Default"),
        "AWS_WHATSAPP_ACCOUNT": env.text("WAYMARK_AWS_WHATSAPP_ACCOUNT"),
        "AWS_META_VERSION": env.text("WAYMARK_AWS_META_VERSION", "v23.0"),
        # Anybody can have SNS sign what their own topic says: only what stands here is listened to.
        "AWS_TOPICS": env.words("WAYMARK_AWS_TOPICS"),
    }
