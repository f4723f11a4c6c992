"""The smallest Django project around the PyPI package django-classified."""

import os
from pathlib import Path

DATA = Path(os.environ["SITE_DATA"])
SECRET_KEY = "local-test-site-only"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "site_urls"
USE_TZ = True
TIME_ZONE = "Europe/Rome"
LANGUAGE_CODE = "it"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
STATIC_URL, MEDIA_URL, MEDIA_ROOT = "/static/", "/media/", str(DATA / "media")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA / "site.db"),
        "CONN_MAX_AGE": None,
    }
}
INSTALLED_APPS = [
    *("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"),
    *("django.contrib.messages", "django.contrib.sites", "django.contrib.sitemaps"),
    *("django.contrib.humanize", "django.contrib.staticfiles"),
    *("sorl.thumbnail", "django_classified"),
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django_classified.context_processors.common_values",
            ]
        },
    }
]
SITE_ID = 1
DCF_CURRENCY, DCF_SITE_NAME, DCF_ITEM_PER_PAGE = "EUR", "Annunci di prova", 20
DCF_LOGIN_TO_CONTACT = False
LOGIN_URL = "/user/"
