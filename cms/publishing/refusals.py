"""What S3 refuses, in words: which rule, which setting; never a key, an address or S3's own text."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

_KEYS = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "InvalidClientTokenId",
}
_ELSEWHERE = {"PermanentRedirect", "AuthorizationHeaderMalformed", "301"}
_UNMET = {"PreconditionFailed", "ConditionalRequestConflict"}


def is_unmet(error: ClientError) -> bool:
    """Say whether S3 refused because somebody else was first."""
    return _code(error) in _UNMET


def explain_refusal(error: ClientError | BotoCoreError, *, act: str, bucket: str) -> str:
    """Return in one sentence why `act` did not come about, and what to do where that is known."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return (
            f"It could not {act}: there are no keys. "
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    if isinstance(error, ConnectionError | HTTPClientError):
        return f"It could not {act}: S3 did not answer in time ({type(error).__name__})."
    if not isinstance(error, ClientError):
        return f"It could not {act}: {type(error).__name__}."
    return f"It could not {act}: {_explain_code(_code(error), error, bucket=bucket)}."


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _explain_code(code: str, error: ClientError, *, bucket: str) -> str:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchBucket":
        return f"there is no bucket named {bucket}"
    if code in _KEYS:
        return f"S3 does not accept these keys ({code})"
    if code in _ELSEWHERE:
        return f"the bucket {bucket} is in another region: set AWS_DEFAULT_REGION ({code})"
    if code in {"AccessDenied", "AllAccessDisabled", "403"} or status == 403:
        return f"these keys have no permission for that in the bucket {bucket} ({code})"
    if code == "NotImplemented":
        return "this host does not know conditional writes, so publishers could mix"
    return f"S3 answered {status} ({code or 'no reason'})"
