"""Every setting of Waymark, read from the environment; boots as a rehearsal with nothing set.

`docs/settings.md` explains each WAYMARK_ variable; a test holds the two together.
"""

from pathlib import Path
from urllib.parse import urlsplit

from cms.budgets import PICTURE_QUALITY
from config.aws import read_aws
from config.entrance import guard_entrance
from config.env import Env, SettingError, read_pairs, read_several
from config.language_info import RIGHT_TO_LEFT, name_languages, teach_django
from config.logs import FORMS, configure
from config.loopback import is_loopback
from config.policies import SITE_POLICY
from config.rings import read_rings
from locales.languages import CONTENT_LANGUAGES, INTERFACE_LANGUAGES

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# ---- Rehearsal or live -------------------------------------------------------------------------
# Only a deployment that says "live" can reach a real provider (promise 8).
MODE = env.choice("WAYMARK_MODE", "rehearsal", ("rehearsal", "live"))
REHEARSAL = MODE == "rehearsal"
DATA_DIR = env.folder("WAYMARK_DATA_DIR", BASE_DIR / "var")
HTTP_PORT = env.number("WAYMARK_PORT", 8000, low=1, high=65535)
SANDBOX_PORT = env.number("WAYMARK_SANDBOX_PORT", 8001, low=1, high=65535)
if SANDBOX_PORT == HTTP_PORT:
    raise SettingError("WAYMARK_SANDBOX_PORT", "the same port as WAYMARK_PORT", "another port")
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}"
PUBLIC_URL = env.address("WAYMARK_PUBLIC_URL", f"http://127.0.0.1:{HTTP_PORT}" if REHEARSAL else "")


# ---- Secrets -----------------------------------------------------------------------------------
# The rehearsal's keys are public on purpose: everybody can read them, so they protect nothing.
_NEEDED = "a secret of its own on a live deployment; `openssl rand -base64 48` makes one"
SECRET_KEY = env.text(
    "WAYMARK_SECRET_KEY", "rehearsal-only" * 5 if REHEARSAL else "", needed=_NEEDED
)
if len(SECRET_KEY) < 50:
    raise SettingError("WAYMARK_SECRET_KEY", "fewer than 50 characters", _NEEDED)
KMS_KEY = env.text("WAYMARK_KMS_KEY")
# Empty is Amazon's own, which a rehearsal does not reach.
KMS_ENDPOINT_URL = env.endpoint("WAYMARK_KMS_ENDPOINT_URL", local=REHEARSAL)
if REHEARSAL and KMS_KEY and not KMS_ENDPOINT_URL:
    raise SettingError(
        "WAYMARK_KMS_KEY", "a key of Amazon's", "nothing without WAYMARK_KMS_ENDPOINT_URL beside it"
    )
NUMBER_KEYS, INDEX_KEYS = read_rings(
    env,
    ("WAYMARK_NUMBER_KEYS", "WAYMARK_INDEX_KEY"),
    file="WAYMARK_KEYS_FILE",
    practice=REHEARSAL,
    needed=not KMS_KEY,
)

# ---- Provider ----------------------------------------------------------------------------------
TWILIO_ACCOUNT_SID = env.text(
    "WAYMARK_TWILIO_ACCOUNT_SID",
    "AC" + "0" * 32 if REHEARSAL else "",
    needed="the account's SID: AC and 32 letters and digits",
)
TWILIO_AUTH_TOKENS = env.words("WAYMARK_TWILIO_AUTH_TOKENS", "rehearsal-token" if REHEARSAL else "")
TWILIO_SHARED_KEYS = read_pairs(env, "WAYMARK_TWILIO_SHARED_KEYS")
TWILIO_REDACT_DAYS = env.number("WAYMARK_TWILIO_REDACT_DAYS", 7, low=4, high=400)
TWILIO_URL = env.address(
    "WAYMARK_TWILIO_URL", SANDBOX_URL if REHEARSAL else "https://api.twilio.com"
)
TWILIO_CONTENT_URL = env.address(
    "WAYMARK_TWILIO_CONTENT_URL", SANDBOX_URL if REHEARSAL else "https://content.twilio.com"
)
if not TWILIO_AUTH_TOKENS:
    raise SettingError("WAYMARK_TWILIO_AUTH_TOKENS", "nothing", "one or two auth tokens")
for _name, _url in (
    ("WAYMARK_PUBLIC_URL", PUBLIC_URL),
    ("WAYMARK_TWILIO_URL", TWILIO_URL),
    ("WAYMARK_TWILIO_CONTENT_URL", TWILIO_CONTENT_URL),
):
    if REHEARSAL and not is_loopback(_url):
        raise SettingError(
            _name,
            "a host that is not this machine",
            "an address on 127.0.0.1: a rehearsal reaches no other host",
        )
    if not REHEARSAL and not _url.startswith("https://"):
        raise SettingError(_name, "an http address", "an https address when live")

# ---- A second provider: AWS, by SMS and WhatsApp -------------------------------------------------
globals().update(read_aws(env, local=REHEARSAL))

# ---- Django ------------------------------------------------------------------------------------
DEBUG = env.flag("WAYMARK_DEBUG", default=False)
if DEBUG and not REHEARSAL:
    raise SettingError(
        "WAYMARK_DEBUG", "yes", "no on a live deployment: error pages would show data"
    )
ALLOWED_HOSTS = env.words(
    "WAYMARK_ALLOWED_HOSTS",
    "127.0.0.1,localhost,[::1],testserver" if REHEARSAL else str(urlsplit(PUBLIC_URL).hostname),
)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "config.apps.HouseConfig",
    "analytics",
    "campaigns",
    "messaging",
    "cms",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "config.users.UsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "config.policies.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.callbacks.CallbacksFirst",
    # Before sessions and languages: a page that stands ready needs neither.
    "cms.publishing.middleware.StoredAnswers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.sittings.SittingMiddleware",
    "config.second_factor.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cms.editing.deleting.SayWhereItIsUsed",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.navigation",
            ],
        },
    }
]

# ---- Database: the truth -----------------------------------------------------------------------
DATABASES = {
    "default": env.database("WAYMARK_DATABASE_URL", default_file=DATA_DIR / "waymark.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# What the fence in the database must say too, so that a restored one sends nothing (`manage.py fence`).
EPOCH = env.number("WAYMARK_EPOCH", 1, low=1, high=1_000_000)

# ---- People ------------------------------------------------------------------------------------
# How many proxies of our own stand before the site: the last so many of X-Forwarded-For can be believed.
PROXIES = env.number("WAYMARK_PROXIES", 0 if REHEARSAL else 1, low=0, high=5)
# Half an hour without a sign of her, eight hours at most; and five minutes for what counts for much.
IDLE_SECONDS = 30 * 60
SIGNED_IN_SECONDS = 8 * 3600
# What is over is still known after a weekend, so that a form that comes late is kept (`config.sittings`).
SESSION_COOKIE_AGE = 3 * 24 * 3600
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
globals().update(guard_entrance(rehearsal=REHEARSAL, origin=PUBLIC_URL))
CACHES = {"default": {"BACKEND": "config.shelf.Shelf"}}

# ---- E-mail to editors -------------------------------------------------------------------------
# A rehearsal writes letters into a folder. The console's backend would put them into a log.
_MAIL = env.mail(
    "WAYMARK_EMAIL_URL",
    default_folder=DATA_DIR / "mail",
    needed="" if REHEARSAL else "smtp://user:password@host:587, where letters to editors go out",
)
if REHEARSAL and not is_loopback(f"http://{_MAIL.get('EMAIL_HOST', '127.0.0.1')}"):
    raise SettingError(
        "WAYMARK_EMAIL_URL", "a host that is not this machine", "a mail server on 127.0.0.1"
    )
globals().update(_MAIL)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text(
    "WAYMARK_EMAIL_FROM",
    "waymark@localhost" if REHEARSAL else f"waymark@{urlsplit(PUBLIC_URL).hostname}",
)

# ---- Transport security ------------------------------------------------------------------------
SECURE_SSL_REDIRECT = not REHEARSAL
# Asked from inside, by what starts and stops processes; they say nothing that anybody could use.
SECURE_REDIRECT_EXEMPT = [r"^healthz"]
SESSION_COOKIE_SECURE = not REHEARSAL
CSRF_COOKIE_SECURE = not REHEARSAL
SECURE_HSTS_SECONDS = 0 if REHEARSAL else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not REHEARSAL
SECURE_HSTS_PRELOAD = not REHEARSAL
# Not "no-referrer": a form would be posted with `Origin: null`, which the CSRF check refuses.
# Readers' pages set "no-referrer" themselves.
SECURE_REFERRER_POLICY = "same-origin"
# Wagtail lets its own previews into its own frames by itself.
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CONTENT_SECURITY_POLICY = {"DIRECTIVES": SITE_POLICY}

# ---- Languages: many for content, few for the interface -----------------------------------------
# Django reads its table of languages early, and the settings are read before anything else is.
teach_django()
LANGUAGE_CODE = "en"
LANGUAGES = name_languages(CONTENT_LANGUAGES)
LANGUAGES_BIDI = RIGHT_TO_LEFT
LOCALE_PATHS = [BASE_DIR / "locales"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# ---- Files -------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-collected"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
WHITENOISE_USE_FINDERS = REHEARSAL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if REHEARSAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# ---- The readers' side as files ----------------------------------------------------------------
# Empty is Amazon's own S3, which a rehearsal does not reach.
S3_ENDPOINT_URL = env.endpoint("WAYMARK_S3_ENDPOINT_URL", local=REHEARSAL)

# ---- Wagtail -----------------------------------------------------------------------------------
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_SITE_NAME = "Waymark"
WAGTAILADMIN_BASE_URL = PUBLIC_URL
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = name_languages(INTERFACE_LANGUAGES)
# A translation goes live only when a person publishes it, never because its source did.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
# Translations are written in our own forms: drafts, a review, and the original beside each field.
WAGTAIL_LOCALIZE_DEFAULT_TRANSLATION_MODE = "simple"
# What a finished review has read goes live, and an edit after it is read anew.
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.finishing.finish_review"
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
# Autosave would rewrite a draft in place while somebody reads it.
WAGTAIL_AUTOSAVE_INTERVAL = 0
WAGTAIL_GRAVATAR_PROVIDER_URL = None
# What may be uploaded, and how it is looked at; SVG never, for it can carry a program.
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.uploads.PictureForm"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_WEBP_QUALITY = PICTURE_QUALITY
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 5 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 25_000_000
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.uploads.DocumentForm"
WAGTAILDOCS_EXTENSIONS = ["pdf"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 5 * 1024 * 1024
# A document's address is then one that nothing serves; Wagtail's own view would serve it to all.
WAGTAILDOCS_SERVE_METHOD = "direct"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False

# ---- Celery: wake-ups only ---------------------------------------------------------------------
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_URL = env.text("WAYMARK_BROKER_URL", "filesystem://")
if urlsplit(CELERY_BROKER_URL).scheme not in {"filesystem", "redis", "rediss"}:
    raise SettingError(
        "WAYMARK_BROKER_URL", "another kind of broker", "filesystem:// or redis://host:6379/0"
    )
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR / "control"),
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {"visibility_timeout": 3600}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Nobody steers a worker through the broker, and a filesystem broker would keep every such message.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False

# ---- People who ask ----------------------------------------------------------------------------
SERVICE_NAME = env.text("WAYMARK_SERVICE_NAME", "Waymark")
# How many confirmations may go out; over any of these limits nothing is sent.
_MANY = {"low": 0, "high": 1_000_000}
SIGN_UP_LIMITS = {
    "address_day": env.number("WAYMARK_SIGN_UPS_ADDRESS_DAY", 1, **_MANY),
    "address_month": env.number("WAYMARK_SIGN_UPS_ADDRESS_MONTH", 3, **_MANY),
    "network_day": env.number("WAYMARK_SIGN_UPS_NETWORK_DAY", 60, **_MANY),
    "range_day": env.number("WAYMARK_SIGN_UPS_RANGE_DAY", 20, **_MANY),
    "country_day": env.number("WAYMARK_SIGN_UPS_COUNTRY_DAY", 500, **_MANY),
    "all_day": env.number("WAYMARK_SIGN_UPS_ALL_DAY", 2000, **_MANY),
}
# A partner's list: how large, how many lines a day are checked, and how many of them are asked.
IMPORT_BYTES = env.number("WAYMARK_IMPORT_MEGABYTES", 2, low=1, high=20) * 1024 * 1024
IMPORT_ROWS = env.number("WAYMARK_IMPORT_ROWS", 5_000, low=1, high=50_000)
IMPORT_ROWS_DAY = env.number("WAYMARK_IMPORT_ROWS_DAY", 10_000, **_MANY)
IMPORT_ASKED_DAY = env.number("WAYMARK_IMPORT_ASKED_DAY", 1_000, **_MANY)
# What is larger is written to a folder by Django, and no list of people may lie there.
FILE_UPLOAD_MAX_MEMORY_SIZE = max(IMPORT_BYTES, 2_621_440)

# ---- Sending ----------------------------------------------------------------------------------
# How many calls to one sender's provider a process has in flight, and so how many a crash leaves unknown.
CALLS_AT_ONCE = env.number("WAYMARK_CALLS_AT_ONCE", 100, low=1, high=1000)

# ---- Where a lower layer reaches up ------------------------------------------------------------
# A dotted path, as Django does: messaging hands over what is not STOP, START or HELP.
MESSAGING_INBOUND_HANDLER = "campaigns.field.conversation.answer"
# And it asks which words people send to join, and what the topics they asked for are called.
MESSAGING_JOIN_WORDS = "campaigns.field.joining.find_word"
MESSAGING_TOPIC_NAMES = "campaigns.field.joining.name_topics"
# And the CMS asks what one part of a text costs in a country, to show it while it is typed.
CMS_PRICE_OF_PART = "campaigns.reckoning.pricing.price_of_part"
# And what WhatsApp says of a message's wording.
CMS_WORDING_STATE = "campaigns.wordings.state_of"
# And it says which short link was opened; who opened it is judged there and kept nowhere.
CMS_OPENING_COUNTER = "analytics.visits.count_opening"
# And it offers two pages that are not its own: where messages are asked for, and where they are stopped.
CMS_JOIN_PATH = "/{language}/join/"
CMS_STOP_PATH = "/{language}/stop/"

# ---- How long what is kept, and how much anybody gets --------------------------------------------
# A stop outlives the person's row, so that no list brings her back.
SUPPRESSION_DAYS = env.number("WAYMARK_SUPPRESSION_DAYS", 1826, low=365, high=36_500)
# Shorter whenever one likes, longer only with a reason that is written down.
_REASON = env.text("WAYMARK_RETENTION_REASON")
RETENTION = {
    "inbound_texts": env.days("WAYMARK_INBOUND_TEXT_DAYS", 30, reason=_REASON),
    "deliveries": env.days("WAYMARK_DELIVERY_DAYS", 90, reason=_REASON),
    "silence": env.days("WAYMARK_SILENCE_DAYS", 180, reason=_REASON),
    "answer": env.days("WAYMARK_ANSWER_DAYS", 14, reason=_REASON),
    "campaigns": env.days("WAYMARK_CAMPAIGN_DAYS", 90, reason=_REASON),
    "sheets": env.days("WAYMARK_SHEET_DAYS", 14, reason=_REASON),
}
UNANSWERED_SENDS = env.number("WAYMARK_UNANSWERED_SENDS", 5, low=1, high=100)
MESSAGING_RETENTION_RULES = ["campaigns.partners.ending.RULES", "campaigns.field.inbox.RULES"]
# Messages of all broadcasts to one person in seven days; 0 is no limit.
MOST_PER_WEEK = env.number("WAYMARK_MOST_PER_WEEK", 0 if REHEARSAL else 3, low=0, high=100)
# Which broadcasts two people have to approve, and from how many people on one is large.
TWO_APPROVERS = read_several(env, "WAYMARK_TWO_APPROVERS", ("large", "first", "countries"))
LARGE_BROADCAST = env.number("WAYMARK_LARGE_BROADCAST", 5_000, low=1, high=100_000_000)
# Over how many people the first few go alone, and for how long they are watched.
CANARY_OVER = env.number("WAYMARK_CANARY_OVER", 1_000, low=100, high=100_000_000)
CANARY_SECONDS = env.number("WAYMARK_CANARY_SECONDS", 5 if REHEARSAL else 600, low=0, high=86_400)

# ---- Figures for whoever watches the house: off without a token ----------------------------------
METRICS_TOKEN = env.text("WAYMARK_METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise SettingError("WAYMARK_METRICS_TOKEN", "fewer than 20 characters", "a secret of its own")

# ---- Logs: no number, no text, no address of a reader ------------------------------------------
LOGGING = configure(env.choice("WAYMARK_LOGS", "lines" if REHEARSAL else "json", FORMS))
