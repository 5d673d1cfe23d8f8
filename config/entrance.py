"""What the libraries that sign people in are told: passwords, second factors, tries, cookies.

One way in for everybody, the CMS included; nobody registers; everybody has a second factor.
"""

from datetime import timedelta
from typing import Any

LOCKED_FOR = timedelta(minutes=30)
# How long a letter with a new password is good.
RESET_WITHIN = timedelta(minutes=30)
_VALIDATION = "django.contrib.auth.password_validation"


def guard_entrance(*, rehearsal: bool, origin: str) -> dict[str, Any]:
    """Return the settings of allauth, axes and Django's own sessions, by name."""
    return {
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "allauth.account.auth_backends.AuthenticationBackend",
        ],
        **_ask_for_passwords(),
        **_ask_for_factors(rehearsal=rehearsal),
        **_count_tries(origin),
        **_bake_cookies(rehearsal=rehearsal),
    }


def _ask_for_passwords() -> dict[str, Any]:
    return {
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
            {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
            {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
            {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
        ],
        "ACCOUNT_ADAPTER": "config.accounts.ClosedAdapter",
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*", "password2*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_PREVENT_ENUMERATION": True,
        # Every other session of hers ends too.
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": True,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "/accounts/login/",
        "ACCOUNT_SESSION_REMEMBER": False,
        # Nobody is written to who has no account.
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_LOGIN_ON_PASSWORD_RESET": False,
        "PASSWORD_RESET_TIMEOUT": RESET_WITHIN.seconds,
    }


def _ask_for_factors(*, rehearsal: bool) -> dict[str, Any]:
    return {
        "MFA_ADAPTER": "config.second_factor.SealingAdapter",
        "MFA_SUPPORTED_TYPES": ["webauthn", "totp", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_WEBAUTHN_USER_VERIFICATION": "required",
        # A browser has passkeys for https, and for http://localhost.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": rehearsal,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        # With more, a code could be used again: what was used is remembered for one period only.
        "MFA_TOTP_TOLERANCE": 0,
        # Addresses come from who invites, or from an administrator.
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
    }


def _count_tries(origin: str) -> dict[str, Any]:
    """Lock a name for the address that wrong passwords came from, and for no other."""
    return {
        "ACCOUNT_RATE_LIMITS": {
            "login_failed": "20/m/ip,10/5m/key",
            "reset_password": "20/h/ip,3/h/key",
        },
        "AXES_FAILURE_LIMIT": 5,
        "AXES_COOLOFF_TIME": LOCKED_FOR,
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_USERNAME_FORM_FIELD": "login",
        "AXES_USERNAME_CALLABLE": "config.accounts.name_client",
        "AXES_CLIENT_IP_CALLABLE": "config.accounts.find_address",
        "AXES_SENSITIVE_PARAMETERS": ["login", "code", "credential"],
        "AXES_ALLOWED_CORS_ORIGINS": origin,
        "AXES_LOCKOUT_TEMPLATE": "429.html",
        # What was tried goes with the lock; who signed in when is the audit's business.
        "AXES_DISABLE_ACCESS_LOG": True,
        "AXES_ENABLE_ADMIN": False,
        "AXES_VERBOSE": False,
    }


def _bake_cookies(*, rehearsal: bool) -> dict[str, Any]:
    # No other host beside ours can set a cookie of such a name, and only https carries it.
    prefix = "" if rehearsal else "__Host-"
    return {
        "SESSION_COOKIE_NAME": f"{prefix}sessionid",
        "CSRF_COOKIE_NAME": f"{prefix}csrftoken",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
    }
